"""ID tokens as the API shows and takes them."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from voltherd.api.views.listed import instant
from voltherd.domain.id_token import IdToken, TokenStatus

Text = Annotated[str, Meta(max_length=255)]


class TokenView(Struct, kw_only=True):
    """One token and what is said of it."""

    token: str
    type: str
    status: str
    expires_at: str | None
    group_id: str | None
    parent: str | None
    driver: str | None
    prepaid_balance: str | None
    """Decimal text; null: not a prepaid token."""
    created_at: str | None


class TokenBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What can be set on a token; fields left out stay as they are, null clears."""

    type: Annotated[str, Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    status: TokenStatus | UnsetType = UNSET
    expires_at: str | UnsetType | None = UNSET
    """RFC 3339; the past is allowed."""
    group_id: Text | UnsetType | None = UNSET
    parent: Text | UnsetType | None = UNSET
    driver: Text | UnsetType | None = UNSET
    prepaid_balance: Annotated[str, Meta(pattern=r"^-?\d{1,9}(\.\d{1,4})?$")] | UnsetType | None = UNSET
    """What may still be spent, in the currency of the stations: decimal text."""


def token_view(token: IdToken) -> TokenView:
    """Show one token."""
    return TokenView(
        token=token.token,
        type=token.type,
        status=token.status,
        expires_at=instant(token.expires_at_ms),
        group_id=token.group_id,
        parent=token.parent,
        driver=token.driver,
        prepaid_balance=token.prepaid_balance,
        created_at=instant(token.created_at_ms),
    )
