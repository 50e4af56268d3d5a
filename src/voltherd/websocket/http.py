"""HTTP/1.1 as far as a WebSocket upgrade needs it: one request head in, one response out. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

HEAD_END = b"\r\n\r\n"
MAX_HEADERS = 100

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class BadRequestError(Exception):
    """The request head cannot be served; `status` says with which answer."""

    def __init__(self, status: HTTPStatus, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class Headers:
    """Header fields in the order they came; names match in any case, values are text (Latin-1)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple(fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    def __repr__(self) -> str:
        return f"Headers({list(self._fields)!r})"

    def get_all(self, name: str) -> list[str]:
        """Every value of the field, in order."""
        wanted = name.lower()
        return [value for key, value in self._fields if key.lower() == wanted]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the field."""
        values = self.get_all(name)
        return values[0] if values else default

    def tokens(self, name: str) -> list[str]:
        """The comma-separated members of the field, over all its lines, stripped, none empty."""
        return split_list(self.get_all(name))


def split_list(values: Iterable[str]) -> list[str]:
    """Members of comma-separated header values, stripped, none empty."""
    return [member for value in values for part in value.split(",") if (member := part.strip())]


def parse_head(head: bytes) -> tuple[str, Headers]:
    """Request target and headers of a GET request (without the empty line that ends the head).

    Raises:
        BadRequestError: with the status to answer.
    """
    lines = head.lstrip(b"\r\n").split(b"\r\n")
    target = _parse_request_line(lines[0])
    if len(lines) - 1 > MAX_HEADERS:
        raise BadRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many header fields")
    return target, Headers(_parse_field(line) for line in lines[1:])


def _parse_request_line(line: bytes) -> str:
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[1]:
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "malformed request line")
    method, target, version = parts
    if not version.startswith(b"HTTP/1.") or version == b"HTTP/1.0":
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "only HTTP/1.1 is spoken here")
    if method != b"GET":
        allow = (("Allow", "GET"),)
        raise BadRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is allowed here", allow)
    return target.decode("latin-1")


def _parse_field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "malformed header field")
    if _FORBIDDEN_IN_VALUE.search(value):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "forbidden character in a header field")
    return name.decode("ascii"), value.strip(b" \t").decode("latin-1")


def render_response(status: int, text: str, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> bytes:
    """A complete response with a plain text (or, if it looks like it, JSON) body that closes the connection."""
    body = text.encode()
    fields = dict(headers)
    fields.setdefault("Content-Type", _content_type(text))
    fields["Content-Length"] = str(len(body))
    fields["Connection"] = "close"
    return _head(status, fields) + body


def _content_type(text: str) -> str:
    return "application/json" if text.startswith(("{", "[")) else "text/plain; charset=utf-8"


def _head(status: int, fields: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    lines += [f"{name}: {one_line(value)}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def one_line(value: str) -> str:
    """The value without line breaks, so that it cannot add a header of its own."""
    return value.replace("\r", " ").replace("\n", " ")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"
