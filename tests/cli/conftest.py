"""What the tests of the command share: a stand-in for an API server, kubeconfigs for it, a certificate to re-encrypt to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import other_sealing_key
from tests.support.pki import write_control_plane_pki
from tests.support.table_server import TableServer

from sealwright_cli.cluster.kubeconfig import Kubeconfig, load_kubeconfig
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.kubeconfig.flags import ClusterFlags


class StandIn(TableServer):
    """A server in the place of an API server; `files` holds PEM files: ca.crt, client.crt, client.key."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self.folder = folder
        self.files = folder

    def write_kubeconfig(self, *, user: dict[str, Any] | None = None, **cluster: Any) -> Path:
        """Write a kubeconfig for this server, and more about the cluster (`proxy_url=…`), and return its path."""
        stanza = {"server": self.url} | {name.replace("_", "-"): value for name, value in cluster.items()}
        if self.url.startswith("https") and not {"certificate-authority", "insecure-skip-tls-verify"} & stanza.keys():
            stanza["certificate-authority"] = str(self.files / "ca.crt")
        content = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": stanza}],
            "users": [{"name": "u", "user": user or {}}],
        }
        path = self.folder / "kubeconfig"
        path.write_text(json.dumps(content))
        return path

    def kubeconfig(
        self, *, user: dict[str, Any] | None = None, environ: dict[str, str] | None = None, **flags_or_cluster: Any
    ) -> Kubeconfig:
        """Return the Kubeconfig of `write_kubeconfig`, with flags where a name is one of ClusterFlags' and a string.

        Names of the cluster's stanza begin with `cluster_`.
        """
        cluster = {key.removeprefix("cluster_"): one for key, one in flags_or_cluster.items() if key[:8] == "cluster_"}
        flags = {key: one for key, one in flags_or_cluster.items() if key[:8] != "cluster_"}
        path = self.write_kubeconfig(user=user, **cluster)
        return load_kubeconfig(ClusterFlags(kubeconfig=str(path), **flags), Surroundings(environ or {}, self.folder))


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the throw-away certificates of one authority."""
    folder = tmp_path_factory.mktemp("pki")
    write_control_plane_pki(folder)
    return folder


@pytest.fixture
def plain_server(tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in over plain HTTP."""
    with StandIn(tmp_path) as server:
        yield server


@pytest.fixture
def tls_server(tmp_path: Path, pki: Path) -> Iterator[StandIn]:
    """A stand-in over TLS that looks at client certificates."""
    certificate = (pki / "server.crt", pki / "server.key")
    with StandIn(tmp_path, certificate=certificate, client_authority=pki / "ca.crt") as server:
        server.files = pki
        yield server


@pytest.fixture
def new_certificate(tmp_path: Path) -> Path:
    """Return the file with the certificate of the other test key, to which files are re-encrypted."""
    path = tmp_path / "new.pem"
    path.write_text(other_sealing_key().certificate.pem)
    return path
