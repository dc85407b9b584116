"""What is remembered of clusters: for whom it counts, and what is never believed."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cert_fetch_command import NO_SECRETS, SECRETS
from tests.cli.test_cluster import CERTIFICATE, NO_READING, SERVICE
from tests.support.builders import sealing_key
from tests.support.cli import CERTIFICATE as CERTIFICATE_FILE
from tests.support.cli import SECRET, Run, sealwright
from tests.support.table_server import Reply, TableServer

from sealwright_cli.certificates.cache import CertificateCache
from sealwright_cli.certificates.trust import Trust, trust_of
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.kubeconfig import Kubeconfig
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.kubeconfig.stanzas import Cluster, Context, User

PEM = CERTIFICATE_FILE.read_bytes()
FINGERPRINT = sealing_key().fingerprint
ADDRESS = ControllerAddress()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SERVER = "https://prod.test:6443"


def kubeconfig(environ: dict[str, str] | None = None, /, **cluster: Any) -> Kubeconfig:
    """Return a kubeconfig for SERVER, with more about the cluster."""
    return Kubeconfig(Cluster(**{"server": SERVER} | cluster), User(), Context(), ClusterFlags(), environ or {})


@pytest.fixture
def authorities(tmp_path: Path, pki: Path) -> dict[str, Path]:
    """Two files with authorities: a good one, and another one."""
    (tmp_path / "a.crt").write_bytes((pki / "ca.crt").read_bytes())
    (tmp_path / "b.crt").write_bytes((pki / "server.crt").read_bytes())
    return {name: tmp_path / f"{name}.crt" for name in "ab"}


# --- for whom it counts ---------------------------------------------------------------------------------------------


def test_all_that_the_trust_rests_on_tells_answers_apart(authorities: dict[str, Path]) -> None:
    a, b = (str(authorities[name]) for name in "ab")
    several = {
        "the system's authorities": kubeconfig(),
        "others of the system": kubeconfig({"SSL_CERT_FILE": b}),
        "an authority": kubeconfig(certificate_authority=a),
        "another one": kubeconfig(certificate_authority=b),
        "a name": kubeconfig(certificate_authority=a, tls_server_name="x"),
        "a proxy": kubeconfig(certificate_authority=a, proxy_url="http://10.0.0.1:1"),
        "a proxy of the environment": kubeconfig({"HTTPS_PROXY": "http://10.0.0.2:1"}, certificate_authority=a),
        "another server": kubeconfig(certificate_authority=a, server="https://prod.test:6444"),
    }
    identities = {name: trust_of(one).identity for name, one in several.items()}
    assert len(set(identities.values())) == len(several), identities
    assert all(trust_of(one).is_secure for one in several.values())


def test_an_authority_is_the_same_in_a_file_and_in_the_kubeconfig(authorities: dict[str, Path]) -> None:
    by_file = kubeconfig(certificate_authority=str(authorities["a"]))
    cluster = replace(
        by_file.cluster, certificate_authority="", certificate_authority_data=authorities["a"].read_bytes()
    )
    assert trust_of(by_file) == trust_of(replace(by_file, cluster=cluster))


@pytest.mark.parametrize(
    ("cluster", "is_secure"),
    [
        ({}, True),
        ({"insecure_skip_tls_verify": True}, False),
        ({"server": "http://10.0.0.1:8080"}, False),
        ({"server": "10.0.0.1:8080"}, False),
        ({"server": "http://127.0.0.1:8001"}, True),
        ({"server": "http://127.0.0.1:8001", "proxy_url": "http://10.0.0.1:1"}, False),
    ],
)
def test_what_anybody_could_have_answered_is_neither_kept_nor_found(
    tmp_path: Path, cluster: dict[str, object], is_secure: bool
) -> None:
    trust = trust_of(kubeconfig(**cluster))
    assert trust.is_secure is is_secure
    cache = CertificateCache(tmp_path / "cache")
    cache.keep(trust, ADDRESS, PEM, NOW)
    assert (tmp_path / "cache").exists() is is_secure
    cache.keep(replace(trust, is_secure=True), ADDRESS, PEM, NOW)
    assert (cache.find(trust, ADDRESS, print) is not None) is is_secure


def test_a_kubeconfig_of_others_teaches_nothing_to_the_one_of_production(tls_server: StandIn, tmp_path: Path) -> None:
    """The attack: the same address, asked once through a proxy or unchecked, and later sealed for without a network."""
    strict = tls_server.write_kubeconfig().rename(tmp_path / "strict")
    unchecked = tls_server.write_kubeconfig(insecure_skip_tls_verify=True).rename(tmp_path / "unchecked")
    tls_server.table = {CERTIFICATE: Reply(PEM)}
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_PROXY": "*"}
    assert sealwright("cert", "fetch", "--kubeconfig", unchecked, env=env).stdout == PEM
    tls_server.table = {CERTIFICATE: Reply(b"bad gateway", 502), SERVICE: NO_READING, SECRETS: NO_SECRETS}
    for option in ("--offline", "--offline-ok"):
        run = sealwright("seal", option, "--kubeconfig", strict, stdin=SECRET, env=env)
        assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b""), run.stderr
    offline = sealwright("seal", "--offline", "--kubeconfig", unchecked, stdin=SECRET, env=env)
    assert (offline.status, offline.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert "is cached (--offline): its answers cannot be trusted" in offline.stderr


def test_a_proxy_teaches_nothing_to_who_goes_without(tls_server: StandIn, tmp_path: Path) -> None:
    direct = tls_server.write_kubeconfig().rename(tmp_path / "direct")
    tls_server.table = {CERTIFICATE: Reply(PEM)}
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_PROXY": "*"}
    assert sealwright("cert", "fetch", "--kubeconfig", direct, env=env).status == ExitStatus.OK
    assert sealwright("seal", "--offline", "--kubeconfig", direct, stdin=SECRET, env=env).status == ExitStatus.OK
    with TableServer() as proxy:
        proxied = tls_server.write_kubeconfig(proxy_url=proxy.url).rename(tmp_path / "proxied")
        run = sealwright("seal", "--offline", "--kubeconfig", proxied, stdin=SECRET, env=env)
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")


# --- what others may have written -----------------------------------------------------------------------------------

TRUST = Trust(SERVER, "0" * 64, is_secure=True)


def kept(folder: Path) -> Path:
    """Keep a certificate in a folder, and return the file."""
    CertificateCache(folder).keep(TRUST, ADDRESS, PEM, NOW)
    (path,) = folder.iterdir()
    return path


def found(folder: Path) -> tuple[bool, str]:
    """Return whether something is found, and what is warned of."""
    said: list[str] = []
    return CertificateCache(folder).find(TRUST, ADDRESS, said.append) is not None, " ".join(said)


def test_files_and_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        path = kept(folder)
    finally:
        os.umask(before)
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert found(folder) == (True, "")


SPOILED: dict[str, Callable[[Path, Path], object]] = {
    "may be written by others": lambda folder, path: path.chmod(0o666),
    "may be written by others ": lambda folder, path: path.chmod(0o660),
    "may be written by others  ": lambda folder, path: folder.chmod(0o777),
    "may be written by others   ": lambda folder, path: folder.chmod(0o770),
    "is a link": lambda folder, path: path.rename(folder / "other") and path.symlink_to(folder / "other"),
    "is a link ": lambda folder, path: (
        folder.rename(folder.with_name("x")) and folder.symlink_to(folder.with_name("x"))
    ),
    "is not a regular file": lambda folder, path: (path.unlink(), os.mkfifo(path, 0o600)),
}


@pytest.mark.parametrize("words", SPOILED)
def test_what_others_may_have_written_is_not_used_and_that_is_said(tmp_path: Path, words: str) -> None:
    folder = tmp_path / "cache"
    SPOILED[words](folder, kept(folder))
    is_found, said = found(folder)
    assert (is_found, words.strip() in said, "remove it" in said) == (False, True, True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_belongs_to_another_user_is_not_used(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "cache"
    path = kept(folder)
    os.chown(path if what == "file" else folder, 12345, -1)
    is_found, said = found(folder)
    assert (is_found, "belongs to another user" in said) == (False, True)


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_nothing_is_kept_where_others_may_write(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    CertificateCache(folder).keep(TRUST, ADDRESS, PEM, NOW)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("field", ["server", "trust", "controller"])
def test_a_file_that_says_something_else_than_its_name_is_not_believed(tmp_path: Path, field: str) -> None:
    folder = tmp_path / "cache"
    path = kept(folder)
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: "x"}))
    assert found(folder) == (False, "")


def test_the_command_says_why_and_takes_nothing(plain_server: StandIn, tmp_path: Path) -> None:
    plain_server.table = {CERTIFICATE: Reply(PEM)}
    path, cache = plain_server.write_kubeconfig(), tmp_path / "cache"

    def run(*arguments: str) -> Run:
        return sealwright(*arguments, "--kubeconfig", str(path), stdin=SECRET, env={"XDG_CACHE_HOME": str(cache)})

    assert run("cert", "fetch").status == ExitStatus.OK
    usable = run("seal", "--offline")
    assert (usable.status, FINGERPRINT in usable.stderr) == (ExitStatus.OK, True)
    (cache / "sealwright").chmod(0o777)
    refused = run("seal", "--offline")
    assert (refused.status, refused.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert f"warning: the cached certificates are not used: {cache / 'sealwright'} may be written" in refused.stderr
