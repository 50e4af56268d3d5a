"""The paths of the control port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from voltherd.simulator.control.bodies import (
    DropBody,
    FaultBody,
    LimitBody,
    LockBody,
    MeterBody,
    PlugBody,
    SwitchBody,
    TapBody,
    VehicleBody,
    read,
)
from voltherd.simulator.events import Event, Watch
from voltherd.simulator.fleet import Fleet
from voltherd.simulator.fleet_file import Incident
from voltherd.simulator.personas import factory
from voltherd.simulator.problems import ImpossibleError, SimulatorError
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import MODELS
from voltherd.station import Token

Req = Request[Any, Any, Any]

MOST: Final = 1000
KEEP_ALIVE_S: Final = 15.0


def _json(content: Any, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def _fleet(request: Req) -> Fleet:
    fleet: Fleet = request.app.state["fleet"]
    return fleet


def _station(request: Req, identity: str) -> SimulatedStation:
    return _fleet(request).station(identity)


def _picture(request: Req, identity: str) -> Response[bytes]:
    return _json(_station(request, identity).picture())


# Looking -------------------------------------------------------------------------------------


@get("/fleet")
async def fleet_summary(request: Req) -> Response[bytes]:
    """The numbers of the whole fleet."""
    return _json(_fleet(request).summary())


@get("/stations")
async def stations(
    request: Req,
    prefix: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 100,
) -> Response[bytes]:
    """Stations in order of their identities; `next` is the `after` of the next page."""
    found = sorted(one for one in _fleet(request).stations if one.startswith(prefix) and one > after)
    page = [_station(request, identity).picture() for identity in found[:limit]]
    return _json({"items": page, "next": found[limit - 1] if len(found) > limit else None})


@get("/stations/{identity:str}")
async def station(request: Req, identity: FromPath[str]) -> Response[bytes]:
    """One station."""
    return _picture(request, identity)


@get("/personas")
async def personas() -> Response[bytes]:
    """The kinds of stations that are shipped."""
    return _json(list(factory().values()))


@get("/vehicles")
async def vehicles() -> Response[bytes]:
    """The kinds of vehicles that can be plugged in."""
    found = [
        {
            "name": one.name,
            "battery_wh": one.battery_wh,
            "ac_max_power_w": one.ac_max_power_w,
            "ac_phases": one.ac_phases,
            "dc_max_power_w": one.dc_curve.most if one.dc_curve is not None else 0.0,
            "ac_discharge_w": one.ac_discharge_w,
            "dc_discharge_w": one.dc_discharge_w,
            "modes": one.modes,
        }
        for one in MODELS
    ]
    return _json(found)


# What drivers do -----------------------------------------------------------------------------


@post("/stations/{identity:str}/evses/{evse_id:int}/plug", status_code=200)
async def plug(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Plug a vehicle in."""
    asked, at = await read(request, PlugBody), _station(request, identity)
    at.plug(evse_id, asked.car(at.clock.now()), asked.connector_id)
    _fleet(request).tell("plugged", identity, evse_id, vehicle=asked.vehicle)
    return _picture(request, identity)


@post("/stations/{identity:str}/evses/{evse_id:int}/unplug", status_code=200)
async def unplug(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Pull the cable out of the vehicle."""
    at = _station(request, identity)
    if at.evse(evse_id).car is None:
        raise ImpossibleError(f"No vehicle is plugged in at EVSE {evse_id}")
    at.unplug(evse_id)
    _fleet(request).tell("unplugged", identity, evse_id)
    return _picture(request, identity)


@post("/stations/{identity:str}/evses/{evse_id:int}/tap", status_code=200)
async def tap(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Hold a card to the reader; the answer tells whether it may charge (or stopped what it had started)."""
    asked, at = await read(request, TapBody), _station(request, identity)
    if not 0 < asked.wait_s <= 300:
        raise SimulatorError("wait_s is above 0 and up to 300")
    allowed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    at.tap(evse_id, Token(asked.token, asked.type), lambda yes: None if allowed.done() else allowed.set_result(yes))
    try:
        async with asyncio.timeout(asked.wait_s):
            answer: bool | None = await allowed
    except TimeoutError:
        answer = None
    _fleet(request).tell("card", identity, evse_id, token=asked.token, accepted=answer)
    return _json({"accepted": answer, "station": at.picture()})


# What befalls it -----------------------------------------------------------------------------


@post("/stations/{identity:str}/evses/{evse_id:int}/fault", status_code=200)
async def fault(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Break an EVSE."""
    asked, at = await read(request, FaultBody), _station(request, identity)
    if not 0 < len(asked.code) <= 50:
        raise SimulatorError("code has 1 to 50 characters")
    _powered(at).break_evse(evse_id, asked.code)
    _fleet(request).tell("fault", identity, evse_id, code=asked.code)
    return _picture(request, identity)


@post("/stations/{identity:str}/evses/{evse_id:int}/repair", status_code=200)
async def repair(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Repair it."""
    _powered(_station(request, identity)).break_evse(evse_id, None)
    _fleet(request).tell("fault", identity, evse_id, code=None)
    return _picture(request, identity)


@post("/stations/{identity:str}/evses/{evse_id:int}/meter", status_code=200)
async def meter(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Set the registers of a meter, or let it stand still."""
    asked, at = await read(request, MeterBody), _station(request, identity)
    evse, now = at.evse(evse_id), at.clock.now()
    evse.advance(now)
    if asked.stands is not None:
        evse.meter_stands = asked.stands
    if asked.energy_import_wh is not None or asked.energy_export_wh is not None:
        evse.reset_meter(
            now,
            energy_import_wh=_register(asked.energy_import_wh, evse.energy_import_wh),
            energy_export_wh=_register(asked.energy_export_wh, evse.energy_export_wh),
        )
    return _picture(request, identity)


def _register(asked_wh: float | None, is_wh: float) -> float:
    if asked_wh is not None and asked_wh < 0:
        raise SimulatorError("registers are not negative")
    return is_wh if asked_wh is None else asked_wh


@post("/stations/{identity:str}/evses/{evse_id:int}/lock", status_code=200)
async def lock(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Let the lock fail, or work again."""
    asked = await read(request, LockBody)
    _station(request, identity).evse(evse_id).lock_fails = asked.fails
    return _picture(request, identity)


@post("/stations/{identity:str}/evses/{evse_id:int}/vehicle", status_code=200)
async def vehicle(request: Req, identity: FromPath[str], evse_id: FromPath[int]) -> Response[bytes]:
    """Let the vehicle pause by its own will, or go on."""
    asked, at = await read(request, VehicleBody), _station(request, identity)
    if at.evse(evse_id).car is None:
        raise ImpossibleError(f"No vehicle is plugged in at EVSE {evse_id}")
    at.pause_vehicle(evse_id, asked.paused)
    return _picture(request, identity)


@post("/stations/{identity:str}/power", status_code=200)
async def power(request: Req, identity: FromPath[str]) -> Response[bytes]:
    """Cut the power, or bring it back."""
    asked, at = await read(request, SwitchBody), _station(request, identity)
    if asked.on:
        at.power_back()
    else:
        await at.power_cut()
    _fleet(request).tell("power", identity, on=asked.on)
    return _picture(request, identity)


@post("/stations/{identity:str}/network", status_code=200)
async def network(request: Req, identity: FromPath[str]) -> Response[bytes]:
    """Take the network away, or bring it back."""
    asked = await read(request, SwitchBody)
    _station(request, identity).set_network(asked.on)
    return _picture(request, identity)


@post("/stations/{identity:str}/drop", status_code=200)
async def drop(request: Req, identity: FromPath[str]) -> Response[bytes]:
    """Break the connection."""
    asked, at = await read(request, DropBody), _station(request, identity)
    if not at.core.is_connected:
        raise ImpossibleError(f"{identity} is not connected")
    at.drop(at_once=asked.at_once)
    return _picture(request, identity)


@post("/stations/{identity:str}/limit", status_code=200)
async def limit(request: Req, identity: FromPath[str]) -> Response[bytes]:
    """Bound what the station's EVSEs draw together."""
    asked = await read(request, LimitBody)
    if asked.limit_w is not None and asked.limit_w < 0:
        raise SimulatorError("limit_w is not negative")
    _station(request, identity).set_limit(asked.limit_w)
    _fleet(request).tell("limit", identity, limit_w=asked.limit_w)
    return _picture(request, identity)


@post("/incidents", status_code=200)
async def incident(request: Req) -> Response[bytes]:
    """Let something befall many stations, as in a fleet file; its times `at_s` and `every_s` do not count."""
    try:
        asked = msgspec.json.decode(await request.body(), type=Incident)
    except msgspec.DecodeError as error:
        raise SimulatorError(str(error)) from None
    return _json({"stations": _fleet(request).incidents.happen(asked)})


def _powered(at: SimulatedStation) -> SimulatedStation:
    if not at.has_power:
        raise ImpossibleError(f"{at.config.identity} is without power")
    return at


# Watching ------------------------------------------------------------------------------------


@get("/events")
async def events(request: Req, identity: FromQuery[str | None] = None, frames: FromQuery[bool] = False) -> Stream:
    """What happens, as server-sent events; of one station or all, with or without its frames."""
    if identity is not None:
        _station(request, identity)
    watch = _fleet(request).feed.watch(station=identity, frames=frames)
    return Stream(_pieces(watch), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _pieces(watch: Watch) -> AsyncIterator[bytes]:
    with watch:
        yield b": watching\n\n"
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    found = await watch.next()
            except TimeoutError:
                yield b": keep-alive\n\n"
                continue
            yield b"".join(map(_piece, found))


def _piece(event: Event) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.kind.encode(), msgspec.json.encode(event))


ROUTES: Final[list[ControllerRouterHandler]] = [
    fleet_summary,
    stations,
    station,
    personas,
    vehicles,
    plug,
    unplug,
    tap,
    fault,
    repair,
    meter,
    lock,
    vehicle,
    power,
    network,
    drop,
    limit,
    incident,
    events,
]
