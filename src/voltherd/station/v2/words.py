"""The dialect of 2.0.1 and 2.1, into which every file of this room enters its messages, and what many of them need."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, UnsetType

from voltherd.ocpp import v2
from voltherd.station.dialect import Dialect
from voltherd.station.token import Token, TokenInfo

V2: Final = Dialect("2.x")

serves, reports, reads = V2.serves, V2.reports, V2.reads


def id_token(token: Token) -> v2.IdTokenType:
    """A token on the wire."""
    return v2.IdTokenType(id_token=token.id, type=token.kind)


def token(wire: v2.IdTokenType) -> Token:
    """A token from the wire."""
    return Token(wire.id_token, wire.type)


def token_info(wire: v2.IdTokenInfoType) -> TokenInfo:
    """What the CSMS says about a token."""
    return TokenInfo(
        status=wire.status,
        expires_at=given(wire.cache_expiry_date_time),
        group=None if wire.group_id_token is UNSET else token(wire.group_id_token),
        evse_ids=tuple(given(wire.evse_id) or ()),
        priority=given(wire.charging_priority) or 0,
        language=given(wire.language1),
        message=None if wire.personal_message is UNSET else wire.personal_message.content,
    )


def given(value: Any | UnsetType) -> Any:
    """What was given, None where nothing was."""
    return None if value is UNSET else value


def info(reason: str, text: str) -> v2.StatusInfoType:
    """Why something was refused: a reason code (at most 20 characters) and a sentence."""
    return v2.StatusInfoType(reason_code=reason[:20], additional_info=text[:1024])
