"""Stations, their EVSEs, connectors, status history and connections."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Index, PrimaryKeyConstraint, Select, and_, bindparam, case, func, literal, select
from sqlalchemy.sql.expression import ColumnElement

from voltherd.domain.station import (
    SUMMARY_ORDER,
    ConnectionLog,
    Connector,
    Evse,
    Station,
    StatusInterval,
    summary_status,
)
from voltherd.services.ports import Page, StationSnapshot
from voltherd.store.commands import COMMANDS, OPEN_OF_STATION
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.messages import REPLIES_OF_STATION, replies_of
from voltherd.store.paging import Order, contains, page_of
from voltherd.store.reading import OneOf, Query, RecordsBase
from voltherd.store.schema import blob, boolean, clustered, id64, integer, number, partial_index, rewritten, text
from voltherd.store.transactions import HIGHEST_NUMBER, NEWEST_OF_STATION, OPEN_OF_STATIONS, TRANSACTIONS

stations = rewritten(
    "stations",
    id64(),
    integer("tenant_id"),
    text("identity"),
    text("name"),
    text("registration"),
    text("ocpp_version", null=True),
    text("pinned_version", null=True),
    integer("security_profile"),
    blob("password_hash", null=True),
    blob("offered_password_hash", null=True),
    text("site", null=True),
    text("vendor"),
    text("model"),
    text("serial_number"),
    text("firmware_version"),
    text("iccid"),
    text("imsi"),
    text("quirks", null=True),
    text("flags"),
    integer("items_per_message", null=True),
    integer("bytes_per_message", null=True),
    integer("booted_at_ms", null=True),
    text("boot_reason"),
    integer("last_seen_ms", null=True),
    integer("created_at_ms"),
    integer("deleted_at_ms", null=True),
    integer("offered_security_profile", null=True),
)
alive = stations.c.deleted_at_ms.is_(None)
partial_index("stations_identity", stations.c.tenant_id, stations.c.identity, where=alive, unique=True)
Index("stations_of_identity", stations.c.tenant_id, stations.c.identity, stations.c.id)

evses = clustered(
    "evses",
    integer("tenant_id"),
    integer("station_id"),
    integer("evse_no"),
    boolean("operational", null=True),
    number("max_power_w"),
    integer("phases", null=True),
    PrimaryKeyConstraint("station_id", "evse_no"),
)

connectors = clustered(
    "connectors",
    integer("tenant_id"),
    integer("station_id"),
    integer("evse_no"),
    integer("connector_no"),
    text("status"),
    text("error_code"),
    text("vendor_error_code"),
    text("info"),
    integer("changed_at_ms"),
    integer("received_at_ms"),
    PrimaryKeyConstraint("station_id", "evse_no", "connector_no"),
    fillfactor=80,
)

status_intervals = clustered(
    "status_intervals",
    integer("tenant_id"),
    integer("station_id"),
    integer("evse_no"),
    integer("connector_no"),
    integer("from_ms"),
    text("status"),
    text("error_code"),
    PrimaryKeyConstraint("station_id", "evse_no", "connector_no", "from_ms"),
)

connections = rewritten(
    "connections",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    integer("generation"),
    text("node"),
    integer("opened_at_ms"),
    text("ocpp_version"),
    text("peer"),
    integer("security_profile"),
    integer("closed_at_ms", null=True),
    integer("close_code", null=True),
    text("close_reason"),
)
Index("connections_station", connections.c.station_id, connections.c.id)

STATIONS = RecordTable(Station, stations, key=("id",))
EVSES = RecordTable(Evse, evses, key=("station_id", "evse_no"))
CONNECTORS = RecordTable(Connector, connectors, key=("station_id", "evse_no", "connector_no"))
STATUS_INTERVALS = RecordTable(
    StatusInterval, status_intervals, key=("station_id", "evse_no", "connector_no", "from_ms"), mode="append"
)
CONNECTIONS = RecordTable(ConnectionLog, connections, key=("id",))

_SEARCHED = ("identity", "name", "vendor", "model", "serial_number")
_BY_IDENTITY = Order(STATIONS, "identity")
_CONNECTIONS_NEWEST_FIRST = Order(CONNECTIONS, "id", descending=True)
_INTERVALS_IN_ORDER = Order(STATUS_INTERVALS, "evse_no", "connector_no", "from_ms")
_TENANT = bindparam("tenant_id", type_=stations.c.tenant_id.type)

_ALL = Query(select(*STATIONS.columns).where(stations.c.tenant_id == _TENANT, alive).order_by(stations.c.identity))
_ONE = Query(
    select(*STATIONS.columns).where(
        stations.c.tenant_id == _TENANT, stations.c.identity == bindparam("identity"), alive
    )
)
_BY_ID = Query(
    select(*STATIONS.columns).where(stations.c.id == bindparam("station_id"), stations.c.tenant_id == _TENANT)
)
"""Finds deleted stations too: their history stays under their name."""

_IDS = Query(select(stations.c.id).where(stations.c.tenant_id == _TENANT, stations.c.identity == bindparam("identity")))


def _parts(table: RecordTable[Any], *order: str) -> Query:
    """Make the query for what belongs to some stations (`station_ids`: a JSON list)."""
    columns = table.table.c
    ids: ColumnElement[str] = bindparam("station_ids")
    return Query(
        select(*table.columns)
        .where(OneOf(columns.station_id, ids, integers=True), columns.tenant_id == bindparam("tenant_id"))
        .order_by(columns.station_id, *(columns[name] for name in order))
    )


_EVSES_OF = _parts(EVSES, "evse_no")
_CONNECTORS_OF = _parts(CONNECTORS, "evse_no", "connector_no")


class StationRecords(RecordsBase):
    """Queries about stations."""

    async def all_stations(self, tenant_id: int) -> list[Station]:
        """Give every station that is not deleted."""
        return [STATIONS.from_row(row) for row in await self._fetch(_ALL, tenant_id=tenant_id)]

    async def station(self, tenant_id: int, identity: str) -> Station | None:
        """Give a station that is not deleted, by its identity."""
        row = await self._first(_ONE, tenant_id=tenant_id, identity=identity)
        return STATIONS.from_row(row) if row else None

    async def station_ids(self, tenant_id: int, identity: str) -> list[int]:
        """Give the ids of every station record of an identity, deleted ones too."""
        return [row[0] for row in await self._fetch(_IDS, tenant_id=tenant_id, identity=identity)]

    async def snapshot(self, tenant_id: int, station_id: int) -> StationSnapshot | None:
        """Load all that a node keeps of a connected station, in one go."""
        values = {"tenant_id": tenant_id, "station_id": station_id, "station_ids": f"[{station_id}]"}
        queries = (
            _BY_ID, _EVSES_OF, _CONNECTORS_OF, NEWEST_OF_STATION, OPEN_OF_STATIONS,
            REPLIES_OF_STATION, HIGHEST_NUMBER, OPEN_OF_STATION,
        )  # fmt: skip
        dialect = self._reader.dialect
        found, evse, connector, newest, active, replies, highest, open_commands = await self._reader.run(
            [query.statement(dialect, values) for query in queries]
        )
        if not found:
            return None
        return StationSnapshot(
            station=STATIONS.from_row(found[0]),
            evses=[EVSES.from_row(row) for row in evse],
            connectors=[CONNECTORS.from_row(row) for row in connector],
            transactions=[TRANSACTIONS.from_row(row) for row in _merged(newest, active)],
            replies=replies_of(replies),
            highest_transaction_number=highest[0][0] or 0,
            open_commands=[COMMANDS.from_row(row) for row in open_commands],
        )

    async def stations(
        self,
        tenant_id: int,
        *,
        status: str | None = None,
        site: str | None = None,
        q: str | None = None,
        registration: str | None = None,
        identities: Sequence[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of StationSnapshot by identity: EVSEs, connectors and open transactions of each."""
        wanted = select(*STATIONS.columns).where(stations.c.tenant_id == tenant_id, alive)
        wanted = _filtered(wanted, status=status, site=site, q=q, registration=registration, identities=identities)
        rows, following = _BY_IDENTITY.cut(await self._select(_BY_IDENTITY.page(wanted, limit, cursor)), limit)
        return Page(items=await self._with_parts(tenant_id, [STATIONS.from_row(row) for row in rows]), next=following)

    async def _with_parts(self, tenant_id: int, found: list[Station]) -> list[StationSnapshot]:
        if not found:
            return []
        ids = msgspec.json.encode([station.id for station in found]).decode()
        values = {"tenant_id": tenant_id, "station_ids": ids}
        queries = (_EVSES_OF, _CONNECTORS_OF, OPEN_OF_STATIONS)
        rows = await self._reader.run([query.statement(self._reader.dialect, values) for query in queries])
        of_evse, of_connector = _by_station(EVSES, rows[0]), _by_station(CONNECTORS, rows[1])
        of_transaction = _by_station(TRANSACTIONS, rows[2])
        return [
            StationSnapshot(
                station=station,
                evses=of_evse[station.id],
                connectors=of_connector[station.id],
                transactions=of_transaction[station.id],
                replies=[],
                highest_transaction_number=0,
                open_commands=[],
            )
            for station in found
        ]

    async def connections(
        self, tenant_id: int, station_id: int, *, limit: int = 100, cursor: str | None = None
    ) -> Page:
        """Give a page of ConnectionLog, newest first."""
        wanted = select(*CONNECTIONS.columns).where(
            connections.c.station_id == station_id, connections.c.tenant_id == tenant_id
        )
        order = _CONNECTIONS_NEWEST_FIRST
        return page_of(CONNECTIONS, order, await self._select(order.page(wanted, limit, cursor)), limit)

    async def status_intervals(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of StatusInterval that begin at an instant or later, by connector, oldest first."""
        wanted = select(*STATUS_INTERVALS.columns).where(
            status_intervals.c.station_id == station_id, status_intervals.c.tenant_id == tenant_id
        )
        if since_ms is not None:
            wanted = wanted.where(status_intervals.c.from_ms >= since_ms)
        order = _INTERVALS_IN_ORDER
        return page_of(STATUS_INTERVALS, order, await self._select(order.page(wanted, limit, cursor)), limit)


def _merged(newest: list[Row], active: list[Row]) -> list[Row]:
    """Put the newest transactions and the open ones that are older together, newest first."""
    known = {row[0] for row in newest}
    return [*newest, *(row for row in active if row[0] not in known)]


def _by_station(table: RecordTable[Any], rows: list[Row]) -> dict[int, list[Any]]:
    parts: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        record = table.from_row(row)
        parts[record.station_id].append(record)
    return parts


def _filtered(
    wanted: Select[Any],
    *,
    status: str | None,
    site: str | None,
    q: str | None,
    registration: str | None,
    identities: Sequence[str] | None,
) -> Select[Any]:
    if site is not None:
        wanted = wanted.where(stations.c.site == site)
    if registration is not None:
        wanted = wanted.where(stations.c.registration == registration)
    if identities is not None:
        texts = literal(msgspec.json.encode(list(identities)).decode())
        wanted = wanted.where(OneOf(stations.c.identity, texts))
    if q:
        wanted = wanted.where(contains(q, *(stations.c[name] for name in _SEARCHED)))
    if status is not None:
        wanted = wanted.where(_summary() == (SUMMARY_ORDER.index(status) if status in SUMMARY_ORDER else -1))
    return wanted


_WORDS = (
    "Available", "Occupied", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved",
    "Unavailable", "Faulted",
)  # fmt: skip


def _rank(status: Column[str]) -> ColumnElement[int]:
    """Give the place of a status in SUMMARY_ORDER, as `domain.station.summary_status` folds it."""
    ranks = {word: SUMMARY_ORDER.index(summary_status([word], charging=False)) for word in _WORDS}
    return case(ranks, value=status, else_=SUMMARY_ORDER.index("Unknown"))


def _summary() -> ColumnElement[int]:
    """Give the place in SUMMARY_ORDER of a station's summary: its best-ranked connector, or an open transaction."""
    transactions = TRANSACTIONS.table
    best = (
        select(func.min(_rank(connectors.c.status)))
        .where(connectors.c.station_id == stations.c.id, (connectors.c.evse_no != 0) | (connectors.c.connector_no != 0))
        .scalar_subquery()
    )
    charging = select(literal(1)).where(transactions.c.station_id == stations.c.id, transactions.c.active).exists()
    reported = func.coalesce(best, SUMMARY_ORDER.index("Unknown"))
    at_charging = SUMMARY_ORDER.index("Charging")
    return case((and_(reported > at_charging, charging), at_charging), else_=reported)
