"""Monitors of variables and the events they raise (OCPP 2.0.1 N02 to N08).

Every EVSE has a hard-wired monitor of `Problem` and a preconfigured one of its temperature. Monitors are looked at
when an EVSE or a setting changes, and from time to time as long as there are any that watch something measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec.structs import replace

from voltherd.station.device_model import (
    BYTES_PER_MESSAGE,
    ITEMS_PER_MESSAGE,
    Entry,
    Inventory,
    Place,
    Selection,
    deliver,
)
from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.monitor import (
    CRITERIA,
    HIGHEST_SEVERITY,
    Event,
    Events,
    EventTrigger,
    Monitor,
    MonitorReport,
    SetResult,
    StreamParams,
    misfit,
    suits,
    why_not_replaced,
)
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.structure import evse_problem
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "monitor"
"""Monitors that are not as built; an empty document stands for one that was removed."""
SAMPLE_S: Final = 5.0
"""How often measured variables are looked at when the CSMS watches some."""
BUILT_IN_SAMPLE_S: Final = 60.0
"""How often otherwise, while a transaction goes on."""
MONITORS_PER_REPORT: Final = 20
MOST_MONITORS: Final = 200
MOST_QUEUED: Final = 500
"""Messages that wait for the line, above which no events are added to them."""

PROBLEM_SEVERITY: Final = 3
HOT_SEVERITY: Final = 5
HOT_C: Final = 85.0

Base = Literal["All", "FactoryDefault", "HardWiredOnly"]
ClearStatus = Literal["Accepted", "Rejected", "NotFound"]


class Monitoring(Function):
    """Keeps the monitors, looks at what they watch, and tells."""

    __slots__ = ("_event_id", "_monitors", "_periodic", "_sample_timer")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("monitoring_available", True, None, "MonitoringCtrlr.Available", access="ReadOnly"),
        switch("monitoring_enabled", True, None, "MonitoringCtrlr.Enabled"),
        text("monitoring_base", "All", None, "MonitoringCtrlr.ActiveMonitoringBase", kind="OptionList",
             values=("All", "FactoryDefault", "HardWiredOnly"), access="ReadOnly"),
        number("monitoring_level", HIGHEST_SEVERITY, None, "MonitoringCtrlr.ActiveMonitoringLevel", unit=None,
               most=HIGHEST_SEVERITY, access="ReadOnly"),
        number("queued_severity", 4, None, "MonitoringCtrlr.OfflineQueuingSeverity", unit=None, most=HIGHEST_SEVERITY),
        number("items_per_monitoring", ITEMS_PER_MESSAGE, None,
               "MonitoringCtrlr.ItemsPerMessage/SetVariableMonitoring", unit=None, access="ReadOnly"),
        number("bytes_per_monitoring", BYTES_PER_MESSAGE, None,
               "MonitoringCtrlr.BytesPerMessage/SetVariableMonitoring", unit="B", access="ReadOnly"),
        number("items_per_clearing", ITEMS_PER_MESSAGE, None,
               "MonitoringCtrlr.ItemsPerMessage/ClearVariableMonitoring", unit=None, access="ReadOnly"),
        number("bytes_per_clearing", BYTES_PER_MESSAGE, None,
               "MonitoringCtrlr.BytesPerMessage/ClearVariableMonitoring", unit="B", access="ReadOnly"),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._monitors: dict[int, Monitor] = {}
        self._periodic: dict[int, Timer] | None = None
        self._sample_timer: Timer | None = None
        self._event_id = int(core.clock.wall(core.now).timestamp()) % 1_000_000_000

    @property
    def is_offered(self) -> bool:
        """2.x has monitors."""
        return self.core.dialect.family == "2.x"

    # What there is ---------------------------------------------------------------------------

    def restore(self) -> None:
        """Build the monitors, and take up what the CSMS made of them (OCPP 2.0.1 N07.FR.13)."""
        if not self.is_offered:
            return
        self._monitors = {m.id: m for m in self._built_in(preconfigured=self._base != "HardWiredOnly")}
        for key, value in self.core.storage.all(ROOM).items():
            if value:
                self._monitors[int(key)] = msgspec.json.decode(value, type=Monitor)
            else:
                self._monitors.pop(int(key), None)
        self._begin()

    @property
    def _base(self) -> str:
        return self.core.settings.text("monitoring_base")

    def _built_in(self, *, preconfigured: bool) -> Iterable[Monitor]:
        for evse_id in self.core.evses:
            problem = Place(component="EVSE", variable="Problem", evse_id=evse_id)
            yield Monitor(id=2 * evse_id - 1, place=problem, type="Delta", value=1.0, severity=PROBLEM_SEVERITY,
                          origin="HardWiredMonitor", last="false")  # fmt: skip
            if preconfigured:
                heat = Place(component="EVSE", variable="Temperature", evse_id=evse_id)
                yield Monitor(id=2 * evse_id, place=heat, type="UpperThreshold", value=HOT_C, severity=HOT_SEVERITY,
                              origin="PreconfiguredMonitor")  # fmt: skip

    def monitor(self, monitor_id: int) -> Monitor | None:
        """The monitor of that number."""
        return self._monitors.get(monitor_id)

    def with_stream(self) -> list[Monitor]:
        """The monitors whose values go by a stream (2.1)."""
        return [monitor for monitor in self._monitors.values() if monitor.stream is not None]

    def stream_adjusted(self, monitor_id: int, params: StreamParams) -> None:
        """Remember how often the stream of a monitor is sent."""
        monitor = self._monitors.get(monitor_id)
        if monitor is not None:
            monitor.stream = params
            self._keep(monitor)

    def chosen(self, criteria: list[str], wanted: list[Selection]) -> list[Monitor]:
        """The monitors that a report is asked for (OCPP 2.0.1 N02.FR.05 to FR.21)."""
        kinds = {kind for one in criteria for kind in CRITERIA[one]}
        return [
            monitor
            for monitor in self._monitors.values()
            if (not criteria or monitor.type in kinds)
            and (not wanted or any(one.covers(monitor.place) for one in wanted))
        ]

    def report(self, request_id: int, monitors: list[Monitor]) -> None:
        """Deliver a report in parts, after the answer to the request in hand (OCPP 2.0.1 N02.FR.03, FR.09)."""
        size = MONITORS_PER_REPORT
        parts = [tuple(monitors[i : i + size]) for i in range(0, len(monitors), size)]
        deliver(self.core, [MonitorReport(request_id, n, n < len(parts) - 1, part) for n, part in enumerate(parts)])

    # Setting and clearing --------------------------------------------------------------------

    def set(self, wanted: Monitor) -> SetResult:
        """Set a monitor, or replace the one with its id; id 0 asks for a new one (OCPP 2.0.1 N04)."""
        inventory = Inventory(self.core)
        entry = inventory.find(wanted.place)
        if entry is None:
            unknown = inventory.unknown(wanted.place)
            return SetResult("UnknownComponent" if unknown == "UnknownComponent" else "UnknownVariable")
        refusal = self._refusal(wanted, entry)
        if refusal is not None:
            return refusal
        forerunner = self._monitors.get(wanted.id)
        new_id = wanted.id or max(*self._monitors, 2 * len(self.core.evses), 0) + 1
        monitor = replace(wanted, id=new_id, last=self._value(entry), is_over=bool(forerunner and forerunner.is_over))
        self._monitors[new_id] = monitor
        self._keep(monitor)
        self._begin()
        self.core.afterwards(lambda: self._look([monitor], anew=True))
        self.core.event_streams.monitor_set(monitor)
        return SetResult("Accepted", new_id)

    def _refusal(self, wanted: Monitor, entry: Entry) -> SetResult | None:
        if wanted.id:
            known = self._monitors.get(wanted.id)
            if known is None or known.origin == "HardWiredMonitor" or known.place.key != wanted.place.key:
                return SetResult("Rejected", why=why_not_replaced(known))
        elif len(self._monitors) >= MOST_MONITORS:
            return SetResult("Rejected", why="There are as many monitors as there can be")
        if not suits(wanted, entry):
            return SetResult("UnsupportedMonitorType", why=f"{wanted.type} does not suit the variable")
        why = misfit(wanted, entry) or self.core.event_streams.objection(wanted)
        if why is not None:
            return SetResult("Rejected", why=why)
        if any(one.is_same_as(wanted) for one in self._monitors.values() if one.id != wanted.id):
            return SetResult("Duplicate", why="There is such a monitor with this severity already")
        return None

    def clear(self, monitor_id: int) -> ClearStatus:
        """Remove a monitor (OCPP 2.0.1 N06)."""
        monitor = self._monitors.get(monitor_id)
        if monitor is None:
            return "NotFound"
        if monitor.origin == "HardWiredMonitor":
            return "Rejected"
        self._remove(monitor)
        self._begin()
        return "Accepted"

    def _remove(self, monitor: Monitor) -> None:
        del self._monitors[monitor.id]
        if monitor.id <= 2 * len(self.core.evses):
            self.core.storage.keep(ROOM, str(monitor.id), b"")
        else:
            self.core.storage.drop(ROOM, str(monitor.id))
        self.core.event_streams.monitor_gone(monitor)

    def set_base(self, base: Base) -> None:
        """Switch to a base set of monitors (OCPP 2.0.1 N03.FR.03 to FR.05)."""
        if base != "All":
            for monitor in [m for m in self._monitors.values() if m.origin != "HardWiredMonitor"]:
                self._remove(monitor)
        for monitor in self._built_in(preconfigured=base != "HardWiredOnly"):
            if monitor.id not in self._monitors:
                self._monitors[monitor.id] = monitor
                self.core.storage.drop(ROOM, str(monitor.id))
        self.core.settings.change("monitoring_base", base)
        self._begin()

    def set_level(self, severity: int) -> bool:
        """Tell only events of that severity number or a lower one (OCPP 2.0.1 N05); False for no severity."""
        if not 0 <= severity <= HIGHEST_SEVERITY:
            return False
        self.core.settings.change("monitoring_level", str(severity))
        return True

    def _keep(self, monitor: Monitor) -> None:
        self.core.storage.keep(ROOM, str(monitor.id), msgspec.json.encode(monitor))

    # Looking ---------------------------------------------------------------------------------

    def evse_changed(self, evse: Evse) -> None:
        """Look at what is watched there, and at the station."""
        self._look(m for m in self._monitors.values() if m.place.evse_id in (evse.id, None))

    def setting_changed(self, name: str) -> None:
        """Look at the setting."""
        if not self._monitors:
            return
        setting = self.core.settings.setting(name)
        if setting.component is not None:
            wanted = setting.component.casefold()
            self._look(m for m in self._monitors.values() if m.place.component.casefold() == wanted)

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """What is watched during transactions only begins with the values of now."""
        for monitor in self._monitors.values():
            if monitor.transaction and monitor.place.evse_id in (evse.id, None):
                monitor.last = None
        self._sample_later()

    def clock_changed(self) -> None:
        """Clock-aligned monitors go by the new time."""
        self._begin()

    def _begin(self) -> None:
        """Set the timers for the monitors there are."""
        for timer in (self._periodic or {}).values():
            timer.cancel()
        self._periodic = None
        for monitor in self._monitors.values():
            if monitor.is_periodic:
                self._repeat(monitor)
        self._sample_later()

    def _sample_later(self) -> None:
        if self._sample_timer is not None:
            self._sample_timer.cancel()
            self._sample_timer = None
        custom = any(m.origin == "CustomMonitor" and not m.is_periodic for m in self._monitors.values())
        if custom or (self._monitors and self.core.charging.is_busy):
            wait_s = SAMPLE_S if custom else BUILT_IN_SAMPLE_S
            self._sample_timer = self.core.timers.at(self.core.now + wait_s, self._sample)

    def _sample(self) -> None:
        self._sample_timer = None
        self._look(self._monitors.values())
        self._sample_later()

    def _look(self, monitors: Iterable[Monitor], *, anew: bool = False) -> None:
        inventory = Inventory(self.core)
        events = []
        for monitor in monitors:
            if monitor.is_periodic or not self._is_watching(monitor):
                continue
            entry = self._entry(monitor, inventory)
            event = None if entry is None else self._event(monitor, entry, anew=anew)
            if event is not None:
                events.append(event)
        self._tell(events)

    def _entry(self, monitor: Monitor, inventory: Inventory) -> Entry | None:
        """The variable it watches; those that every station watches are found without a look at all the others."""
        evse = None if monitor.place.evse_id is None else self.core.evses.get(monitor.place.evse_id)
        if monitor.origin == "CustomMonitor" or evse is None:
            return inventory.find(monitor.place)
        return evse_problem(evse) if monitor.place.variable == "Problem" else self.core.sensors.temperature(evse)

    def _is_watching(self, monitor: Monitor) -> bool:
        if self._monitors.get(monitor.id) is not monitor:
            return False
        return not monitor.transaction or self._transaction_id(monitor.place) is not None

    def _event(self, monitor: Monitor, entry: Entry, *, anew: bool) -> Event | None:
        value = self._value(entry)
        if monitor.type == "Delta":
            if monitor.last is None:
                monitor.last = value
            if not monitor.has_moved(value):
                return None
            monitor.last = value
            return self._new(monitor, entry, "Delta")
        is_beyond = monitor.is_beyond(value, entry.target if isinstance(entry, Fact) else None)
        if is_beyond is None or (is_beyond == monitor.is_over and not (anew and is_beyond)):
            return None
        monitor.is_over = is_beyond
        self._keep(monitor)
        return self._new(monitor, entry, "Alerting", cleared=not is_beyond)

    def _value(self, entry: Entry) -> str:
        return entry.value if isinstance(entry, Fact) else self.core.settings.text(entry.name)

    # Periodically ----------------------------------------------------------------------------

    def _repeat(self, monitor: Monitor) -> None:
        core = self.core
        when = core.now + monitor.value
        if monitor.type == "PeriodicClockAligned":
            wall_s = core.clock.wall(core.now).timestamp()
            when = core.now + (floor(wall_s / monitor.value + 1e-9) + 1) * monitor.value - wall_s
        if self._periodic is None:
            self._periodic = {}
        self._periodic[monitor.id] = core.timers.at(when, lambda: self._period_over(monitor))

    def _period_over(self, monitor: Monitor) -> None:
        self._repeat(monitor)
        entry = Inventory(self.core).find(monitor.place) if self._is_watching(monitor) else None
        if entry is None:
            return
        event = self._new(monitor, entry, "Periodic")
        if not self.core.event_streams.take(monitor, event.value):
            self._tell([event])

    # Telling ---------------------------------------------------------------------------------

    def notify(
        self,
        place: Place,
        value: str,
        severity: int,
        *,
        trigger: EventTrigger = "Alerting",
        cause: int | None = None,
        tech_code: str | None = None,
    ) -> int:
        """Tell of something that no monitor watches (HardWiredNotification); gives the id of the event."""
        event = Event(id=self._next_id(), at=self.core.clock.text(self.core.now), trigger=trigger, value=value,
                      place=place, origin="HardWiredNotification", severity=severity, cause=cause,
                      tech_code=tech_code, transaction_id=self._transaction_id(place))  # fmt: skip
        self._tell([event])
        return event.id

    def _new(self, monitor: Monitor, entry: Entry, trigger: EventTrigger, *, cleared: bool = False) -> Event:
        return Event(
            id=self._next_id(),
            at=self.core.clock.text(self.core.now),
            trigger=trigger,
            value=self.core.device_model.value(entry),
            place=monitor.place,
            origin=monitor.origin,
            severity=monitor.severity,
            monitor_id=monitor.id,
            cleared=cleared,
            transaction_id=self._transaction_id(monitor.place),
        )

    def _next_id(self) -> int:
        self._event_id += 1
        return self._event_id

    def _transaction_id(self, place: Place) -> str | None:
        evses = [self.core.evses.get(place.evse_id)] if place.evse_id is not None else self.core.evses.values()
        running = [evse.transaction.id for evse in evses if evse is not None and evse.transaction is not None]
        return running[0] if running else None

    def _tell(self, events: list[Event]) -> None:
        """Tell what is severe enough; keep for later what is more so (OCPP 2.0.1 N05.FR.03, N07.FR.04, N08.FR.03)."""
        core, settings = self.core, self.core.settings
        if not events or not settings.switch("monitoring_enabled"):
            return
        level, queued = settings.number("monitoring_level"), settings.number("queued_severity")
        told = [event for event in events if event.severity <= level]
        kept = tuple(event for event in told if event.severity <= queued)
        passing = tuple(event for event in told if event.severity > queued)
        if kept and core.outbox.kept_count < MOST_QUEUED:
            core.queue(Events(kept))
        if passing:
            core.say(Events(passing))
