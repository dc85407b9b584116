"""The way to the API server: kubeconfigs, service accounts, certificates, and nobody at home."""

import json
import os
import shutil
import socket
import ssl
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from kubernetes.config import incluster_config
from tests.support.builders import NOW
from tests.support.cluster import Cluster
from urllib3.exceptions import InsecureRequestWarning
from urllib3.util.ssl_ import create_urllib3_context

from sealwright_controller.gateway import ObjectKey, RefusedError, Resource, UnavailableError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway

VALUE = "hunter2"


def test_an_api_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{nobody_listens.getsockname()[1]}"
        gateway = KubeGateway(
            connect(write_kubeconfig(tmp_path, server)), own_namespace="n", clock=lambda: NOW, request_timeout_seconds=5
        )
        with pytest.raises(UnavailableError, match=r"list of Secrets: no answer .*Connection refused"):
            gateway.list_page(Resource.SECRETS)
        gateway.close()


def test_an_api_server_with_a_certificate_of_another_authority_is_not_spoken_to(
    control_plane: Cluster, tmp_path: Path
) -> None:
    gateway = KubeGateway(connect(write_kubeconfig(tmp_path, control_plane.url)), own_namespace="n", clock=lambda: NOW)
    with pytest.raises(UnavailableError, match="certificate verify failed"):
        gateway.list_page(Resource.SECRETS)
    gateway.close()


def test_an_authority_as_clusters_have_them_is_taken_by_every_python(
    control_plane: Cluster, tmp_path: Path, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = partial(create_urllib3_context, verify_flags=ssl.VERIFY_X509_STRICT)  # as from Python 3.13 on
    monkeypatch.setattr("urllib3.connection.create_urllib3_context", strict)
    gateway = KubeGateway(
        connect(control_plane.kubeconfig(tmp_path / "kubeconfig")), own_namespace=namespace, clock=lambda: NOW
    )
    assert gateway.get_secret(ObjectKey(namespace, "db")) is None
    gateway.close()


def test_a_server_is_not_looked_at_where_the_kubeconfig_says_so(
    control_plane: Cluster, tmp_path: Path, namespace: str
) -> None:
    path = control_plane.kubeconfig(tmp_path / "kubeconfig")
    content = json.loads(path.read_text())
    (entry,) = content["clusters"]
    entry["cluster"] = {"server": control_plane.url, "insecure-skip-tls-verify": True}
    path.write_text(json.dumps(content))
    gateway = KubeGateway(connect(path), own_namespace=namespace, clock=lambda: NOW)
    with pytest.warns(InsecureRequestWarning):
        assert gateway.get_secret(ObjectKey(namespace, "db")) is None
    gateway.close()


def write_kubeconfig(folder: Path, server: str) -> Path:
    path = folder / "kubeconfig"
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": VALUE}}],
    }
    path.write_text(json.dumps(content))
    return path


KUBECONFIGS = [
    ("no such file", None, None),
    ("not YAML", f"a: [{VALUE}", None),
    ("not a kubeconfig", "[]", None),
    ("no current context", json.dumps({"users": [{"name": "u", "user": {"token": VALUE}}]}), None),
    ("no such context", json.dumps({"contexts": [], "current-context": "c"}), "other"),
]


@pytest.mark.parametrize(("content", "context"), [row[1:] for row in KUBECONFIGS], ids=[row[0] for row in KUBECONFIGS])
def test_a_kubeconfig_that_cannot_be_used_is_refused_by_name_without_its_content(
    tmp_path: Path, content: str | None, context: str | None
) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RefusedError) as refused:
        connect(path, context)
    assert str(path) in str(refused.value)
    assert VALUE not in str(refused.value)


def test_outside_a_cluster_the_missing_kubeconfig_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(RefusedError, match="in-cluster configuration: Service host/port is not set"):
        connect()


def test_in_a_cluster_the_service_accounts_token_is_read_again_as_it_rotates(
    control_plane: Cluster, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, now = tmp_path / "token", [datetime.now()]  # noqa: DTZ005 - the client's own clock is naive
    token.write_text(control_plane.admin_token)
    shutil.copy(control_plane.ca_file, tmp_path / "ca.crt")
    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda: now[0]), timedelta=timedelta)
    monkeypatch.setattr(incluster_config, "datetime", clock)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setitem(os.environ, "KUBERNETES_SERVICE_HOST", control_plane.host)
    monkeypatch.setitem(os.environ, "KUBERNETES_SERVICE_PORT", str(control_plane.port))
    gateway = KubeGateway(connect(), own_namespace=namespace, clock=lambda: NOW)
    # The client would go through the environment for a proxy each time that it sets the token.
    monkeypatch.delattr("kubernetes.client.configuration.getproxies")
    assert gateway.get_secret(ObjectKey(namespace, "db")) is None
    token.write_text("expired")
    now[0] += timedelta(minutes=2)
    with pytest.raises(RefusedError, match="401"):
        gateway.get_secret(ObjectKey(namespace, "db"))
    token.unlink()
    now[0] += timedelta(minutes=2)
    with pytest.raises(UnavailableError, match="No such file"):
        gateway.get_secret(ObjectKey(namespace, "db"))
    token.write_text(control_plane.admin_token)
    assert gateway.get_secret(ObjectKey(namespace, "db")) is None
    gateway.close()
