"""The one SealedSecret in the body of a request, as plain data. The body is untrusted.

JSON or YAML is recognised by the text, not by the Content-Type, because kubeseal sends files as they are.
"""

from http import HTTPStatus
from typing import Any

from sealwright_controller.gateway import Manifest
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.text.bounds import Bounds
from sealwright_manifests.text.plaindata import read_plain

BOUNDS = Bounds(documents=100, values=20_000, is_for_all=True, by_strangers=True)
"""How much of a body is read: twice the values of a 1.5 MiB object full of the shortest items."""


class BadBodyError(Exception):
    """The body is not one document that is a map; the text says why in one line, without quoting the body."""

    status = HTTPStatus.BAD_REQUEST


class TooLargeBodyError(BadBodyError):
    """The body is too large to be read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def manifest_in(body: bytes) -> Manifest:
    """Return the object in a body. Raises BadBodyError."""
    try:
        documents = read_plain(body, bounds=BOUNDS)
    except BadManifestError as error:
        raise BadBodyError(f"not usable JSON or YAML: {error.for_others}") from None
    filled: list[Any] = [document for document in documents if document is not None]
    if not filled:
        raise BadBodyError("the body is empty; send one SealedSecret as JSON or YAML")
    if len(filled) > 1:
        raise BadBodyError(f"{len(filled)} documents in one request; send one SealedSecret at a time")
    if not isinstance(filled[0], dict):
        raise BadBodyError("the body holds no object; send one SealedSecret as JSON or YAML")
    return filled[0]
