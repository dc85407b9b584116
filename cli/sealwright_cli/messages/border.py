"""The border between the pure packages and the command: turns their errors into the command's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sealwright_cli.messages.advice import (
    DAMAGED,
    NAMED_KEY,
    NEW_CERTIFICATE,
    RIGHT_PLACE,
    SEALED_ELSEWHERE,
    for_field,
    for_problem,
)
from sealwright_cli.messages.errors import CertificateError, CliError, InputError, UnsealingError
from sealwright_cli.messages.ui import short
from sealwright_crypto import (
    KIND,
    KeyMaterialError,
    Keyring,
    ManifestError,
    ScopeError,
    SealedSecret,
    UnsealError,
    read_hints,
)
from sealwright_manifests.errors import BadManifestError, Problem


@contextmanager
def border(place: str = "", opening: tuple[SealedSecret, Keyring] | None = None) -> Iterator[None]:
    """Turn errors about manifests, and about opening and sealing them, into a CliError with a hint.

    `place` names the object, for errors that do not. `opening` are the object that is opened and the given keys: the
    hint then tells which key is missing, if the object's annotation names it.
    """
    try:
        yield
    except UnsealError as error:
        words = f"{place}: {error}" if place else str(error)
        raise UnsealingError(words, hint=_for_unopened(error, opening)) from None
    except (BadManifestError, KeyMaterialError, ManifestError, ScopeError) as error:
        raise _told(error, place) from None


def _for_unopened(error: UnsealError, opening: tuple[SealedSecret, Keyring] | None) -> str:
    if len(error.items) == len(error.damaged):
        return DAMAGED
    if opening is None:
        return SEALED_ELSEWHERE
    sealed, keyring = opening
    hints = read_hints(sealed.annotations)
    named = {hints.of(item) for item in error.items if item not in error.damaged}
    missing = [fingerprint for fingerprint in named if fingerprint and fingerprint not in keyring.fingerprints]
    keys = " and ".join(sorted(f"key {short(fingerprint)}" for fingerprint in missing))
    return NAMED_KEY.format(keys=keys) if keys else SEALED_ELSEWHERE


def _told(error: Exception, place: str) -> CliError:
    words = f"{place}: {error}" if place else str(error)
    match error:
        case BadManifestError(problem=Problem.FIELD, field=ManifestError() as field):
            return InputError(str(error), hint=for_field(field, error.kind))
        case BadManifestError():
            return InputError(str(error), hint=for_problem(error.problem))
        case ManifestError():
            return InputError(words, hint=for_field(error, KIND))
        case ScopeError():
            return InputError(words, hint=RIGHT_PLACE)
        case _:
            return CertificateError(f"the certificate cannot seal {place or 'it'}: {error}", hint=NEW_CERTIFICATE)
