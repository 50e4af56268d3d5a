"""Faults of the line and the power, at a frame: in the middle of anything."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal

from voltherd.simulator.faults.fault import Frame, FrameFault, Hold, PassOn

Where = Literal["before", "after"]
"""Whether the frame at which it happens still gets through."""


class _At(FrameFault, frozen=True, kw_only=True):
    where: Where = "after"
    times: int | None = 1

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Let the frame through or not, and do it."""
        if self.where == "after":
            pass_on(frame.data)
        asyncio.get_running_loop().call_soon(self.happen, hold)

    def happen(self, hold: Hold) -> None:
        """Do it."""
        raise NotImplementedError


class Drop(_At, frozen=True, kw_only=True, tag="drop"):
    """The connection breaks without a close frame; the station comes back as its rules say, or `at_once`."""

    KIND: ClassVar[str] = "drop"

    at_once: bool = False

    def happen(self, hold: Hold) -> None:
        """Break it."""
        hold.station.drop(at_once=self.at_once)


class HalfOpen(_At, frozen=True, kw_only=True, tag="half-open"):
    """The station leaves its socket open without a word and comes back on a new one: the CSMS has two."""

    KIND: ClassVar[str] = "half-open"

    def happen(self, hold: Hold) -> None:
        """Leave it."""
        hold.line.desert()


class BlackHole(_At, frozen=True, kw_only=True, tag="black-hole"):
    """Nothing gets through in either direction for `for_s`, not even pings, and neither side is told."""

    KIND: ClassVar[str] = "black-hole"

    for_s: float

    def strikes(self, frame: Frame, hold: Hold) -> bool:
        """While it is dark, every frame; else as any fault."""
        return hold.memory is not None or FrameFault.strikes(self, frame, hold)

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Swallow it, or let it through and begin."""
        if hold.memory is None:
            _At.harm(self, frame, hold, pass_on)

    def happen(self, hold: Hold) -> None:
        """The network is gone."""
        connection = hold.station.connection
        if connection is not None and hold.memory is None:
            connection.stop_reading()
            hold.memory = connection
            hold.line.later(self.for_s, lambda: self.end(hold))

    def end(self, hold: Hold) -> None:
        """It is back."""
        connection, hold.memory = hold.memory, None
        if connection is not None:
            connection.go_on_reading()


class PowerCut(_At, frozen=True, kw_only=True, tag="power-cut"):
    """The station's power goes, for `for_s`."""

    KIND: ClassVar[str] = "power-cut"

    for_s: float = 5.0

    def happen(self, hold: Hold) -> None:
        """Off, and on."""
        cut_power(hold, self.for_s)


def cut_power(hold: Hold, for_s: float) -> None:
    """Cut a station's power at once, and bring it back."""

    async def off_and_on() -> None:
        await hold.station.power_cut()
        await hold.station.clock.sleep(for_s)
        hold.station.power_back()

    if hold.station.has_power:
        hold.line.run(off_and_on())
