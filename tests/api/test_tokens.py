"""`/tokens`, `/settings`, `/users`, `/api-keys`, `/setup`, `/login`."""

import asyncio
from urllib.parse import quote

import httpx
import msgspec
import pytest

from voltherd.services.settings import Onboarding, Retention, Settings

from .conftest import World, now_ms

PASSWORD = "correct horse"


async def test_a_token_is_created_changed_shown_and_deleted(client: httpx.AsyncClient) -> None:
    body = {"status": "blocked", "expires_at": "2020-01-01T00:00:00Z", "group_id": "fleet", "driver": "Anna"}
    created = await client.put("/tokens/04A2B3C4", json=body)
    assert created.status_code == 201
    assert created.json()["expires_at"] == "2020-01-01T00:00:00.000Z"
    changed = await client.put("/tokens/04a2b3c4", json={"status": "accepted", "expires_at": None})
    assert changed.status_code == 200
    shown = (await client.get("/tokens/04A2b3c4")).json()
    assert (shown["token"], shown["status"], shown["expires_at"]) == ("04A2B3C4", "accepted", None)
    assert (shown["group_id"], shown["driver"], shown["type"]) == ("fleet", "Anna", "ISO14443")
    assert (await client.delete("/tokens/04A2B3C4")).status_code == 204
    assert (await client.get("/tokens/04A2B3C4")).status_code == 404
    assert (await client.delete("/tokens/04A2B3C4")).status_code == 404


@pytest.mark.parametrize("token", ["a/b", "a:b", "DE*8AA*C1", "with space", "ü"])
async def test_odd_tokens_work_percent_encoded(client: httpx.AsyncClient, token: str) -> None:
    path = f"/tokens/{quote(token, safe='')}"
    assert (await client.put(path, json={})).status_code == 201
    assert (await client.get(path)).json()["token"] == token


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status": "maybe"}, "$.status"),
        ({"expires_at": "soon"}, "$.expires_at"),
        ({"expires_at": "2999-01-01T00:00:00"}, "$.expires_at"),
        ({"expires": "2027-01-01T00:00:00Z"}, "$.expires"),
        ({"type": ""}, "$.type"),
        ({"type": "x" * 21}, "$.type"),
        ({"group_id": "x" * 256}, "$.group_id"),
        ({"parent": "x" * 256}, "$.parent"),
        ({"driver": "x" * 256}, "$.driver"),
    ],
)
async def test_a_bad_token_names_the_field(client: httpx.AsyncClient, body: dict[str, str], path: str) -> None:
    answer = await client.put("/tokens/A", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


async def test_tokens_are_listed_and_searched(client: httpx.AsyncClient) -> None:
    for token in ("AAA", "BBB", "CCC"):
        await client.put(f"/tokens/{token}", json={})
    assert [item["token"] for item in (await client.get("/tokens")).json()["items"]] == ["AAA", "BBB", "CCC"]
    assert [item["token"] for item in (await client.get("/tokens?q=bb")).json()["items"]] == ["BBB"]


# -- settings ---------------------------------------------------------------------------------------------------------


async def test_settings_have_defaults_and_fields_left_out_keep_their_value(
    world: World, client: httpx.AsyncClient
) -> None:
    heard: list[str] = []
    world.api.settings.watch(Onboarding, lambda value: heard.append(value.unknown_stations))
    assert (await client.get("/settings/onboarding")).json() == {"unknown_stations": "refuse"}
    assert (await client.put("/settings/onboarding", json={"unknown_stations": "pending"})).status_code == 200
    assert heard == ["pending"]
    assert (await client.get("/settings/onboarding")).json() == {"unknown_stations": "pending"}
    await client.put("/settings/retention", json={"messages_days": 7, "meter_samples_days": None})
    assert world.api.settings.get(Retention) == Retention(messages_days=7, meter_samples_days=None)
    for body, now in (
        ({}, Retention(messages_days=7, meter_samples_days=None)),
        ({"meter_samples_days": 30}, Retention(messages_days=7, meter_samples_days=30)),
        ({"messages_days": None}, Retention(messages_days=None, meter_samples_days=30)),
    ):
        answer = await client.put("/settings/retention", json=body)
        assert answer.status_code == 200
        assert answer.json() == msgspec.to_builtins(now) == (await client.get("/settings/retention")).json()
        assert world.api.settings.get(Retention) == now
    assert (await client.put("/settings/onboarding")).json() == {"unknown_stations": "pending"}


async def test_two_changes_at_once_both_hold(world: World, client: httpx.AsyncClient) -> None:
    bodies = ({"messages_days": 1}, {"meter_samples_days": 2}, {"status_intervals_days": 3})
    await asyncio.gather(*(client.put("/settings/retention", json=body) for body in bodies))
    assert world.api.settings.get(Retention) == Retention(
        messages_days=1, meter_samples_days=2, status_intervals_days=3
    )


async def test_what_was_set_holds_after_a_start_until_it_is_reset(world: World, client: httpx.AsyncClient) -> None:
    configured = (Onboarding(unknown_stations="accept"), Retention(messages_days=14))

    async def started() -> Settings:
        settings = Settings(
            world.store.records, world.store.journal, ids=lambda: 1, clock_ms=now_ms, defaults=configured
        )
        await settings.load()
        return settings

    assert (await started()).get(Onboarding).unknown_stations == "accept"
    await client.put("/settings/onboarding", json={"unknown_stations": "pending"})
    assert (await started()).get(Onboarding).unknown_stations == "pending"
    assert (await client.delete("/settings/onboarding")).status_code == 204
    assert (await started()).get(Onboarding).unknown_stations == "accept"


async def test_a_setting_is_reset_told_and_audited(world: World, client: httpx.AsyncClient) -> None:
    heard: list[str] = []
    world.api.settings.watch(Onboarding, lambda value: heard.append(value.unknown_stations))
    await client.put("/settings/onboarding", json={"unknown_stations": "pending"})
    for _ in range(2):
        answer = await client.delete("/settings/onboarding")
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get("/settings/onboarding")).json() == {"unknown_stations": "refuse"}
    assert heard == ["pending", "refuse", "refuse"]
    entry = (await client.get("/audit")).json()["items"][1]
    assert (entry["what"], entry["entity"], entry["who"]) == ("reset", "setting onboarding", "admin")
    assert (entry["before"], entry["after"]) == ('{"unknown_stations":"pending"}', '{"unknown_stations":"refuse"}')
    assert (await client.delete("/settings/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("onboarding", {"unknown_stations": "maybe"}),
        ("retention", {"messages_days": 0}),
        ("iso15118", {"provisioning_service_url": "ftp://x"}),
        ("iso15118", {"colour": 1}),
        ("onboarding", {"unknown_stations": None}),
        ("onboarding", []),
    ],
)
async def test_a_bad_setting_is_refused_and_changes_nothing(client: httpx.AsyncClient, name: str, body: object) -> None:
    before = (await client.get(f"/settings/{name}")).json()
    assert (await client.put(f"/settings/{name}", json=body)).status_code == 422
    assert (await client.get(f"/settings/{name}")).json() == before


async def test_an_unknown_setting_is_a_404_that_lists_the_known(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/settings/nothing"), await client.put("/settings/nothing", json={})):
        assert answer.status_code == 404
        assert "onboarding" in answer.json()["detail"]


# -- people and programs ----------------------------------------------------------------------------------------------


async def test_first_start_sign_in_and_sign_out(world: World) -> None:
    token = world.api.access.setup_link_token()
    async with world.client(None) as nobody:
        body = {"token": token, "username": "anna", "password": PASSWORD}
        assert (await nobody.post("/setup", json=body | {"token": "wrong"})).status_code == 401
        assert (await nobody.post("/setup", json=body | {"password": "short"})).status_code == 422
        made = await nobody.post("/setup", json=body)
        assert made.status_code == 201
        assert made.json()["user"] == {"username": "anna", "role": "admin"}
        assert (await nobody.post("/login", json={"username": "anna", "password": "wrong one"})).status_code == 401
        login = await nobody.post("/login", json={"username": "anna", "password": PASSWORD})
    session = login.json()
    assert session["expires_at"] > "2020"
    async with world.client(token=session["token"]) as anna:
        me = (await anna.get("/me")).json()
        assert (me["username"], me["role"], me["kind"]) == ("anna", "admin", "user")
        body = {"current": PASSWORD, "new": "something better"}
        assert (await anna.put("/me/password", json=body | {"current": "guess"})).status_code == 403
        assert (await anna.put("/me/password", json=body)).status_code == 204
        assert (await anna.post("/logout")).status_code == 204
        assert (await anna.get("/me")).status_code == 401


async def test_a_key_has_no_session_to_end(client: httpx.AsyncClient) -> None:
    assert (await client.post("/logout")).status_code == 409
    assert (await client.get("/me")).json()["kind"] == "api-key"


async def test_users_are_managed(client: httpx.AsyncClient) -> None:
    made = await client.post("/users", json={"username": "otto", "password": PASSWORD})
    assert made.status_code == 201
    assert made.json()["role"] == "operator"
    path = f"/users/{made.json()['id']}"
    assert (await client.post("/users", json={"username": "Otto", "password": PASSWORD})).status_code == 409
    assert (await client.put(path, json={"role": "admin"})).json()["role"] == "admin"
    assert (await client.put(path, json={"role": "viewer"})).status_code == 409
    assert (await client.get(path)).json()["username"] == "otto"
    assert "password" not in (await client.get("/users")).text
    assert (await client.delete(path)).status_code == 409
    await client.post("/users", json={"username": "anna", "password": PASSWORD, "role": "admin"})
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_keys_are_managed_and_told_once(world: World, client: httpx.AsyncClient) -> None:
    made = (await client.post("/api-keys", json={"name": "scraper", "role": "viewer"})).json()
    listed = (await client.get("/api-keys")).json()["items"]
    assert made["key"] not in str(listed)
    assert "scraper" in [key["name"] for key in listed]
    async with world.client(token=made["key"]) as scraper:
        assert (await scraper.get("/metrics")).status_code == 200
        assert (await client.delete(f"/api-keys/{made['id']}")).status_code == 204
        assert (await scraper.get("/metrics")).status_code == 401
    assert (await client.post("/api-keys", json={"name": "x", "expires_at": "2020-01-01T00:00:00Z"})).status_code == 422
