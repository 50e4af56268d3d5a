"""Diagnostics: events of stations, values of their event streams, and the logs that they upload to us."""

from pathlib import Path
from typing import Annotated, Any, Literal

from litestar import Controller, get, put
from litestar.params import FromPath, QueryParameter
from litestar.response import File

from voltherd.api.auth import PUBLIC, ROLE
from voltherd.api.describe import Cursor, Doc, Limit, Since, StationFilter, described
from voltherd.api.documents import found
from voltherd.api.request import ApiRequest, identities, instant_ms, number_of, segment_text, station_ids
from voltherd.api.views.listed import Listed
from voltherd.api.views.station_event import (
    STATION_EVENT,
    STREAM_VALUES,
    StationEventView,
    StreamValuesView,
    station_event_view,
    stream_value_view,
)
from voltherd.domain.diagnostics import Log
from voltherd.domain.errors import NotFound
from voltherd.domain.event_stream import EventStream, StreamValue, number_in, thinned
from voltherd.domain.time import format_ms
from voltherd.services.documents import document_of

TAG = "Diagnostics"
MAX_VALUES = 1_000_000
"""So many values are looked at for one chart: more than a week with one a second."""
Source = Annotated[
    Literal["monitor", "security"] | None, QueryParameter(description="Only events of monitors, or security events.")
]
Severity = Annotated[
    int | None, QueryParameter(ge=0, le=9, description="Only what is known to be so severe or worse; 0 is the worst.")
]
EVENTS_EXAMPLE = {"items": [STATION_EVENT], "next": None}


async def _events(
    request: ApiRequest,
    stations: list[int] | None,
    source: str | None,
    severity: int | None,
    since: str | None,
    limit: int,
    cursor: str | None,
) -> Listed[StationEventView]:
    page = await request.api.records.station_events(
        request.tenant_id,
        station_id=stations,
        source=source,
        severity=severity,
        since_ms=instant_ms(since, "query.since"),
        limit=limit,
        cursor=cursor,
    )
    names = await identities(request, {event.station_id for event in page.items})
    return Listed(items=[station_event_view(event, names[event.station_id]) for event in page.items], next=page.next)


class StationEventsController(Controller):
    """`/station-events`, and those of one station."""

    @get(
        "/station-events",
        opt=described(
            Doc(
                tag=TAG,
                summary="List events of stations",
                description="What stations reported of themselves, newest first: events of monitors and security "
                "events. Kept for as long as the setting `retention` says.",
                answer=Listed[StationEventView],
                example=EVENTS_EXAMPLE,
            )
        ),
    )
    async def list_station_events(
        self,
        request: ApiRequest,
        station_id: StationFilter = None,
        source: Source = None,
        severity: Severity = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[StationEventView]:
        stations = await station_ids(request, station_id)
        return await _events(request, stations, source, severity, since, limit, cursor)

    @get(
        "/stations/{station_id:str}/station-events",
        opt=described(
            Doc(
                tag=TAG,
                summary="List events of a station",
                description="What the station reported of itself, newest first.",
                answer=Listed[StationEventView],
                example=EVENTS_EXAMPLE,
                errors=(404,),
            )
        ),
    )
    async def list_events_of_station(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        source: Source = None,
        severity: Severity = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[StationEventView]:
        request.station(station_id)
        stations = await station_ids(request, segment_text(station_id))
        return await _events(request, stations, source, severity, since, limit, cursor)


class StreamValuesController(Controller):
    """Values of event streams."""

    path = "/stations/{station_id:str}/event-streams/{stream:str}/values"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="Read the values of an event stream",
                description="In order of time. With `points` they are thinned out for a chart: of each span of time "
                "the smallest and the largest stay, so that peaks are seen. Without it `limit` values are given, and "
                "`next` is the `since` to go on with.",
                answer=StreamValuesView,
                example=STREAM_VALUES,
                errors=(404,),
            )
        )
    )
    async def list_values(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        stream: FromPath[str],
        since: Since = None,
        until: Annotated[
            str | None, QueryParameter(description="Only what is not younger than this instant (RFC 3339).")
        ] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100_000, description="How many values at most.")] = 10_000,
        points: Annotated[
            int | None, QueryParameter(ge=2, le=10_000, description="Thin the values out to about so many.")
        ] = None,
    ) -> StreamValuesView:
        station, number = request.station(station_id), number_of(stream, "event stream")
        known = await _stream(request, station.id, number)
        since_ms = instant_ms(since, "query.since")
        until_ms = instant_ms(until, "query.until")
        values = await request.api.records.stream_values(
            request.tenant_id,
            station.id,
            number,
            monitor_id=known.monitor_id,
            since_ms=0 if since_ms is None else since_ms,
            until_ms=2**62 if until_ms is None else until_ms,
            max_values=MAX_VALUES if points else limit + 1,
        )
        shown = [StreamValue(at_ms, text, number_in(text)) for at_ms, text in values]
        if points:
            few = thinned(shown, points)
            return _view(few, thinned_out=len(few) < len(shown), following=None)
        following = format_ms(shown[limit].at_ms) if len(shown) > limit else None
        return _view(shown[:limit], thinned_out=False, following=following)


def _view(values: list[StreamValue], *, thinned_out: bool, following: str | None) -> StreamValuesView:
    return StreamValuesView(items=[stream_value_view(value) for value in values], thinned=thinned_out, next=following)


async def _stream(request: ApiRequest, station_id: int, number: int) -> EventStream:
    for record in await request.api.records.documents_of(request.tenant_id, station_id, EventStream.kind):
        if record.key == str(number):
            known = document_of(record)
            assert isinstance(known, EventStream)
            return known
    raise NotFound(f"The station has no event stream {number}.")


class LogFilesController(Controller):
    """Files of logs: stations bring them, operators fetch them."""

    @put(
        "/log-uploads/{secret:str}",
        status_code=204,
        request_max_body_size=None,
        opt=described(
            Doc(
                tag=TAG,
                summary="Upload a log",
                description="For stations: the address is given to one station for one file (`get-log` without a "
                "location) and is the only key. At most 64 MiB.",
                errors=(404, 422),
            ),
            **{PUBLIC: True},
        ),
    )
    async def upload_log(self, request: ApiRequest, secret: FromPath[str]) -> None:
        await _receive(request, secret)

    @put(
        "/log-uploads/{secret:str}/{file_name:str}",
        status_code=204,
        request_max_body_size=None,
        opt=described(
            Doc(
                tag=TAG,
                summary="Upload a log by name",
                description="The same for stations that put the file's name behind the address; it is not looked at.",
                errors=(404, 422),
            ),
            **{PUBLIC: True},
        ),
    )
    async def upload_named_log(self, request: ApiRequest, secret: FromPath[str], file_name: FromPath[str]) -> None:
        await _receive(request, secret)

    @get(
        "/logs/{document_id:str}/file",
        opt=described(
            Doc(
                tag=TAG,
                summary="Download a log",
                description="The file that the station uploaded to this server, as it came; for operators.",
                answer=bytes,
                example="...",
                media_type="application/octet-stream",
                errors=(404,),
            ),
            **{ROLE: "operator"},
        ),
    )
    async def download_log(self, request: ApiRequest, document_id: FromPath[str]) -> File:
        log = document_of(await found(request, Log, document_id))
        assert isinstance(log, Log)
        path = _uploaded(request, log)
        return File(
            path,
            filename=Path(log.file_name).name or f"log-{document_id}",
            media_type="application/octet-stream",
            content_disposition_type="attachment",
        )


async def _receive(request: ApiRequest, secret: str) -> None:
    files = request.api.services.diagnostics.logs.files
    if files is None:
        raise NotFound("This server takes no logs.")
    await files.receive(segment_text(secret), request.stream())


def _uploaded(request: ApiRequest, log: Log) -> Path:
    files = request.api.services.diagnostics.logs.files
    path = files.find(log.upload) if files is not None and log.upload is not None else None
    if path is None:
        raise NotFound("No file of this log was uploaded to this server.")
    return path


HANDLERS: list[Any] = [StationEventsController, StreamValuesController, LogFilesController]
