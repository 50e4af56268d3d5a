"""What all lists and times look like."""

from typing import Generic, TypeVar

from msgspec import Struct

from voltherd.domain.time import format_ms

T = TypeVar("T")


class Listed(Struct, Generic[T], kw_only=True):
    """One page of a list; `next` is the cursor of the page after it, null at the end."""

    items: list[T]
    next: str | None = None


def instant(epoch_ms: int | None) -> str | None:
    """Write an instant as RFC 3339, or null where there is none."""
    return format_ms(epoch_ms) if epoch_ms else None
