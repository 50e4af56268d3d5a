"""`/health`, `/metrics` and the dashboard's files."""

from pathlib import Path

import httpx
import pytest

from .conftest import World

PAGE = "<!doctype html><title>Voltherd</title>" + "x" * 2000


@pytest.fixture
def built(static: Path) -> Path:
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(PAGE)
    (static / "assets" / "index-abc123.js").write_text("export const x = 1;" * 200)
    (static / "favicon.svg").write_text("<svg/>")
    (static.parent / "secret.txt").write_text("not to be seen")
    return static


async def test_live_needs_no_key(world: World) -> None:
    async with world.client(None) as nobody:
        assert (await nobody.get("/health/live")).json() == {"status": "live"}
        assert (await nobody.get("/health/ready")).json() == {"status": "ready"}


async def test_not_ready_says_what_is_missing(world: World, client: httpx.AsyncClient) -> None:
    world.listening = False
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Not ready: stations cannot connect."


async def test_metrics_gather_what_the_parts_count(client: httpx.AsyncClient) -> None:
    await client.get("/nothing")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'voltherd_messages_total{direction="in"} 3.0' in text
    assert "# TYPE voltherd_messages_total counter" in text
    assert "# TYPE voltherd_connections gauge" in text
    assert 'voltherd_http_answers_total{status="404"} 1.0' in text
    assert "voltherd_stream_subscribers 0.0" in text


# -- the dashboard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/stations", "/stations/CP-1", "/deep/er/page"])
async def test_every_path_is_the_page(world: World, built: Path, path: str) -> None:
    async with world.client(None) as nobody:
        answer = await nobody.get(f"http://voltherd{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text == PAGE


async def test_hashed_files_are_kept_for_ever_and_packed(world: World, built: Path) -> None:
    async with world.client(None) as nobody:
        url = "http://voltherd/assets/index-abc123.js"
        answer = await nobody.get(url)
        plain = await nobody.get(url, headers={"Accept-Encoding": "identity"})
        same = await nobody.get(url, headers={"If-None-Match": answer.headers["etag"]})
        head = await nobody.head(url)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert answer.text == plain.text
    assert "javascript" in answer.headers["content-type"]
    assert (same.status_code, same.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/assets/gone.js", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"])
async def test_a_missing_file_is_no_page_and_nothing_outside_is_given(world: World, built: Path, path: str) -> None:
    async with world.client(None) as nobody:
        answer = await nobody.get(f"http://voltherd{path}")
    assert "not to be seen" not in answer.text
    assert answer.status_code == 404 or answer.text == PAGE


@pytest.mark.parametrize("path", ["/..%2fsecret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "/%00"])
async def test_no_path_leads_outside_of_the_files(world: World, built: Path, path: str) -> None:
    async with world.client(None) as nobody:
        answer = await nobody.get(f"http://voltherd{path}")
    assert "not to be seen" not in answer.text
    assert answer.status_code in (200, 404)


async def test_a_dashboard_that_is_not_built_says_how(world: World) -> None:
    async with world.client(None) as nobody:
        answer = await nobody.get("http://voltherd/")
    assert answer.status_code == 503
    assert "make setup" in answer.text
