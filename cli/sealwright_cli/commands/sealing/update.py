"""`sealwright seal --update FILE`: a Secret sealed over a SealedSecret; ciphertexts of unchanged values stay."""

from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import wants_hints
from sealwright_cli.commandline.projectoptions import certificate_requests, projects
from sealwright_cli.commandline.spec import Call
from sealwright_cli.files.disk import decode, exists, is_folder, read_file, write_file
from sealwright_cli.files.inputs import STDIN, Source, find_sources
from sealwright_cli.files.replacing import Original
from sealwright_cli.files.templatefiles import found_instead, recognised
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.project.targets import MARK
from sealwright_cli.sealed.digests import Digests
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.outer import outer
from sealwright_cli.sealed.sealing import SealingRules, given_scope, ready_to_seal, seal_text
from sealwright_cli.sealed.target import Target, listed, open_target
from sealwright_cli.sealed.updating import KeyOf, Update, called_key, changes, differs, plan
from sealwright_cli.surroundings import state_folder
from sealwright_conventions.records import record
from sealwright_crypto import Certificate, DecryptionError, Fingerprint, FormatError, Keyring, Label, Secret, read_hints
from sealwright_manifests.editing.exchanging import lines_that_repeat
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import form_of, join, read_documents
from sealwright_manifests.text.tree import native

_ELSEWHERE = ("output", "in_place", "output_dir", "format")
"""Options that name another place or form for the result."""


@record
class UpdateOptions:
    """The file with the SealedSecret, the input with the one Secret (`-` is standard input), and how it is sealed.

    `keys` are files with private keys that open the present items. `state` is the folder with the digests.
    """

    target: Path
    inputs: Sequence[str]
    rules: SealingRules
    state: Path
    keys: Sequence[str] = ()


@border()
def update(options: UpdateOptions, console: Console) -> ExitStatus:
    """Seal a Secret over a SealedSecret and write its file; one that does not exist is made.

    Raises CliError; nothing is written then.
    """
    source = _one_source(options.target, options.inputs)
    keyring = read_keyring(options.keys)
    text, original = source.read_original(console)
    secret = _secret(text, source, options.rules, console)
    digests = Digests(options.state, console.warn)
    if exists(options.target):
        target = open_target(str(options.target), secret.name, secret.namespace, console, takes_only_one=True)
        made = _update(options, target, secret, _key_of(keyring, target, digests, options.rules.certificate), console)
        _report(made, target, options, digests, console)
        label, ciphertexts, keys = made.label, dict(made.ciphertexts), made.keys
    else:
        sealed = _make(options, source, text, original, console).sealed
        label, ciphertexts = sealed.label, dict(sealed.items)
        keys = dict.fromkeys(ciphertexts, options.rules.certificate.fingerprint)
    for item, ciphertext in ciphertexts.items():
        digests.remember(ciphertext, keys[item], label, item, secret.items[item])
    digests.save()
    return ExitStatus.OK


def _update(options: UpdateOptions, target: Target, secret: Secret, key_of: KeyOf, console: Console) -> Update:
    """Write the file of a SealedSecret, unless nothing in it changes, and return what became of its items."""
    rules = options.rules
    with border(target.called):
        made = plan(target.sealed, secret, given_scope(secret, rules), rules.certificate, key_of)
        data = native(target.manifest.node)
        changed = changes(made, target.sealed, data, rules.outer, hints=rules.hints)
    if not differs(data, changed):
        console.tell(f"{target.called}: unchanged: {made.told}")
        return made
    target.write(changed, console)
    for line in (line for one in target.documents for line in lines_that_repeat(one, secret.items.values())):
        console.warn(f"{options.target}: line {line}: a comment repeats a value that is now sealed; remove it")
    console.tell(f"{target.called}: updated {called_key(rules.certificate)}: {made.told}")
    return made


def _report(made: Update, target: Target, options: UpdateOptions, digests: Digests, console: Console) -> None:
    """Say why items were sealed again whose values may be the same, and which stay on an older key."""
    again = [item for item in made.sealed.items if item in target.sealed.items]
    unknown = [item for item in again if not digests.has(target.sealed.items[item], item)]
    if made.moved:
        console.warn(f"{target.called}: all items are sealed anew, as ciphertexts are bound to these: {made.moved}")
    elif unknown and not options.keys:
        console.tell(
            f"{target.called}: not known whether the value changed: {listed(unknown)} (no earlier --update of it here; "
            "--key would tell)"
        )
    if made.older:
        console.tell(
            f"{target.called}: kept on an older key: {listed(made.older)}; sealwright reencrypt encrypts to the newest"
        )


def _key_of(keyring: Keyring, target: Target, digests: Digests, certificate: Certificate) -> KeyOf:
    """Return how the key of a ciphertext is found that is known to hold a value: by digests, or by private keys.

    What the object says of its keys is not believed: anybody may have written it.
    """
    hints = read_hints(target.sealed.annotations)

    def key_of(ciphertext: str, label: Label, item: str, value: bytes) -> Fingerprint | None:
        named = [hint for hint in [hints.of(item)] if hint]
        for key in (certificate.fingerprint, *named):
            if digests.is_of(ciphertext, key, label, item, value):
                return key
        try:
            opened = keyring.open(ciphertext, label, named)
        except (DecryptionError, FormatError):
            return None
        return opened.fingerprint if opened.plaintext == value else None

    return key_of


def _one_source(target: Path, inputs: Sequence[str]) -> Source:
    """Return the input with the Secret. Raises UsageError."""
    if str(target) == STDIN:
        raise UsageError("--update cannot be -", hint="name the file with the SealedSecret; the Secret may come from -")
    if len(inputs) > 1 or any(name != STDIN and is_folder(Path(name)) for name in inputs):
        raise UsageError("--update takes one file with a Secret", hint="run it for each of them")
    return find_sources(inputs)[0]


def _secret(text: str, source: Source, rules: SealingRules, console: Console) -> Secret:
    """Return the Secret that is all of a text. Raises InputError, and BadManifestError."""
    with recognised(text, source.name):
        documents = read_documents(text, source.name)
        manifests = list(find_manifests(documents))
        secrets = [manifest for manifest in manifests if manifest.is_secret]
        if len(secrets) != 1 or len(manifests) != 1:
            found = (
                counted(len(secrets), "Secret") if secrets else found_instead([m.kind for m in manifests], documents)
            )
            raise InputError(
                f"{source.name}: {found}{' beside other objects' if 0 < len(secrets) < len(manifests) else ''}; "
                "--update takes one Secret",
                hint="give a file with one Secret and nothing else",
            )
        warnings: list[str] = []
        secret = ready_to_seal(secrets[0], rules, warnings)
    for warning in warnings:
        console.warn(warning)
    return secret


def _make(options: UpdateOptions, source: Source, text: str, original: Original | None, console: Console) -> Target:
    """Seal the Secret of a text into a new file, and read that back. Raises CliError."""
    result = seal_text(text, source.name, options.rules)
    if result.errors:
        raise result.errors[0]
    content = join(result.documents, form_of(options.target)).encode()
    write_file(options.target, content, source=original)
    for line in result.done:
        console.tell(f"{line}; {options.target} is new")
    return open_target(str(options.target), "", "", console)


def _namespace_in(path: Path) -> str:
    """Return the namespace of the SealedSecrets in a file; empty if they have several, or none."""
    if not exists(path):
        return ""
    source = Source(path, Path(path.name))
    with border():
        manifests = find_manifests(read_documents(decode(read_file(path), source.name), source.name))
        found = {read_sealed_secret(one).namespace for one in manifests if one.is_sealed_secret}
    return found.pop() if len(found) == 1 else ""


def run(call: Call) -> ExitStatus:
    """Run `seal --update`, by what counts for its file. Raises CliError."""
    path: Path = call["update"]
    for name in _ELSEWHERE:
        if call[name]:
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"--update and {flag} exclude each other", hint="--update writes its own FILE")
    if MARK in str(path):
        raise UsageError(
            f"--update takes one file, and {MARK} stands for those of several targets",
            hint="name the file of one target; run it once for each of them",
        )
    certificate, named = certificate_requests(call)
    if len(named) > 1:
        raise UsageError("--update takes one --cert", hint="run it once for each target's file")
    _one_source(path, call["inputs"]).check()
    settings = projects(call).settings_for(path)
    request = next(iter(named.values()), None) or settings.request(certificate)
    rules = SealingRules(
        get_valid_certificate(request, call.console, call.now),
        call["scope"],
        call["namespace"],
        call["name"],
        call["allow_empty"],
        wants_hints(call),
        lambda: settings.namespace or _namespace_in(path),
        default_scope=settings.scope,
        outer=outer(call["outer_label"], call["outer_annotation"]).over(settings.labels, settings.annotations),
        is_strict=call["strict"],
    )
    state = state_folder(call.surroundings.environ, call.surroundings.home)
    return update(UpdateOptions(path, call["inputs"], rules, state, call["key"]), call.console)
