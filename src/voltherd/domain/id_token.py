"""Who wants to charge: ID tokens and the answer to them."""

import re
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

TokenStatus = Literal["accepted", "blocked", "expired", "invalid"]
Verdict = Literal[
    "Accepted",
    "Blocked",
    "Expired",
    "Invalid",
    "Unknown",
    "ConcurrentTx",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
]
NO_AUTHORIZATION: Final = "NoAuthorization"
KEY_CODE: Final = "KeyCode"
EMAID: Final = "eMAID"
DIRECT_PAYMENT: Final = "DirectPayment"
"""Types of tokens that have rules of their own; every other is compared by its text alone."""


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
    max_cost: str | None = None
    """Decimal text: no more than this may be spent (2.1 C17.FR.03)."""
    uncached_at_ms: int | None = None
    """The verdict holds at this instant only, and no station may keep it (2.1 C17.FR.01, .02)."""


def token_key(token: str) -> str:
    """Fold a token to what is compared: case-insensitive (OCPP 1.6 CiString20, 2.x identifierString)."""
    return token.strip().casefold()


def emaid_key(token: str) -> str:
    """Fold a contract's id (ISO 15118 eMAID): separators and the check digit, the 15th character, do not count."""
    bare = without_separators(token_key(token))
    return bare[:14] if len(bare) == 15 and bare.isalnum() and bare[:2].isalpha() else bare


_SEPARATORS = re.compile(r"[-*]")


def without_separators(emaid: str) -> str:
    """Give a contract's id as vehicles present it."""
    return _SEPARATORS.sub("", emaid)


def token_keys(token: str, token_type: str = "") -> tuple[str, ...]:
    """Give the keys under which a token may be recorded, the likeliest first."""
    plain = token_key(token)
    if token_type not in (EMAID, ""):
        return (plain,)
    contract = emaid_key(token)
    if contract == plain or (not token_type and len(contract) != 14):
        return (plain,)
    return (contract, plain) if token_type else (plain, contract)


def judge_presented(token: IdToken | None, token_type: str, now_ms: int) -> Authorization:
    """Give the verdict on a token as it was presented, with its type (2.x; 1.6 knows none).

    A PIN is no card: what is recorded as KeyCode counts as KeyCode only.
    """
    if token is not None and token_type and (token.type == KEY_CODE) != (token_type == KEY_CODE):
        token = None
    return judge(token, now_ms)


def judge_unknown(verdict: Authorization, token_type: str) -> Authorization:
    """Give the verdict where neither record nor anybody else knows the token.

    An unknown PIN is Invalid (C04.FR.01). What a payment terminal authorised (DirectPayment, 2.1 C18) is accepted.
    """
    if verdict.status == "Unknown" and token_type == KEY_CODE:
        return Authorization(status="Invalid")
    if verdict.status == "Unknown" and token_type == DIRECT_PAYMENT:
        return Authorization(status="Accepted")
    return verdict


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
    verdict = Authorization(status=status, expires_at_ms=token.expires_at_ms, group_id=group)
    if token.prepaid_balance is not None:
        _judge_credit(verdict, token.prepaid_balance, now_ms)
    return verdict


def _judge_credit(verdict: Authorization, balance: str, now_ms: int) -> None:
    """A prepaid token charges as far as its balance goes, which only we know (2.1 C17.FR.01 to .03)."""
    verdict.uncached_at_ms = now_ms
    if verdict.status == "Accepted":
        if Decimal(balance) > 0:
            verdict.max_cost = balance
        else:
            verdict.status = "NoCredit"
