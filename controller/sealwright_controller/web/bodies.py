"""The one SealedSecret that the body of a request holds, as plain data. Anybody may have written it.

As with upstream, a body that begins with a brace is JSON and any other is YAML, whatever the Content-Type says:
kubeseal sends files as they are.
"""

from http import HTTPStatus
from typing import Any

from sealwright_controller.directory.documents import load_documents
from sealwright_controller.directory.treebuilder import UnusableFileError
from sealwright_controller.gateway import Manifest

MAX_NODES = 20_000
"""How many texts, lists and maps a body may hold; twice as many as an object of 1.5 MiB full of the shortest items."""

_BLANK = b" \t\r\n"


class BadBodyError(Exception):
    """The body is not one document with a map in it; the text says why in one line, and quotes nothing of it."""

    status = HTTPStatus.BAD_REQUEST


class TooLargeBodyError(BadBodyError):
    """The body is too large to be read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def manifest_in(body: bytes) -> Manifest:
    """Return the object in a body. Raises BadBodyError."""
    try:
        documents = load_documents(body, is_json=body.lstrip(_BLANK).startswith(b"{"), max_nodes=MAX_NODES)
    except UnusableFileError as error:
        raise BadBodyError(f"neither JSON nor YAML that can be used: {error}") from None
    filled: list[Any] = [document for document in documents if document is not None]
    if not filled:
        raise BadBodyError("the body is empty; send one SealedSecret as JSON or YAML")
    if len(filled) > 1:
        raise BadBodyError(f"{len(filled)} documents in one request; send one SealedSecret at a time")
    if not isinstance(filled[0], dict):
        raise BadBodyError("the body holds no object; send one SealedSecret as JSON or YAML")
    return filled[0]
