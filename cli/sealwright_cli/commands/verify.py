"""`sealwright verify`: asks the controller whether it can unseal these SealedSecrets. Values are not shown."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sealwright_cli.border import border
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import Surroundings, load_kubeconfig
from sealwright_cli.errors import CliError, ClusterError, InputError, KubeconfigError, UnsealingError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.inputs import Source, find_sources
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.sealedinput import check_fields, native_in, place_of, read_object, read_sealed
from sealwright_cli.templatefiles import note
from sealwright_cli.ui import Console, counted
from sealwright_conventions.kubeconfig.choosing import ClusterFlags
from sealwright_crypto import KIND, SealedSecret, check_form
from sealwright_manifests.kinds.finding import Manifest


@dataclass(frozen=True)
class VerifyOptions:
    """What to verify (files, folders, `-`; empty means standard input), and which controller to ask.

    `namespace` is for objects that name none.
    """

    inputs: Sequence[str] = ()
    cluster: ClusterFlags = field(default_factory=ClusterFlags)
    controller: ControllerAddress = field(default_factory=ControllerAddress)
    surroundings: Surroundings = field(default_factory=Surroundings)
    namespace: str = ""
    manners: Manners = SEALWRIGHT


@dataclass(frozen=True)
class _Object:
    """One SealedSecret as written in its file, and as read."""

    manifest: Manifest
    sealed: SealedSecret

    @property
    def called(self) -> str:
        """What messages call it."""
        return f"{self.manifest.place}: {KIND} {place_of(self.sealed)}"


@border()
def verify(options: VerifyOptions, console: Console) -> ExitStatus:
    """Have every SealedSecret verified and report each.

    The files are checked first, and the controller is asked about the objects in which no error was found. Returns the
    status of the first error: DECRYPTION if an object could not be unsealed, INPUT if a file could not be read or there
    is no kubeconfig, CLUSTER if the controller does not answer. Raises CliError for problems of the whole run.
    """
    errors: list[CliError] = []
    found = [one for source in find_sources(options.inputs) for one in _read(source, options, console, errors)]
    whole = [one for one in found if not _is_damaged(one, errors)]
    if whole:
        _ask_about(whole, options, console, errors)
    elif not errors:
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    for told in errors:
        console.error(told)
    return errors[0].status if errors else ExitStatus.OK


def _read(source: Source, options: VerifyOptions, console: Console, errors: list[CliError]) -> Iterator[_Object]:
    """Yield the SealedSecrets of a source; errors in it, or in one of them, are collected."""
    try:
        with border():
            manifests = read_sealed(source, console, options.manners)[1]
    except InputError as error:
        note(error, source, console, errors)
        return
    for manifest in manifests:
        try:
            with border():
                one = _Object(manifest, read_object(manifest, options.namespace))
                _check_fields(one, console, options.manners)
                yield one
        except InputError as error:
            note(error, source, console, errors)


def _check_fields(one: _Object, console: Console, manners: Manners) -> None:
    """Warn about unknown fields of a SealedSecret. Raises InputError for one that makes a cluster refuse the object."""
    check_fields(one.manifest, console, manners, is_strict=True)
    if not one.sealed.items and one.sealed.legacy is None:
        console.warn(f"{one.called}: holds no items")


def _is_damaged(one: _Object, errors: list[CliError]) -> bool:
    """Tell whether a ciphertext is malformed, so that no key can open it; the details go to the errors."""
    try:
        with border(one.called):
            check_form(one.sealed)
    except UnsealingError as error:
        errors.append(error)
        return True
    return False


def _ask_about(found: Sequence[_Object], options: VerifyOptions, console: Console, errors: list[CliError]) -> None:
    """Ask the controller about each object, until it cannot be asked; the errors are collected."""
    left = list(found)
    try:
        with ControllerClient(load_kubeconfig(options.cluster, options.surroundings), options.controller) as controller:
            while left:
                try:
                    _ask(left[0], controller, console)
                except (UnsealingError, InputError) as error:
                    errors.append(error)
                del left[0]
    except KubeconfigError as error:
        errors.append(type(error)(f"the controller was not asked: {error.message}", hint=error.hint))
    except ClusterError as error:
        errors.append(error)
    for one in left:
        items = counted(len(one.sealed.items), "item")
        place = f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope})"
        console.tell(f"{place} has no error that shows without the controller, {items}")


def _ask(one: _Object, controller: ControllerClient, console: Console) -> None:
    try:
        controller.verify(json.dumps(native_in(one.manifest, one.sealed)).encode())
    except CliError as error:
        raise type(error)(f"{one.called}: {error.message}", hint=error.hint) from None
    items = counted(len(one.sealed.items), "item")
    console.tell(f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope}) can be unsealed, {items}")
