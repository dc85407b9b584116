"""What can be wrong with a text, or with an object in it. What to do about it is for whoever tells people.

    SyntaxProblemError       a stretch of text, of which the file is not known yet
    BadManifestError    the same, or an object, with its place: leaves this package

No message quotes values, which may be secrets. Of keys, the one that is there twice is named to the author alone.
"""

from enum import Enum, auto

from sealwright_crypto import ManifestError


class Problem(Enum):
    """What kind of mistake it is, so that the way out can be told without looking at words."""

    ENCODING = auto()
    """The bytes are neither UTF-8 nor UTF-16."""
    SYNTAX = auto()
    """The parser of YAML expected something else there."""
    JSON = auto()
    """The same, of JSON."""
    JSON_TEXT = auto()
    """A text in quotes does not end, or holds a control character."""
    CHARACTER = auto()
    """A character that YAML does not allow."""
    HALF_CHARACTER = auto()
    """Half a surrogate pair, which UTF-8 cannot carry."""
    BYTE_ORDER_MARK = auto()
    """A byte order mark behind the beginning of the file."""
    NO_PARSER = auto()
    """PyYAML was installed without libyaml."""
    MANY_DIRECTIVES = auto()
    MANY_BLANKS = auto()
    TOO_MUCH = auto()
    """More documents, or more values, than are read."""
    TOO_DEEP = auto()
    SECOND_DOCUMENT = auto()
    """A document begins without a marker."""
    REPEATED_KEY = auto()
    KEY_IS_NO_TEXT = auto()
    """A list or a map stands where a key is wanted."""
    KEY_IS_NULL = auto()
    MERGE = auto()
    """`<<` merges what is no map."""
    TAG = auto()
    """A tag that Kubernetes does not know."""
    NUMBER = auto()
    """A number that Kubernetes cannot hold."""
    ALIAS = auto()
    """An alias names no anchor before it."""
    BINARY = auto()
    """A !!binary value that is no base64 of UTF-8."""
    SECRET_VERSION = auto()
    """A Secret of an apiVersion that does not exist."""
    SECRET_IS_ALIAS = auto()
    """A Secret that is an alias of another one."""
    FIELD = auto()
    """A field of an object is wrong: see `BadManifestError.field`."""


class SyntaxProblemError(Exception):
    """A text is no document; `reason` says why, `offset` where (characters from the start of the text).

    `bounded` tells that a limit was hit, so no other way of reading the text is worth a try.
    """

    def __init__(self, problem: Problem, reason: str, offset: int, *, bounded: bool = False) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason
        self.offset = offset
        self.bounded = bounded


class BadManifestError(Exception):
    """A file's text, or an object in it, cannot be used: the exception's text names the place and says why.

    `field` is what is wrong with a field, and `kind` the kind of the object, where `problem` is FIELD.
    """

    def __init__(
        self, place: str, reason: str, problem: Problem, *, field: ManifestError | None = None, kind: str = ""
    ) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason
        self.problem = problem
        self.field = field
        self.kind = kind

    @property
    def for_others(self) -> str:
        """What may be told where others than the author read it: nothing of the text."""
        reason = "a key is there twice" if self.problem is Problem.REPEATED_KEY else self.reason
        return f"{self.place}: {reason}" if self.place else reason
