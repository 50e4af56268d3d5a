"""Stations: what they are, what they report, and what operators set on them."""

import asyncio
from typing import Annotated, Any, Literal

from litestar import Controller, Response, delete, get, put
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, described
from voltherd.api.request import ApiRequest, segment_text, struct_fields
from voltherd.api.views.listed import Listed
from voltherd.api.views.station import StationView, is_online, station_view
from voltherd.domain.errors import NotFound
from voltherd.domain.station import Registration, Station
from voltherd.services.ports import Page, StationSnapshot
from voltherd.services.stations import StationChanges

TAG = "Stations"
BREATHE_AFTER = 100
Status = Literal["Faulted", "Charging", "Occupied", "Reserved", "Available", "Unavailable", "Unknown", "Offline"]
Search = Annotated[
    str | None, QueryParameter(description="Only where id, name, vendor, model or serial number contain it.")
]
PerMessage = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class LimitsBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """How much a station takes in one message; null: what the station reports itself."""

    items_per_message: PerMessage | None = None
    bytes_per_message: PerMessage | None = None


class StationsController(Controller):
    """`/stations`."""

    path = "/stations"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="List stations",
                description="Pages of stations in the order of their ids. `status` is what the list shows, so a "
                "station without a connection is found under `Offline` only.",
                answer=Listed[StationView],
                example=examples.page(examples.STATION),
            )
        )
    )
    async def list_stations(
        self,
        request: ApiRequest,
        status: Annotated[Status | None, QueryParameter(description="Only stations that show this status.")] = None,
        site: Annotated[str | None, QueryParameter(description="Only stations of this site.")] = None,
        q: Search = None,
        online: Annotated[bool | None, QueryParameter(description="Only connected (true) or unconnected ones.")] = None,
        registration: Annotated[
            Registration | None, QueryParameter(description="Only this registration; `pending` is the waiting room.")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[StationView]:
        api = request.api
        if status is not None and online not in (None, status != "Offline"):
            return Listed(items=[])
        if status is not None:
            online = status != "Offline"
        identities = None if online is None else _reachable(request, online=online)
        if identities is not None and not identities:
            return Listed(items=[])
        await api.link.flush()
        found: Page = await api.records.stations(
            request.tenant_id,
            status=None if status == "Offline" else status,
            site=site,
            q=q,
            registration=registration,
            identities=identities,
            limit=limit,
            cursor=cursor,
        )
        return Listed(items=await _views(request, found.items), next=found.next)

    @get(
        "/{station_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Show a station",
                description="What the station is and reported last, and whether it is reachable: `online` follows "
                "from the age of its last frame.",
                answer=StationView,
                example=examples.STATION,
                errors=(404,),
            )
        ),
    )
    async def show_station(self, request: ApiRequest, station_id: FromPath[str]) -> StationView:
        return await shown(request, segment_text(station_id))

    @put(
        "/{station_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Create or change a station",
                description="Fields left out stay as they are. A new password, security profile or the registration "
                "`rejected` ends the station's connection, so that it comes back under the new rules. `quirks` is the "
                "name of a profile or sets single switches; null lets the station's boot choose.",
                body=StationChanges,
                body_example={"name": "North car park 1", "registration": "accepted", "site": "north"},
                answer=StationView,
                example=examples.STATION,
                also={201: ("The station was created.", StationView, examples.STATION)},
            )
        ),
    )
    async def put_station(self, request: ApiRequest, station_id: FromPath[str]) -> Response[StationView]:
        identity, changes = segment_text(station_id), await request.read(StationChanges)
        station, created = await request.api.stations.put(
            identity, changes, who=request.caller.name, tenant_id=request.tenant_id
        )
        await request.audit("create" if created else "change", f"station {identity}", after=struct_fields(changes))
        await _apply_to_connection(request, station, changes)
        return Response(await shown(request, identity), status_code=201 if created else 200)

    @delete(
        "/{station_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Delete a station",
                description="Its connection ends and it may not come back; its transactions and messages stay.",
                errors=(404,),
            )
        ),
    )
    async def delete_station(self, request: ApiRequest, station_id: FromPath[str]) -> None:
        station = request.station(station_id)
        await request.api.stations.delete(station.identity, who=request.caller.name, tenant_id=request.tenant_id)
        await request.audit("delete", f"station {station.identity}")
        await request.api.link.disconnect(station.identity, "the station was deleted")

    @put(
        "/{station_id:str}/limits",
        opt=described(
            Doc(
                tag=TAG,
                summary="Set how much one message may hold",
                description="Replaces both limits; for stations whose own report is missing or wrong.",
                body=LimitsBody,
                body_example={"items_per_message": 10, "bytes_per_message": 7000},
                answer=StationView,
                example=examples.STATION,
                errors=(404,),
            )
        ),
    )
    async def put_limits(self, request: ApiRequest, station_id: FromPath[str]) -> StationView:
        station, body = request.station(station_id), await request.read(LimitsBody)
        await request.api.stations.set_limits(
            station.identity, body.items_per_message, body.bytes_per_message, tenant_id=request.tenant_id
        )
        await request.audit("change", f"limits of station {station.identity}", after=struct_fields(body))
        return await shown(request, station.identity)


async def shown(request: ApiRequest, identity: str) -> StationView:
    """Show one station as it is recorded now. Raises NotFound."""
    await request.api.link.flush()
    found = await request.api.records.stations(request.tenant_id, identities=[identity], limit=1)
    if not found.items:
        raise NotFound(f"There is no station {identity!r}.")
    return _view(request, found.items[0])


async def _views(request: ApiRequest, snapshots: list[StationSnapshot]) -> list[StationView]:
    """Make the views of a page, letting the sockets have their turn in between."""
    views = []
    for number, snapshot in enumerate(snapshots, 1):
        views.append(_view(request, snapshot))
        if number % BREATHE_AFTER == 0:
            await asyncio.sleep(0)
    return views


def _view(request: ApiRequest, snapshot: StationSnapshot) -> StationView:
    api = request.api
    station = snapshot.station
    return station_view(snapshot, api.link.presence(station.identity), api.clock_ms(), api.stations.quirks_of(station))


def _reachable(request: ApiRequest, *, online: bool) -> list[str]:
    api, now_ms = request.api, request.api.clock_ms()
    reachable = {identity for identity in api.link.online() if is_online(api.link.presence(identity), now_ms)}
    if online:
        return sorted(reachable)
    return sorted(
        identity for identity in api.stations.identities(tenant_id=request.tenant_id) if identity not in reachable
    )


async def _apply_to_connection(request: ApiRequest, station: Station, changes: StationChanges) -> None:
    reasons: dict[str, Any] = {
        "the station was rejected": changes.registration == "rejected",
        "its credentials changed": isinstance(changes.password, str) or isinstance(changes.security_profile, int),
    }
    for reason, holds in reasons.items():
        if holds:
            await request.api.link.disconnect(station.identity, reason)
            return
