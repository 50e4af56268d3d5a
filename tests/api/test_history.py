"""What the API shows of a station's past."""

import httpx

from voltherd.domain.metering import MeterSample
from voltherd.domain.station import ConnectionLog, StatusInterval
from voltherd.domain.time import format_ms

from .conftest import World, now_ms
from .test_stations import add


async def test_connections_are_listed_newest_first_with_why_they_ended(world: World, client: httpx.AsyncClient) -> None:
    station_id, at_ms = await add(world, "CP-1"), now_ms()
    fixed = {"station_id": station_id, "node": "n1", "ocpp_version": "2.1"}
    ended = {"closed_at_ms": at_ms + 5, "close_code": 1006, "close_reason": "the peer went away"}
    await world.store.journal.committed(
        [
            ConnectionLog(id=1, generation=1, opened_at_ms=at_ms, peer="192.0.2.1", **ended, **fixed),
            ConnectionLog(id=2, generation=2, opened_at_ms=at_ms + 10, **fixed),
        ]
    )
    items = (await client.get("/stations/CP-1/connections")).json()["items"]
    assert [item["closed_at"] for item in items] == [None, format_ms(at_ms + 5)]
    assert (items[1]["close_code"], items[1]["close_reason"], items[1]["peer"]) == (
        1006,
        "the peer went away",
        "192.0.2.1",
    )
    page = (await client.get("/stations/CP-1/connections?limit=1")).json()
    rest = (await client.get(f"/stations/CP-1/connections?limit=1&cursor={page['next']}")).json()
    assert [*page["items"], *rest["items"]] == items
    assert (await client.get("/stations/CP-2/connections")).status_code == 404


async def test_the_status_of_connectors_is_told_from_when_on(world: World, client: httpx.AsyncClient) -> None:
    station_id, at_ms = await add(world, "CP-1"), now_ms()
    place = {"station_id": station_id, "evse_no": 1, "connector_no": 1}
    words = ("Available", "Faulted")
    await world.store.journal.committed(
        [
            StatusInterval(**place, from_ms=at_ms + number, status=status, error_code="GroundFailure" * number)
            for number, status in enumerate(words)
        ]
    )
    items = (await client.get("/stations/CP-1/status-intervals")).json()["items"]
    assert [(item["status"], item["error_code"]) for item in items] == [
        ("Available", None),
        ("Faulted", "GroundFailure"),
    ]
    later = (await client.get("/stations/CP-1/status-intervals", params={"since": format_ms(at_ms + 1)})).json()
    assert later["items"] == items[1:]
    assert (await client.get("/stations/CP-2/status-intervals")).status_code == 404


async def test_j01_what_meters_told_outside_of_transactions_is_read_in_order(
    world: World, client: httpx.AsyncClient
) -> None:
    station_id, at_ms = await add(world, "CP-1"), now_ms()

    def told(number: int, evse_no: int, transaction: int | None = None) -> MeterSample:
        return MeterSample(
            at_ms=at_ms + number,
            received_ms=at_ms + number,
            station_id=station_id,
            evse_no=evse_no,
            connector_no=min(evse_no, 1),
            transaction=transaction,
            context="Sample.Clock",
            value=100.0 + number,
        )

    await world.store.journal.committed([told(2, 1), told(0, 0), told(1, 1, transaction=9)])
    items = (await client.get("/stations/CP-1/meter-values")).json()["items"]
    assert [(item["evse_id"], item["connector_id"], item["value"]) for item in items] == [
        (0, None, 100.0),
        (1, 1, 102.0),
    ]
    page = (await client.get("/stations/CP-1/meter-values?limit=1")).json()
    rest = (await client.get(f"/stations/CP-1/meter-values?limit=1&cursor={page['next']}")).json()
    assert [*page["items"], *rest["items"]] == items
    later = (await client.get("/stations/CP-1/meter-values", params={"since": format_ms(at_ms + 1)})).json()
    assert later["items"] == items[1:]
    assert (await client.get("/stations/CP-2/meter-values")).status_code == 404
