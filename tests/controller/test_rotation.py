"""Verify and rotate of a whole controller: in every world, and as a process over a folder, asked through real sockets."""

import http.client
import json
import select
import socket
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from ruamel.yaml import YAML
from tests.support import independent
from tests.support.builders import NOW, other_sealing_key, sealed_secret
from tests.support.controller_process import ControllerProcess
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.wsgi import ask

from sealwright_controller.app import public_app
from sealwright_crypto import HINT_ANNOTATION, load_certificate

PASSWORD = "correct horse battery staple"


def post(manager_or_app, path, manifest):
    body = json.dumps(manifest).encode()
    return ask(manager_or_app, path, "POST", body, CONTENT_LENGTH=str(len(body)))


def test_what_is_rotated_goes_back_in_and_gives_the_same_secret(world):
    old, new = other_sealing_key(1), other_sealing_key(2, NOW + timedelta(days=1))
    world.add_key(old, name="old-key")
    with running(world.gateway(), "--rate-limit=1000", "--rate-limit-burst=1000") as manager:
        app = public_app(manager)
        sealed = sealed_secret("db", world.namespace, certificate=old.certificate, labels={"app": "shop"})
        world.put_sealed(sealed)
        eventually(lambda: world.items(world.key("db")) == {"password": b"hunter2"}, what="the Secret")
        assert post(app, "/v1/verify", sealed).status == 200
        world.add_key(new, name="new-key")
        eventually(lambda: manager.keystore.keys.newest == new.certificate, what="the new key in use")
        rotated = json.loads(post(app, "/v1/rotate", sealed).body)
        assert independent.unseal(rotated, new.private_key.raw) == {"password": b"hunter2"}
        assert rotated["metadata"]["labels"] == {"app": "shop"}
        world.put_sealed(rotated)
        eventually(
            lambda: world.status(world.key("db")).get("keyFingerprints") == [new.fingerprint],
            what="a status that names the new key",
        )
        assert world.items(world.key("db")) == {"password": b"hunter2"}
        world.remove_key("old-key")
        eventually(lambda: len(manager.keystore.keys.active) == 1, what="the old key out of use")
        assert post(app, "/v1/verify", sealed).status == 409
        assert post(app, "/v1/verify", rotated).status == 200


@contextmanager
def over_a_folder(folder, **environment):
    """Run a controller over an empty folder; whatever it was asked, its log shows neither tracebacks nor plaintext."""
    (folder / "root").mkdir()
    flags = ["--directory", str(folder / "root"), "--key-size=2048"]
    controller = ControllerProcess(flags, folder=folder, environment=environment)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()
    log = controller.log.read_text()
    assert "Traceback" not in log
    assert PASSWORD not in log


@pytest.fixture
def controller(tmp_path):
    """With default limits."""
    with over_a_folder(tmp_path) as made:
        yield made


UNLIMITED = {"SEALED_SECRETS_RATE_LIMIT": "100000", "SEALED_SECRETS_RATE_LIMIT_BURST": "100000"}


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory):
    with over_a_folder(tmp_path_factory.mktemp("unlimited"), **UNLIMITED) as made:
        yield made


def sealed_for(controller, **special):
    certificate = load_certificate(controller.get("/v1/cert.pem")[1].encode())
    items = {"password": PASSWORD.encode()}
    return sealed_secret("db", "team-a", items, certificate=certificate, **special)


def body_of(manifest):
    return json.dumps(manifest).encode()


class TestOverAFolder:
    def test_verify_takes_json_and_yaml(self, unlimited, tmp_path):
        manifest = sealed_for(unlimited)
        YAML(typ="safe").dump(manifest, tmp_path / "sealed.yaml")
        assert unlimited.post("/v1/verify", body_of(manifest)) == (200, "ok\n")
        assert unlimited.post("/v1/verify", (tmp_path / "sealed.yaml").read_bytes()) == (200, "ok\n")
        moved = manifest | {"metadata": manifest["metadata"] | {"name": "other"}}
        refused = (409, "no key could decrypt secret (password)\n")
        assert unlimited.post("/v1/verify", body_of(moved)) == refused
        assert unlimited.post("/v1/rotate", body_of(moved)) == refused

    def test_rotate_brings_to_the_newest_key(self, unlimited):
        manifest = sealed_for(unlimited)
        status, answer = unlimited.post("/v1/rotate", body_of(manifest))
        assert status == 200
        rotated = json.loads(answer)
        assert rotated["metadata"] == manifest["metadata"]
        assert rotated["spec"]["encryptedData"]["password"] != manifest["spec"]["encryptedData"]["password"]
        assert unlimited.post("/v1/verify", answer.encode()) == (200, "ok\n")
        assert len(rotated["metadata"]["annotations"][HINT_ANNOTATION]) == 64

    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    def test_quick_requests_are_limited_and_lies_about_who_asks_do_not_help(self, controller, path):
        body = body_of(sealed_for(controller))
        codes = []
        for number in range(30):
            who = f"10.0.0.{number}"
            lies = {"X_Forwarded_For": who, "Forwarded": f"for={who}", "X_Real_IP": who}
            codes.append(controller.post(path, body, **lies)[0])
        assert set(codes) == {200, 429}
        assert codes.count(200) <= 12
        eventually(lambda: controller.post(path, body)[0] == 200, timeout=10, what="admitted again", interval=0.5)

    def test_the_limit_says_when_to_come_again(self, controller):
        body = body_of(sealed_for(controller))
        with closing(http.client.HTTPConnection("127.0.0.1", controller.port, timeout=10)) as connection:
            for _ in range(10):
                connection.request("POST", "/v1/verify", body)
                response = connection.getresponse()
                response.read()
        assert (response.status, response.headers["Retry-After"]) == (429, "1")

    def test_other_methods_are_told_which_is_allowed(self, controller):
        with closing(http.client.HTTPConnection("127.0.0.1", controller.port, timeout=10)) as connection:
            connection.request("GET", "/v1/verify")
            response = connection.getresponse()
            assert (response.status, response.headers["Allow"]) == (405, "POST")
            assert response.read() == b"allowed here: POST\n"

    def test_requests_and_private_key_operations_are_counted(self, controller):
        manifest = sealed_for(controller)
        for path, body in (("verify", body_of(manifest)), ("rotate", body_of(manifest)), ("verify", b"junk")):
            controller.post(f"/v1/{path}", body)
        counted = controller.metrics().splitlines()
        requests = "sealed_secrets_controller_http_requests_total"
        assert f'{requests}{{code="200",method="post",path="/v1/verify"}} 1.0' in counted
        assert f'{requests}{{code="400",method="post",path="/v1/verify"}} 1.0' in counted
        assert f'{requests}{{code="200",method="post",path="/v1/rotate"}} 1.0' in counted
        assert "sealwright_private_key_operations_total 2.0" in counted


class TestHostileClients:
    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    @pytest.mark.parametrize(
        "framing", ["Content-Length: 50000000", "Transfer-Encoding: chunked"], ids=["whole", "chunked"]
    )
    def test_fifty_megabytes_are_refused_early(self, unlimited, path, framing):
        before = unlimited.resident_bytes()
        chunk = b"100000\r\n" + b"A" * 0x100000 + b"\r\n"
        sent = 0
        with socket.create_connection(("127.0.0.1", unlimited.port), timeout=20) as client:
            client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
            while sent < 50 and not select.select([client], [], [], 0)[0]:
                client.sendall(chunk)
                sent += 1
            answer = client.recv(100)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert sent < 50
        assert unlimited.resident_bytes() - before < 40_000_000
        assert unlimited.get("/healthz")[0] == 200

    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    def test_every_junk_body_is_answered(self, unlimited, path):
        junk = [
            b"",
            b"x",
            b"[1]",
            b"5",
            b"null",
            b"{" * 1000,
            b'{"kind":',
            b"\0\1",
            b"a: &a [*a]",
            b'{"kind": "Secret"}',
        ]
        assert {unlimited.post(path, body)[0] for body in junk} == {400, 422}

    def test_clients_that_never_finish_keep_nobody_out(self, controller):
        body = body_of(sealed_for(controller))
        slow = [socket.create_connection(("127.0.0.1", controller.port), timeout=10) for _ in range(300)]
        for client in slow:
            client.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Slow: ")
        assert controller.post("/v1/verify", body)[0] == 200
        assert controller.get("/healthz")[0] == 200
        for client in slow:
            client.close()
