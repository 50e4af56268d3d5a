"""Every error is a problem document."""

from typing import Any

import httpx
import pytest

from voltherd.api.problems import TYPE_PREFIX
from voltherd.domain.errors import StoreUnavailable

from .conftest import World


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


@pytest.mark.parametrize("path", ["/nothing", "/health", "/health/else", "/reservations", "/stations/a/b/c/d", "/{x}"])
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


@pytest.mark.parametrize("path", ["/stations", "/nothing", "http://voltherd/", "/health/live"])
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


async def test_answers_of_the_api_are_not_cached(client: httpx.AsyncClient) -> None:
    assert (await client.get("/stations")).headers["cache-control"] == "no-store"
