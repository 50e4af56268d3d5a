"""The log of raw frames, both directions: written behind by the store, bounded, never in the way."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from voltherd.domain.message import Direction, LoggedMessage, MessageType
from voltherd.domain.secrets import masked
from voltherd.services.ports import Journal

if TYPE_CHECKING:
    from voltherd.gateway.session import Session

MAX_FRAME_CHARACTERS = 65_536
MAX_ID_CHARACTERS = 255


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
        self,
        session: "Session",
        direction: Direction,
        message_type: MessageType,
        message_id: str,
        action: str,
        frame: bytes,
    ) -> None:
        """Note a frame."""
        if self._enabled and session.state is not None:
            self._journal.log((self.entry(session, direction, message_type, message_id, action, frame),))

    def entry(
        self,
        session: "Session",
        direction: Direction,
        message_type: MessageType,
        message_id: str,
        action: str,
        frame: bytes,
    ) -> LoggedMessage:
        """Make the record of a frame."""
        assert session.state is not None
        station = session.state.station
        text = masked(frame.decode("utf-8", "backslashreplace"))
        if len(text) > MAX_FRAME_CHARACTERS or len(message_id) > MAX_ID_CHARACTERS or len(action) > MAX_ID_CHARACTERS:
            text, action = text[:MAX_FRAME_CHARACTERS], action[:MAX_ID_CHARACTERS]
            message_id = message_id[:MAX_ID_CHARACTERS]
        return LoggedMessage(
            self._ids(),
            station.id,
            self._clock_ms(),
            direction,
            message_type,
            message_id,
            action,
            text,
            station.tenant_id,
        )
