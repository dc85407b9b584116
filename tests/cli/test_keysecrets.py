"""The certificate from the Secrets of the sealing keys: which of them, and nothing of the private keys."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import client, forbidden
from tests.support.table_server import Reply
from tests.support.testkeys import key as small_key

from sealwright_cli.cluster.keysecrets import newest_certificate
from sealwright_cli.messages.errors import ClusterError
from sealwright_crypto import SealingKey, generate_sealing_key

SECRETS = "GET /api/v1/namespaces/kube-system/secrets?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active"
START = datetime(2030, 1, 1, tzinfo=UTC)


def key(day: int) -> SealingKey:
    return generate_sealing_key(now=START + timedelta(days=day), lifetime=timedelta(days=10), bits=2048)


OLD, NEW, FUTURE = key(0), key(1), key(9)
NOW = START + timedelta(days=2)


def secret(name: str, certificate: bytes | str) -> dict[str, Any]:
    """Return a key Secret whose private key is one that nobody should look at."""
    content = certificate if isinstance(certificate, bytes) else certificate.encode()
    data = {"tls.crt": base64.b64encode(content).decode(), "tls.key": "hunter2!"}
    return {"metadata": {"name": name}, "data": data}


def test_the_newest_key_counts_and_broken_ones_harm_nobody(plain_server: StandIn) -> None:
    items = [
        secret("new", NEW.certificate.pem),
        secret("old", OLD.certificate.pem),
        secret("broken", b"x"),
        {"metadata": {"name": "empty"}},
        {"metadata": {"name": "odd"}, "data": {"tls.crt": "?"}},
        None,
    ]
    plain_server.table = {SECRETS: Reply({"items": items})}
    with client(plain_server) as controller:
        assert newest_certificate(controller.connection, "kube-system", NOW) == (NEW.certificate.pem.encode(), "new", 2)


@pytest.mark.parametrize(
    "metadata",
    [
        {"ownerReferences": [{"kind": "SealedSecret", "name": "x"}]},
        {"managedFields": [{"manager": "kubectl"}, {"manager": "sealwright-unsealer"}]},
        {"ownerReferences": "odd"},
        {"managedFields": ["odd"]},
    ],
)
def test_what_a_sealed_secret_made_is_no_key_of_the_controller(plain_server: StandIn, metadata: dict[str, Any]) -> None:
    """The attack: an author's Secret with the label of the keys, whose private half the author has."""
    planted = secret("planted", NEW.certificate.pem)
    planted["metadata"] |= metadata
    plain_server.table = {SECRETS: Reply({"items": [planted, secret("old", OLD.certificate.pem)]})}
    with client(plain_server) as controller:
        assert newest_certificate(controller.connection, "kube-system", NOW)[1] == "old"


def test_a_certificate_that_is_not_fit_counts_only_if_there_is_no_other(plain_server: StandIn) -> None:
    future, weak = secret("future", FUTURE.certificate.pem), secret("weak", small_key("small-1024").certificate.pem)
    for items, name in (([future, secret("old", OLD.certificate.pem), weak], "old"), ([future, weak], "future")):
        plain_server.table = {SECRETS: Reply({"items": items})}
        with client(plain_server) as controller:
            assert newest_certificate(controller.connection, "kube-system", NOW)[1] == name


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (forbidden("secrets", "list", "secrets"), "forbidden: user ann may not list secrets in namespace kube-system"),
        (Reply({"items": []}), "there is no sealing key in namespace kube-system"),
        (Reply({"items": [secret("broken", b"x")]}), "there is no sealing key"),
        (Reply({}), "there is no sealing key"),
        (Reply(b"[]"), "is not an object"),
    ],
)
def test_without_one_it_is_told(plain_server: StandIn, answers: Reply, words: str) -> None:
    plain_server.table = {SECRETS: answers}
    with client(plain_server) as controller, pytest.raises(ClusterError, match=words) as caught:
        newest_certificate(controller.connection, "kube-system", NOW)
    assert "hunter2" not in caught.value.message
