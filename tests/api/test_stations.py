"""`/stations`."""

from urllib.parse import quote

import httpx
import pytest

from voltherd.domain.errors import Invalid
from voltherd.domain.station import Connector
from voltherd.domain.transaction import Transaction
from voltherd.services.stations import StationChanges

from .conftest import World, now_ms


async def add(world: World, identity: str) -> int:
    async with world.client() as client:
        answer = await client.put(f"/stations/{quote(identity, safe='')}", json={})
        assert answer.status_code in (200, 201), answer.text
    station = world.api.stations.find(identity)
    assert station is not None
    return station.id


def transaction(station_id: int, number: int, **fields: object) -> Transaction:
    values: dict[str, object] = {
        "id": number,
        "station_id": station_id,
        "transaction_id": f"wire-{number}",
        "evse_no": 1,
        "connector_no": 1,
        "started_at_ms": now_ms() - 60_000,
        "started_received_ms": now_ms() - 60_000,
    }
    return Transaction(**(values | fields))  # type: ignore[arg-type]


async def test_a_station_is_created_then_changed_then_shown(client: httpx.AsyncClient) -> None:
    created = await client.put("/stations/CP-1", json={"name": "North", "site": "north", "registration": "pending"})
    assert created.status_code == 201
    changed = await client.put("/stations/CP-1", json={"registration": "accepted"})
    assert changed.status_code == 200
    shown = (await client.get("/stations/CP-1")).json()
    assert shown == changed.json()
    assert shown["station_id"] == "CP-1"
    assert (shown["name"], shown["site"], shown["registration"]) == ("North", "north", "accepted")
    assert (shown["online"], shown["status"], shown["last_frame_age_s"]) == (False, "Offline", None)
    assert "password_hash" not in shown


@pytest.mark.parametrize("identity", ["a b", "Säule-7", "100%", "x+y", "with.dot", "q?x=1", "#1", "a=b;c", "ü" * 24])
async def test_odd_identities_work_percent_encoded(client: httpx.AsyncClient, identity: str) -> None:
    path = f"/stations/{quote(identity, safe='')}"
    assert (await client.put(path, json={})).status_code == 201
    assert (await client.get(path)).json()["station_id"] == identity
    assert (await client.get(f"{path}/messages")).status_code == 200
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("identity", ["a/b", "a:b", "x" * 49, "tab\there", " ", " a", "a ", "\u00a0a", "del\x7f"])
async def test_impossible_identities_get_a_clear_422(client: httpx.AsyncClient, identity: str) -> None:
    answer = await client.put(f"/stations/{quote(identity, safe='')}", json={})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "identity" in answer.json()["detail"]


@pytest.mark.parametrize("identity", [".", ".."])
async def test_dots_that_mean_a_directory_are_no_identity(world: World, identity: str) -> None:
    """Clients take such segments out of a path, also percent-encoded ones; some do not."""
    with pytest.raises(Invalid, match="identity"):
        await world.api.stations.put(identity, StationChanges(), who="test")
    world.api.stations.unknown = "accept"
    assert world.api.stations.admit_unknown(identity) is None
    assert world.api.stations.admit_unknown("...") is not None


@pytest.mark.parametrize("field", ["name", "site"])
async def test_texts_have_at_most_255_characters(client: httpx.AsyncClient, field: str) -> None:
    answer = await client.put("/stations/CP-1", json={field: "x" * 256})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"$.{field}"
    assert (await client.get("/stations/CP-1")).status_code == 404
    assert (await client.put("/stations/CP-1", json={field: "\u00fc" * 255})).status_code == 201


async def test_an_evse_named_twice_is_a_422(client: httpx.AsyncClient) -> None:
    answer = await client.put("/stations/CP-1", json={"evses": [{"evse_id": 1}, {"evse_id": 2}, {"evse_id": 1}]})
    assert answer.status_code == 422
    assert "EVSE 1" in answer.json()["detail"]
    assert (await client.get("/stations/CP-1")).status_code == 404


async def test_a_bad_field_is_named_with_its_path(client: httpx.AsyncClient) -> None:
    answer = await client.put("/stations/CP-1", json={"evses": [{"evse_id": "one"}]})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"path": "$.evses[0].evse_id", "message": "Expected `int`, got `str`"}]
    unknown = await client.put("/stations/CP-1", json={"colour": "red"})
    assert unknown.json()["errors"][0]["path"] == "$.colour"
    assert (await client.get("/stations/CP-1")).status_code == 404


async def test_what_a_station_reported_is_shown_with_its_open_transaction(
    world: World, client: httpx.AsyncClient
) -> None:
    station_id = await add(world, "CP-1")
    await world.store.journal.committed(
        [
            Connector(station_id=station_id, evse_no=0, connector_no=0, status="Available"),
            Connector(station_id=station_id, evse_no=1, connector_no=1, status="Occupied", changed_at_ms=now_ms()),
            Connector(station_id=station_id, evse_no=2, connector_no=1, status="Faulted", error_code="GroundFailure"),
            transaction(station_id, 77, power_w=7_000.0),
        ]
    )
    world.link.connect("CP-1", age_ms=1500)
    shown = (await client.get("/stations/CP-1")).json()
    assert (shown["online"], shown["status"], shown["power_w"]) == (True, "Faulted", 7000.0)
    assert 1.4 < shown["last_frame_age_s"] < 30
    assert shown["station_status"] == "Available"
    first, second = shown["evses"]
    assert (first["evse_id"], first["status"], first["transaction_id"], first["power_w"]) == (1, "Charging", "77", 7000)
    assert second["connectors"] == [
        {
            "connector_id": 1,
            "status": "Faulted",
            "error_code": "GroundFailure",
            "vendor_error_code": None,
            "info": None,
            "changed_at": None,
        }
    ]


async def test_stations_are_filtered_by_what_the_list_shows(world: World, client: httpx.AsyncClient) -> None:
    for identity in ("CP-1", "CP-2", "CP-3"):
        station_id = await add(world, identity)
        await world.store.journal.committed(
            [Connector(station_id=station_id, evse_no=1, connector_no=1, status="Available")]
        )
    await client.put("/stations/CP-2", json={"site": "south", "name": "Harbour"})
    world.link.connect("CP-1")
    world.link.connect("CP-2")

    async def found(**query: str | bool) -> list[str]:
        answer = await client.get("/stations", params=query)
        assert answer.status_code == 200, answer.text
        return [item["station_id"] for item in answer.json()["items"]]

    assert await found() == ["CP-1", "CP-2", "CP-3"]
    assert await found(online=True) == ["CP-1", "CP-2"]
    assert await found(online=False) == ["CP-3"]
    assert await found(status="Available") == ["CP-1", "CP-2"]
    assert await found(status="Offline") == ["CP-3"]
    assert await found(status="Offline", online=True) == []
    assert await found(site="south") == ["CP-2"]
    assert await found(q="harb") == ["CP-2"]
    assert await found(registration="pending") == []


async def test_a_station_whose_lease_has_run_out_is_offline(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    world.link.connect("CP-1", age_ms=61_000)
    shown = (await client.get("/stations/CP-1")).json()
    assert (shown["online"], shown["status"]) == (False, "Offline")
    assert shown["last_frame_age_s"] >= 61
    assert (await client.get("/stations", params={"online": True})).json()["items"] == []


async def test_lists_are_paged_by_cursor_without_loss(world: World, client: httpx.AsyncClient) -> None:
    for number in range(7):
        await add(world, f"CP-{number}")
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/stations", params=query)).json()
        seen += [item["station_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"CP-{number}" for number in range(7)]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"status": "Broken"}])
async def test_a_bad_filter_is_a_422_that_names_it(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await client.get("/stations", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"query.{next(iter(query))}"


async def test_a_broken_cursor_is_a_422(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stations", params={"cursor": "not-a-cursor"})
    assert answer.status_code == 422


async def test_rejecting_deleting_and_new_passwords_end_the_connection(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    for change in ({"name": "x"}, {"registration": "rejected"}, {"password": "secret password"}):
        world.link.connect("CP-1")
        await client.put("/stations/CP-1", json=change)
    await client.delete("/stations/CP-1")
    assert [reason for _, reason in world.link.closed] == [
        "the station was rejected",
        "its credentials changed",
        "the station was deleted",
    ]


async def test_limits_are_set_and_removed(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    answer = await client.put("/stations/CP-1/limits", json={"items_per_message": 10, "bytes_per_message": 7000})
    assert (answer.json()["items_per_message"], answer.json()["bytes_per_message"]) == (10, 7000)
    assert (await client.put("/stations/CP-1/limits", json={"items_per_message": 0})).status_code == 422
    answer = await client.put("/stations/CP-1/limits", json={})
    assert answer.json()["items_per_message"] is None
    assert (await client.put("/stations/CP-9/limits", json={})).status_code == 404


async def test_changes_are_audited_without_passwords(world: World, client: httpx.AsyncClient) -> None:
    await client.put("/stations/CP-1", json={"password": "a secret password", "site": "north"})
    entries = (await client.get("/audit")).json()["items"]
    assert entries[0]["entity"] == "station CP-1"
    assert "a secret password" not in str(entries)
    assert "north" in entries[0]["after"]
