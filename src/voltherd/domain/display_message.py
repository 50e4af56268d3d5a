"""Display messages: what a station shows to drivers (functional block O)."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from msgspec import Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

Priority = Literal["AlwaysFront", "InFront", "NormalCycle"]
When = Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"]
Format = Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]
ACTIVE: Final = ("accepted", "reported")


class Content(Struct, kw_only=True, forbid_unknown_fields=True):
    """A message in one language."""

    content: str
    format: Format = "UTF8"
    """`QRCODE` since 2.1: the content is what the code says."""
    language: str | None = None
    """RFC 5646, such as `en-US`."""


class SetDisplayMessage(Command):
    """Show a message to drivers, or replace the one of the same id (2.x).

    Several languages are several `contents`, which takes OCPP 2.1; in 2.0.1 each is a message of its own. What the
    station says it does not support (priority, state, format, language, one message too many) is not sent.
    """

    name = "set-display-message"
    summary = "Show a message"
    example: ClassVar[dict[str, Any]] = {
        "contents": [{"content": "Closed on Sunday", "language": "en"}],
        "priority": "NormalCycle",
        "end_at": "2026-05-10T20:00:00Z",
    }
    contents: list[Content]
    message_id: int | None = None
    """The id on the wire; left out: the next one that is free at the station."""
    priority: Priority = "NormalCycle"
    state: When | None = None
    """Shown only while the station is so; left out: always."""
    start_at: str | None = None
    """RFC 3339."""
    end_at: str | None = None
    """RFC 3339; afterwards the station removes it by itself."""
    transaction_id: str | None = None
    """Shown during this transaction only, gone with it: the id on the wire or of the record."""
    evse_id: int | None = None
    """The display of this EVSE, where a station has several."""


class GetDisplayMessages(Command):
    """Let a station tell which messages it has (2.x): all, or those of some ids, of a priority, of a state."""

    name = "get-display-messages"
    summary = "Read the messages"
    example: ClassVar[dict[str, Any]] = {"priority": "InFront"}
    message_ids: list[int] = field(default_factory=list)
    priority: Priority | None = None
    state: When | None = None


class ClearDisplayMessage(Command):
    """Remove a message from a station (2.x)."""

    name = "clear-display-message"
    summary = "Remove a message"
    example: ClassVar[dict[str, Any]] = {"message_id": 7}
    message_id: int


class DisplayMessage(Document, kw_only=True):
    """A message that a station shows to drivers, or was to.

    `status` is `accepted` (the station took it), `reported` (it says that it has it), `rejected`, `expired` (its
    time or its transaction is over) or `cleared`.
    """

    kind = "display-messages"
    title = "display message"
    example: ClassVar[dict[str, Any]] = {
        "state": "accepted",
        "evse_no": 0,
        "message_id": 7,
        "contents": [{"content": "Closed on Sunday", "format": "UTF8", "language": "en"}],
        "priority": "NormalCycle",
        "shown_while": None,
        "starts": "",
        "ends": "2026-05-10T20:00:00Z",
        "ends_ms": 1_778_443_200_000,
        "transaction_id": "",
        "source": "intended",
        "answer": "Accepted",
        "reason": "",
    }
    message_id: int
    contents: list[Content] = field(default_factory=list)
    priority: str = "NormalCycle"
    shown_while: str | None = None
    starts: str = ""
    """RFC 3339, as sent; empty: at once."""
    ends: str = ""
    ends_ms: int | None = None
    transaction_id: str = ""
    source: Literal["intended", "reported"] = "intended"
    """`reported`: the station has it, and nobody here asked for it."""
    answer: str = ""
    """The station's word when it was set."""
    reason: str = ""
    """Why it is not shown, in words."""

    @property
    def key(self) -> str:
        return str(self.message_id)

    @property
    def is_active(self) -> bool:
        """Whether the station has it, as far as is known."""
        return self.state in ACTIVE

    def ended(self, now_ms: int) -> bool:
        """Whether its time is over."""
        return self.ends_ms is not None and self.ends_ms <= now_ms

    def end(self, state: Literal["expired", "cleared", "rejected"], reason: str) -> None:
        """Leave the display."""
        self.state, self.reason = state, reason


class Limits(Struct, kw_only=True):
    """What a station says it can show; empty or None: it did not say."""

    priorities: Sequence[str] = ()
    states: Sequence[str] = ()
    formats: Sequence[str] = ()
    languages: Sequence[str] = ()
    max_messages: int | None = None

    def objection(self, command: SetDisplayMessage, others: int) -> str | None:
        """Say why a message cannot be shown, beside so many others; None: it can (O01.FR.01-03, .11, .18)."""
        wanted: list[tuple[str, str, Sequence[str]]] = [("priority", command.priority, self.priorities)]
        wanted += [("format", item.format, self.formats) for item in command.contents]
        wanted += [("language", item.language, self.languages) for item in command.contents if item.language]
        if command.state is not None:
            wanted.append(("state", command.state, self.states))
        for what, value, known in wanted:
            if known and value.casefold() not in {word.casefold() for word in known}:
                return f"The station does not show the {what} {value}; it knows {', '.join(known)}."
        if self.max_messages is not None and others >= self.max_messages:
            return f"The station takes {self.max_messages} messages at most and has {others}; remove one first."
        return None


COMMANDS: tuple[type[Command], ...] = (SetDisplayMessage, GetDisplayMessages, ClearDisplayMessage)
DOCUMENTS: tuple[type[Document], ...] = (DisplayMessage,)
