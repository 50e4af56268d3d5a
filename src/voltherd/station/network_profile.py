"""One way to connect, and what is wrong with it (OCPP 2.0.1 B09; the component NetworkConfiguration of 2.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from voltherd.station.security import MAX_PASSWORD, MIN_PASSWORD

SECURE: Final = 2
"""From this security profile on, connections are made with TLS."""
HIGHEST: Final = 3
LONGEST_IDENTITY: Final = 48
INTERFACES: Final = (
    "Wired0",
    "Wired1",
    "Wired2",
    "Wired3",
    "Wireless0",
    "Wireless1",
    "Wireless2",
    "Wireless3",
    "Any",
)


class NetworkProfile(Struct, frozen=True, kw_only=True):
    """One way to connect.

    Attributes:
        url: of the CSMS, without the identity.
        security_profile: 0 (1.6 without any) to 3.
        message_timeout_s: how long an answer is waited for; None leaves it as configured.
        interface: in OCPP's words.
        identity: under which to connect, None for the configured one.
        password: of Basic authentication here, None for the one of the station.
        apn: whether the profile names one; the same for `vpn`.
    """

    url: str
    security_profile: int
    message_timeout_s: int | None = None
    interface: str = "Any"
    identity: str | None = None
    password: str | None = None
    apn: bool = False
    vpn: bool = False


class Target(Struct, frozen=True, kw_only=True):
    """Where and how to connect now. `roots_pem`, `chain_pem` and `key` are for TLS.

    Attributes:
        url: without the identity.
        password: for Basic authentication, None for no Authorization header.
        roots_pem: whom to trust with TLS.
        chain_pem: the station's certificate with its chain, empty without one; `key` is its private key.
    """

    url: str
    identity: str
    password: str | bytes | None = None
    security_profile: int = 1
    roots_pem: str = ""
    chain_pem: str = ""
    key: bytes = b""

    @property
    def is_secure(self) -> bool:
        """Whether TLS is used."""
        return self.url.startswith("wss:")


class Unsuitable(ValueError):
    """A profile that cannot be taken; `reason` is a code for OCPP's statusInfo."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def check(profile: NetworkProfile) -> None:
    """Raise Unsuitable for what no station could connect with (B09.FR.02)."""
    scheme = _checked_url(profile.url)
    level = _checked_level(profile.security_profile)
    if (scheme == "wss") != (level >= SECURE):
        raise Unsuitable("InvalidURL", f"{scheme} does not go with security profile {level}")
    if profile.identity is not None:
        _checked_identity(profile.identity)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Unsuitable("InvalidURL", "The URL makes no sense") from None
    if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.query or parts.fragment:
        raise Unsuitable("InvalidURL", "The URL is of the form ws://host:port/path or wss://host:port/path")
    return parts.scheme


def _checked_level(level: int) -> int:
    if not 1 <= level <= HIGHEST:
        raise Unsuitable("InvalidValue", "Security profiles are 1 to 3")
    return level


def _checked_identity(identity: str) -> str:
    if not 1 <= len(identity) <= LONGEST_IDENTITY:
        raise Unsuitable("InvalidValue", f"An identity has 1 to {LONGEST_IDENTITY} characters")
    return identity


def _url(value: str) -> dict[str, Any]:
    _checked_url(value)
    return {"url": value}


def _level(value: str) -> dict[str, Any]:
    return {"security_profile": _checked_level(_number(value))}


def _timeout(value: str) -> dict[str, Any]:
    if (seconds := _number(value)) < 1:
        raise Unsuitable("InvalidValue", "The timeout is at least a second")
    return {"message_timeout_s": seconds}


def _interface(value: str) -> dict[str, Any]:
    if value not in INTERFACES:
        raise Unsuitable("InvalidValue", f"Interfaces are {', '.join(INTERFACES)}")
    return {"interface": value}


def _identity(value: str) -> dict[str, Any]:
    return {"identity": _checked_identity(value)}


def _password(value: str) -> dict[str, Any]:
    if not MIN_PASSWORD <= len(value) <= MAX_PASSWORD:
        raise Unsuitable("InvalidValue", f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return {"password": value}


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise Unsuitable("InvalidValue", "A whole number is expected") from None


WRITABLE: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "OcppCsmsUrl": _url,
    "SecurityProfile": _level,
    "MessageTimeout": _timeout,
    "OcppInterface": _interface,
    "Identity": _identity,
    "BasicAuthPassword": _password,
}
"""The variables of a slot that may be set, with what they change."""


def url_for(url: str, tls_url: str, level: int) -> str:
    """The configured URL, with TLS where the security profile asks for it."""
    if level >= SECURE:
        return tls_url or url.replace("ws://", "wss://", 1)
    return url
