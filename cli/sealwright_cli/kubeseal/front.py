"""`sealwright-kubeseal`: kubeseal's flags → the commands of `sealwright`. Does not seal or open anything itself.

Refusals, ignored flags and answers of kubeseal are reproduced. Where kubeseal hangs, crashes, loses data or ignores a
mistake, this reports an error (docs/reference/kubeseal.md lists each difference).
"""

import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from stat import S_ISDIR

from sealwright_cli import process
from sealwright_cli.certificates.request import CertificateRequest, check_kubeconfig
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.kubeconfig import namespace_of
from sealwright_cli.files.disk import is_same_file, reason, write_stdout
from sealwright_cli.kubeseal.flags import FLAGS, PREFIX, usage
from sealwright_cli.manners import KUBESEAL
from sealwright_cli.messages.advice import when_reading
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.flags import FlagError, Parsed, parse
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.records import record
from sealwright_conventions.words import is_plain_word
from sealwright_crypto import Scope, __version__
from sealwright_manifests.names import is_namespace, is_object_name
from sealwright_manifests.text.documents import Form, form_of

_ACTIONS = ("recovery-unseal", "validate", "re-encrypt", "fetch-cert", "merge-into", "raw")


def main() -> None:
    """Run the command line."""
    process.run(_run)


def _run() -> None:
    process.all_is_imported()
    sys.exit(kubeseal(sys.argv[1:], process.console(terse=True), process.surroundings()))


def kubeseal(argv: list[str], console: Console, surroundings: Surroundings) -> ExitStatus:
    """Carry out a kubeseal command line. Raises CliError."""
    try:
        flags = parse(FLAGS, argv, surroundings.environ, PREFIX)
    except FlagError as error:
        raise UsageError(str(error), hint="kubeseal --help lists the flags") from None
    if flags["version"]:
        write_stdout(console.stdout, f"kubeseal version: v{__version__}\n".encode())
        return ExitStatus.OK
    if flags["help"]:
        write_stdout(console.stdout, usage(shutil.get_terminal_size().columns).encode())
        return ExitStatus.OK
    if flags.arguments:
        console.warn(f"kubeseal takes no arguments; ignored {counted(len(flags.arguments), 'argument')}")
    if flags["rotate"]:
        console.warn("--rotate is the old name of --re-encrypt")
    return _Call(flags, console, surroundings).run()


@record
class _Call:
    """One run of kubeseal, with everything that it may need."""

    flags: Parsed
    console: Console
    surroundings: Surroundings

    def run(self) -> ExitStatus:
        """Carry out the one action that the flags name. Raises CliError."""
        action = self._action()
        self._check_input()
        check_kubeconfig(self._cluster)
        self._warn_of_names()
        return action()

    def _action(self) -> Callable[[], ExitStatus]:
        named = [name for name in _ACTIONS if self.flags[name] or (name == "re-encrypt" and self.flags["rotate"])]
        if named[:1] == ["fetch-cert"]:
            named = named[:1]  # with it, kubeseal ignores --merge-into and --raw
        if len(named) > 1:
            raise UsageError(f"{' and '.join(f'--{name}' for name in named)} exclude each other", hint="choose one")
        if self.flags["from-file"] and named not in (["raw"], ["fetch-cert"]):
            raise UsageError("--from-file requires --raw", hint="-f names the file with a whole Secret")
        if self.flags["secret-file"] and named == ["raw"]:
            raise UsageError("-f and --raw exclude each other", hint="--from-file names the file with a single value")
        actions: dict[str, Callable[[], ExitStatus]] = {
            "recovery-unseal": self._unseal,
            "validate": self._validate,
            "re-encrypt": self._reencrypt,
            "fetch-cert": self._fetch_certificate,
            "merge-into": self._merge,
            "raw": self._raw,
        }
        self._form()
        return actions[named[0]] if named else self._seal

    def _check_input(self) -> None:
        """Raise InputError for a -f that is not a file, before anything else."""
        path = Path(self.flags["secret-file"])
        if not self.flags["secret-file"]:
            return
        try:
            is_folder = S_ISDIR(path.stat().st_mode)
        except OSError as error:
            named = " ".join(filter(None, ["--secret-file", shown_path(path, "")]))
            raise InputError(f"{named}: {reason(error)}", hint=when_reading(error)) from None
        if is_folder:
            raise InputError(f"--secret-file {path}: is a directory", hint="sealwright seal takes folders")

    def _warn_of_names(self) -> None:
        for flag, is_good in (("namespace", is_namespace), ("name", is_object_name)):
            if self.flags[flag] and not is_good(self.flags[flag]):
                self.console.warn(f"no cluster accepts what --{flag} gives as a name")

    def _seal(self) -> ExitStatus:
        from sealwright_cli.commands.sealing.seal import SealOptions, seal  # noqa: PLC0415 - each run needs one command

        options = SealOptions(
            inputs=(self._input,),
            certificate=self._certificate,
            scope=self._scope,
            namespace=self.flags["namespace"],
            name=self.flags["name"],
            form=self._form(),
            output=self._output,
            allow_empty=self.flags["allow-empty-data"],
            hints=False,
            default_namespace=self._default_namespace,
            manners=KUBESEAL,
        )
        return seal(options, self.console, now=datetime.now(UTC), clock=time.monotonic)

    def _raw(self) -> ExitStatus:
        from sealwright_cli.commands.sealing.raw import RawOptions, raw  # noqa: PLC0415 - as above

        files = self.flags["from-file"]
        if len(files) > 1:
            raise UsageError("--raw seals one value, and --from-file names several files", hint="call it for each")
        options = RawOptions(
            certificate=self._certificate,
            scope=self._scope or Scope.STRICT,
            namespace=self.flags["namespace"],
            name=self.flags["name"],
            from_file=_path_of(files[0]) if files else None,
            output=self._output,
            line_break=False,
            default_namespace=self._default_namespace,
            doubts_values=False,
        )
        return raw(options, self.console, now=datetime.now(UTC))

    def _merge(self) -> ExitStatus:
        from sealwright_cli.commands.sealing.merge import MergeOptions, merge  # noqa: PLC0415 - as above

        options = MergeOptions(
            target=Path(self.flags["merge-into"]),
            input=self._input,
            certificate=self._certificate,
            scope=self._scope,
            namespace=self.flags["namespace"],
            output=self._output,
            form=self._given_form(),
            allow_empty=self.flags["allow-empty-data"],
            hints=False,
            default_namespace=self._default_namespace,
            manners=KUBESEAL,
        )
        return merge(options, self.console, now=datetime.now(UTC))

    def _unseal(self) -> ExitStatus:
        from sealwright_cli.commands.opening.unseal import UnsealOptions, unseal  # noqa: PLC0415 - as above

        if not self.flags["recovery-private-key"]:
            raise UsageError(
                "no key could decrypt secret: --recovery-unseal needs a private key",
                hint="name its file with --recovery-private-key",
            )
        options = UnsealOptions(
            keys=self.flags["recovery-private-key"],
            inputs=(self._input,),
            form=self._form(),
            output=self._output,
            to_terminal=True,  # --recovery-unseal prints to the terminal
            manners=KUBESEAL,
        )
        return unseal(options, self.console)

    def _validate(self) -> ExitStatus:
        from sealwright_cli.commands.knowing.verify import VerifyOptions, verify  # noqa: PLC0415 - as above

        options = VerifyOptions((self._input,), self._certificate, manners=KUBESEAL)
        return verify(options, self.console)

    def _reencrypt(self) -> ExitStatus:
        from sealwright_cli.commands.opening.reencrypt import ReencryptOptions, reencrypt  # noqa: PLC0415 - as above

        in_place = self._input != "-" and is_same_file(self._output or Path(self._input), Path(self._input))
        options = ReencryptOptions(
            inputs=(self._input,),
            certificate=self._certificate,
            output=self._output,
            form=self._given_form() if in_place else self._form(),
            manners=KUBESEAL,
        )
        return reencrypt(options, self.console, now=datetime.now(UTC), clock=time.monotonic)

    def _fetch_certificate(self) -> ExitStatus:
        from sealwright_cli.commands.cert.fetch import CertFetchOptions, fetch  # noqa: PLC0415 - as above

        return fetch(CertFetchOptions(self._certificate, self._output), self.console, now=datetime.now(UTC))

    @property
    def _input(self) -> str:
        return self.flags["secret-file"] or "-"

    @property
    def _output(self) -> Path | None:
        return Path(self.flags["sealed-secret-file"]) if self.flags["sealed-secret-file"] else None

    @property
    def _scope(self) -> Scope | None:
        """The scope given by flags; None leaves it to the annotations."""
        return Scope(self.flags["scope"]) if "scope" in self.flags.given and self.flags["scope"] else None

    def _form(self) -> Form:
        """Return the form of the result: YAML if the file's suffix says so, else as --format says."""
        return Form.YAML if form_of(self._output) is Form.YAML else self._given_form() or Form.JSON

    def _given_form(self) -> Form | None:
        written = self.flags["format"].lower() if "format" in self.flags.given else ""
        if written not in ("", *Form):
            origin = self.flags.given["format"]
            named = f" {written}" if is_plain_word(written) else ""
            raise UsageError(f"{origin}: unsupported output format{named}", hint="write json or yaml")
        return Form(written) if written else None

    @property
    def _default_namespace(self) -> Callable[[], str]:
        return partial(namespace_of, self._cluster, self.surroundings)

    @property
    def _certificate(self) -> CertificateRequest:
        controller = ControllerAddress(self.flags["controller-namespace"], self.flags["controller-name"])
        return CertificateRequest(
            self.flags["cert"] or None,
            cluster=self._cluster,
            controller=controller,
            surroundings=self.surroundings,
            allow_weak=True,  # as in kubeseal; both show a warning
            insecure_http=True,
        )

    @property
    def _cluster(self) -> ClusterFlags:
        return ClusterFlags(
            kubeconfig=self.flags["kubeconfig"],
            context=self.flags["context"],
            cluster=self.flags["cluster"],
            user=self.flags["user"],
            server=self.flags["server"],
            token=self.flags["token"],
            impersonate_user=self.flags["as"],
            impersonate_groups=self.flags["as-group"],
            impersonate_uid=self.flags["as-uid"],
            certificate_authority=self.flags["certificate-authority"],
            client_certificate=self.flags["client-certificate"],
            client_key=self.flags["client-key"],
            insecure_skip_tls_verify=self.flags["insecure-skip-tls-verify"],
            tls_server_name=self.flags["tls-server-name"],
            request_timeout=self.flags["request-timeout"],
            namespace=self.flags["namespace"],
            username=self.flags["username"],
            password=self.flags["password"],
            proxy_url=self.flags["proxy-url"],
            disable_compression=self.flags["disable-compression"],
        )


def _path_of(value: str) -> Path:
    """Return the path of --from-file, which may begin with a name as in kubectl (NAME=PATH)."""
    name, equals, path = value.partition("=")
    return Path(path if equals else name)
