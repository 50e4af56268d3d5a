"""Documents: reservations, display messages, monitors and all else that stations hold, each kind under its own path."""

from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, StationFilter, described
from voltherd.api.request import ApiRequest, identities, identity_of, number_of, segment_text, station_ids
from voltherd.api.views.document import document_view, view_type
from voltherd.api.views.listed import Listed
from voltherd.domain.catalogue import DOCUMENTS
from voltherd.domain.document import Document, DocumentRecord
from voltherd.domain.errors import NotFound

TAG = "What stations hold"
State = Annotated[str | None, QueryParameter(description="Only those with this status.")]
T = TypeVar("T", bound=Struct)


def document_handlers() -> list[HTTPRouteHandler]:
    """Make the endpoints of every kind."""
    return [make(kind) for kind in DOCUMENTS.values() for make in (_list, _list_of_station, _show)]


def example_of(kind: type[Document]) -> dict[str, Any]:
    """Give a document of a kind as the reference shows it."""
    record = DocumentRecord(
        station_id=1,
        kind=kind.kind,
        key="",
        id=1757419000001234,
        evse_no=0,
        state="",
        data=msgspec.json.encode(kind.example).decode(),
        created_ms=1_757_419_000_000,
        changed_ms=1_757_419_000_000,
    )
    return document_view(record, str(examples.TRANSACTION["station_id"]))


def _list(kind: type[Document]) -> HTTPRouteHandler:
    @get(
        f"/{kind.kind}",
        name=f"list {kind.kind}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"List {kind.kind.replace('-', ' ')}",
                description=f"{(kind.__doc__ or '').strip()} Newest first.",
                answer=Listed[view_type(kind)],  # type: ignore[misc]
                example=examples.page(example_of(kind)),
            )
        ),
    )
    async def list_all(
        request: ApiRequest,
        station_id: StationFilter = None,
        status: State = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response[Any]:
        return await listed(request, kind, await station_ids(request, station_id), status, limit, cursor)

    return list_all


def _list_of_station(kind: type[Document]) -> HTTPRouteHandler:
    @get(
        f"/stations/{{station_id:str}}/{kind.kind}",
        name=f"list {kind.kind} of a station",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"List {kind.kind.replace('-', ' ')} of a station",
                description=f"{(kind.__doc__ or '').strip()} Newest first.",
                answer=Listed[view_type(kind)],  # type: ignore[misc]
                example=examples.page(example_of(kind)),
                errors=(404,),
            )
        ),
    )
    async def list_of_station(
        request: ApiRequest,
        station_id: FromPath[str],
        status: State = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response[Any]:
        request.station(station_id)
        ids = await station_ids(request, segment_text(station_id))
        return await listed(request, kind, ids, status, limit, cursor)

    return list_of_station


def _show(kind: type[Document]) -> HTTPRouteHandler:
    @get(
        f"/{kind.kind}/{{document_id:str}}",
        name=f"show {kind.kind}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Show a {kind.title}",
                description=(kind.__doc__ or "").strip(),
                answer=view_type(kind),
                example=example_of(kind),
                errors=(404,),
            )
        ),
    )
    async def show(request: ApiRequest, document_id: FromPath[str]) -> Response[Any]:
        return Response(await shown(request, await found(request, kind, document_id)))

    return show


async def listed(
    request: ApiRequest,
    kind: type[Document],
    stations: list[int] | None,
    status: str | None,
    limit: int,
    cursor: str | None,
) -> Response[Any]:
    """Give a page of documents as the API shows them."""
    page = await request.api.records.documents(
        request.tenant_id, kind.kind, station_id=stations, state=status, limit=limit, cursor=cursor
    )
    names = await identities(request, {record.station_id for record in page.items})
    items = [document_view(item, names[item.station_id]) for item in page.items]
    return Response({"items": items, "next": page.next})


async def found(request: ApiRequest, kind: type[Document], segment: str) -> DocumentRecord:
    """Give the document that a path names. Raises NotFound."""
    number = number_of(segment, kind.title)
    record = await request.api.records.document(request.tenant_id, number)
    if record is None or record.kind != kind.kind:
        raise NotFound(f"There is no {kind.title} {number}.")
    return record


async def shown(request: ApiRequest, record: DocumentRecord) -> dict[str, Any]:
    """Give one document as the API shows it."""
    identity = await identity_of(request.api, request.tenant_id, record.station_id) if record.station_id else ""
    return document_view(record, identity)
