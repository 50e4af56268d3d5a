"""Faults as data, and what of a station they get hold of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from voltherd.simulator.chance import Chance

if TYPE_CHECKING:
    from voltherd.simulator.faults.line_faults import LineFaults
    from voltherd.simulator.station import SimulatedStation

Side = Literal["sent", "received", "both"]
"""Who said a frame: the station (sent), the CSMS (received)."""

What = Literal["calls", "answers", "all"]


class Frame(Struct, frozen=True):
    """A frame on its way. `action` is the one of the call, for an answer the one of what it answers; "" is unknown."""

    data: bytes
    side: Literal["sent", "received"]
    kind: int
    message_id: str
    action: str

    @property
    def is_call(self) -> bool:
        """Whether it asks or tells, and does not answer."""
        return self.kind in (2, 6)

    def content(self) -> list[Any] | None:
        """The frame as a list; None where it is none."""
        try:
            found = msgspec.json.decode(self.data)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) and len(found) >= 3 else None


class Hold(Struct):
    """What a fault in force gets hold of, and how often it has worked.

    Attributes:
        pass_on: lets a frame go on its way, past the faults that were asked already.
        seen: frames that fitted; `harmed`: those among them, or occasions, that it did harm to.
        memory: whatever the fault wants to remember.
    """

    line: LineFaults
    chance: Chance
    seen: int = 0
    harmed: int = 0
    memory: Any = None

    @property
    def station(self) -> SimulatedStation:
        """The station that suffers."""
        return self.line.station


PassOn = Callable[[bytes], None]


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", rename="kebab"):
    """Something that goes wrong."""

    KIND: ClassVar[str] = ""

    def begin(self, hold: Hold) -> None:
        """It is in force from now on."""

    def end(self, hold: Hold) -> None:
        """It is over: what it holds back goes on its way."""


class FrameFault(Fault, frozen=True, kw_only=True):
    """Goes wrong with frames that fit.

    Attributes:
        side: whose frames.
        what: calls (and SENDs), answers to calls, or both.
        actions: only messages of these actions, and their answers; none given: all.
        after: so many frames that fit pass unharmed before.
        times: so many are harmed, then no more; None: all that follow.
        share: each frame is harmed with this probability.
    """

    side: Side = "both"
    what: What = "all"
    actions: tuple[str, ...] = ()
    after: int = 0
    times: int | None = None
    share: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: one that cannot be.
        """
        if not 0.0 < self.share <= 1.0 or self.after < 0 or (self.times is not None and self.times < 1):
            raise ValueError("share is above 0 and up to 1, after is not negative, times is at least 1")

    def strikes(self, frame: Frame, hold: Hold) -> bool:
        """Whether this frame is one that it harms; counts it."""
        if not self.fits(frame) or (self.times is not None and hold.harmed >= self.times):
            return False
        hold.seen += 1
        if hold.seen <= self.after or not hold.chance.happens(self.share):
            return False
        hold.harmed += 1
        return True

    def fits(self, frame: Frame) -> bool:
        """Whether it is about such frames at all."""
        if self.side not in (frame.side, "both") or (self.actions and frame.action not in self.actions):
            return False
        return self.what == "all" or (self.what == "calls") is frame.is_call

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Do it."""
        raise NotImplementedError


class TimedFault(Fault, frozen=True, kw_only=True):
    """Goes wrong at times of the station's clock, counted from the moment the fault is in force.

    Attributes:
        at_s: the first time.
        every_s: again so long after; None: once.
        times: so often in all; None: as long as it is in force.
    """

    at_s: float = 0.0
    every_s: float | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: one that cannot be.
        """
        if self.at_s < 0 or (self.every_s is not None and self.every_s <= 0) or (self.times or 1) < 1:
            raise ValueError("at-s is not negative, every-s is above 0, times is at least 1")

    def begin(self, hold: Hold) -> None:
        """Wait for the first time."""
        hold.memory = hold.line.later(self.at_s, lambda: self._strike(hold))

    def end(self, hold: Hold) -> None:
        """No more of it."""
        hold.memory.cancel()

    def _strike(self, hold: Hold) -> None:
        hold.harmed += 1
        if self.every_s is not None and (self.times is None or hold.harmed < self.times):
            hold.memory = hold.line.later(self.every_s, lambda: self._strike(hold))
        self.strike(hold)

    def strike(self, hold: Hold) -> None:
        """Do it."""
        raise NotImplementedError
