"""What somebody identifies with, and what is known about it."""

from __future__ import annotations

from msgspec import Struct

from voltherd.ocpp.v2.enums import AuthorizationStatusEnumType

TokenStatus = AuthorizationStatusEnumType
"""In the words of 2.x; 1.6 knows five of them."""


class Token(Struct, frozen=True):
    """What a driver or a CSMS identifies with; `kind` is the type of 2.x."""

    id: str
    kind: str = "ISO14443"

    def matches(self, other: Token) -> bool:
        """Tokens are the same whatever their case (OCPP 1.6 IdToken; 2.0.1 IdTokenType)."""
        return self.id.casefold() == other.id.casefold()


class TokenInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a CSMS (or a list, or the cache) says about a token.

    Attributes:
        expires_at: from when on it is worth nothing (OCPP's form), None without an end.
        group: tokens of one group may stop each other's transactions.
        evse_ids: where it may charge, empty for everywhere (2.x).
        certificate_status: of a contract certificate (2.x), None if the answer says nothing.
        transfers: how it may transfer energy (2.1), None if the answer says nothing.
        tariff: what it is charged by, as JSON of the wire (2.1).
        message: for its owner (2.x).
    """

    status: TokenStatus
    expires_at: str | None = None
    group: Token | None = None
    evse_ids: tuple[int, ...] = ()
    priority: int = 0
    language: str | None = None
    certificate_status: str | None = None
    transfers: tuple[str, ...] | None = None
    tariff: bytes | None = None
    message: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it may charge."""
        return self.status == "Accepted"
