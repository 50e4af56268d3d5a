"""Vendor data: what stations sent us and we them beside the standard's messages (functional block P)."""

from typing import Any, ClassVar, Literal

from voltherd.domain.commands import Command
from voltherd.domain.document import Document


class VendorData(Document, kw_only=True):
    """A DataTransfer from or to a station, and what was said to it. The latest hundred of a station are kept.

    `status` is that of the answer: `Accepted`, `Rejected`, `UnknownMessageId` or `UnknownVendorId`.
    """

    kind = "data-transfers"
    title = "data transfer"
    example: ClassVar[dict[str, Any]] = {
        "state": "Accepted",
        "evse_no": 0,
        "number": 12,
        "direction": "in",
        "vendor_id": "com.example",
        "message_id": "hello",
        "data": '{"name":"CP-0001"}',
        "answer": '{"greeting":"hello"}',
        "reason": "",
        "truncated": False,
    }
    number: int
    direction: Literal["in", "out"]
    """`in`: from the station."""
    vendor_id: str
    message_id: str = ""
    data: str = ""
    """Text as it is, all else as JSON; at most 10000 characters."""
    answer: str = ""
    reason: str = ""
    """Why it was rejected, in words."""
    truncated: bool = False

    @property
    def key(self) -> str:
        return str(self.number)


COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = (VendorData,)
