"""One monitor of a variable: what it watches, whether a value concerns it, what is told of it (OCPP 2.0.1 N04, N07)."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from voltherd.ocpp.v2.enums import MonitorEnumType, SetMonitoringStatusEnumType
from voltherd.station.device_model import Entry, Place, can_be_monitored
from voltherd.station.function import Fact

MonitorType = MonitorEnumType
Origin = Literal["HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]

PERIODIC: Final = ("Periodic", "PeriodicClockAligned")
THRESHOLDS: Final = ("UpperThreshold", "LowerThreshold")
TARGETS: Final = ("TargetDelta", "TargetDeltaRelative")
CRITERIA: Final = {
    "ThresholdMonitoring": THRESHOLDS,
    "DeltaMonitoring": ("Delta",),
    "PeriodicMonitoring": PERIODIC,
    "TargetDeltaMonitoring": TARGETS,
}
"""What reports on monitors can be narrowed to (OCPP 2.0.1 N02.FR.12 to FR.14, OCPP 2.1 N02.FR.23)."""
NUMERIC: Final = ("decimal", "integer")

HIGHEST_SEVERITY: Final = 9
"""The number of the least severe (Debug); 0 is Danger."""


EventTrigger = Literal["Alerting", "Delta", "Periodic"]
SetStatus = SetMonitoringStatusEnumType


class StreamParams(Struct, frozen=True, kw_only=True):
    """How often a periodic event stream is sent (OCPP 2.1 N11): seconds, and values at a time."""

    interval_s: int | None = None
    values: int | None = None


class Monitor(Struct, kw_only=True):
    """One monitor.

    Attributes:
        transaction: watches only while a transaction goes on there.
        is_over: the value is beyond the threshold, and the CSMS was told.
        last: the value last told or, before that, at setting; for Delta.
        stream: by which stream periodic values go (2.1), None for NotifyEvent.
    """

    id: int
    place: Place
    type: MonitorType
    value: float
    severity: int
    origin: Origin = "CustomMonitor"
    transaction: bool = False
    is_over: bool = False
    last: str | None = None
    stream: StreamParams | None = None

    @property
    def is_periodic(self) -> bool:
        """Whether it reports by time."""
        return self.type in PERIODIC

    def is_same_as(self, other: Monitor) -> bool:
        """Whether both watch the same for the same with the same severity (OCPP 2.0.1 N04.FR.10)."""
        return (self.place.key, self.type, self.severity) == (other.place.key, other.type, other.severity)

    def is_beyond(self, value: str, target: str | None) -> bool | None:
        """Whether a value is beyond the threshold; None if it cannot be said."""
        actual, wanted = _number(value), _number(target)
        if actual is None:
            return None
        if self.type == "UpperThreshold":
            return actual > self.value
        if self.type == "LowerThreshold":
            return actual < self.value
        if wanted is None:
            return None
        allowed = self.value if self.type == "TargetDelta" else self.value * abs(wanted)
        return abs(actual - wanted) > allowed

    def has_moved(self, value: str) -> bool:
        """Whether a value is far enough from the last one told; texts at any change (OCPP 2.0.1 N07.FR.18, FR.19)."""
        if self.last is None or value == self.last:
            return False
        before, after = _number(self.last), _number(value)
        return before is None or after is None or abs(after - before) > self.value


class Event(Struct, frozen=True, kw_only=True):
    """Something happened to a variable; `at` as OCPP writes it. `cause` is the id of the event that led to it."""

    id: int
    at: str
    trigger: EventTrigger
    value: str
    place: Place
    origin: Origin
    severity: int
    monitor_id: int | None = None
    cleared: bool = False
    transaction_id: str | None = None
    cause: int | None = None
    tech_code: str | None = None


class Events(Struct, frozen=True):
    """Events that are told together."""

    events: tuple[Event, ...]


class MonitorReport(Struct, frozen=True):
    """One part of a report on monitors."""

    request_id: int
    seq_no: int
    more: bool
    monitors: tuple[Monitor, ...]


class SetResult(Struct, frozen=True):
    """What became of a monitor that was to be set: `id` where there is one, `why` where it was refused."""

    status: SetStatus
    id: int | None = None
    why: str | None = None


def suits(wanted: Monitor, entry: Entry) -> bool:
    """Whether a variable can be watched that way (OCPP 2.0.1 N04.FR.05)."""
    if not can_be_monitored(entry):
        return False
    if wanted.type in THRESHOLDS:
        return entry.kind in NUMERIC
    if wanted.type in TARGETS:
        return isinstance(entry, Fact) and entry.target is not None
    return True


def misfit(wanted: Monitor, entry: Entry) -> str | None:
    """What is wrong with the value or the severity (OCPP 2.0.1 N04.FR.06, FR.14)."""
    if not 0 <= wanted.severity <= HIGHEST_SEVERITY:
        return f"A severity is a number from 0 to {HIGHEST_SEVERITY}"
    if wanted.type in THRESHOLDS:
        below = entry.least is not None and wanted.value < entry.least
        above = entry.most is not None and wanted.value > entry.most
        return "The threshold is beyond the limits of the variable" if below or above else None
    if wanted.is_periodic:
        return None if wanted.value >= 1 else "The period is shorter than a second"
    return "The difference is below 0" if wanted.value < 0 else None


def why_not_replaced(known: Monitor | None) -> str:
    """Why a monitor cannot take the place of the one with its id (OCPP 2.0.1 N04.FR.13, FR.16, FR.18)."""
    if known is None:
        return "There is no monitor of that id"
    if known.origin == "HardWiredMonitor":
        return "A hard-wired monitor cannot be changed"
    return "The monitor of that id watches another variable"


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
