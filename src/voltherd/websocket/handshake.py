"""What an upgrade request says and how it is answered. No I/O.

The station's identity, its offered subprotocols and its credentials are all read here, so that
whoever decides about a station sees one small value: `Upgrade`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from voltherd.websocket.http import BadRequestError, Headers
from voltherd.websocket.listener import Listener

WEBSOCKET_VERSION = "13"
_VERSION_HEADER = (("Sec-WebSocket-Version", WEBSOCKET_VERSION),)
_UPGRADE_HEADERS = (("Upgrade", "websocket"), *_VERSION_HEADER)
_PLAIN_HTTP = "This address speaks WebSocket (OCPP-J) only: connect with ws:// or wss://."


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """User name as text; the password is bytes and may hold anything, `:` included."""

    user: str
    password: bytes

    def __repr__(self) -> str:
        return f"BasicCredentials(user={self.user!r}, password=...)"


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """The TLS session beneath a connection."""

    version: str
    cipher: str
    peer_certificate_der: bytes | None
    peer_certificate: Mapping[str, Any] | None
    """As `ssl.SSLSocket.getpeercert()` gives it; only for a certificate that was verified."""

    @property
    def common_name(self) -> str | None:
        """CN of the verified client certificate's subject."""
        for relative_name in (self.peer_certificate or {}).get("subject", ()):
            for key, value in relative_name:
                if key == "commonName":
                    return str(value)
        return None


@dataclass(frozen=True)
class Upgrade:
    """A well-formed WebSocket upgrade request, before it is answered."""

    target: str
    headers: Headers
    peer: tuple[str, int]
    tls: TlsInfo | None = None

    @cached_property
    def path(self) -> str:
        """The target's path as sent, without the query string."""
        return urlsplit(self.target).path if "://" in self.target else self.target.partition("?")[0]

    @cached_property
    def identity(self) -> str:
        """The station's identity; empty if the path has none."""
        return station_identity(self.target)

    @cached_property
    def subprotocols(self) -> tuple[str, ...]:
        """What the station offers, in its order."""
        return tuple(self.headers.tokens("Sec-WebSocket-Protocol"))

    @cached_property
    def credentials(self) -> BasicCredentials | None:
        """HTTP Basic credentials, or None if there are none or they cannot be read."""
        return parse_basic_auth(self.headers.get("Authorization"))


@dataclass(frozen=True, slots=True)
class Accept:
    """Answer 101: the connection opens with this subprotocol and reports to this listener.

    A subprotocol that the station did not offer (it offered none, and its version is known
    otherwise) is what the connection has, but is not named in the answer.
    """

    listener: Listener
    subprotocol: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    compression: bool = True


@dataclass(frozen=True, slots=True)
class Reject:
    """Answer with an HTTP error before any upgrade; `reason` is the body."""

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def unauthorized(cls, reason: str = "Wrong or missing credentials.", realm: str = "OCPP") -> Reject:
        """401 with the challenge that RFC 9110 asks for."""
        return cls(401, reason, {"WWW-Authenticate": f'Basic realm="{realm}"'})


Answer = Accept | Reject
Decide = Callable[[Upgrade], Answer | Awaitable[Answer]]


def station_identity(target: str) -> str:
    """Last non-empty path segment, percent-decoded; query, fragment and trailing slashes do not count.

    `/ocpp/CP%201/?token=x` gives `CP 1`; empty when there is no segment.
    """
    path = target.partition("?")[0].partition("#")[0]
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    segments = [segment for segment in path.split("/") if segment]
    return unquote(segments[-1].encode("latin-1", "replace").decode("utf-8", "replace")) if segments else ""


def choose_subprotocol(offered: Iterable[str], accepted: Sequence[str]) -> str | None:
    """The first of `accepted` (in order of preference) that the station offers, in any case of letters.

    None if it offers none of them, and also if it offers nothing at all: then the caller decides
    by what it knows of the station.
    """
    lowered = {name.lower() for name in offered}
    return next((name for name in accepted if name.lower() in lowered), None)


def parse_basic_auth(value: str | None) -> BasicCredentials | None:
    """Credentials of an `Authorization: Basic` header; None if it is absent or unreadable."""
    scheme, _, encoded = (value or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(b":")
    return BasicCredentials(user.decode("utf-8", "surrogateescape"), password) if colon else None


def basic_auth_header(user: str, password: bytes | str) -> str:
    """Value of an `Authorization` header; a text password goes as UTF-8."""
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(user.encode("utf-8", "surrogateescape") + b":" + secret).decode("ascii")


def check_upgrade(headers: Headers) -> str:
    """The client's `Sec-WebSocket-Key` of a proper upgrade request (RFC 6455 4.2.1).

    `Connection` may name more than `Upgrade` (`keep-alive, Upgrade`).

    Raises:
        BadRequestError: 426 for plain HTTP or another version, 400 for a bad key or a body.
    """
    if not _has_token(headers, "Upgrade", "websocket") or not _has_token(headers, "Connection", "upgrade"):
        raise BadRequestError(HTTPStatus.UPGRADE_REQUIRED, _PLAIN_HTTP, _UPGRADE_HEADERS)
    if headers.get("Sec-WebSocket-Version") != WEBSOCKET_VERSION:
        raise BadRequestError(HTTPStatus.UPGRADE_REQUIRED, "Only WebSocket version 13 is spoken.", _VERSION_HEADER)
    if "Transfer-Encoding" in headers or (headers.get("Content-Length") or "0").strip("0"):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "An upgrade request has no body.")
    return _check_key(headers.get_all("Sec-WebSocket-Key"))


def _has_token(headers: Headers, name: str, token: str) -> bool:
    return any(member.lower() == token for member in headers.tokens(name))


def _check_key(keys: list[str]) -> str:
    try:
        if len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16:
            return keys[0]
    except (binascii.Error, ValueError):
        pass
    raise BadRequestError(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64.")
