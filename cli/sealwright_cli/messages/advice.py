"""Hints about errors raised below the command: by the operating system and by the pure packages."""

import errno
from collections.abc import Iterable

from sealwright_crypto import API_VERSION, KIND, FieldProblem, ManifestError
from sealwright_manifests.errors import Problem

NEW_CERTIFICATE = "save the controller's certificate, and give that: sealwright cert fetch -w cert.pem"
SEALED_ELSEWHERE = (
    "give the private keys of the cluster that it was sealed for; name, namespace and scope must be those it was "
    "sealed with"
)
"""For a SealedSecret that the given keys do not open."""
NAMED_KEY = (
    "its annotation names {keys}: give that private key; name, namespace and scope must be those it was sealed with"
)
"""For such a SealedSecret with an annotation about its keys."""
DAMAGED = "seal the value again; the ciphertext is incomplete, or a placeholder"
"""For a ciphertext that no key opens."""
RIGHT_PLACE = "correct metadata.name and metadata.namespace"
"""For an object without the name or namespace that its label needs."""

_WHEN_READING = {
    errno.ENOENT: "check the path; it is taken from the folder that you are in",
    errno.EACCES: "you have no right to read it: ask its owner, or name another file",
    errno.EISDIR: "name a file in it",
    errno.ENAMETOOLONG: "the path is too long; it may be the content of a file",
}
_WHEN_WRITING = {
    errno.ENOENT: "make the folder first",
    errno.EACCES: "you have no right to write there: choose another place",
    errno.ENOSPC: "free some space, or choose another place",
}
_FOR_FIELDS = {
    FieldProblem.COLLECTION_FOR_TEXT: "write it as one text: quoted, or as a block behind |",
    FieldProblem.NO_TEXT: "put it in quotes",
    FieldProblem.NO_MAP: "write its fields below it, indented",
    FieldProblem.NOT_BASE64: "write plain text under stringData; if it is base64, it may be cut off",
    FieldProblem.NO_SECRET: "write apiVersion: v1 and kind: Secret",
    FieldProblem.HALF_CHARACTER: "write the character itself, in UTF-8",
    FieldProblem.UNKNOWN_FIELD: "correct the field's name; capitals count",
}
_NO_CIPHERTEXT = (FieldProblem.NO_TEXT, FieldProblem.COLLECTION_FOR_TEXT)
_CIPHERTEXT = "seal the value, and write the ciphertext; sealwright raw prints one"
_QUOTE = "put it in quotes if it is meant as text"
_FOR_PROBLEMS = {
    Problem.ENCODING: "save the file as UTF-8; binary values belong under data, in base64",
    Problem.SYNTAX: (
        "look at that line and the one above: indentation, brackets; text with : # * & % @ ` in it needs quotes"
    ),
    Problem.JSON: "look at that line and the end of the one above: commas, quotes, brackets",
    Problem.JSON_TEXT: "close the quotes; a line break within is written \\n",
    Problem.JSON_BEGINS_BARE: "remove that document, or write YAML (--format yaml)",
    Problem.CONFLICT: "keep what counts of both sides and remove the marker lines: by hand, or with git mergetool",
    Problem.CHARACTER: "remove it; binary values belong under data, in base64",
    Problem.HALF_CHARACTER: "write the character itself, in UTF-8",
    Problem.BYTE_ORDER_MARK: "remove it; a byte order mark is allowed only at the beginning of a file",
    Problem.NO_PARSER: "install it from a wheel: pip install --force-reinstall --only-binary :all: PyYAML",
    Problem.MANY_DIRECTIVES: "Kubernetes needs none; remove them",
    Problem.MANY_BLANKS: "remove some, or split the file",
    Problem.LAST_LINE_BREAK: "end that text with a line feed",
    Problem.TOO_MUCH: "split the file",
    Problem.TOO_DEEP: "no Kubernetes object is so deep; check that it is the right file",
    Problem.SECOND_DOCUMENT: "write a line with --- between the two",
    Problem.REPEATED_KEY: "keep one of them",
    Problem.KEY_IS_NO_TEXT: "write a text before the colon",
    Problem.KEY_IS_NULL: _QUOTE,
    Problem.MERGE: "put << in quotes if it is meant as text",
    Problem.TAG: "write the value itself, without the tag",
    Problem.NUMBER: _QUOTE,
    Problem.ALIAS: "put text that begins with * in quotes, or define the anchor",
    Problem.BINARY: "put binary values under data, in base64",
    Problem.SECRET_VERSION: "write apiVersion: v1",
    Problem.SECRET_KIND: "write kind: Secret; capitals count, and a cluster takes no other",
    Problem.SEALED_SECRET_TYPE: f"write apiVersion: {API_VERSION} and kind: {KIND}; a cluster takes no other",
    Problem.SECRET_IS_ALIAS: "write it out",
}


def allow_empty(option: str) -> str:
    """Return the hint for a Secret without data; `option` allows one."""
    return f"{option} accepts Secrets without data"


def when_reading(error: OSError) -> str:
    """Return the hint for a file or folder that cannot be read."""
    return _WHEN_READING.get(error.errno or 0, "name another file")


def when_writing(error: OSError) -> str:
    """Return the hint for a file or folder that cannot be written."""
    return _WHEN_WRITING.get(error.errno or 0, "choose another place")


def for_problem(problem: Problem) -> str:
    """Return the hint for a text that is not a manifest. Raises LookupError for FIELD: see `for_field`."""
    return _FOR_PROBLEMS[problem]


def for_field(error: ManifestError, kind: str) -> str:
    """Return the hint for a wrong field of an object of this kind."""
    if error.path.startswith("spec.encryptedData.") and error.problem in _NO_CIPHERTEXT:
        return _CIPHERTEXT
    return _FOR_FIELDS.get(error.problem) or f"kubectl explain {kind.lower()} describes each field"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name that is most like a word, whatever the capitals; empty if none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), lower, n=1)
    return lower[close[0]] if close else ""


def did_you_mean(name: str, more: str = "") -> str:
    """Return the hint that offers a name, with what else is to be said; only that if there is no name."""
    return " ".join(filter(None, [f"did you mean {name}?" if name else "", more]))
