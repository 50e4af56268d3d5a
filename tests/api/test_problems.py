"""Every error is a problem document."""

import re
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import msgspec
import pytest

from voltherd.api.problems import TYPE_PREFIX
from voltherd.domain.errors import StoreUnavailable

from .conftest import World
from .test_every_endpoint import endpoints
from .test_stations import add, transaction


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"].startswith(TYPE_PREFIX)
    assert found["title"]
    assert found["detail"]
    assert "Traceback" not in answer.text
    return found


@pytest.mark.parametrize("path", ["/nothing", "/health", "/health/else", "/levitations", "/stations/a/b/c/d", "/{x}"])
async def test_an_unknown_path_is_a_404(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404)


async def test_the_api_s_roots_are_no_pages(client: httpx.AsyncClient) -> None:
    problem(await client.get("http://voltherd/api"), 404)
    problem(await client.get("http://voltherd/api/v2/stations"), 404)


async def test_a_wrong_method_is_a_405_that_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.patch("/stations")
    problem(answer, 405)
    assert "GET" in answer.headers["allow"]
    problem(await client.post("http://voltherd/stations"), 405)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic YTpi", "Bearer  ", "nonsense"])
async def test_without_a_valid_key_comes_401_with_a_challenge(world: World, header: str | None) -> None:
    async with world.client(None) as client:
        answer = await client.get("/stations", headers={"Authorization": header} if header else {})
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"name": }', b'{"name": "\xff"}'])
async def test_a_body_that_is_no_json_is_a_400(client: httpx.AsyncClient, body: bytes) -> None:
    problem(await client.put("/stations/CP-1", content=body), 400)


DEEP = {
    "never closed": b'{"a":' * 2000,
    "objects": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "arrays": b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not deep enough for a RecursionError": b'{"data":' + b"[" * 400 + b"]" * 400 + b"}",
}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP.keys())
async def test_a_body_nested_too_deeply_is_refused_at_every_endpoint(
    world: World, client: httpx.AsyncClient, body: bytes
) -> None:
    await client.put("/stations/CP-1", json={})
    world.link.connect("CP-1")
    for url, method, _ in endpoints(world):
        if method in ("PUT", "POST"):
            assert (await client.request(method, url, content=body)).status_code < 500, (method, url)
    for path in ("calls/Reset", "commands/data-transfer"):
        assert (await client.post(f"/stations/CP-1/{path}", content=body)).status_code in (400, 422), path
    assert {name for _, name, _ in world.link.seen} <= {"set-password"}, "nothing of it reached the station"


async def test_many_brackets_side_by_side_and_in_text_are_not_deep(world: World, client: httpx.AsyncClient) -> None:
    await client.put("/stations/CP-1", json={})
    world.link.connect("CP-1")
    body = {"vendorId": "[" * 500 + '"{\\', "data": [[{}]] * 200}
    assert (await client.post("/stations/CP-1/calls/DataTransfer", json=body)).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1"])
async def test_a_body_that_is_no_object_is_a_422(client: httpx.AsyncClient, body: bytes) -> None:
    found = problem(await client.put("/stations/CP-1", content=body), 422)
    assert found["errors"][0]["path"] == "$"


async def test_a_body_too_large_is_a_413(client: httpx.AsyncClient) -> None:
    problem(await client.put("/stations/CP-1", content=b'{"name": "' + b"x" * 1024 * 1024 + b'"}'), 413)


async def test_a_store_out_of_reach_is_a_503_that_says_when_to_come_back(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object, **__: object) -> None:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(world.store.records, "stations", unavailable, raising=False)
    answer = await client.get("/stations")
    assert problem(answer, 503)["detail"] == "The database does not answer."
    assert "retry-after" in answer.headers


async def test_what_nobody_foresaw_is_a_500_without_details(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inner words")

    monkeypatch.setattr(world.store.records, "stations", broken, raising=False)
    answer = await client.get("/stations")
    assert "secret inner words" not in str(problem(answer, 500))
    assert "secret inner words" in caplog.text


def cursor(*key: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


async def test_a_cursor_with_integers_beyond_64_bits_is_a_422_in_every_list(
    world: World, client: httpx.AsyncClient
) -> None:
    station_id = await add(world, "CP-1")
    await world.store.journal.committed([transaction(station_id, 1)])
    lists = [
        url for url, method, _ in endpoints(world) if method == "GET" and "cursor" in (await parameters(client, url))
    ]
    assert len(lists) >= 8
    for url in lists:
        for number in (2**63, 10**26, -(2**63) - 1):
            for key in ((number,), (number, 9), (9, number), (number, 9, 9), (9, 9, number)):
                answer = await client.get(url, params={"cursor": cursor(*key)})
                problem(answer, 422)
    problem(await client.get("/transactions?cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LDld"), 422)


async def parameters(client: httpx.AsyncClient, url: str) -> set[str]:
    """Name the query parameters of an endpoint, its path filled or not."""
    document = (await client.get("/openapi.json")).json()
    path = url.removeprefix("http://voltherd")
    for template, operations in document["paths"].items():
        if "get" in operations and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return {item["name"] for item in operations["get"]["parameters"]}
    return set()


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 9_999_999_999_999_999_999, 99_999_999_999_999_999_999, 10**40])
async def test_an_id_beyond_64_bits_in_a_path_names_nothing(
    world: World, client: httpx.AsyncClient, number: int
) -> None:
    await client.put("/stations/CP-1", json={})
    world.link.connect("CP-1")
    for path in ("transactions/{}", "transactions/{}/events", "transactions/{}/meter-values", "commands/{}"):
        problem(await client.get(f"/{path.format(number)}"), 404)
    problem(await client.post(f"/transactions/{number}/close", json={"reason": "x"}), 404)
    for path in ("users", "api-keys"):
        problem(await client.delete(f"/{path}/{number}"), 404)


@pytest.mark.parametrize("path", ["/stations", "/nothing", "http://voltherd/", "/health/live"])
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


async def test_answers_of_the_api_are_not_cached(client: httpx.AsyncClient) -> None:
    assert (await client.get("/stations")).headers["cache-control"] == "no-store"
