"""What was said on the wire of one station: calls of both sides, each with its answer."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import msgspec
from msgspec import Struct

Who = Literal["station", "csms"]


class Message(Struct, eq=False):
    """A call, or a text that is none.

    Attributes:
        number: place in what was said, from 1.
        at: the station's wall clock, as OCPP writes it.
        answer: the payload of the answer; `error`: code and description, where it was refused.
        raw: the text where it is no call.
    """

    number: int
    who: Who
    action: str
    payload: Any
    at: str
    message_id: str = ""
    answer: Any = None
    error: tuple[str, str] | None = None
    is_answered: bool = False
    raw: str = ""

    def __str__(self) -> str:
        return f"#{self.number} {self.action or self.raw[:60]} of the {'CSMS' if self.who == 'csms' else 'station'}"


class Wire:
    """Keeps all that was said, and wakes who waits for more."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.frames: list[tuple[str, Who, str]] = []
        self._open: dict[tuple[Who, str], list[Message]] = {}
        self._waiters: set[asyncio.Future[None]] = set()

    def add(self, who: Who, data: bytes, at: str) -> None:
        """A frame went over the wire."""
        text = data.decode("utf-8", "replace")
        self.frames.append((at, who, text))
        self._take(who, text, at)
        self.wake()

    def wake(self) -> None:
        """Have those who wait look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self, timeout_s: float) -> None:
        """Wait until something more was said, or so long."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait([waiter], timeout=max(timeout_s, 0.0))
        finally:
            self._waiters.discard(waiter)

    def _take(self, who: Who, text: str, at: str) -> None:
        try:
            frame = msgspec.json.decode(text)
            kind, message_id = frame[0], str(frame[1])
            if kind in (2, 6):
                self._call(who, Message(len(self.messages) + 1, who, str(frame[2]), frame[3], at, message_id), kind)
                return
        except (ValueError, TypeError, LookupError, RecursionError):
            self.messages.append(Message(len(self.messages) + 1, who, "", None, at, raw=text))
            return
        calls = self._open.get(("csms" if who == "station" else "station", message_id), ())
        call = next((one for one in calls if not one.is_answered), None)
        if call is None:
            return
        call.is_answered = True
        if kind == 3:
            call.answer = frame[2] if len(frame) > 2 else None
        else:
            call.error = (str(frame[2]) if len(frame) > 2 else "", str(frame[3]) if len(frame) > 3 else "")

    def _call(self, who: Who, message: Message, kind: int) -> None:
        self.messages.append(message)
        if kind == 2:
            self._open.setdefault((who, message.message_id), []).append(message)
