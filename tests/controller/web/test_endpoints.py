from http import HTTPStatus

import pytest
import structlog
from tests.support.wsgi import ask

from sealwright_controller.web.endpoints import SWITCHED_OFF, App, Response, controller_app, metrics_app, text_response

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
RENEWED = PEM.replace("A", "B")


class Controller:
    """What the app asks about, and what it tells."""

    certificate = PEM
    why_not_ready = None

    def __init__(self):
        self.observed = []
        self.app = controller_app(
            certificate=lambda: self.certificate,
            why_not_ready=lambda: self.why_not_ready,
            verify=lambda environ: text_response(HTTPStatus.OK, f"verified {environ['wsgi.input'].read(99)}"),
            rotate=lambda environ: text_response(HTTPStatus.OK, f"rotated {environ['wsgi.input'].read(99)}"),
            observe=lambda path, method, code, seconds: self.observed.append((path, method, code)),
        )


@pytest.fixture
def controller():
    return Controller()


class TestHealth:
    @pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
    def test_a_working_controller_is_alive_and_ready(self, controller, path):
        status, headers, body = ask(controller.app, path)
        assert (status, body) == (200, b"ok\n")
        assert headers["Content-Type"] == "text/plain; charset=utf-8"

    def test_a_controller_that_is_not_ready_says_why_and_is_alive_all_the_same(self, controller):
        controller.why_not_ready = "the sealing keys are not loaded yet"
        status, _, body = ask(controller.app, "/readyz")
        assert (status, body) == (503, b"the sealing keys are not loaded yet\n")
        assert ask(controller.app, "/healthz")[0] == 200


class TestCertificate:
    def test_the_newest_certificate_is_served_alone_as_a_pem_file(self, controller):
        status, headers, body = ask(controller.app, "/v1/cert.pem")
        assert (status, body) == (200, PEM.encode())
        assert headers["Content-Type"] == "application/x-pem-file"
        assert headers["Content-Length"] == str(len(PEM))
        assert headers["Cache-Control"] == "no-cache"

    def test_a_renewed_certificate_is_served_at_once_under_another_tag(self, controller):
        before = ask(controller.app, "/v1/cert.pem")[1]["ETag"]
        controller.certificate = RENEWED
        _, headers, body = ask(controller.app, "/v1/cert.pem", HTTP_IF_NONE_MATCH=before)
        assert body == RENEWED.encode()
        assert headers["ETag"] != before

    def test_head_gives_the_same_headers_and_no_body(self, controller):
        get, head = (ask(controller.app, "/v1/cert.pem", method) for method in ("GET", "HEAD"))
        assert head == (*get[:2], b"")

    @pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{}', "*"])
    def test_a_client_that_has_it_already_is_told_so(self, controller, form):
        tag = ask(controller.app, "/v1/cert.pem")[1]["ETag"]
        status, headers, body = ask(controller.app, "/v1/cert.pem", HTTP_IF_NONE_MATCH=form.format(tag))
        assert (status, body) == (304, b"")
        assert headers == {"ETag": tag, "Cache-Control": "no-cache"}

    @pytest.mark.parametrize("tag", ['"other"', "", ",", "*x", "\xff"])
    def test_a_client_that_has_something_else_gets_it(self, controller, tag):
        assert ask(controller.app, "/v1/cert.pem", HTTP_IF_NONE_MATCH=tag)[0] == 200

    def test_without_a_key_there_is_none_yet(self, controller):
        controller.certificate = None
        status, headers, body = ask(controller.app, "/v1/cert.pem")
        assert (status, body) == (503, b"there is no sealing key yet\n")
        assert headers["Retry-After"] == "5"


class TestPosts:
    @pytest.mark.parametrize(
        ("path", "answer"), [("/v1/verify", b"verified b'x'\n"), ("/v1/rotate", b"rotated b'x'\n")]
    )
    def test_a_body_is_given_to_the_one_who_is_asked(self, controller, path, answer):
        assert ask(controller.app, path, "POST", b"x")[::2] == (200, answer)

    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_nothing_but_post_is_allowed(self, controller, path, method):
        status, headers, _ = ask(controller.app, path, method)
        assert (status, headers["Allow"]) == (405, "POST")

    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    def test_where_they_are_switched_off_the_answer_names_the_flag(self, path):
        app = App({path: {"POST": lambda _: SWITCHED_OFF}})
        assert ask(app, path, "POST", b"x")[::2] == (403, b"this controller does not do that: --key-endpoints=false\n")


class TestOtherRequests:
    @pytest.mark.parametrize("path", ["/", "/v1", "/healthz/", "/HEALTHZ", "/metrics", "/v1/cert.pem/..", "/\xff"])
    def test_other_paths_are_not_there(self, controller, path):
        assert ask(controller.app, path)[0] == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
    @pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")  # wsgiref's, about BREW
    def test_other_methods_are_not_allowed_and_the_answer_says_which_are(self, controller, method):
        status, headers, body = ask(controller.app, "/v1/cert.pem", method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")
        assert body == b"allowed here: GET, HEAD\n"

    def test_a_route_without_get_has_no_head(self):
        app = App({"/here": {"POST": lambda environ: Response(HTTPStatus.OK, b"")}})
        status, headers, _ = ask(app, "/here", "HEAD")
        assert (status, headers["Allow"]) == (405, "POST")

    def test_a_defect_is_told_by_kind_and_place_and_nothing_of_its_text(self):
        def defective(environ):
            raise ValueError("hunter2")

        with structlog.testing.capture_logs() as log:
            status, _, body = ask(App({"/here": {"GET": defective}}), "/here")
        assert (status, body) == (500, b"internal error\n")
        (line,) = log
        assert (line["error"], line["path"], line["at"].split(":")[0]) == ("ValueError", "/here", "test_endpoints.py")
        assert "hunter2" not in str(line)

    @pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
    def test_a_client_s_mistakes_are_not_logged(self, controller):
        with structlog.testing.capture_logs() as log:
            ask(controller.app, "/nothing")
            ask(controller.app, "/healthz", "BREW")
        assert log == []


class TestObservation:
    @pytest.mark.parametrize(
        ("path", "method", "observed"),
        [
            ("/healthz", "GET", ("/healthz", "get", 200)),
            ("/v1/cert.pem", "HEAD", ("/v1/cert.pem", "head", 200)),
            ("/v1/cert.pem", "POST", ("/v1/cert.pem", "post", 405)),
            ("/v1/verify", "POST", ("/v1/verify", "post", 200)),
            ("/v1/rotate", "POST", ("/v1/rotate", "post", 200)),
            ("/v1/cert.pem", "BREW", ("/v1/cert.pem", "unknown", 405)),
            ("/random/4711", "GET", ("other", "get", 404)),
        ],
    )
    @pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
    def test_requests_are_observed_under_few_paths_and_methods(self, controller, path, method, observed):
        ask(controller.app, path, method)
        assert controller.observed == [observed]

    def test_what_is_served_can_be_named_beforehand_as_it_is_observed(self, controller):
        assert set(controller.app.endpoints()) == {
            ("/healthz", "get"),
            ("/livez", "get"),
            ("/readyz", "get"),
            ("/v1/cert.pem", "get"),
            ("/v1/verify", "post"),
            ("/v1/rotate", "post"),
        }

    def test_the_time_of_a_request_is_observed(self):
        seconds, ticks = [], iter([10.0, 10.25])
        app = App({}, observe=lambda *seen: seconds.append(seen[-1]), clock=lambda: next(ticks))
        ask(app, "/")
        assert seconds == [0.25]


class TestMetrics:
    def test_metrics_are_served_in_prometheus_text_format(self):
        status, headers, body = ask(metrics_app(lambda: b"up 1\n"), "/metrics")
        assert (status, body) == (200, b"up 1\n")
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"

    @pytest.mark.parametrize("path", ["/", "/healthz", "/v1/cert.pem"])
    def test_there_is_nothing_else_on_that_port(self, path):
        assert ask(metrics_app(lambda: b""), path)[0] == 404
