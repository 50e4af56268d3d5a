"""Who wants to charge: ID tokens and the answer to them."""

from typing import Literal

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

TokenStatus = Literal["accepted", "blocked", "expired", "invalid"]
Verdict = Literal["Accepted", "Blocked", "Expired", "Invalid", "Unknown", "ConcurrentTx", "NoCredit"]


class IdToken(Struct, kw_only=True):
    """One token (whole row; unique by tenant and `key`)."""

    tenant_id: int = DEFAULT_TENANT
    key: str
    """`token_key(token)`: what equal tokens have in common."""
    token: str
    type: str = "ISO14443"
    status: TokenStatus = "accepted"
    expires_at_ms: int | None = None
    group_id: str | None = None
    parent: str | None = None
    driver: str | None = None
    created_at_ms: int = 0
    prepaid_balance: str | None = None
    """Decimal text, in the currency of the stations: what may still be spent (C17); None: not a prepaid token."""


class Authorization(Struct, kw_only=True):
    """The verdict on a token, in OCPP 2.x's words; 1.6 folds `Unknown` into `Invalid`."""

    status: Verdict
    expires_at_ms: int | None = None
    group_id: str | None = None
    group_type: str = "Central"


def token_key(token: str) -> str:
    """Fold a token to what is compared: case-insensitive (OCPP 1.6 CiString20, 2.x identifierString)."""
    return token.strip().casefold()


def judge(token: IdToken | None, now_ms: int) -> Authorization:
    """Give the verdict on a token as recorded (None: not known) at an instant."""
    if token is None:
        return Authorization(status="Unknown")
    group = token.group_id or token.parent
    expired = token.expires_at_ms is not None and token.expires_at_ms <= now_ms
    status: Verdict
    if token.status == "blocked":
        status = "Blocked"
    elif token.status == "invalid":
        status = "Invalid"
    elif token.status == "expired" or expired:
        status = "Expired"
    else:
        status = "Accepted"
    return Authorization(status=status, expires_at_ms=token.expires_at_ms, group_id=group)
