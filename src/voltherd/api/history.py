"""A station's past: its connections and why they ended, the status of its connectors, and what its meters told."""

from litestar import Controller, get
from litestar.params import FromPath

from voltherd.api.describe import Cursor, Doc, Limit, Since, described
from voltherd.api.examples import METER_VALUE, page
from voltherd.api.request import ApiRequest, instant_ms
from voltherd.api.views.history import ConnectionView, StatusIntervalView, connection_view, status_interval_view
from voltherd.api.views.listed import Listed
from voltherd.api.views.transaction import StationMeterValueView, station_meter_value_view

TAG = "Stations"
CONNECTION = {
    "opened_at": "2026-05-04T08:30:12.000Z",
    "closed_at": "2026-05-04T09:12:40.120Z",
    "close_code": 1006,
    "close_reason": None,
    "peer": "192.0.2.17",
    "ocpp_version": "2.0.1",
    "security_profile": 1,
    "node": "csms-1",
}
INTERVAL = {
    "evse_id": 1,
    "connector_id": 1,
    "since": "2026-05-04T08:30:12.000Z",
    "status": "Available",
    "error_code": None,
}


class HistoryController(Controller):
    """What is known of a station's past under `/stations/{id}`."""

    path = "/stations/{station_id:str}"

    @get(
        "/connections",
        opt=described(
            Doc(
                tag=TAG,
                summary="List a station's connections",
                description="Newest first, with the close code and the reason where one was given.",
                answer=Listed[ConnectionView],
                example=page(CONNECTION),
                errors=(404,),
            )
        ),
    )
    async def list_connections(
        self, request: ApiRequest, station_id: FromPath[str], limit: Limit = 100, cursor: Cursor = None
    ) -> Listed[ConnectionView]:
        station = request.station(station_id)
        found = await request.api.records.connections(request.tenant_id, station.id, limit=limit, cursor=cursor)
        return Listed(items=[connection_view(item) for item in found.items], next=found.next)

    @get(
        "/status-intervals",
        opt=described(
            Doc(
                tag=TAG,
                summary="Read which status the connectors had",
                description="By EVSE and connector, oldest first; a status holds until the connector's next one.",
                answer=Listed[StatusIntervalView],
                example=page(INTERVAL),
                errors=(404,),
            )
        ),
    )
    async def list_status_intervals(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[StatusIntervalView]:
        station = request.station(station_id)
        found = await request.api.records.status_intervals(
            request.tenant_id, station.id, since_ms=instant_ms(since, "query.since"), limit=limit, cursor=cursor
        )
        return Listed(items=[status_interval_view(item) for item in found.items], next=found.next)

    @get(
        "/meter-values",
        opt=described(
            Doc(
                tag=TAG,
                summary="Read what a station's meters told outside of transactions",
                description="In order of time (J01): clock-aligned, triggered, or of the main meter (EVSE 0).",
                answer=Listed[StationMeterValueView],
                example=page({**METER_VALUE, "context": "Sample.Clock", "evse_id": 0, "connector_id": None}),
                errors=(404,),
            )
        ),
    )
    async def list_station_meter_values(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[StationMeterValueView]:
        station = request.station(station_id)
        found = await request.api.records.station_meter_samples(
            request.tenant_id, station.id, since_ms=instant_ms(since, "query.since"), limit=limit, cursor=cursor
        )
        return Listed(items=[station_meter_value_view(item) for item in found.items], next=found.next)
