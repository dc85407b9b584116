"""What to do next about errors whose words come from below: the operating system's, and the pure package's."""

import errno

from sealwright_crypto import ManifestError

NEW_CERTIFICATE = "ask for the controller's certificate (its /v1/cert.pem); a private key never seals"
SEALED_ELSEWHERE = (
    "give the private keys of the cluster that it was sealed for; name, namespace and scope must be those that it was "
    "sealed with"
)
"""About a SealedSecret that the keys at hand do not open."""
RIGHT_PLACE = "correct metadata.name and metadata.namespace"
"""About an object whose name or namespace makes no label."""

_WHEN_READING = {
    errno.ENOENT: "check the path; it is taken from the folder that you are in",
    errno.EACCES: "you may not read it: ask its owner, or name another file",
    errno.EISDIR: "name a file in it",
    errno.ENAMETOOLONG: "this is too long to be a path: is it the content of a file?",
}
_WHEN_WRITING = {
    errno.ENOENT: "make the folder first",
    errno.EACCES: "you may not write there: choose another place",
    errno.ENOSPC: "make room, or choose another place",
}
_FOR_REASONS = {
    "expected text, found a list": "write it as one text: quoted, or as a block behind |",
    "expected text, found a map": "write it as one text: quoted, or as a block behind |",
    "expected text, found": "put it in quotes",
    "expected a map": "write its fields below it, indented",
    "not base64": "put plain text under stringData; what is under data has to be the output of base64",
    "not a v1 Secret": "write apiVersion: v1 and kind: Secret",
    "holds half a surrogate pair": "write the character itself, in UTF-8",
    "no field of a Secret": "field names are written exactly so, capitals included",
}
"""Beginnings of what a ManifestError says is wrong."""


def when_reading(error: OSError) -> str:
    """Return what to do about a file or folder that cannot be read."""
    return _WHEN_READING.get(error.errno or 0, "name another file")


def when_writing(error: OSError) -> str:
    """Return what to do about a file or folder that cannot be written."""
    return _WHEN_WRITING.get(error.errno or 0, "choose another place")


def for_manifest(error: ManifestError, kind: str) -> str:
    """Return what to do about a field of an object of this kind that is wrong."""
    found = (hint for beginning, hint in _FOR_REASONS.items() if error.reason.startswith(beginning))
    return next(found, f"kubectl explain {kind.lower()} tells what each field takes")
