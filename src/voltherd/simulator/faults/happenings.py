"""Faults that come at times: clocks that jump, meters that forget, stations that start again and again, storms."""

from __future__ import annotations

from typing import ClassVar

from voltherd.simulator.faults.fault import Hold, TimedFault
from voltherd.simulator.faults.line import cut_power


class ClockJump(TimedFault, frozen=True, kw_only=True, tag="clock-jump"):
    """The station's wall clock jumps by `seconds`, on or back, until the CSMS sets it."""

    KIND: ClassVar[str] = "clock-jump"

    seconds: float

    def strike(self, hold: Hold) -> None:
        """Jump."""
        station = hold.station
        station.clock.jump(self.seconds)
        station.core.now = station.clock.now()
        for function in station.core.functions:
            function.clock_changed()
        station.pump()


class MeterReset(TimedFault, frozen=True, kw_only=True, tag="meter-reset"):
    """The registers of a meter begin anew at `energy_wh`; of all EVSEs without `evse_id`."""

    KIND: ClassVar[str] = "meter-reset"

    energy_wh: float = 0.0
    evse_id: int | None = None

    def strike(self, hold: Hold) -> None:
        """Forget."""
        now = hold.station.clock.now()
        for number, evse in hold.station.hardware.items():
            if self.evse_id in (None, number):
                evse.reset_meter(now, energy_import_wh=self.energy_wh)


class RebootLoop(TimedFault, frozen=True, kw_only=True, tag="reboot-loop"):
    """The station starts again and again, `off_s` dark between, `every_s` apart."""

    KIND: ClassVar[str] = "reboot-loop"

    every_s: float | None = 30.0
    times: int | None = 5
    off_s: float = 1.0

    def strike(self, hold: Hold) -> None:
        """Start again."""
        cut_power(hold, self.off_s)


class ReconnectStorm(TimedFault, frozen=True, kw_only=True, tag="reconnect-storm"):
    """The connection breaks again and again, and the station comes back at once each time."""

    KIND: ClassVar[str] = "reconnect-storm"

    every_s: float | None = 1.0
    times: int | None = 10

    def strike(self, hold: Hold) -> None:
        """Break it."""
        hold.station.drop(at_once=True)
