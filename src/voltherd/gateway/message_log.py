"""The log of raw frames, both directions: gathered per session, written behind by the store, never in the way."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from voltherd.domain.message import Direction, Frame, LoggedFrames, MessageType
from voltherd.domain.secrets import PIN, masked, without_pins
from voltherd.services.ports import Journal

if TYPE_CHECKING:
    from voltherd.gateway.session import Session

MAX_FRAME_BYTES = 65_536
MAX_ACTION_CHARACTERS = 255
FLUSH_AFTER_S = 0.25
MAX_GATHERED = 100
"""Frames of one session that are handed over together."""
MAY_HOLD_SECRETS = frozenset(
    {
        "",  # repeated frames are not looked into
        "ChangeConfiguration",
        "DataTransfer",
        "GetConfiguration",
        "GetVariables",
        "NotifyReport",
        "SetNetworkProfile",
        "SetVariables",
    }
)
_PIN = PIN.encode()


class MessageLog:
    """Gathers frames and hands them to the journal a few times a second."""

    def __init__(
        self, journal: Journal, ids: Callable[[], int], clock_ms: Callable[[], int], *, enabled: bool = True
    ) -> None:
        self._journal = journal
        self._ids = ids
        self._clock_ms = clock_ms
        self._enabled = enabled
        self._gathering: list[Session] = []
        self._timer: asyncio.TimerHandle | None = None

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
        if not self._enabled or session.state is None:
            return
        frames = session.frames
        if not frames:
            self._gathering.append(session)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(FLUSH_AFTER_S, self.flush)
        if action in MAY_HOLD_SECRETS or message_type == "invalid" or len(frame) > MAX_FRAME_BYTES or _PIN in frame:
            frame, action = _safe(frame), action[:MAX_ACTION_CHARACTERS]
        frames.append((self._clock_ms(), direction, message_type, message_id, action, frame))
        if len(frames) >= MAX_GATHERED:
            self._hand_over(session)

    def keep(self, session: "Session", message_id: str, action: str, frame: bytes) -> LoggedFrames:
        """Make the record of a station's message that is to be durable before it is answered."""
        self._hand_over(session)
        return self._record(session, [(self._clock_ms(), "in", "call", message_id, action, _safe(frame))])

    def flush(self) -> None:
        """Hand over what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gathering, self._gathering = self._gathering, []
        for session in gathering:
            self._hand_over(session)

    def _hand_over(self, session: "Session") -> None:
        frames = session.frames
        if frames:
            session.frames = []
            self._journal.log((self._record(session, frames),))

    def _record(self, session: "Session", frames: list[Frame]) -> LoggedFrames:
        assert session.state is not None
        station = session.state.station
        return LoggedFrames(self._ids(), station.tenant_id, station.id, frames)


def _safe(frame: bytes) -> bytes:
    return without_pins(masked(frame.decode("utf-8", "backslashreplace"))).encode()[:MAX_FRAME_BYTES]
