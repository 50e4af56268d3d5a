"""Events of stations: appended, each once, listed newest first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index, Select, select

from voltherd.domain.station_event import MAX_SEVERITY, SOURCES, StationEvent
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of
from voltherd.store.reading import RecordsBase, statement_of
from voltherd.store.schema import appended, boolean, id64, integer, partial_index, text

_KEY = ("station_id", "source", "at_ms", "event_id", "digest")

station_events = appended(
    "station_events",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    text("source"),
    text("type"),
    integer("at_ms"),
    integer("received_ms"),
    integer("event_id"),
    text("trigger"),
    text("actual_value"),
    text("component"),
    text("component_instance"),
    text("variable"),
    text("variable_instance"),
    integer("evse_no"),
    integer("connector_no"),
    integer("cause", null=True),
    boolean("cleared", null=True),
    text("tech_code"),
    text("tech_info"),
    integer("severity", null=True),
    boolean("critical", null=True),
    text("transaction_id"),
    text("notification_type"),
    integer("monitor_id", null=True),
    integer("digest"),
)
_c = station_events.c
Index("station_events_key", *(_c[name] for name in _KEY), unique=True)
Index("station_events_of_tenant", _c.tenant_id, _c.source, _c.at_ms, _c.id)
partial_index("station_events_severe", _c.tenant_id, _c.severity, _c.at_ms, _c.id, where=_c.severity.is_not(None))
partial_index(
    "station_events_severe_of_station",
    _c.station_id,
    _c.severity,
    _c.at_ms,
    _c.event_id,
    _c.digest,
    where=_c.severity.is_not(None),
)


STATION_EVENTS = RecordTable(StationEvent, station_events, key=_KEY, mode="append")

_OF_TENANT = Order(STATION_EVENTS, "at_ms", "id", descending=True)
_OF_STATION = Order(STATION_EVENTS, "at_ms", "event_id", "digest", descending=True)


class StationEventRecords(RecordsBase):
    """Queries about events of stations."""

    async def station_events(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        source: str | None = None,
        severity: int | None = None,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of StationEvent, newest first; `severity`: only what is known to be so severe or worse.

        Each station, source and severity is asked for itself, in the order of its own index, and the parts are merged.
        """
        order = _OF_TENANT if station_id is None else _OF_STATION
        wanted = select(*STATION_EVENTS.columns).where(_c.tenant_id == tenant_id)
        if since_ms is not None:
            wanted = wanted.where(_c.at_ms >= since_ms)
        parts = [
            order.page(part, limit, cursor)
            for each in ([None] if station_id is None else [station_id] if isinstance(station_id, int) else station_id)
            for part in _parts(wanted if each is None else wanted.where(_c.station_id == each), source, severity)
        ]
        rows = await self._reader.run([statement_of(part, self._reader.dialect) for part in parts])
        return page_of(STATION_EVENTS, order, order.merged(rows), limit)


def _parts(wanted: Select[Any], source: str | None, severity: int | None) -> list[Select[Any]]:
    if severity is not None:
        if source is not None:
            wanted = wanted.where(_c.source == source)
        wanted = wanted.where(_c.severity.is_not(None))
        return [wanted.where(_c.severity == each) for each in range(min(severity, MAX_SEVERITY) + 1)]
    return [wanted.where(_c.source == each) for each in ((source,) if source is not None else SOURCES)]
