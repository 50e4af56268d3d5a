"""The settings of the clock: where the time comes from, and the local time (ClockCtrlr of OCPP 2.0.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, ClassVar, Final
from zoneinfo import ZoneInfo

from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, text
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_OFFSET: Final = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")


class ClockControl(Function):
    """Knows the local time, and changes its offset when told to."""

    __slots__ = ("_timer",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        text("time_source", "Heartbeat", None, "ClockCtrlr.TimeSource", kind="SequenceList",
             values=("Heartbeat", "RealTimeClock"), required=True),
        text("time_zone", "", None, "ClockCtrlr.TimeZone", most_characters=50),
        text("time_offset", "", None, "ClockCtrlr.TimeOffset", most_characters=6),
        text("next_time_offset", "", None, "ClockCtrlr.TimeOffset/NextTransition", most_characters=6),
        text("next_time_offset_at", "", None, "ClockCtrlr.NextTimeOffsetTransitionDateTime", kind="dateTime"),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timer: Timer | None = None

    def local(self, now: float) -> datetime:
        """The local time at `now`: in the zone that is set, else with the offset that is set, else UTC."""
        wall, settings = self.core.clock.wall(now), self.core.settings
        zone = settings.text("time_zone")
        if zone:
            return wall.astimezone(ZoneInfo(zone))
        return wall.astimezone(timezone(_offset(settings.text("time_offset"))))

    # Moments ---------------------------------------------------------------------------------

    def restore(self) -> None:
        """Wait for the next change of the offset."""
        self._wait()

    def clock_changed(self) -> None:
        """The change of the offset has come nearer, or passed."""
        self._wait()

    def setting_changed(self, name: str) -> None:
        """Another moment of change."""
        if name in ("next_time_offset", "next_time_offset_at"):
            self._wait()

    def objects_to(self, name: str, value: str) -> str | None:
        """Zones must be known, and offsets be written `+01:00`."""
        if name == "time_zone" and value and not _is_zone(value):
            return f"{value!r} is no known time zone"
        if name in ("time_offset", "next_time_offset") and value and _OFFSET.fullmatch(value) is None:
            return f"{value!r} is no offset such as +01:00"
        return None

    def _wait(self) -> None:
        core, at = self.core, self.core.settings.text("next_time_offset_at")
        if self._timer is not None:
            self._timer.cancel()
        when = core.clock.at(at, core.now) if at and core.settings.text("next_time_offset") else None
        self._timer = None if when is None else core.timers.at(when, self._change)

    def _change(self) -> None:
        settings = self.core.settings
        offset = settings.text("next_time_offset")
        for name, value in (("time_offset", offset), ("next_time_offset", ""), ("next_time_offset_at", "")):
            settings.change(name, value)

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The time."""
        core = self.core
        yield Fact(component="ClockCtrlr", variable="DateTime", value=core.clock.text(core.now), kind="dateTime")


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return timedelta()
    sign, hours, minutes = found.groups()
    return timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
