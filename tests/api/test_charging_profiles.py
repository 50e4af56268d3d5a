"""`/charging-profiles` and `/stations/{id}/charging-profiles`."""

import copy
from typing import Any

import httpx
import msgspec
import pytest

from voltherd.domain.charging_profile import PROFILE_EXAMPLE, SetChargingProfile

from .conftest import World
from .test_stations import add

BODY: dict[str, Any] = {"name": "Sixteen amperes", "profile": PROFILE_EXAMPLE}


def changed(**changes: Any) -> dict[str, Any]:
    """The body with changes of its profile."""
    found = copy.deepcopy(BODY)
    found["profile"].update(changes)
    return {**found, "profile": {name: value for name, value in found["profile"].items() if value is not None}}


async def test_a_profile_is_created_replaced_listed_shown_and_deleted(client: httpx.AsyncClient) -> None:
    created = await client.put("/charging-profiles/12", json=BODY)
    assert created.status_code == 201
    assert (created.json()["id"], created.json()["name"], created.json()["profile"]) == (
        12,
        BODY["name"],
        PROFILE_EXAMPLE,
    )
    again = await client.put("/charging-profiles/12", json={**changed(stackLevel=3, id=None), "name": "Other"})
    assert again.status_code == 200
    assert (again.json()["profile"]["id"], again.json()["created_at"]) == (12, created.json()["created_at"])
    assert (await client.put("/charging-profiles/3", json=changed(id=3))).status_code == 201
    listed = (await client.get("/charging-profiles")).json()
    assert ([item["id"] for item in listed["items"]], listed["next"]) == ([3, 12], None)
    assert (await client.get("/charging-profiles/12")).json() == again.json()
    assert (await client.delete("/charging-profiles/12")).status_code == 204
    assert (await client.get("/charging-profiles/12")).status_code == 404
    assert (await client.delete("/charging-profiles/12")).status_code == 404


async def test_profiles_are_listed_page_by_page_in_the_order_of_their_ids(client: httpx.AsyncClient) -> None:
    for number in (30, 4, 100):
        await client.put(f"/charging-profiles/{number}", json=changed(id=number))
    first = (await client.get("/charging-profiles?limit=2")).json()
    second = (await client.get(f"/charging-profiles?limit=2&cursor={first['next']}")).json()
    assert [item["id"] for item in first["items"] + second["items"]] == [4, 30, 100]
    assert second["next"] is None
    assert (await client.get("/charging-profiles?cursor=x")).status_code == 422


@pytest.mark.parametrize("number", ["0", "-1", "x", "2147483648", "99999999999999999999", "1.5"])
async def test_an_id_that_cannot_be_on_the_wire_names_nothing(client: httpx.AsyncClient, number: str) -> None:
    assert (await client.get(f"/charging-profiles/{number}")).status_code == 404
    assert (await client.put(f"/charging-profiles/{number}", json=changed(id=None))).status_code == 404


async def test_the_largest_id_of_31_bits_is_one(client: httpx.AsyncClient) -> None:
    answer = await client.put("/charging-profiles/2147483647", json=changed(id=None))
    assert (answer.status_code, answer.json()["profile"]["id"]) == (201, 2_147_483_647)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": 13}, "the same id"),
        ({"chargingProfilePurpose": "ChargingStationExternalConstraints"}, "K01.FR.22"),
        ({"chargingProfileKind": "Recurring"}, "recurrencyKind"),
        ({"chargingProfileKind": "Relative"}, "K01.FR.41"),
        ({"chargingSchedule": []}, "one to three schedules"),
        ({"stackLevel": "high"}, "Expected `int`"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_what_breaks_a_rule_or_the_shape_is_refused_with_the_rule(
    client: httpx.AsyncClient, changes: dict[str, Any], words: str
) -> None:
    answer = await client.put("/charging-profiles/12", json=changed(**changes))
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert (await client.get("/charging-profiles/12")).status_code == 404


async def test_a_profile_for_sessions_needs_no_transaction_yet(client: httpx.AsyncClient) -> None:
    assert (await client.put("/charging-profiles/12", json=changed(chargingProfilePurpose="TxProfile"))).is_success


async def test_tenants_have_ids_of_their_own(world: World, client: httpx.AsyncClient) -> None:
    await client.put("/charging-profiles/12", json=BODY)
    async with world.client(token=await world.key_of_tenant(2)) as theirs:
        assert (await theirs.get("/charging-profiles/12")).status_code == 404
        assert (await theirs.get("/charging-profiles")).json()["items"] == []
        assert (await theirs.put("/charging-profiles/12", json={**BODY, "name": "Theirs"})).status_code == 201
        assert (await theirs.delete("/charging-profiles/12")).status_code == 204
    assert (await client.get("/charging-profiles/12")).json()["name"] == BODY["name"]


async def test_a_stored_profile_is_sent_and_the_answer_tells_the_outcome(
    world: World, client: httpx.AsyncClient
) -> None:
    await add(world, "CP-1")
    await client.put("/charging-profiles/12", json=BODY)
    world.link.connect("CP-1")
    body = {"profile_id": 12, "evse_id": 1, "transaction_id": "tx-1"}
    answer = await client.post("/stations/CP-1/charging-profiles", json=body)
    assert (answer.status_code, answer.json()["name"], answer.json()["state"]) == (
        200,
        "set-charging-profile",
        "accepted",
    )
    (sent,) = [request for _, name, request in world.link.seen if name == "set-charging-profile"]
    assert isinstance(sent, SetChargingProfile)
    assert (sent.evse_id, sent.transaction_id) == (1, "tx-1")
    assert msgspec.to_builtins(sent.profile) == PROFILE_EXAMPLE


async def test_a_profile_given_on_the_spot_is_sent_and_a_refusal_told(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    world.link.connect("CP-1")
    world.link.answers["set-charging-profile"] = b'{"status":"Rejected"}'
    answer = await client.post("/stations/CP-1/charging-profiles", json={"profile": PROFILE_EXAMPLE, "evse_id": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")
    assert answer.json()["answer"]["status"] == "Rejected"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"profile_id": 12, "profile": PROFILE_EXAMPLE}, 422),
        ({"profile_id": 99}, 404),
        ({"profile_id": 0}, 404),
        ({"profile": {"id": 1}}, 422),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    world: World, client: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    await add(world, "CP-1")
    world.link.connect("CP-1")
    assert (await client.post("/stations/CP-1/charging-profiles", json=body)).status_code == status
    assert world.link.seen == []


async def test_a_station_that_is_away_or_unknown_gets_nothing(world: World, client: httpx.AsyncClient) -> None:
    body = {"profile": PROFILE_EXAMPLE}
    assert (await client.post("/stations/CP-9/charging-profiles", json=body)).status_code == 404
    await add(world, "CP-1")
    assert (await client.post("/stations/CP-1/charging-profiles", json=body)).status_code == 409


async def test_viewers_look_and_do_not_touch(world: World, client: httpx.AsyncClient) -> None:
    await client.put("/charging-profiles/12", json=BODY)
    async with world.client("viewer") as viewer:
        assert (await viewer.get("/charging-profiles/12")).status_code == 200
        assert (await viewer.put("/charging-profiles/12", json=BODY)).status_code == 403
        assert (await viewer.delete("/charging-profiles/12")).status_code == 403
