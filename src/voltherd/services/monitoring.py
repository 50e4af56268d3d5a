"""Keeps which monitors stations have (N02 to N06), and reads the limits of messages about them."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from voltherd.domain.commands import CommandRecord
from voltherd.domain.device_model import Report
from voltherd.domain.events import Fact, Progressed, ReportCompleted
from voltherd.domain.monitoring import ACTIVE, GetCustomReport, GetMonitoringReport, Monitor
from voltherd.domain.report import StationReport
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import Seen, effect_of, observe, remote_start_id, report_seen
from voltherd.services.reports import Reports
from voltherd.services.state import StationState
from voltherd.services.work import Work

REPORT: Final = "monitoring-report"
MAX_GONE: Final = 500
"""So many monitors that were rejected or cleared are remembered of a station; the oldest go first."""
MAX_REPORTS: Final = 1_000
_PAGE: Final = 1_000


class Limits(Struct, frozen=True):
    """How much a station takes in one message; None: it does not say."""

    items: int | None = None
    size_bytes: int | None = None


class _Parts(Report):
    """What came of a report so far."""

    whole: bool = False
    """All monitors were asked for: what is not in it is gone."""
    keys: set[str] = field(default_factory=set)


class Monitors:
    """Keeps the monitors of stations."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records
        self._kept = Reports(needs.documents)
        self._reports: OrderedDict[tuple[int, int], _Parts] = OrderedDict()

    async def limits(self, state: StationState, component: str, instance: str) -> Limits:
        """Read how much a station says that it takes at once of a kind of message (OCPP 2.0.1 N06.FR.04)."""
        found: dict[str, int] = {}
        cursor: str | None = None
        while True:
            station = state.station
            page = await self._records.variables(station.tenant_id, station.id, limit=_PAGE, cursor=cursor)
            for item in page.items:
                text = item.actual_value or ""
                same = (item.component, item.variable_instance.casefold()) == (component, instance.casefold())
                if same and item.attribute == "Actual" and text.isascii() and text.isdigit() and len(text) < 10:
                    found[item.variable] = int(text)
            cursor = page.next
            if cursor is None:
                return Limits(found.get("ItemsPerMessage") or None, found.get("BytesPerMessage") or None)

    # -- what requests of ours changed ------------------------------------------------------------------------------

    def answered(self, state: StationState, work: Work, monitors: Sequence[Monitor]) -> None:
        """Record monitors as the station answered to them: set or rejected (N04)."""
        held = self._documents.held(state, Monitor)
        for monitor in monitors:
            known = held.get(monitor.key)
            if monitor.state == "set":
                monitor.notification_type = "CustomMonitor"  # a preconfigured one that is replaced too (N04.FR.15)
                monitor.reported_at_ms = known.reported_at_ms if known is not None else None
            self._documents.keep(state, work, monitor)
        self._drop_oldest(state, work)

    def cleared(self, state: StationState, work: Work, numbers: Iterable[int]) -> None:
        """Record monitors that are gone (N06)."""
        held = self._documents.held(state, Monitor)
        for number in numbers:
            monitor = held.get(str(number))
            if monitor is not None:
                self._clear(state, work, monitor, "cleared")
        self._drop_oldest(state, work)

    def based(self, state: StationState, work: Work, base: str) -> None:
        """Record what a base does: custom monitors go, with `HardWiredOnly` preconfigured ones too (N03.FR.04, .05)."""
        if base == "All":
            return
        staying = ("HardWiredMonitor",) if base == "HardWiredOnly" else ("HardWiredMonitor", "PreconfiguredMonitor")
        for monitor in self._documents.held(state, Monitor).values():
            if monitor.state in ACTIVE and (monitor.notification_type or "CustomMonitor") not in staying:
                self._clear(state, work, monitor, f"monitoring base {base}")
        self._drop_oldest(state, work)

    def _clear(self, state: StationState, work: Work, monitor: Monitor, reason: str) -> None:
        monitor.state, monitor.reason = "cleared", reason
        self._documents.keep(state, work, monitor)

    # -- reports ----------------------------------------------------------------------------------------------------

    def report_begins(self, state: StationState, request_id: int, *, whole: bool) -> None:
        """Note that the station will report; `whole` where all monitors were asked for (N02.FR.11)."""
        self._parts(state, request_id).whole = whole

    def none_there(self, state: StationState, work: Work, request_id: int, *, whole: bool) -> None:
        """Record that the station has no monitor of those asked for (N02.FR.10); of all: what we knew of is gone."""
        self._documents.held(state, Monitor)
        parts = self._parts(state, request_id)
        parts.whole = whole
        self._complete(state, work, request_id, parts)

    def part(
        self, state: StationState, work: Work, request_id: int, seq_no: int, monitors: Sequence[Monitor], *, last: bool
    ) -> None:
        """Record one part of a report, in whatever order they come (N02.FR.09); complete when none is missing.

        What came of it before a restart of ours counts.
        """
        held = self._documents.held(state, Monitor)
        before = self._kept.recall(state, work, "monitors", request_id)
        parts = self._parts(state, request_id)
        if before is not None and not parts.parts:
            _take_up(parts, before, held.values())
        for monitor in monitors:
            known = held.get(monitor.key)
            if known is not None:
                monitor.stream_interval_s, monitor.stream_values = known.stream_interval_s, known.stream_values
                monitor.notification_type = monitor.notification_type or known.notification_type
            monitor.reported_at_ms = work.now_ms
            parts.keys.add(monitor.key)
            self._documents.keep(state, work, monitor)
        parts.came(seq_no, work.now_ms, last=last)
        self._kept.came(state, work, "monitors", request_id, parts, len(parts.keys), whole=parts.whole)
        if parts.is_complete:
            self._complete(state, work, request_id, parts)

    def _complete(self, state: StationState, work: Work, request_id: int, parts: _Parts) -> None:
        self._reports.pop((state.station.id, request_id), None)
        if parts.whole:
            for monitor in self._documents.held(state, Monitor).values():
                if monitor.state in ACTIVE and monitor.key not in parts.keys:
                    self._clear(state, work, monitor, "not in a report of all monitors")
            self._drop_oldest(state, work)
        observe(state, work, Progressed(REPORT, request_id, str(len(parts.keys))))

    def _parts(self, state: StationState, request_id: int) -> _Parts:
        key = state.station.id, request_id
        parts = self._reports.get(key)
        if parts is None:
            parts = self._reports[key] = _Parts(at_ms=0)
            if len(self._reports) > MAX_REPORTS:
                self._reports.popitem(last=False)
        return parts

    def _drop_oldest(self, state: StationState, work: Work) -> None:
        held: Mapping[str, Monitor] = self._documents.held(state, Monitor)
        gone = [monitor for monitor in held.values() if monitor.state not in ACTIVE]
        for monitor in gone[: max(0, len(gone) - MAX_GONE)]:
            self._documents.drop(state, work, monitor)


def _take_up(parts: _Parts, before: StationReport, monitors: Iterable[Monitor]) -> None:
    """Go on with a report as it was before a restart; its monitors are those reported since it began."""
    before.put_into(parts)
    parts.whole = parts.whole or before.whole
    parts.keys = {one.key for one in monitors if (one.reported_at_ms or 0) >= before.began_at_ms}


@effect_of(GetMonitoringReport)
def _reported(state: StationState, record: CommandRecord, command: GetMonitoringReport, fact: Fact) -> Seen:
    if isinstance(fact, Progressed) and fact.what == REPORT and fact.request_id == remote_start_id(record.id):
        return "the station has no such monitors" if fact.status == "0" else f"{fact.status} monitors reported"
    return None


@effect_of(GetCustomReport)
def _report_completed(state: StationState, record: CommandRecord, command: GetCustomReport, fact: Fact) -> Seen:
    if isinstance(fact, ReportCompleted) and fact.request_id == remote_start_id(record.id):
        return report_seen(state, fact)
    return None
