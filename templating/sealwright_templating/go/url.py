"""Parses and builds URLs as Go's net/url does it: RFC 3986, with Go's leniencies and refusals."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sealwright_templating.errors import FunctionError

_SAFE_IN_PATH = "$&+,/:;=@"
_SAFE_IN_USERINFO = "$&+,;="
_SAFE_IN_FRAGMENT = "$&+,/:;=?@!()*"
_SAFE_IN_HOST = "!$&'()*+,;=:[]<>\""
"""The characters that each part leaves unescaped, besides letters, digits and -._~, which are always unescaped."""

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*+):")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_USERINFO = re.compile(rb"[A-Za-z0-9._:~!$&'()*+,;=%@-]*+")
_PORT = re.compile(rb"(?::[0-9]*+)?")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:\[\]<>\"\x80-\xff-]|%25|%[89A-Fa-f][0-9A-Fa-f])*+")
"""In a host, percent escapes are allowed only for non-ASCII bytes and for a percent sign."""
_ZONE_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_ALLOWED_IN_ZONE = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=:\[\]<>\"% -]*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A URL's parts. `path` and `fragment` are decoded, all others are as in the URL; `userinfo` may be None."""

    scheme: bytes = b""
    opaque: bytes = b""
    userinfo: bytes | None = None
    host: bytes = b""
    path: bytes = b""
    query: bytes = b""
    fragment: bytes = b""

    @property
    def hostname(self) -> bytes:
        """The host without its port, and without the brackets of an IPv6 address."""
        name, colon, port = self.host.rpartition(b":")
        if not colon or not _PORT.fullmatch(colon + port):
            name = self.host
        return name[1:-1] if name.startswith(b"[") and name.endswith(b"]") else name


def parse_url(text: bytes) -> Url:
    """Return the parts of a URL, absolute or relative. Raises FunctionError for a text that is not a URL."""
    text, _, fragment = text.partition(b"#")
    if _CONTROL.search(text):
        raise FunctionError("the URL holds a control character")
    fragment = _unescaped(fragment)
    if text == b"*":
        return Url(path=text, fragment=fragment)
    scheme, rest = _scheme(text)
    rest, _, query = rest.partition(b"?")
    if scheme and not rest.startswith(b"/"):
        return Url(scheme=scheme, opaque=rest, query=query, fragment=fragment)
    if not rest.startswith(b"/") and b":" in rest.partition(b"/")[0]:
        raise FunctionError("the first path segment of the URL holds a colon")
    userinfo, host = None, b""
    if rest.startswith(b"//") and (scheme or not rest.startswith(b"///")):
        authority, slash, path = rest[2:].partition(b"/")
        userinfo, host = _authority(scheme, authority)
        rest = slash + path
    path = _unescaped(rest)
    return Url(scheme=scheme, userinfo=userinfo, host=host, path=path, query=query, fragment=fragment)


def join_url(url: Url) -> bytes:
    """Return the URL of these parts; they are not checked, but characters not allowed in a part are escaped."""
    text = url.scheme + b":" if url.scheme else b""
    if url.opaque:
        text += url.opaque
    else:
        text += _hierarchy(url)
    if url.query:
        text += b"?" + url.query
    if url.fragment:
        text += b"#" + _escaped(url.fragment, _SAFE_IN_FRAGMENT)
    return text


def _hierarchy(url: Url) -> bytes:
    """Return authority and path."""
    path = url.path if url.path == b"*" else _escaped(url.path, _SAFE_IN_PATH)
    authority = b""
    if url.host or url.userinfo is not None or (url.scheme and url.path):
        login = b"" if url.userinfo is None else url.userinfo + b"@"
        authority = b"//" + login + _escaped(url.host, _SAFE_IN_HOST)
    if url.host and path and not path.startswith(b"/"):
        return authority + b"/" + path
    if not (url.scheme or authority) and b":" in path.partition(b"/")[0]:
        return b"./" + path
    return authority + path


def _scheme(text: bytes) -> tuple[bytes, bytes]:
    if text.startswith(b":"):
        raise FunctionError("the URL begins with a colon")
    found = _SCHEME.match(text)
    return (found[1].lower(), text[found.end() :]) if found else (b"", text)


def _authority(scheme: bytes, authority: bytes) -> tuple[bytes | None, bytes]:
    """Return userinfo (None if absent) and host."""
    userinfo, at, host = authority.rpartition(b"@")
    host = _host(scheme, host)
    if not at:
        return None, host
    if not _USERINFO.fullmatch(userinfo):
        raise FunctionError("the userinfo of the URL is invalid")
    parts = userinfo.split(b":", 1)
    return b":".join(_escaped(_unescaped(part), _SAFE_IN_USERINFO) for part in parts), host


def _host(scheme: bytes, host: bytes) -> bytes:
    if b"[" in host:
        return _address(host)
    _, colon, port = host.partition(b":")
    if scheme not in {b"http", b"https"}:
        port = port.rpartition(b":")[2]  # lists of hosts, as databases have them
    _check_port(colon + port)
    return _unescaped_host(host)


def _address(host: bytes) -> bytes:
    """Return a host in brackets, which has to be an IPv6 address; a port may follow it."""
    if host.rindex(b"[") or b"]" not in host:
        raise FunctionError("the brackets in the host of the URL are not in order")
    inside, _, port = host[1:].rpartition(b"]")
    _check_port(port)
    address, percent, zone = inside.partition(b"%25")
    name = _unescaped_host(address) + (_unescaped_zone(percent + zone) if percent else b"")
    _check_address(name)
    return b"[" + name + b"]" + port


def _check_address(name: bytes) -> None:
    address, percent, zone = name.partition(b"%")
    try:
        ipaddress.IPv6Address(address.decode("ascii"))
    except ValueError:
        address = b""
    if not address or bool(percent) != bool(zone):
        raise FunctionError("the host of the URL has something other than an IPv6 address in brackets")


def _check_port(colon_and_port: bytes) -> None:
    if not _PORT.fullmatch(colon_and_port):
        raise FunctionError("the port of the URL is not a number")


def _unescaped_host(host: bytes) -> bytes:
    if not _HOST.fullmatch(host):
        raise FunctionError("the host of the URL holds a character that it cannot hold")
    return unquote_to_bytes(host)


def _unescaped_zone(zone: bytes) -> bytes:
    escaped = bytes(int(digits, 16) for digits in _ZONE_ESCAPE.findall(zone))
    plain = _ZONE_ESCAPE.sub(b"", zone)
    if b"%" in plain or not _HOST.fullmatch(plain) or not _ALLOWED_IN_ZONE.fullmatch(escaped):
        raise FunctionError("the zone in the host of the URL holds a character that it cannot hold")
    return unquote_to_bytes(zone)


def _unescaped(text: bytes) -> bytes:
    if _BAD_ESCAPE.search(text):
        raise FunctionError("a percent sign in the URL is not followed by two hexadecimal digits")
    return unquote_to_bytes(text)


def _escaped(text: bytes, safe: str) -> bytes:
    return quote_from_bytes(text, safe).encode()
