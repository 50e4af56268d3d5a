"""The control port: REST and server-sent events over a real socket."""

import asyncio
import json

import httpx
import pytest

from support.answering_csms import answering_csms
from voltherd.simulator import Fleet, FleetOptions, FleetPlan
from voltherd.simulator.control import ControlPort
from voltherd.simulator.problems import SimulatorError

OPTIONS = FleetOptions(drivers=False, accelerate=20.0, ramp_per_s=1000.0)


class Port:
    """A fleet of four stations (AC, DC, bidirectional, a park) with its control port."""

    def __init__(self, fleet: Fleet, client: httpx.AsyncClient) -> None:
        self.fleet = fleet
        self.client = client

    async def get(self, path, **query):
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path, body=None, status=200):
        response = await self.client.post(path, json=body)
        assert response.status_code == status, response.text
        if status != 200:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["status"] == status
        return response.json()

    async def evse(self, identity, evse_id=1):
        return (await self.get(f"/stations/{identity}"))["evses"][evse_id - 1]

    async def until(self, identity, condition, timeout_s=5.0):
        async with asyncio.timeout(timeout_s):
            while not condition(await self.get(f"/stations/{identity}")):
                await asyncio.sleep(0.02)


@pytest.fixture
async def port():
    async with answering_csms() as url:
        stations = []
        for kind, version in (("ac-22-dual", "1.6"), ("dc-150", "2.0.1"), ("v2g-dc", "2.1"), ("dc-park", "2.1")):
            stations += FleetPlan.of(1, version, prefix=f"{kind}-", kind=kind).stations
        fleet = Fleet(url, plan=FleetPlan(tuple(stations)), options=OPTIONS)
        control = ControlPort(fleet, "127.0.0.1:0")
        await control.start()
        await fleet.start()
        await fleet.wait_accepted()
        async with httpx.AsyncClient(base_url=control.url, timeout=10.0) as client:
            yield Port(fleet, client)
        await control.stop()
        await fleet.stop()


AC, DC = "ac-22-dual-0001", "dc-150-0001"


async def test_stations_are_listed_in_pages(port):
    first = await port.get("/stations", limit=3)
    assert [one["identity"] for one in first["items"]] == sorted(port.fleet.stations)[:3]
    second = await port.get("/stations", limit=3, after=first["next"])
    assert (len(second["items"]), second["next"]) == (1, None)
    assert [one["identity"] for one in (await port.get("/stations", prefix="dc-"))["items"]] == [DC, "dc-park-0001"]
    assert (await port.get("/fleet"))["accepted"] == 4


async def test_a_vehicle_charges_after_a_card_and_the_picture_shows_it(port):
    plugged = await port.post(f"/stations/{DC}/evses/2/plug", {"vehicle": "Sirocco 800", "soc_percent": 20})
    assert plugged["evses"][1]["vehicle"]["model"] == "Sirocco 800"
    tapped = await port.post(f"/stations/{DC}/evses/2/tap", {"token": "CARD-1"})
    assert tapped["accepted"] is True
    await port.until(DC, lambda now: now["evses"][1]["power_w"] > 100_000)
    evse = await port.evse(DC, 2)
    assert evse["transaction"]["token"] == "CARD-1"
    assert evse["vehicle"]["soc_percent"] >= 20.0
    gone = await port.post(f"/stations/{DC}/evses/2/unplug")
    assert (gone["evses"][1]["vehicle"], gone["evses"][1]["transaction"]) == (None, None)


async def test_a_limit_bounds_all_evses_together_until_it_is_taken_away(port):
    for evse_id in (1, 2):
        await port.post(f"/stations/{AC}/evses/{evse_id}/plug", {"vehicle": "Porter Van"})
        await port.post(f"/stations/{AC}/evses/{evse_id}/tap", {"token": f"CARD-{evse_id}"})
    await port.until(AC, lambda now: now["power_w"] > 40_000)
    limited = await port.post(f"/stations/{AC}/limit", {"limit_w": 11_000})
    assert limited["limit_w"] == 11_000
    await port.until(AC, lambda now: 9_000 < now["power_w"] <= 11_000)
    await port.post(f"/stations/{AC}/limit", {"limit_w": None})
    await port.until(AC, lambda now: now["power_w"] > 40_000)


async def test_an_evse_breaks_and_is_repaired(port):
    broken = await port.post(f"/stations/{AC}/evses/1/fault", {"code": "GroundFailure"})
    assert (broken["evses"][0]["fault"], broken["evses"][0]["connectors"][0]["status"]) == ("GroundFailure", "Faulted")
    problem = await port.post(f"/stations/{AC}/evses/1/plug", {}, status=409)
    assert "takes no vehicle: it is Faulted" in problem["detail"]
    repaired = await port.post(f"/stations/{AC}/evses/1/repair")
    assert repaired["evses"][0]["fault"] is None


async def test_power_goes_and_comes_back_with_the_register_and_the_vehicle(port):
    await port.post(f"/stations/{DC}/evses/1/plug", {"soc_percent": 10})
    await port.post(f"/stations/{DC}/evses/1/tap", {"token": "CARD-1"})
    await port.until(
        DC, lambda now: now["evses"][0]["transaction"] and now["evses"][0]["transaction"]["energy_wh"] > 500
    )
    off = await port.post(f"/stations/{DC}/power", {"on": False})
    assert (off["line"], off["power_w"]) == ("off", 0.0)
    await port.post(f"/stations/{DC}/evses/1/tap", {"token": "CARD-1"}, status=409)
    await asyncio.sleep(0.2)
    back = await port.post(f"/stations/{DC}/power", {"on": True})
    assert back["evses"][0]["energy_import_wh"] == off["evses"][0]["energy_import_wh"]
    assert back["evses"][0]["vehicle"] is not None
    await port.until(DC, lambda now: now["line"] == "accepted" and now["waiting_messages"] == 0)
    assert port.fleet.summary().sessions_ended == 1


async def test_the_network_goes_and_comes_back(port):
    gone = await port.post(f"/stations/{AC}/network", {"on": False})
    await port.until(AC, lambda now: now["line"] == "no-network")
    assert gone["identity"] == AC
    await port.post(f"/stations/{AC}/drop", {}, status=409)
    await port.post(f"/stations/{AC}/network", {"on": True})
    await port.until(AC, lambda now: now["line"] == "accepted")
    await port.post(f"/stations/{AC}/drop", {"at_once": True})
    await port.until(AC, lambda now: now["line"] == "accepted")


async def test_meters_locks_and_vehicles_are_tampered_with(port):
    reset = await port.post(f"/stations/{AC}/evses/1/meter", {"energy_import_wh": 5.0, "stands": True})
    assert reset["evses"][0]["energy_import_wh"] == 5.0
    await port.post(f"/stations/{AC}/evses/1/lock", {"fails": True})
    assert port.fleet.station(AC).hardware[1].lock_fails
    await port.post(f"/stations/{AC}/evses/1/lock", {"fails": False})
    await port.post(f"/stations/{AC}/evses/1/vehicle", {"paused": True}, status=409)
    await port.post(f"/stations/{AC}/evses/1/plug", {})
    await port.post(f"/stations/{AC}/evses/1/tap", {"token": "CARD"})
    await port.until(AC, lambda now: now["evses"][0]["connectors"][0]["status"] == "Charging")
    await port.post(f"/stations/{AC}/evses/1/vehicle", {"paused": True})
    await port.until(AC, lambda now: now["evses"][0]["connectors"][0]["status"] == "SuspendedEV")
    assert (await port.evse(AC))["energy_import_wh"] == 5.0


async def test_incidents_befall_many_stations(port):
    told = await port.post("/incidents", {"kind": "outage", "for_s": 4.0})
    assert told == {"stations": 4}
    for identity in port.fleet.stations:
        await port.until(identity, lambda now: now["line"] == "no-network")
    for identity in port.fleet.stations:
        await port.until(identity, lambda now: now["line"] == "accepted", 10.0)


async def test_what_happens_is_streamed_with_frames_where_asked_for(port):
    seen = []

    async def listen():
        async with port.client.stream("GET", "/events", params={"identity": DC, "frames": "true"}) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                seen.extend([json.loads(line[6:])] if line.startswith("data: ") else [])

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.2)
    await port.post(f"/stations/{AC}/evses/1/plug", {})
    await port.post(f"/stations/{DC}/evses/1/plug", {})
    await port.post(f"/stations/{DC}/evses/1/tap", {"token": "CARD-1"})
    async with asyncio.timeout(5.0):
        while not any(one["kind"] == "transaction-started" for one in seen):
            await asyncio.sleep(0.02)
    listening.cancel()
    assert {one["station"] for one in seen} == {DC}
    assert {"plugged", "frame-sent", "frame-received"} <= {one["kind"] for one in seen}
    frames = [json.loads(one["data"]["frame"]) for one in seen if one["kind"] == "frame-sent"]
    assert "Authorize" in {frame[2] for frame in frames}


async def test_kinds_of_stations_and_vehicles_are_listed(port):
    assert {"ac-11-single", "dc-park"} <= {one["name"] for one in await port.get("/personas")}
    assert "Rondo V2G" in {one["name"] for one in await port.get("/vehicles")}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/stations/NOPE/drop", {}, 404, "no station 'NOPE'"),
        (f"/stations/{AC}/evses/9/plug", {}, 404, "has no EVSE 9"),
        (f"/stations/{AC}/evses/1/plug", {"connector_id": 7}, 404, "no connector 7"),
        (f"/stations/{AC}/evses/1/plug", {"vehicle": "Nope"}, 404, "No vehicle 'Nope'"),
        (f"/stations/{AC}/evses/1/plug", {"soc_percent": 120}, 422, "from 0 to 100"),
        (f"/stations/{AC}/evses/1/plug", {"soc": 0.5}, 422, "unknown field `soc`"),
        (f"/stations/{AC}/evses/1/tap", {}, 422, "missing required field `token`"),
        (f"/stations/{AC}/evses/1/tap", {"token": ""}, 422, "1 to 20"),
        (f"/stations/{AC}/evses/1/tap", {"token": "A" * 21}, 422, "has 21 characters"),
        (f"/stations/{AC}/evses/1/unplug", None, 409, "No vehicle is plugged in"),
        (f"/stations/{AC}/limit", {"limit_w": -1}, 422, "not negative"),
        ("/incidents", {"kind": "outage"}, 422, "needs for_s"),
        ("/incidents", {"kind": "flood"}, 422, "Invalid enum value"),
        ("/nothing", {}, 404, "nothing at /nothing"),
        ("/fleet", {}, 405, "POST is not possible at /fleet"),
    ],
)
async def test_what_cannot_be_done_is_a_problem(port, path, body, status, said):
    problem = await port.post(path, body, status)
    assert said in problem["detail"]
    assert problem["type"].startswith("urn:voltherd:simulator:problem:")


async def test_a_query_that_cannot_be_is_a_problem(port):
    response = await port.client.get("/stations", params={"limit": 0})
    assert (response.status_code, response.json()["title"]) == (422, "Invalid value")


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_pages_of_other_sites_are_refused(port, headers):
    response = await port.client.post(f"/stations/{AC}/drop", json={}, headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize("address", ["8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":1"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(SimulatorError, match="HOST:PORT"):
        ControlPort(Fleet("ws://127.0.0.1:9", stations=1), address)
