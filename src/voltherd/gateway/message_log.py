"""The log of raw frames, both directions: written behind by the store, bounded, never in the way."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

from voltherd.domain.message import LoggedMessage
from voltherd.domain.secrets import masked
from voltherd.services.ports import Journal

if TYPE_CHECKING:
    from voltherd.gateway.session import Session

MAX_FRAME_CHARACTERS = 65_536
Direction = Literal["in", "out"]
MessageType = Literal["call", "result", "error", "send", "invalid"]


class MessageLog:
    """Turns frames into records."""

    def __init__(
        self, journal: Journal, ids: Callable[[], int], clock_ms: Callable[[], int], *, enabled: bool = True
    ) -> None:
        self._journal = journal
        self._ids = ids
        self._clock_ms = clock_ms
        self._enabled = enabled

    def add(
        self, session: "Session", direction: str, message_type: str, message_id: str, action: str, frame: bytes
    ) -> None:
        """Note a frame."""
        if self._enabled and session.state is not None:
            self._journal.log((self.entry(session, direction, message_type, message_id, action, frame),))

    def entry(
        self, session: "Session", direction: str, message_type: str, message_id: str, action: str, frame: bytes
    ) -> LoggedMessage:
        """Make the record of a frame. Characters that no text column takes are written as escapes."""
        assert session.state is not None
        station = session.state.station
        text = frame.decode("utf-8", "backslashreplace")
        if "\x00" in text:
            text = text.replace("\x00", "\\u0000")
        return LoggedMessage(
            id=self._ids(),
            tenant_id=station.tenant_id,
            station_id=station.id,
            at_ms=self._clock_ms(),
            direction=cast("Direction", direction),
            message_type=cast("MessageType", message_type),
            message_id=message_id[:255].replace("\x00", ""),
            action=action[:64].replace("\x00", ""),
            frame=masked(text)[:MAX_FRAME_CHARACTERS],
        )
