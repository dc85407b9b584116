"""`sealwright create`: a SealedSecret from values that are typed, random or in files, without a manifest of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    ALLOW_EMPTY,
    ALPHABET,
    CERTIFICATE_OPTIONS,
    FORM,
    HINTS,
    OUTER,
    OUTPUT,
    PRINT,
    QUIET,
    SCOPE,
    STRICT,
    manifest_form,
    namespace,
    wants_hints,
)
from sealwright_cli.commandline.projectoptions import CERTS, CONFIG_OPTIONS, TARGET, certificate_requests, projects
from sealwright_cli.commandline.spec import WHAT, WHERE, Argument, Call, Option, Verb
from sealwright_cli.files.disk import is_filled_file, is_stdout, write_result
from sealwright_cli.messages.advice import allow_empty
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import DefectError, InputError, RefusedError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted, short
from sealwright_cli.project.settings import Projects
from sealwright_cli.project.targets import TargetFile, files_for
from sealwright_cli.sealed import typedsecrets, values
from sealwright_cli.sealed.doubts import doubts_of, tell
from sealwright_cli.sealed.outer import Outer, outer, read_annotations, read_labels
from sealwright_cli.sealed.resultplaces import went_to
from sealwright_cli.sealed.sealedinput import place_of
from sealwright_cli.sealed.sources import from_env_file, from_files
from sealwright_cli.sealed.target import check_item_name, shown_item
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import KIND, Certificate, Scope, SealedSecret, Secret, seal
from sealwright_manifests.names import is_object_name
from sealwright_manifests.text.documents import Form, check_text, form_of, new_text, read_documents
from sealwright_manifests.text.tree import native


@record
class Typed:
    """What makes a Secret of a type; at most one of them is set. `tls` are a certificate and its key."""

    tls: Sequence[str] = ()
    docker_server: str = ""
    docker_username: str = ""
    docker_email: str = ""
    ssh_key: Path | None = None
    basic_auth: str | None = None

    @property
    def kind(self) -> str:
        """The type of the Secret; empty if none of them is set. Raises UsageError for several."""
        flags = {
            "--tls": (self.tls, typedsecrets.TLS),
            "--docker-registry": (self.docker_server, typedsecrets.DOCKER),
            "--ssh-key": (self.ssh_key, typedsecrets.SSH),
            "--basic-auth": (self.basic_auth, typedsecrets.BASIC),
        }
        given = {flag: kind for flag, (value, kind) in flags.items() if value}
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} exclude each other", hint="a Secret has one type")
        return next(iter(given.values()), "")


@record
class CreateOptions:
    """The object to make, where its values come from, and where it is written (`output` None: standard output).

    `prompts` are items, `files` are `PATH` and `KEY=PATH`, `generated` are `KEY` and `KEY=LENGTH`. `force` replaces a
    file that holds something. If `is_strict`, doubts about values are errors.

    `targets` are certificates by the names of targets: `{target}` in `output` stands for their names. What the options
    do not say, `projects` do.
    """

    name: str
    namespace: str = ""
    scope: Scope | None = None
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    prompts: Sequence[str] = ()
    files: Sequence[str] = ()
    env_files: Sequence[str] = ()
    generated: Sequence[str] = ()
    alphabet: str = ""
    shows: bool = False
    typed: Typed = field(default_factory=Typed)
    type: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    outer: Outer = field(default_factory=Outer)
    output: Path | None = None
    form: Form | None = None
    force: bool = False
    allow_empty: bool = False
    is_strict: bool = False
    hints: bool = True
    targets: Mapping[str, CertificateRequest] = field(default_factory=dict)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def create(options: CreateOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal values under a name and write the SealedSecret. Raises CliError; nothing is written then."""
    path = None if is_stdout(options.output) else options.output
    called = shown_path(path, "the output file") if path else "standard output"
    wanted = files_for(path, options.projects, options.certificate, options.targets, called)
    parts = [_settled(options, one) for one in wanted]
    for part in parts:
        _check(part, console)
    alphabet = values.check_alphabet(options.alphabet)
    lengths = _lengths(options.generated)
    for length in set(lengths.values()):
        values.warn_if_guessable(length, alphabet, console)
    read = _from_files(options)
    if not (read or lengths or options.prompts or options.typed.kind or options.allow_empty):
        raise _nothing(options)
    certificates = [get_valid_certificate(part.certificate, console, now) for part in parts]
    generated = {item: values.generate(length, alphabet) for item, length in lengths.items()}
    items = _items(options, read, generated, console)
    secret = _secret(parts[0], items)
    tell(doubts_of(secret.items, secret.type), f"Secret {options.name}", console, is_strict=options.is_strict)
    for one, part, certificate in zip(wanted, parts, certificates, strict=True):
        console.tell(_make(part, items, certificate, console) + went_to(one.target, one.path))
    if options.shows:
        values.show(generated, console)
    return ExitStatus.OK


def _settled(options: CreateOptions, one: TargetFile) -> CreateOptions:
    """Return the options for one file, with what the project file says of it."""
    settings = one.settings
    return replace(
        options,
        output=one.path or options.output,
        certificate=one.request,
        namespace=options.namespace or settings.namespace,
        scope=options.scope or settings.scope or Scope.STRICT,
        outer=options.outer.over(settings.labels, settings.annotations),
    )


def _make(options: CreateOptions, items: Mapping[str, bytes], certificate: Certificate, console: Console) -> str:
    """Seal items, write one result and return what was sealed. Raises CliError."""
    secret = _secret(options, items)
    with border(f"SealedSecret {options.name}"):
        sealed = seal(secret, certificate, scope=options.scope, hints=options.hints)
    write_result(console.stdout, options.output, _text(options, sealed).encode())
    with_key = f"with key {short(certificate.fingerprint)}, {counted(len(secret.items), 'item')}"
    return f"sealed {place_of(sealed)} ({sealed.scope}) {with_key}"


def _check(options: CreateOptions, console: Console) -> None:
    """Raise CliError for options that do not fit together, and for a file that would be lost."""
    if not is_object_name(options.name):
        raise UsageError(
            "argument 1: no object can have this name",
            hint="a Secret has at most 253 lower-case letters, digits, - and . in its name",
        )
    if options.scope is not Scope.CLUSTER_WIDE and not options.namespace:
        raise UsageError(f"no namespace; {options.scope} scope needs one", hint="give --namespace")
    if options.type and options.typed.kind not in ("", options.type):
        raise UsageError(f"--type is not {options.typed.kind}, which the other options make", hint="leave out --type")
    if not options.generated and (options.shows or options.alphabet):
        raise UsageError(f"{'--print' if options.shows else '--alphabet'} needs --generate", hint="add --generate KEY")
    if options.shows and is_stdout(options.output):
        raise UsageError("--print needs --output: standard output is the SealedSecret", hint="add --output FILE")
    for item in options.prompts:
        check_item_name(item, "what --prompt names")
    if options.typed.docker_server and not options.typed.docker_username:
        raise UsageError("--docker-registry needs --docker-username", hint="add --docker-username NAME")
    asked = len(options.prompts) + (options.typed.kind in (typedsecrets.DOCKER, typedsecrets.BASIC))
    if asked > 1 and not values.has_terminal(console):
        raise UsageError(
            f"standard input is one value, and {asked} are to be read from it",
            hint="run it on a terminal, which asks for each, or use --from-file",
        )
    _check_output(options)


def _check_output(options: CreateOptions) -> None:
    """Raise RefusedError if the output is a file with content: its ciphertexts could not be made again."""
    path = options.output
    if path is None or is_stdout(path) or options.force or not is_filled_file(path):
        return
    raise RefusedError(
        f"{shown_path(path, 'the output file')}: exists already",
        hint="sealwright set changes or adds one item of it; --force replaces the file",
    )


def _lengths(words: Sequence[str]) -> dict[str, int]:
    """Return the length of each generated item. Raises UsageError."""
    found: dict[str, int] = {}
    for word in words:
        item, equals, length = word.partition("=")
        check_item_name(item, "what --generate names")
        if item in found:
            raise UsageError(f"--generate names {shown_item(item)} twice", hint="name each item once")
        found[item] = values.check_length(length, "--generate", "--generate KEY=24") if equals else values.USUAL_LENGTH
    return found


def _from_files(options: CreateOptions) -> list[tuple[str, bytes]]:
    """Return the items that files hold. Raises CliError."""
    environ = options.certificate.surroundings.environ
    typed = options.typed
    found = [pair for word in options.files for pair in from_files(word)]
    found += [pair for file in options.env_files for pair in from_env_file(Path(file), environ)]
    if typed.tls:
        if len(typed.tls) != len(("CERT", "KEY")):
            raise UsageError("--tls: two files are expected", hint="--tls cert.pem key.pem")
        certificate, key = map(Path, typed.tls)
        found += typedsecrets.tls_items(certificate, key).items()
    elif typed.ssh_key:
        found += typedsecrets.ssh_items(typed.ssh_key).items()
    return found


def _items(
    options: CreateOptions, read: Sequence[tuple[str, bytes]], generated: Mapping[str, bytes], console: Console
) -> dict[str, bytes]:
    """Return all items; what has to be asked for comes last. Raises InputError for an item that is there twice."""
    sources: list[Iterable[tuple[str, bytes]]] = [
        read,
        generated.items(),
        _asked(options.typed, console),
        ((item, values.read_password(console, f"value of {item}")) for item in options.prompts),
    ]
    found: dict[str, bytes] = {}
    for source in sources:
        for item, value in source:
            if item in found:
                raise InputError(
                    f"the item {shown_item(item)} is given twice", hint="give each item once; KEY=PATH renames a file"
                )
            found[item] = value
    if empty := [shown_item(item) for item in options.prompts if not found[item]]:
        raise InputError(f"the value of {', '.join(empty)} is empty", hint="type one, or leave out --prompt")
    return found


def _asked(typed: Typed, console: Console) -> Iterator[tuple[str, bytes]]:
    """Yield the items of a Secret of a type with a password, which is asked for. Raises CliError."""
    if typed.docker_server:
        password = values.read_password(console, f"password of {typed.docker_username}")
        yield from typedsecrets.docker_items(
            typed.docker_server, typed.docker_username, password, typed.docker_email
        ).items()
    elif typed.basic_auth:
        yield "username", typed.basic_auth.encode("utf-8", "surrogateescape")
        yield "password", values.read_password(console, f"password of {typed.basic_auth}")


def _secret(options: CreateOptions, items: Mapping[str, bytes]) -> Secret:
    """Return the Secret to be sealed. Raises InputError for one without items, or without those of its type."""
    if not items and not options.allow_empty:
        raise _nothing(options)
    kind = options.typed.kind or options.type
    typedsecrets.check_type(kind, items)
    texts = {"labels": dict(options.labels), "annotations": dict(options.annotations)}
    metadata = {key: value for key, value in texts.items() if value}
    return Secret(options.name, options.namespace, items, kind or None, metadata=metadata)


def _nothing(options: CreateOptions) -> InputError:
    return InputError(
        f"Secret {options.name}: nothing to seal",
        hint=f"give --prompt KEY, --from-file PATH or --generate KEY; {allow_empty('--allow-empty')}",
    )


def _text(options: CreateOptions, sealed: SealedSecret) -> str:
    """Return the manifest's text, read back. Raises BadManifestError for text that UTF-8 cannot carry."""
    data = check_text(options.outer.add_to(sealed.to_dict()), f"{KIND} {options.name}")
    text = new_text([data], options.form or form_of(options.output) or Form.YAML)
    roots = [document.root for document in read_documents(text, options.name)]
    if [root and native(root) for root in roots] != [data]:
        raise DefectError(
            f"{KIND} {options.name}: the text differs from what was intended; nothing was written",
            hint="this is a defect of Sealwright: report it with the command line, but without values",
        )
    return text


def _run(call: Call) -> ExitStatus:
    certificate, targets = certificate_requests(call)
    options = CreateOptions(
        name=call["object"],
        namespace=call["namespace"],
        scope=call["scope"],
        certificate=certificate,
        targets=targets,
        projects=projects(call),
        prompts=call["prompt"],
        files=call["from_file"],
        env_files=call["from_env_file"],
        generated=call["generate"],
        alphabet=call["alphabet"],
        shows=call["print"],
        typed=Typed(
            call["tls"],
            call["docker_registry"],
            call["docker_username"],
            call["docker_email"],
            call["ssh_key"],
            call["basic_auth"],
        ),
        type=call["type"],
        labels=read_labels(call["label"], "--label"),
        annotations=read_annotations(call["annotation"], "--annotation"),
        outer=outer(call["outer_label"], call["outer_annotation"]),
        output=call["output"],
        form=manifest_form(call),
        force=call["force"],
        allow_empty=call["allow_empty"],
        is_strict=call["strict"],
        hints=wants_hints(call),
    )
    return create(options, call.console, now=call.now)


def _many(flag: str, metavar: str, help_text: str) -> Option:
    return Option((flag,), f"{help_text} May be repeated.", metavar, WHAT, many=True)


def _one(flag: str, metavar: str, help_text: str) -> Option:
    return Option((flag,), help_text, metavar, WHAT, default="")


VERB = Verb(
    """\
Make a SealedSecret without a file of plaintext.

The values are typed (asked for on a terminal, without echo, twice; else standard input, without its last line break),
made at random, or in files. Items and types are those that kubectl create secret makes. With several targets, {target}
in --output stands for their names.
""",
    """\
sealwright create db -n shop --generate password -w db.yaml
sealwright create web -n shop --tls tls.crt tls.key -w web.yaml""",
    _run,
    (Argument("object", "NAME", is_required=True),),
    (
        _many("--prompt", "KEY", "Ask for the value of this item."),
        _many("--from-file", "[KEY=]PATH", "A file's content, byte for byte; of a folder, each file."),
        _many("--from-env-file", "PATH", "Lines KEY=value of a file, each an item."),
        _many("--generate", "KEY[=LENGTH]", f"A random value of so many characters ({values.USUAL_LENGTH})."),
        ALPHABET,
        PRINT,
        replace(
            _many("--tls", "CERT KEY", "Files with a certificate and its private key (type kubernetes.io/tls)."),
            help="Files with a certificate and its private key (type kubernetes.io/tls).",
            words=2,
        ),
        _one("--docker-registry", "SERVER", "Credentials for a registry; the password is asked for."),
        _one("--docker-username", "NAME", "User name for --docker-registry."),
        _one("--docker-email", "ADDRESS", "Mail address for --docker-registry, which few registries need."),
        Option(("--ssh-key",), "Private key for SSH (type kubernetes.io/ssh-auth).", "PATH", WHAT, Path),
        _one("--basic-auth", "USER", "User name; the password is asked for (type kubernetes.io/basic-auth)."),
        _one("--type", "TYPE", "Type of the Secret. Default: as the other options say, else Opaque."),
        _many("--label", "NAME=VALUE", "Label of the Secret."),
        _many("--annotation", "NAME=VALUE", "Annotation of the Secret."),
        *OUTER,
        replace(SCOPE, help="Where the ciphertexts can be decrypted. Default: the project file's, else strict."),
        namespace("Namespace of the SealedSecret."),
        ALLOW_EMPTY,
        STRICT,
        *HINTS,
        replace(FORM, help="Output format. Default: as the suffix of --output, else yaml."),
        OUTPUT,
        Option(("--force",), "Replace the file of --output if it holds something.", group=WHERE),
        CERTS,
        TARGET,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
