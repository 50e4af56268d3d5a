"""What holds for every endpoint: who may call it, what it shows of other tenants, and that it is described."""

import re
from typing import Any

import httpx
import pytest

from voltherd.api.auth import PUBLIC, needed_role
from voltherd.api.openapi import handlers
from voltherd.domain.catalogue import DOCUMENTS

from .conftest import World
from .test_stations import add, transaction

FILLED = {
    "station_id": "CP-1",
    "action": "Reset",
    "transaction": "1",
    "command_id": "1",
    "token": "AAAA",
    "user_id": "1",
    "key_id": "1",
    "stream": "1",
    "secret": "s",
    "file_name": "f",
    "document_id": "1",
    "profile_id": "1",
}
LISTS = ("/users", "/stations", "/transactions", "/tokens", "/commands", "/charging-profiles", "/station-events")
Endpoint = tuple[str, str, dict[str, Any]]


def endpoints(world: World) -> list[Endpoint]:
    """Give path (filled), method and opt of every described endpoint."""
    found = []
    for path, method, handler, _ in handlers(world.app):
        filled = re.sub(r"{(\w+)}", lambda match: FILLED[match[1]], path)
        found.append((f"http://voltherd{filled}", method, dict(handler.opt)))
    assert len(found) > 45
    return found


async def test_every_endpoint_refuses_who_is_not_signed_in(world: World) -> None:
    public = set()
    async with world.client(None) as nobody:
        for url, method, opt in endpoints(world):
            if opt.get(PUBLIC):
                public.add(url.rpartition("/api/v1")[2])
                continue
            answer = await nobody.request(method, url, json={} if method in ("POST", "PUT") else None)
            assert answer.status_code == 401, (method, url)
            assert answer.headers["content-type"] == "application/problem+json"
    assert public == {
        "/health/live",
        "/health/ready",
        "/login",
        "/setup",
        "/openapi.json",
        "/log-uploads/s",
        "/log-uploads/s/f",
    }


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_every_endpoint_refuses_roles_that_are_too_small(world: World, role: Any) -> None:
    rank = ["viewer", "operator", "admin"]
    async with world.client(role) as client:
        for url, method, opt in endpoints(world):
            needed = needed_role(method, opt)
            if opt.get(PUBLIC) or (url.endswith("/events") and "transactions" not in url):
                continue
            answer = await client.request(method, url, json={} if method in ("POST", "PUT") else None)
            allowed = rank.index(role) >= rank.index(needed)
            assert (answer.status_code != 403) is allowed, (method, url, answer.status_code)
            assert answer.status_code < 500, (method, url, answer.text)


async def test_who_may_write_what(world: World) -> None:
    of_admins = {"/users", "/users/1", "/api-keys", "/api-keys/1"}
    for url, method, opt in endpoints(world):
        path = url.rpartition("/api/v1")[2]
        if opt.get(PUBLIC) or path in ("/logout", "/me/password"):
            continue
        if path == "/logs/1/file":
            assert needed_role(method, opt) == "operator", path
        elif method == "GET":
            assert needed_role(method, opt) == "viewer", path
        elif path in of_admins or path.startswith("/settings/"):
            assert needed_role(method, opt) == "admin", path
        else:
            assert needed_role(method, opt) == "operator", path


async def test_no_endpoint_shows_anything_of_another_tenant(world: World, client: httpx.AsyncClient) -> None:
    station_id = await add(world, "CP-1")
    await world.store.journal.committed([transaction(station_id, 1, id_token="AAAA")])
    await client.put("/tokens/AAAA", json={})
    await client.post("/users", json={"username": "anna", "password": "correct horse"})
    world.link.connect("CP-1")
    command = (await client.post("/stations/CP-1/commands/clear-cache?wait=true", json={})).json()["command_id"]
    user = (await client.get("/users")).json()["items"][0]["id"]
    key = (await client.get("/api-keys")).json()["items"][0]["id"]
    real = {"/commands/1": f"/commands/{command}", "/users/1": f"/users/{user}", "/api-keys/1": f"/api-keys/{key}"}
    bodies: dict[str, Any] = {"/close": {"reason": "x"}, "/users/": {"role": "viewer"}}
    bodies["/reservations"] = {"station_id": "CP-1", "id_token": "AAAA", "expires_at": "2999-01-01T00:00:00Z"}
    bodies["/web-payments"] = {"url": "https://pay.example/CP-1/1/x/v1"}
    theirs = world.client(token=await world.key_of_tenant(2))
    open_to_all = {"/health/live", "/health/ready", "/login", "/setup", "/openapi.json", "/me", "/metrics", "/events"}
    async with theirs:
        for url, method, _ in endpoints(world):
            path = url.rpartition("/api/v1")[2]
            if path in open_to_all or path.startswith("/settings/") or path in ("/logout", "/me/password"):
                continue
            if method in ("POST", "PUT") and path in ("/users", "/api-keys", "/stations/CP-1", "/tokens/AAAA"):
                continue
            if method == "PUT" and path == "/charging-profiles/1":  # each tenant has its own of this id
                continue
            body = next((body for part, body in bodies.items() if part in path), {})
            answer = await theirs.request(method, real.get(path, path), json=body if method != "GET" else None)
            if path in LISTS or (method == "GET" and path[1:] in DOCUMENTS):
                assert answer.json()["items"] == [], path
            elif path == "/api-keys":
                assert [item["name"] for item in answer.json()["items"]] == ["tenant 2"]
            elif path == "/audit":
                assert {item["entity"] for item in answer.json()["items"]} <= {"api-key tenant 2"}
            elif "/commands/" in path and method == "POST":
                assert answer.status_code in (404, 422), (method, path)
            else:
                assert answer.status_code == 404, (method, path, answer.text)
    assert world.link.seen[-1][1] == "clear-cache"
    assert len(world.link.seen) == 1


# -- the OpenAPI document ---------------------------------------------------------------------------------------------


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_every_endpoint_is_described_with_examples_and_errors(world: World, client: httpx.AsyncClient) -> None:
    paths = (await document(client))["paths"]
    described = {(path, method.upper()) for path, operations in paths.items() for method in operations}
    assert described == {(path, method) for path, method, _, _ in handlers(world.app)}
    for path, operations in paths.items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert len(operation["description"]) > 10, where
            for parameter in operation["parameters"]:
                assert parameter["description"], (where, parameter["name"])
            if "requestBody" in operation:
                assert "example" in operation["requestBody"]["content"]["application/json"], where
            success = [status for status in operation["responses"] if status < "300"]
            assert success, where
            for status in success:
                for media in operation["responses"][status].get("content", {}).values():
                    assert media["example"] is not None, where
            if operation.get("security") != []:
                assert "401" in operation["responses"], where
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], where


async def test_every_route_of_the_api_is_described_or_only_explains(world: World) -> None:
    known = {(path, method) for path, method, _, _ in handlers(world.app)}
    undescribed = {
        (route.path, method)
        for route in world.app.routes
        for method in getattr(route, "methods", ())
        if route.path.startswith("/api") and method not in ("OPTIONS", "HEAD")
    } - {(re.sub(r"{(\w+)}", r"{\1:str}", path), method) for path, method in known}
    assert undescribed == {
        ("/api/v1/settings/{name:str}", "GET"),
        ("/api/v1/settings/{name:str}", "PUT"),
        ("/api/v1/settings/{name:str}", "DELETE"),
        ("/api/v1/stations/{station_id:str}/commands/{name:str}", "POST"),
    }


async def test_operation_ids_are_unique_and_references_resolve(client: httpx.AsyncClient) -> None:
    found = await document(client)
    ids = [operation["operationId"] for operations in found["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))
    for name in re.findall(r'"#/components/schemas/([^"]+)"', str(found).replace("'", '"')):
        assert name in found["components"]["schemas"], name


async def test_examples_are_valid_for_their_schemas(client: httpx.AsyncClient) -> None:
    from jsonschema import Draft202012Validator

    found = await document(client)
    for path, operations in found["paths"].items():
        for operation in operations.values():
            contents = [response.get("content", {}) for response in operation["responses"].values()]
            contents.append(operation.get("requestBody", {}).get("content", {}))
            for content in contents:
                for media, described in content.items():
                    if media.endswith("json"):
                        schema = {**described["schema"], "components": found["components"]}
                        errors = list(Draft202012Validator(schema).iter_errors(described["example"]))
                        assert not errors, (path, operation["operationId"], errors)


async def test_an_answer_has_every_field_of_its_schema(world: World, client: httpx.AsyncClient) -> None:
    from jsonschema import Draft202012Validator

    station_id = await add(world, "CP-1")
    await world.store.journal.committed([transaction(station_id, 1)])
    found = await document(client)
    for path in ("/stations", "/transactions", "/api-keys", "/me", "/settings/retention", "/audit"):
        operation = found["paths"][f"/api/v1{path}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": found["components"]})
        assert not list(validator.iter_errors((await client.get(path)).json())), path
