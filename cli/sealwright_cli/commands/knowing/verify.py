"""`sealwright verify`: asks the controller whether it can unseal these SealedSecrets. Values are not shown."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.cluster.batches import ask_all
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import load_kubeconfig
from sealwright_cli.commandline.options import (
    CONTROLLER_OPTIONS,
    INPUTS,
    QUIET,
    REPORT_FORM,
    SEALED_NAMESPACE,
    certificate_request,
)
from sealwright_cli.commandline.projectoptions import CHOICE_OPTIONS, CONFIG_OPTIONS, TARGET, choice, projects
from sealwright_cli.commandline.spec import Call, Verb
from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.files.inputs import Source, find_sources
from sealwright_cli.files.templatefiles import note
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import (
    CliError,
    ClusterError,
    InputError,
    KubeconfigError,
    RefusedError,
    UnsealingError,
)
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.reports import as_text
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.sealedinput import check_fields, native_in, place_of, read_object, read_sealed
from sealwright_cli.sealed.templatefaults import of_public_text
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import KIND, SealedSecret, check_form
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.documents import Form
from sealwright_templating import TemplateError, parse


@record
class VerifyOptions:
    """What to verify (files, folders, `-`; empty means standard input), and which controller to ask.

    `namespace` is for objects that name none, else `projects` say it; they also say which cluster a file is for, unless
    the command line names one. `choice` says which files of folders are read. With a `form`, the results are on
    standard output. `wait` sleeps for seconds.
    """

    inputs: Sequence[str] = ()
    controller: CertificateRequest = field(default_factory=CertificateRequest)
    namespace: str = ""
    manners: Manners = SEALWRIGHT
    form: Form | None = None
    wait: Callable[[float], None] = time.sleep
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))
    choice: Choice = field(default_factory=Choice)


@record
class _Object:
    """One SealedSecret as written in its file, as read, and the controller that is asked about it."""

    manifest: Manifest
    sealed: SealedSecret
    controller: CertificateRequest

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

    def facts(self) -> dict[str, Any]:
        """Return what it is as plain data."""
        sealed = self.sealed
        return {
            "place": self.manifest.place,
            "namespace": sealed.namespace,
            "name": sealed.name,
            "scope": str(sealed.scope),
            "items": sorted(sealed.items),
            "templates": sorted(self.templates),
        }


@border()
def verify(options: VerifyOptions, console: Console) -> ExitStatus:
    """Have every SealedSecret verified and report each.

    The files are checked first, templates included, and the controller is asked about the objects without an error.
    Returns the status of the first error: DECRYPTION if an object could not be unsealed, INPUT if a file could not be
    read or there is no kubeconfig, REFUSED if a file may not be read, CLUSTER if the controller does not answer. Raises
    CliError for problems of the whole run.
    """
    run = _Run(options, console)
    sources = find_sources(options.inputs, choice=options.choice)
    found = [one for source in sources for one in run.read(source)]
    whole = [one for one in found if run.is_whole(one)]
    if not (whole or run.errors):
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    if whole:
        run.ask_about(whole)
    if options.form is not None:
        write_stdout(console.stdout, as_text(run.facts(found), options.form).encode() + b"\n")
    run.tell()
    return run.errors[0].status if run.errors else ExitStatus.OK


@changing_record
class _Run:
    """The state of one run: the errors so far, and what became of each object."""

    options: VerifyOptions
    console: Console
    errors: list[CliError] = field(default_factory=list)
    failed: dict[int, list[CliError]] = field(default_factory=dict)
    """id of an object → its errors."""
    good: set[int] = field(default_factory=set)
    left: int = 0
    """About how many the controller was not asked."""

    def read(self, source: Source) -> Iterator[_Object]:
        """Yield the SealedSecrets of a source; errors in it, or in one of them, are collected."""
        try:
            with border():
                manifests = read_sealed(source, self.console, self.options.manners)[1]
                settings = self.options.projects.settings_for(source.path, source.name)
                controller = settings.cluster_request(self.options.controller) if manifests else CertificateRequest()
        except (InputError, RefusedError) as error:
            note(error, source, self.console, self.errors)
            return
        for manifest in manifests:
            try:
                with border():
                    sealed = read_object(manifest, self.options.namespace, settings.namespace)
                    one = _Object(manifest, sealed, controller)
                    _check_fields(one, self.console, self.options.manners)
                    yield one
            except InputError as error:
                note(error, source, self.console, self.errors)

    def is_whole(self, one: _Object) -> bool:
        """Tell whether an object has no error that shows without a key; those that it has are collected."""
        found = _damages(one)
        if not found and self.options.manners.parses_templates:
            found = _template_errors(one)
        for error in found:
            self._note(one, error)
        return not found

    def ask_about(self, found: Sequence[_Object]) -> None:
        """Ask each controller about its objects, until it cannot be asked; the errors are collected."""
        for request, objects in _by_controller(found):
            self._ask_one(request, objects)
        for one in found:
            if id(one) not in self.good and id(one) not in self.failed:
                self.left += 1
                place = f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope})"
                self._say(f"{place} has no error that shows without the controller, {one.counts}")

    def _ask_one(self, request: CertificateRequest, found: Sequence[_Object]) -> None:
        try:
            kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
            with ControllerClient(kubeconfig, request.controller) as controller:
                for one, error in ask_all(found, lambda one: _ask(one, controller), self._wait):
                    self._note(one, error)
        except KubeconfigError as error:
            self.errors.append(type(error)(f"the controller was not asked: {error.message}", hint=error.hint))
        except ClusterError as error:
            self.errors.append(error)

    def tell(self) -> None:
        """Show the errors, and how many objects are good, unless a single line has said it all."""
        for error in self.errors:
            self.console.error(error)
        good, errors = len(self.good), len(self.errors)
        if good + self.left + errors - bool(self.left) <= 1:  # one error says why it was not asked about the rest
            return
        parts = [f"{counted(good, KIND)} can be unsealed"]
        if self.left:
            parts.append(f"the controller was not asked about {self.left:,}")
        if errors:
            parts.append(counted(errors, "error"))
        self.console.tell("; ".join(parts))

    def facts(self, found: Sequence[_Object]) -> dict[str, Any]:
        """Return all results as plain data."""
        of_objects = {id(error) for errors in self.failed.values() for error in errors}
        return {
            "objects": [one.facts() | self._result(one) for one in found],
            "errors": [error.facts() for error in self.errors if id(error) not in of_objects],
        }

    def _result(self, one: _Object) -> dict[str, Any]:
        errors = self.failed.get(id(one), [])
        result = "unsealable" if id(one) in self.good else "failed" if errors else "not-asked"
        return {"result": result, "errors": [error.facts() for error in errors]}

    def _note(self, one: _Object, error: CliError | None) -> None:
        if error is None:
            self.good.add(id(one))
            place = f"{one.manifest.place}: {place_of(one.sealed)} ({one.sealed.scope})"
            self._say(f"{place} can be unsealed, {one.counts}")
            return
        self.errors.append(error)
        self.failed.setdefault(id(one), []).append(error)

    def _say(self, message: str) -> None:
        if self.options.form is None:
            self.console.tell(message)

    def _wait(self, seconds: float) -> None:
        self.console.tell(f"the controller has too many requests; going on in {counted(round(seconds), 'second')}")
        self.options.wait(seconds)


def _by_controller(found: Sequence[_Object]) -> list[tuple[CertificateRequest, list[_Object]]]:
    """Return the objects of each controller, in the order of their first ones."""
    groups: list[tuple[CertificateRequest, list[_Object]]] = []
    for one in found:
        group = next((group for asked, group in groups if _is_same(asked, one.controller)), None)
        if group is None:
            groups.append((one.controller, [one]))
        else:
            group.append(one)
    return groups


def _is_same(one: CertificateRequest, other: CertificateRequest) -> bool:
    return one.cluster == other.cluster and one.controller == other.controller


def _check_fields(one: _Object, console: Console, manners: Manners) -> None:
    """Warn about unknown fields of a SealedSecret. Raises InputError for one that makes a cluster refuse the object."""
    check_fields(one.manifest, console, manners, is_strict=True)
    if not one.sealed.items and one.sealed.legacy is None:
        console.warn(f"{one.called}: holds no items")
    if one.sealed.legacy is not None and manners.parses_templates:
        console.warn(
            f"{one.called}: the form spec.data is deprecated; sealwright reencrypt turns it into encryptedData"
        )


def _damages(one: _Object) -> list[CliError]:
    """Return the error that ciphertexts are malformed, so that no key can open them, if they are."""
    try:
        with border(one.called):
            check_form(one.sealed)
    except UnsealingError as error:
        return [error]
    return []


def _template_errors(one: _Object) -> list[CliError]:
    """Return the errors in templates, as far as they need no value to show."""
    errors: list[CliError] = []
    for key, text in one.templates.items():
        try:
            parse(text, name=key)
        except TemplateError as error:
            errors.append(of_public_text(one.called, error, text, may_tell=False))
    return errors


def _ask(one: _Object, controller: ControllerClient) -> None:
    try:
        controller.verify(json.dumps(native_in(one.manifest, one.sealed)).encode(), is_patient=False)
    except (UnsealingError, InputError) as error:
        raise type(error)(f"{one.called}: {error.message}", hint=error.hint) from None
    except ClusterError as error:
        if error.about_object:
            words = f"{one.called}: {error.message}"
            raise ClusterError(words, hint=error.hint, unreachable=error.unreachable, about_object=True) from None
        raise


def _run(call: Call) -> ExitStatus:
    options = VerifyOptions(
        call["inputs"],
        certificate_request(call),
        call["namespace"],
        form=call["format"],
        projects=projects(call),
        choice=choice(call),
    )
    return verify(options, call.console)


VERB = Verb(
    """\
Check SealedSecrets in files and with the controller.

Checks the files first, then asks the controller whether it can decrypt what is in them. Reads files, all manifests
in folders, or standard input (default, or -), asks about several at a time, and waits while the controller has too
many requests. Where .sealwright.yaml has targets, each file's own cluster is asked. No value is ever shown.
""",
    """\
sealwright verify apps/
sealwright verify --context staging sealed.yaml -o json""",
    _run,
    (INPUTS,),
    (SEALED_NAMESPACE, TARGET, *CHOICE_OPTIONS, *CONFIG_OPTIONS, REPORT_FORM, QUIET, *CONTROLLER_OPTIONS),
)
