"""`sealwright verify`: asks the controller whether it can unseal these SealedSecrets. Values are not shown."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sealwright_cli.border import border
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import Surroundings, load_kubeconfig
from sealwright_cli.errors import CliError, ClusterError, InputError, KubeconfigError, RefusedError, UnsealingError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.inputs import Source, find_sources
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.sealedinput import check_fields, native_in, place_of, read_object, read_sealed
from sealwright_cli.templatefaults import of_public_text
from sealwright_cli.templatefiles import note
from sealwright_cli.ui import Console, counted
from sealwright_conventions.kubeconfig.choosing import ClusterFlags
from sealwright_crypto import KIND, SealedSecret, check_form
from sealwright_manifests.kinds.finding import Manifest
from sealwright_templating import TemplateError, parse


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

    @property
    def templates(self) -> dict[str, str]:
        """The texts that the controller renders: an item takes precedence over a text of its name."""
        texts = self.sealed.template.data if self.sealed.legacy is None else {}
        return {key: text for key, text in texts.items() if text is not None and key not in self.sealed.items}

    @property
    def counts(self) -> str:
        """How much it holds; the deprecated form is one ciphertext, whose items are not visible."""
        if self.sealed.legacy is not None:
            return "1 item in the deprecated form"
        texts = f", {counted(len(self.templates), 'template')}" if self.templates else ""
        return counted(len(self.sealed.items), "item") + texts


@border()
def verify(options: VerifyOptions, console: Console) -> ExitStatus:
    """Have every SealedSecret verified and report each.

    The files are checked first, templates included, and the controller is asked about the objects without an error.
    Returns the status of the first error: DECRYPTION if an object could not be unsealed, INPUT if a file could not be
    read or there is no kubeconfig, REFUSED if a file may not be read, CLUSTER if the controller does not answer. Raises
    CliError for problems of the whole run.
    """
    errors: list[CliError] = []
    found = [one for source in find_sources(options.inputs) for one in _read(source, options, console, errors)]
    whole = [one for one in found if not _is_damaged(one, errors) and _are_templates_valid(one, options, errors)]
    if not (whole or errors):
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    good, left = _ask_about(whole, options, console, errors) if whole else (0, 0)
    for told in errors:
        console.error(told)
    told_of = good + left + len(errors) - bool(left)  # one error says why the controller was not asked about the rest
    if told_of > 1:
        parts = [f"{counted(good, KIND)} can be unsealed"]
        if left:
            parts.append(f"the controller was not asked about {left:,}")
        if errors:
            parts.append(counted(len(errors), "error"))
        console.tell("; ".join(parts))
    return errors[0].status if errors else ExitStatus.OK


def _read(source: Source, options: VerifyOptions, console: Console, errors: list[CliError]) -> Iterator[_Object]:
    """Yield the SealedSecrets of a source; errors in it, or in one of them, are collected."""
    try:
        with border():
            manifests = read_sealed(source, console, options.manners)[1]
    except (InputError, RefusedError) as error:
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
    if one.sealed.legacy is not None and manners.parses_templates:
        console.warn(
            f"{one.called}: the form spec.data is deprecated; sealwright reencrypt turns it into encryptedData"
        )


def _is_damaged(one: _Object, errors: list[CliError]) -> bool:
    """Tell whether a ciphertext is malformed, so that no key can open it; the details go to the errors."""
    try:
        with border(one.called):
            check_form(one.sealed)
    except UnsealingError as error:
        errors.append(error)
        return True
    return False


def _are_templates_valid(one: _Object, options: VerifyOptions, errors: list[CliError]) -> bool:
    """Tell whether the controller can render the templates as far as that needs no value; the errors are collected."""
    known = len(errors)
    for key, text in one.templates.items() if options.manners.parses_templates else ():
        try:
            parse(text, name=key)
        except TemplateError as error:
            errors.append(of_public_text(one.called, error, text, may_tell=False))
    return len(errors) == known


def _ask_about(
    found: Sequence[_Object], options: VerifyOptions, console: Console, errors: list[CliError]
) -> tuple[int, int]:
    """Ask the controller about each object, until it cannot be asked; the errors are collected.

    Returns how many can be unsealed, and about how many it was not asked.
    """
    left, good = list(found), 0
    try:
        with ControllerClient(load_kubeconfig(options.cluster, options.surroundings), options.controller) as controller:
            while left:
                try:
                    _ask(left[0], controller, console)
                    good += 1
                except (UnsealingError, InputError) as error:
                    errors.append(error)
                del left[0]
    except KubeconfigError as error:
        errors.append(type(error)(f"the controller was not asked: {error.message}", hint=error.hint))
    except ClusterError as error:
        errors.append(error)
    for one in left:
        place = f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope})"
        console.tell(f"{place} has no error that shows without the controller, {one.counts}")
    return good, len(left)


def _ask(one: _Object, controller: ControllerClient, console: Console) -> None:
    try:
        controller.verify(json.dumps(native_in(one.manifest, one.sealed)).encode())
    except CliError as error:
        raise type(error)(f"{one.called}: {error.message}", hint=error.hint) from None
    console.tell(f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope}) can be unsealed, {one.counts}")
