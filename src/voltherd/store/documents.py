"""Documents of stations, one row each, whatever their kind."""

from collections.abc import Sequence

from sqlalchemy import Index, PrimaryKeyConstraint, bindparam, select

from voltherd.domain.document import DocumentRecord
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of, page_of_stations
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import integer, rewritten, text

documents = rewritten(
    "documents",
    integer("tenant_id"),
    integer("station_id"),
    text("kind"),
    text("key"),
    integer("id"),
    integer("evse_no"),
    text("state"),
    text("data"),
    integer("created_ms"),
    integer("changed_ms"),
    PrimaryKeyConstraint("station_id", "kind", "key"),
)
_c = documents.c
Index("documents_id", _c.id, unique=True)
Index("documents_of_station", _c.station_id, _c.kind, _c.id)
Index("documents_of_tenant", _c.tenant_id, _c.kind, _c.id)
Index("documents_by_state", _c.tenant_id, _c.kind, _c.state, _c.id)

DOCUMENTS = RecordTable(DocumentRecord, documents, key=("station_id", "kind", "key"))

_NEWEST_FIRST = Order(DOCUMENTS, "id", descending=True)
_select = select(*DOCUMENTS.columns).where(_c.tenant_id == bindparam("tenant_id"))
_BY_ID = Query(_select.where(_c.id == bindparam("id")))
_OF_STATION = Query(
    _select.where(_c.station_id == bindparam("station_id"), _c.kind == bindparam("kind")).order_by(_c.id)
)


class DocumentRecords(RecordsBase):
    """Queries about documents."""

    async def documents(
        self,
        tenant_id: int,
        kind: str,
        *,
        station_id: int | Sequence[int] | None = None,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of DocumentRecord of a kind, newest first."""
        wanted = select(*DOCUMENTS.columns).where(_c.tenant_id == tenant_id, _c.kind == kind)
        if state is not None:
            wanted = wanted.where(_c.state == state)
        if station_id is not None:
            return await page_of_stations(self._reader, DOCUMENTS, _NEWEST_FIRST, wanted, station_id, limit, cursor)
        return page_of(DOCUMENTS, _NEWEST_FIRST, await self._select(_NEWEST_FIRST.page(wanted, limit, cursor)), limit)

    async def documents_of(self, tenant_id: int, station_id: int, kind: str) -> list[DocumentRecord]:
        """Give all documents of a kind that a station has, oldest first."""
        rows = await self._fetch(_OF_STATION, tenant_id=tenant_id, station_id=station_id, kind=kind)
        return [DOCUMENTS.from_row(row) for row in rows]

    async def document(self, tenant_id: int, document_id: int) -> DocumentRecord | None:
        """Give a document by its id."""
        row = await self._first(_BY_ID, tenant_id=tenant_id, id=document_id)
        return DOCUMENTS.from_row(row) if row else None
