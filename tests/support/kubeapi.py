"""A small Kubernetes API client for tests, over the standard library alone.

It shares no code with what is tested, nor with the official client: a test that reads the world through it does not
test the code with itself. Nothing is retried and nothing is cached but where each kind is served.
"""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


class ApiError(Exception):
    """The API server's answer was not a success: `status` is its HTTP status, `body` the parsed Status, or the text."""

    def __init__(self, status: int, body: Any, request: str) -> None:
        self.status = status
        self.body = body
        message = body.get("message", body) if isinstance(body, dict) else body
        super().__init__(f"{request} was answered with {status}: {message}")


class KubeApi:
    """The API server at 127.0.0.1:`port`, spoken to with one bearer token; `ca_file` vouches for its certificate.

    A `kind` is written as in a manifest, apiVersion and kind in one: "v1/Secret", "apps/v1/Deployment". Objects are
    plain dicts. Every method raises ApiError, and OSError when the API server cannot be reached.
    """

    def __init__(self, port: int, ca_file: Path, token: str) -> None:
        self._port = port
        self._token = token
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._tls.verify_flags &= ~ssl.VERIFY_X509_STRICT  # see pki
        self._resources: dict[str, tuple[str, str, bool]] = {}

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        """Read one object; ApiError with status 404 when it is not there."""
        return self._json("GET", self.path(kind, namespace, name))

    def find(self, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        """Read one object; None when it is not there."""
        try:
            return self.get(kind, name, namespace)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> list[dict[str, Any]]:
        """Read the objects of a namespace (of all when None) that match a label selector and a field selector."""
        query = urllib.parse.urlencode({"labelSelector": labels, "fieldSelector": fields})
        items: list[dict[str, Any]] = self._json("GET", f"{self.path(kind, namespace)}?{query}")["items"]
        return items

    def create(self, obj: dict[str, Any], namespace: str | None = None) -> dict[str, Any]:
        """Make an object; its own metadata.namespace, if any, goes before `namespace`."""
        return self._json("POST", self.path(_kind(obj), _namespace(obj, namespace)), obj)

    def replace(self, obj: dict[str, Any], namespace: str | None = None, *, subresource: str = "") -> dict[str, Any]:
        """Write a whole object; with its resourceVersion in it, ApiError 409 when somebody was faster."""
        path = self.path(_kind(obj), _namespace(obj, namespace), obj["metadata"]["name"], subresource)
        return self._json("PUT", path, obj)

    def patch(
        self, kind: str, name: str, change: dict[str, Any], namespace: str | None = None, *, subresource: str = ""
    ) -> dict[str, Any]:
        """Apply a JSON merge patch (RFC 7396) to an object, or to its `subresource` ("status")."""
        return self._json("PATCH", self.path(kind, namespace, name, subresource), change, MERGE_PATCH)

    def apply(self, obj: dict[str, Any], namespace: str | None = None) -> dict[str, Any]:
        """Make an object or bring it to this form (server-side apply, taking over fields of others)."""
        path = self.path(_kind(obj), _namespace(obj, namespace), obj["metadata"]["name"])
        return self._json("PATCH", f"{path}?fieldManager=tests&force=true", obj, APPLY_PATCH)

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Delete an object, its dependents in the background; does not wait for its end."""
        self._json("DELETE", self.path(kind, namespace, name))

    def path(self, kind: str, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """Return the URL path of an object or, without `name`, of a kind's collection."""
        prefix, plural, namespaced = self._resource(kind)
        parts = [prefix, *(["namespaces", namespace] if namespaced and namespace else []), plural, name, subresource]
        return "/".join(part for part in parts if part)

    def request(
        self, method: str, path: str, body: bytes | None = None, *, content_type: str = "application/json"
    ) -> bytes:
        """Send any request, the service proxy's too, and return the body of the answer; redirects are not followed."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=30, context=self._tls)
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json, */*"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            raise ApiError(response.status, _parsed(answer), f"{method} {path}")
        return answer

    def lines(self, path: str) -> Iterator[bytes]:
        """Yield the lines of an endless answer, until the server ends it. Raises OSError and http.client's errors."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=30, context=self._tls)
        try:
            connection.request(
                "GET", path, headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            )
            yield from connection.getresponse()
        finally:
            connection.close()

    def _json(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> dict[str, Any]:
        sent = None if body is None else json.dumps(body).encode()
        answer: dict[str, Any] = json.loads(self.request(method, path, sent, content_type=content_type))
        return answer

    def _resource(self, kind: str) -> tuple[str, str, bool]:
        """Ask the API server where a kind is served: path prefix, plural, and whether it lives in namespaces."""
        if kind not in self._resources:
            api_version, _, name = kind.rpartition("/")
            prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            for resource in self._json("GET", prefix)["resources"]:
                if resource["kind"] == name and "/" not in resource["name"]:
                    self._resources[kind] = (prefix, resource["name"], resource["namespaced"])
                    break
            else:
                raise LookupError(f"the API server knows no kind {kind}")
        return self._resources[kind]


def _kind(obj: dict[str, Any]) -> str:
    return f"{obj['apiVersion']}/{obj['kind']}"


def _namespace(obj: dict[str, Any], namespace: str | None) -> str | None:
    return obj["metadata"].get("namespace") or namespace


def _parsed(body: bytes) -> Any:
    """Return the Status that an error's body holds, or the text that it is."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
