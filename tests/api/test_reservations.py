"""`/reservations`: what is refused before a station is asked; the rest is in `conformance/v201`."""

import httpx
import pytest

from voltherd.domain.document import DocumentRecord

from .conftest import World, now_ms

BODY = {"station_id": "CP-1", "id_token": "CARD", "expires_at": "2999-01-01T00:00:00Z"}


async def reservation(world: World, client: httpx.AsyncClient, state: str = "accepted", number: int = 7) -> str:
    """Put a reservation of EVSE 1 into the store; gives its path."""
    await client.put("/stations/CP-1", json={})
    station = world.api.stations.find("CP-1")
    assert station is not None
    data = (
        f'{{"state":"{state}","evse_no":1,"reservation_id":{number},"id_token":"CARD",'
        '"expires_at_ms":32472144000000,"made_at_ms":1}'
    )
    record = DocumentRecord(
        station_id=station.id,
        kind="reservations",
        key=str(number),
        id=world.api.ids(),
        evse_no=1,
        state=state,
        data=data,
        created_ms=now_ms(),
        changed_ms=now_ms(),
    )
    await world.store.journal.committed([record])
    return f"/reservations/{record.id}"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"station_id": "nobody"}, 404),
        ({"expires_at": "soon"}, 422),
        ({"expires_at": "2999-01-01T00:00:00"}, 422),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"id_token": ""}, 422),
        ({"evse_id": -1}, 422),
        ({"colour": "red"}, 422),
    ],
)
async def test_what_cannot_be_reserved_is_told(
    world: World, client: httpx.AsyncClient, change: dict[str, object], status: int
) -> None:
    await client.put("/stations/CP-1", json={})
    world.link.connect("CP-1")
    answer = await client.post("/reservations", json=BODY | change)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert world.link.seen == []


async def test_an_end_without_a_zone_is_refused_and_named(world: World, client: httpx.AsyncClient) -> None:
    await client.put("/stations/CP-1", json={})
    answer = await client.post("/reservations", json=BODY | {"expires_at": "2999-01-01T00:00:00"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("expires_at: expected an RFC 3339 timestamp with its zone")


async def test_a_reservation_in_force_is_in_the_way_of_another_of_the_same_evse(
    world: World, client: httpx.AsyncClient
) -> None:
    await reservation(world, client)
    answer = await client.post("/reservations", json=BODY | {"evse_id": 1})
    assert (answer.status_code, "reserved already" in answer.json()["detail"]) == (409, True)
    assert (await client.post("/reservations", json=BODY | {"evse_id": 2})).json()["title"] == "The station is offline"


@pytest.mark.parametrize("state", ["used", "expired", "cancelled", "rejected"])
async def test_what_has_ended_cannot_be_cancelled(world: World, client: httpx.AsyncClient, state: str) -> None:
    path = await reservation(world, client, state)
    world.link.connect("CP-1")
    answer = await client.delete(path)
    assert (answer.status_code, state in answer.json()["detail"]) == (409, True)
    assert world.link.seen == []


async def test_a_cancellation_reaches_the_station(world: World, client: httpx.AsyncClient) -> None:
    path = await reservation(world, client)
    assert (await client.delete(path)).json()["title"] == "The station is offline"
    world.link.connect("CP-1")
    assert (await client.delete(path)).status_code == 204
    [(identity, name, command)] = world.link.seen
    assert (identity, name, command.reservation_id) == ("CP-1", "cancel-reservation", 7)
    assert (await client.delete("/reservations/1")).status_code == 404
    assert (await client.delete("/reservations/none")).status_code == 404


async def test_viewers_reserve_nothing(world: World, client: httpx.AsyncClient) -> None:
    path = await reservation(world, client)
    async with world.client("viewer") as viewer:
        assert (await viewer.get(path)).status_code == 200
        assert (await viewer.post("/reservations", json=BODY)).status_code == 403
        assert (await viewer.delete(path)).status_code == 403


async def test_a_reservation_of_which_nobody_knows_is_shown_so_and_can_be_cancelled(
    world: World, client: httpx.AsyncClient
) -> None:
    path = await reservation(world, client, "unknown")
    assert (await client.get(path)).json()["status"] == "unknown"
    world.link.connect("CP-1")
    assert (await client.delete(path)).status_code == 204
    assert [name for _, name, _ in world.link.seen] == ["cancel-reservation"]
