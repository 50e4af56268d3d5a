"""Transactions."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Index, bindparam, func, select

from voltherd.domain.id_token import token_key
from voltherd.domain.transaction import Transaction, TransactionEvent
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of, page_of_stations
from voltherd.store.reading import OneOf, Query, RecordsBase
from voltherd.store.schema import boolean, id64, integer, number, partial_index, rewritten, text, text_with_default
from voltherd.store.transaction_events import EVENTS, TRANSACTION_EVENTS, event_of

MAX_NUMBER = 0x7FFF_FFFF
"""Greatest transactionId of OCPP 1.6 that we give out."""

transactions = rewritten(
    "transactions",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    text("transaction_id"),
    integer("evse_no"),
    integer("connector_no"),
    text("id_token"),
    text("id_token_type"),
    text("authorization"),
    integer("started_at_ms"),
    integer("started_received_ms"),
    integer("stopped_at_ms", null=True),
    integer("stopped_received_ms", null=True),
    text("stop_reason"),
    text("stop_id_token"),
    number("meter_start_wh"),
    number("meter_last_wh"),
    integer("meter_last_ms", null=True),
    number("meter_stop_wh"),
    number("energy_wh"),
    number("power_w"),
    number("soc_percent"),
    boolean("active"),
    text("charging_state"),
    boolean("offline"),
    boolean("inferred"),
    integer("seq_no_first", null=True),
    integer("seq_no_last", null=True),
    text("seq_gaps"),
    integer("remote_start_id", null=True),
    integer("reservation_id", null=True),
    text("replay_key", null=True),
    text("flags"),
    text("close_reason"),
    text("ocpp_version"),
    integer("updated_ms"),
    text("token_key"),
    integer("number", null=True),
    number("cost"),
    text_with_default("currency"),
    text_with_default("limits"),
)
_c = transactions.c
Index("transactions_wire_id", _c.station_id, _c.transaction_id, unique=True)
partial_index("transactions_replay", _c.station_id, _c.replay_key, where=_c.replay_key.is_not(None), unique=True)
partial_index("transactions_number", _c.station_id, _c.number, where=_c.number.is_not(None))
partial_index("transactions_open", _c.station_id, _c.evse_no, where=_c.active)
partial_index("transactions_open_of_tenant", _c.tenant_id, _c.started_at_ms, _c.id, where=_c.active)
Index("transactions_of_tenant", _c.tenant_id, _c.started_at_ms, _c.id)
Index("transactions_of_station", _c.station_id, _c.started_at_ms, _c.id)
Index("transactions_of_token", _c.tenant_id, _c.token_key, _c.started_at_ms, _c.id)


@lru_cache(maxsize=65_536)
def number_of(wire_id: str) -> int | None:
    """Give an id on the wire as a number that OCPP 1.6 could carry."""
    if not (wire_id.isascii() and wire_id.isdigit() and len(wire_id) <= 10):
        return None
    found = int(wire_id)
    return found if found < MAX_NUMBER else None


_folded = lru_cache(maxsize=65_536)(token_key)

TRANSACTIONS = RecordTable(
    Transaction,
    transactions,
    key=("id",),
    derived={
        "token_key": lambda record: _folded(record.id_token),
        "number": lambda record: number_of(record.transaction_id),
    },
)

SNAPSHOT_TRANSACTIONS = 50
_NEWEST_FIRST = Order(TRANSACTIONS, "started_at_ms", "id", descending=True)
_newest_first = (_c.started_at_ms.desc(), _c.id.desc())
_select = select(*TRANSACTIONS.columns).where(_c.tenant_id == bindparam("tenant_id"))
_of_station = _select.where(_c.station_id == bindparam("station_id"))

NEWEST_OF_STATION = Query(_of_station.order_by(*_newest_first).limit(SNAPSHOT_TRANSACTIONS))
OPEN_OF_STATIONS = Query(
    _select.where(OneOf(_c.station_id, bindparam("station_ids"), integers=True), _c.active).order_by(*_newest_first)
)
HIGHEST_NUMBER = Query(
    select(func.max(_c.number)).where(_c.station_id == bindparam("station_id"), _c.number.is_not(None))
)
_BY_ID = Query(_select.where(_c.id == bindparam("id")))
_BY_WIRE_ID = Query(_of_station.where(_c.transaction_id == bindparam("transaction_id")))
_BY_REPLAY_KEY = Query(_of_station.where(_c.replay_key == bindparam("replay_key")))


class TransactionRecords(RecordsBase):
    """Queries about transactions."""

    async def transactions(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        id_token: str | None = None,
        active: bool | None = None,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of Transaction, newest start first."""
        wanted = select(*TRANSACTIONS.columns).where(_c.tenant_id == tenant_id)
        if id_token is not None:
            wanted = wanted.where(_c.token_key == token_key(id_token))
        if active is not None:
            wanted = wanted.where(_c.active if active else ~_c.active)
        if since_ms is not None:
            wanted = wanted.where(_c.started_at_ms >= since_ms)
        if station_id is not None:
            return await page_of_stations(self._reader, TRANSACTIONS, _NEWEST_FIRST, wanted, station_id, limit, cursor)
        rows = await self._select(_NEWEST_FIRST.page(wanted, limit, cursor))
        return page_of(TRANSACTIONS, _NEWEST_FIRST, rows, limit)

    async def _transaction(self, query: Query, **values: Any) -> Transaction | None:
        row = await self._first(query, **values)
        return TRANSACTIONS.from_row(row) if row else None

    async def transaction(self, tenant_id: int, transaction: int) -> Transaction | None:
        """Give a transaction by its record id."""
        return await self._transaction(_BY_ID, tenant_id=tenant_id, id=transaction)

    async def transaction_by_wire_id(self, tenant_id: int, station_id: int, transaction_id: str) -> Transaction | None:
        """Give a station's transaction by its id on the wire."""
        return await self._transaction(
            _BY_WIRE_ID, tenant_id=tenant_id, station_id=station_id, transaction_id=transaction_id
        )

    async def transaction_by_replay_key(self, tenant_id: int, station_id: int, replay_key: str) -> Transaction | None:
        """Give the transaction that the same start made before (interop trap 19)."""
        return await self._transaction(
            _BY_REPLAY_KEY, tenant_id=tenant_id, station_id=station_id, replay_key=replay_key
        )

    async def transaction_events(self, tenant_id: int, transaction: int) -> list[TransactionEvent]:
        """Give the events of a transaction by sequence number."""
        rows = await self._fetch(EVENTS, tenant_id=tenant_id, transaction=transaction)
        return [event_of(TRANSACTION_EVENTS.from_row(row)) for row in rows]
