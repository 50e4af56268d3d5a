"""Meter samples: one B-tree in the order they are read, by station, transaction and time."""

from sqlalchemy import PrimaryKeyConstraint, select

from voltherd.domain.metering import MeterSample
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of
from voltherd.store.reading import RecordsBase
from voltherd.store.schema import clustered, integer, number, text
from voltherd.store.transactions import transactions

_KEY = (
    "station_id", "transaction", "at_ms", "evse_no", "connector_no", "measurand", "phase", "location", "context",
)  # fmt: skip

meter_samples = clustered(
    "meter_samples",
    integer("tenant_id"),
    integer("station_id"),
    integer("evse_no"),
    integer("connector_no"),
    integer("at_ms"),
    text("measurand"),
    text("phase"),
    text("location"),
    text("context"),
    integer("received_ms"),
    integer("transaction"),
    number("value"),
    text("unit"),
    text("raw_value"),
    text("raw_unit"),
    text("signed_data", null=True),
    PrimaryKeyConstraint(*_KEY),
)

METER_SAMPLES = RecordTable(MeterSample, meter_samples, key=_KEY, mode="append", zero=("transaction",))

_BY_TIME = Order(METER_SAMPLES, *_KEY[2:])


class MeteringRecords(RecordsBase):
    """Queries about meter samples."""

    async def meter_samples(
        self, tenant_id: int, transaction: int, *, limit: int = 1000, cursor: str | None = None
    ) -> Page:
        """Give a page of a transaction's MeterSample in order of time."""
        station = select(transactions.c.station_id).where(
            transactions.c.id == transaction, transactions.c.tenant_id == tenant_id
        )
        wanted = select(*METER_SAMPLES.columns).where(
            meter_samples.c.station_id == station.scalar_subquery(), meter_samples.c.transaction == transaction
        )
        rows = await self._select(_BY_TIME.page(wanted, limit, cursor))
        return page_of(METER_SAMPLES, _BY_TIME, rows, limit)
