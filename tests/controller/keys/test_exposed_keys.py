"""Private keys that `kubectl apply` left in an annotation: told, with what to do, on the key's Secret."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.controller.keys.test_keystore import Store, key_secret
from tests.support.builders import sealing_key

from sealwright_controller.keys.keysecrets import LAST_APPLIED
from sealwright_controller.keys.keystore import KeyStore
from sealwright_crypto import OperationCounter

COPY = '{"data":{"tls.crt":"x","tls.key":"hunter2"}}'


def told(text: str | None, *, knows_writers: bool = True) -> tuple[list[Any], list[Any]]:
    """Return the Events and the warnings about a key Secret with an annotation."""
    gateway = Store()
    gateway.knows_writers = knows_writers
    manifest = key_secret(sealing_key())
    if text is not None:
        manifest["metadata"]["annotations"] = {LAST_APPLIED: text}
    store = KeyStore(gateway, OperationCounter(), lambda: None)
    with capture_logs() as lines:
        store.put(manifest, live=True)
        store.put(manifest, live=True)
    assert store.keys.newest is not None
    return gateway.events, [line for line in lines if line["log_level"] == "warning"]


def test_one_is_told_once_and_used() -> None:
    (event,), (line,) = told(COPY)
    assert (event.kind, event.reason) == ("Secret", "ErrKeyExposed")
    assert f"kubectl -n kube-system annotate secret key {LAST_APPLIED}-" in event.message
    assert "hunter2" not in f"{event}{line}"


@pytest.mark.parametrize("text", [None, '{"data":{"tls.crt":"x"}}'])
def test_one_without_it_is_not(text: str | None) -> None:
    assert told(text) == ([], [])


def test_in_a_folder_the_file_holds_the_key_anyway() -> None:
    assert told(COPY, knows_writers=False) == ([], [])
