"""The border between the pure packages and the command: turns their errors into the command's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sealwright_cli.advice import DAMAGED, NEW_CERTIFICATE, RIGHT_PLACE, SEALED_ELSEWHERE, for_field, for_problem
from sealwright_cli.errors import CertificateError, CliError, InputError, UnsealingError
from sealwright_crypto import KIND, KeyMaterialError, ManifestError, ScopeError, UnsealError
from sealwright_manifests.errors import BadManifestError, Problem


@contextmanager
def border(place: str = "") -> Iterator[None]:
    """Turn errors about manifests, and about opening and sealing them, into a CliError with a hint.

    `place` names the object, for errors that do not.
    """
    try:
        yield
    except (BadManifestError, KeyMaterialError, ManifestError, ScopeError, UnsealError) as error:
        raise _told(error, place) from None


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
        case UnsealError(items=items, damaged=damaged):
            return UnsealingError(words, hint=DAMAGED if len(items) == len(damaged) else SEALED_ELSEWHERE)
        case _:
            return CertificateError(f"the certificate cannot seal {place or 'it'}: {error}", hint=NEW_CERTIFICATE)
