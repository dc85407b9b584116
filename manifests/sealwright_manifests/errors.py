"""What can be wrong with a text, or with an object in it. Callers decide what to advise.

    SyntaxProblemError  a problem at a place in a text; its file is not known yet
    BadManifestError    the same, or a problem of an object, with its place: leaves this package
    NotAsMeantError     an edited text is not what was meant: a defect of this package

Messages quote no values, which may be secrets. A repeated key is named, but only to the author.
"""

from enum import Enum, auto

from sealwright_crypto import ManifestError


class Problem(Enum):
    """The kind of mistake, so that callers can choose advice without parsing words."""

    ENCODING = auto()
    """The bytes are neither UTF-8 nor UTF-16."""
    SYNTAX = auto()
    """The YAML parser expected something else at this place."""
    JSON = auto()
    """The JSON parser expected something else at this place."""
    JSON_TEXT = auto()
    """A text in quotes is not closed, or holds a control character."""
    JSON_BEGINS_BARE = auto()
    """Documents cannot become JSON, since the first one is a text, a number or the like."""
    CONFLICT = auto()
    """Git's conflict markers are in the text, which therefore cannot be read."""
    CHARACTER = auto()
    """A character that YAML does not allow."""
    HALF_CHARACTER = auto()
    """Half a surrogate pair, which UTF-8 cannot carry."""
    BYTE_ORDER_MARK = auto()
    """A byte order mark that is not at the beginning of the file."""
    NO_PARSER = auto()
    """PyYAML was installed without libyaml."""
    MANY_DIRECTIVES = auto()
    MANY_BLANKS = auto()
    LAST_LINE_BREAK = auto()
    """A block of text ends with a line break that only YAML 1.1 knows, and something is to be added below it."""
    TOO_MUCH = auto()
    """There are more documents or values than the bounds allow."""
    TOO_DEEP = auto()
    SECOND_DOCUMENT = auto()
    """A document begins without a marker."""
    REPEATED_KEY = auto()
    KEY_IS_NO_TEXT = auto()
    """A list or a map stands where a key is expected."""
    KEY_IS_NULL = auto()
    MERGE = auto()
    """`<<` merges something that is not a map."""
    TAG = auto()
    """A tag that Kubernetes does not know."""
    NUMBER = auto()
    """A number that Kubernetes cannot hold."""
    ALIAS = auto()
    """An alias names no anchor before it."""
    BINARY = auto()
    """A !!binary value is not base64 of UTF-8."""
    SECRET_VERSION = auto()
    """A Secret of an apiVersion that does not exist."""
    SECRET_KIND = auto()
    """An object whose kind is almost Secret."""
    SEALED_SECRET_TYPE = auto()
    """An object that is almost a SealedSecret: of another apiVersion, or of a misspelt kind."""
    SECRET_IS_ALIAS = auto()
    """A Secret that is an alias of another one."""
    FIELD = auto()
    """A field of an object is wrong: see `BadManifestError.field`."""


class SyntaxProblemError(Exception):
    """A text is not a document; `reason` says why, `offset` where (characters from the start of the text).

    If `bounded`, a limit was exceeded, so another way of reading the text is pointless.
    """

    def __init__(self, problem: Problem, reason: str, offset: int, *, bounded: bool = False) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason
        self.offset = offset
        self.bounded = bounded


class BadManifestError(Exception):
    """A file's text, or an object in it, cannot be used: the exception's text names the place and says why.

    `field` is what is wrong with a field, and `kind` the kind of the object, if `problem` is FIELD. `at` are the line
    and the column in the file (both from 1) of a problem of the text.
    """

    def __init__(
        self,
        place: str,
        reason: str,
        problem: Problem,
        *,
        field: ManifestError | None = None,
        kind: str = "",
        at: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason
        self.problem = problem
        self.field = field
        self.kind = kind
        self.at = at

    @property
    def for_others(self) -> str:
        """The message for readers other than the author: it holds nothing of the text."""
        reason = "a key is there twice" if self.problem is Problem.REPEATED_KEY else self.reason
        return f"{self.place}: {reason}" if self.place else reason


class NotAsMeantError(Exception):
    """An edited text is not what was meant: a defect of this package.

    `place` is what messages call the document, `reason` is the difference; neither holds a value.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason
