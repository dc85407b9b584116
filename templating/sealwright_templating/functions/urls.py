"""URLs as dicts of their parts, and the reverse."""

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.url import Url, join_url, parse_url
from sealwright_templating.values.objects import Map, Value
from sealwright_templating.values.registry import function

_LONGEST_ESCAPE = 3
_BYTES_PER_STEP = 16


@function("urlParse", signature="func(string) map[string]interface {}")
def url_parse(context: Context, text: bytes) -> dict[bytes, Value]:
    """Return a URL's scheme, userinfo, host, hostname, path, query, opaque and fragment; path and fragment decoded."""
    context.budget.memory(_LONGEST_ESCAPE * len(text))
    context.budget.steps(len(text) // _BYTES_PER_STEP)
    url = parse_url(text)
    return {
        b"scheme": url.scheme,
        b"host": url.host,
        b"hostname": url.hostname,
        b"path": url.path,
        b"query": url.query,
        b"opaque": url.opaque,
        b"fragment": url.fragment,
        b"userinfo": url.userinfo or b"",
    }


@function("urlJoin", signature="func(map[string]interface {}) string")
def url_join(context: Context, parts: Map) -> bytes:
    """Return the URL of a dict as `urlParse` returns it; characters that are not allowed in a part are escaped."""
    texts = {name: _part(parts, name) for name in ("scheme", "host", "path", "query", "opaque", "fragment")}
    userinfo = _part(parts, "userinfo")
    length = len(userinfo) + sum(map(len, texts.values()))
    context.budget.memory(_LONGEST_ESCAPE * length)
    context.budget.steps(length // _BYTES_PER_STEP)
    return join_url(Url(**texts, userinfo=_userinfo(userinfo)))


def _part(parts: Map, name: str) -> bytes:
    value = parts.items.get(name.encode(), b"")
    if not isinstance(value, bytes):
        raise FunctionError(f"the {name} in the dict is not a string")
    return value


def _userinfo(text: bytes) -> bytes | None:
    """Return a userinfo as written in a URL; like Go, it parses the userinfo as part of one."""
    return parse_url(b"proto://" + text + b"@host").userinfo if text else None
