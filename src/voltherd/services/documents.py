"""Documents of a station: in memory as far as they were needed, written with the message that changes them."""

from collections.abc import Callable
from typing import cast

import msgspec

from voltherd.domain.catalogue import DOCUMENTS
from voltherd.domain.document import D, Document, DocumentRecord
from voltherd.domain.errors import NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.ports import Change, Journal, News, Records, Removed
from voltherd.services.state import Held, StationState
from voltherd.services.work import NotLoaded, Work


class Documents:
    """Reads, keeps and drops documents: `held`, `keep` and `drop` for handlers, the rest for operators' requests."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        news: News,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._records = records
        self._news = news
        self._ids = ids
        self._clock_ms = clock_ms

    def held(self, state: StationState, kind: type[D]) -> dict[str, D]:
        """Give a station's documents of a kind by key, oldest first. Raises NotLoaded where they must be read first.

        Changing one takes `keep`; the dictionary itself is the caller's own.
        """
        return {key: cast("D", held.document) for key, held in self._held(state, kind).items()}

    def _held(self, state: StationState, kind: type[D]) -> dict[str, Held]:
        known = state.documents.get(kind.kind)
        if known is not None:
            return known

        async def load() -> None:
            station = state.station
            found = await self._records.documents_of(station.tenant_id, station.id, kind.kind)
            if kind.kind not in state.documents:
                state.documents[kind.kind] = {
                    record.key: Held(record.id, record.created_ms, document_of(record)) for record in found
                }

        raise NotLoaded(load)

    def keep(self, state: StationState, work: Work, document: Document) -> None:
        """Write a document, new or changed. Raises NotLoaded, so call `held` before anything is changed."""
        held, key, now_ms = self._held(state, type(document)), document.key, work.now_ms
        before = held.get(key)
        mine = Held(self._ids(), now_ms, document) if before is None else before._replace(document=document)
        held[key] = mine
        station = state.station
        work.put(_record(mine, station.tenant_id, station.id, now_ms))
        work.tell("document", f"{document.kind}/{mine.id}")

    def drop(self, state: StationState, work: Work, document: Document) -> None:
        """Delete a document; nothing happens where there is none. Raises NotLoaded as `keep`."""
        mine = self._held(state, type(document)).pop(document.key, None)
        if mine is not None:
            station = state.station
            work.put(Removed(_record(mine, station.tenant_id, station.id, work.now_ms)))
            work.tell("document", f"{document.kind}/{mine.id}")

    # -- of no station: templates and the like ----------------------------------------------------------------------

    async def store(
        self, document: Document, *, document_id: int | None = None, tenant_id: int = DEFAULT_TENANT
    ) -> DocumentRecord:
        """Write a document that belongs to no station. Raises StoreUnavailable."""
        now_ms = self._clock_ms()
        before = None if document_id is None else await self._records.document(tenant_id, document_id)
        created_ms = now_ms if before is None else before.created_ms
        mine = Held(document_id or self._ids(), created_ms, document)
        record = _record(mine, tenant_id, 0, now_ms)
        await self._journal.committed([record])
        self._news.publish(Change("document", tenant_id, "", f"{document.kind}/{mine.id}"))
        return record

    async def remove(self, record: DocumentRecord) -> None:
        """Delete a document that belongs to no station."""
        await self._journal.committed([Removed(record)])
        self._news.publish(Change("document", record.tenant_id, "", f"{record.kind}/{record.id}"))

    async def find(self, kind: type[Document], document_id: int, *, tenant_id: int = DEFAULT_TENANT) -> DocumentRecord:
        """Give a document by the id of its record. Raises NotFound."""
        record = await self._records.document(tenant_id, document_id)
        if record is None or record.kind != kind.kind:
            raise NotFound(f"There is no {kind.title} {document_id}.")
        return record


def document_of(record: DocumentRecord) -> Document:
    """Read a document back from its row."""
    return msgspec.json.decode(record.data, type=DOCUMENTS[record.kind])


def _record(held: Held, tenant_id: int, station_id: int, now_ms: int) -> DocumentRecord:
    document = held.document
    return DocumentRecord(
        tenant_id=tenant_id,
        station_id=station_id,
        kind=document.kind,
        key=document.key,
        id=held.id,
        evse_no=document.evse_no,
        state=document.state,
        data=msgspec.json.encode(document).decode(),
        created_ms=held.created_ms,
        changed_ms=now_ms,
    )
