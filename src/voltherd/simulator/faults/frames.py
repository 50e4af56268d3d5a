"""Faults of the way: frames that get lost, come late, twice, or in another order."""

from __future__ import annotations

from typing import ClassVar

from voltherd.simulator.faults.fault import Frame, FrameFault, Hold, PassOn


class Lose(FrameFault, frozen=True, kw_only=True, tag="lose"):
    """Frames do not arrive. With `what = "answers"` and `side = "sent"`: commands that are never answered."""

    KIND: ClassVar[str] = "lose"

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Nothing goes on."""


class Delay(FrameFault, frozen=True, kw_only=True, tag="delay"):
    """Frames come late, in their order or not. With `what = "answers"`: answers that come late.

    Attributes:
        least_s, most_s: drawn evenly between, in seconds of the station's clock.
        in_order: none overtakes another of the same side.
    """

    KIND: ClassVar[str] = "delay"

    most_s: float
    least_s: float = 0.0
    in_order: bool = True

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: one that cannot be.
        """
        FrameFault.__post_init__(self)
        if not 0.0 <= self.least_s <= self.most_s:
            raise ValueError("least-s is not negative and not above most-s")

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Let it go later."""
        clock = hold.station.clock
        now = clock.now()
        due = now + hold.chance.between(self.least_s, self.most_s)
        if self.in_order:
            last: dict[str, float] = hold.memory if hold.memory is not None else {}
            due = max(due, last.get(frame.side, 0.0) + 0.001 * clock.factor)
            hold.memory = last | {frame.side: due}
        hold.line.later(due - now, lambda: pass_on(frame.data))


class Reorder(FrameFault, frozen=True, kw_only=True, tag="reorder"):
    """Frames are held back and go on in another order.

    Attributes:
        of: so many together.
        hold_s: fewer than that go on after so many seconds.
    """

    KIND: ClassVar[str] = "reorder"

    of: int = 2
    hold_s: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: one that cannot be.
        """
        FrameFault.__post_init__(self)
        if self.of < 2 or self.hold_s <= 0:
            raise ValueError("of is at least 2, hold-s is above 0")

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Hold it until there are enough."""
        held: list[tuple[bytes, PassOn]] = hold.memory if hold.memory is not None else []
        hold.memory = held
        held.append((frame.data, pass_on))
        if len(held) >= self.of:
            self._release(hold)
        elif len(held) == 1:
            hold.line.later(self.hold_s, lambda: self._release(hold, held))

    def end(self, hold: Hold) -> None:
        """What is held goes on."""
        self._release(hold)

    def _release(self, hold: Hold, these: list[tuple[bytes, PassOn]] | None = None) -> None:
        held: list[tuple[bytes, PassOn]] = hold.memory or []
        if these is not None and these is not held:
            return
        hold.memory = None
        if len(held) == self.of == 2:
            held.reverse()
        while held:
            data, pass_on = held.pop(hold.chance.below(len(held)) if self.of > 2 else 0)
            pass_on(data)


class Duplicate(FrameFault, frozen=True, kw_only=True, tag="duplicate"):
    """Frames arrive more than once.

    Attributes:
        copies: how many more.
        gap_s: seconds between two of them.
    """

    KIND: ClassVar[str] = "duplicate"

    copies: int = 1
    gap_s: float = 0.0

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Let it go, and go again."""
        pass_on(frame.data)
        for number in range(1, self.copies + 1):
            if self.gap_s > 0:
                hold.line.later(number * self.gap_s, lambda: pass_on(frame.data))
            else:
                pass_on(frame.data)
