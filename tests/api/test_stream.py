"""`/events`: over a real HTTP server, as a browser reads it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from voltherd.api import live as live_module
from voltherd.api.live import Live
from voltherd.domain.errors import StoreUnavailable
from voltherd.domain.message import LoggedMessage
from voltherd.services.ports import Change

from .conftest import World, now_ms
from .test_stations import add, transaction


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(world.app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/events"
    world.app.state["live"].stop()
    server.should_exit = True
    await asyncio.wait_for(task, 4)


@dataclass
class Event:
    id: int
    name: str
    data: Any


@dataclass
class Reader:
    """Reads a stream event by event."""

    lines: AsyncIterator[str]
    comments: list[str] = field(default_factory=list)
    _events: "asyncio.Queue[Event | None]" = field(default_factory=asyncio.Queue)

    async def run(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(httpx.HTTPError):
            async for line in self.lines:
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    self._events.put_nowait(Event(int(fields["id"]), fields["event"], json.loads(fields["data"])))
                    fields = {}
        self._events.put_nowait(None)

    async def next(self, timeout_s: float = 5.0) -> Event:
        event = await asyncio.wait_for(self._events.get(), timeout_s)
        if event is None:
            raise EOFError
        return event

    async def nothing(self, for_s: float = 0.6) -> bool:
        try:
            await self.next(for_s)
        except TimeoutError:
            return True
        return False


@contextlib.asynccontextmanager
async def stream(world: World, url: str, last_id: int | None = None, **query: str) -> AsyncIterator[Reader]:
    headers = {"Authorization": f"Bearer {world.keys['viewer']}"}
    if last_id is not None:
        headers["Last-Event-ID"] = str(last_id)
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", url, params=query, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        reader = Reader(answer.aiter_lines())
        reading = asyncio.create_task(reader.run())
        yield reader
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def live_of(world: World) -> Live:
    found: Live = world.app.state["live"]
    return found


async def test_first_comes_a_snapshot_mark_then_what_changes(world: World, url: str) -> None:
    station_id = await add(world, "CP-1")
    async with stream(world, url) as reader, world.client() as client:
        mark = await reader.next()
        assert (mark.name, mark.data["resync"]) == ("snapshot", False)
        await client.put("/stations/CP-1", json={"name": "North"})
        told = await reader.next()
        assert told.name == "station"
        assert told.data == (await client.get("/stations/CP-1")).json()
        await world.store.journal.committed([transaction(station_id, 7)])
        world.api.news.publish(Change("transaction", 1, "CP-1", "7"))
        told = await reader.next()
        assert (told.name, told.data["id"], told.data["station_id"]) == ("transaction", "7", "CP-1")
        world.link.connect("CP-1")
        await client.post("/stations/CP-1/commands/clear-cache?wait=true", json={})
        told = await reader.next()
        assert (told.name, told.data["name"]) == ("command", "clear-cache")


async def test_a_deleted_station_is_told(world: World, url: str) -> None:
    await add(world, "CP-1")
    async with stream(world, url) as reader, world.client() as client:
        await reader.next()
        await client.delete("/stations/CP-1")
        assert (await reader.next()).data == {"station_id": "CP-1", "deleted": True}


async def test_many_changes_of_one_thing_are_told_as_one_and_read_once(world: World, url: str) -> None:
    for identity in ("CP-1", "CP-2"):
        await add(world, identity)
    async with stream(world, url) as first, stream(world, url) as second:
        await first.next()
        await second.next()
        before = live_of(world).reads
        for _ in range(500):
            for identity in ("CP-1", "CP-2"):
                world.api.news.publish(Change("station", 1, identity, identity))
        for reader in (first, second):
            told = [await reader.next() for _ in range(2)]
            assert {event.data["station_id"] for event in told} == {"CP-1", "CP-2"}
            assert told[0].id < told[1].id
            assert await reader.nothing()
        assert live_of(world).reads == before + 1


async def test_nothing_is_read_when_nobody_listens(world: World, url: str) -> None:
    await add(world, "CP-1")
    assert live_of(world).reads == 0
    async with stream(world, url) as reader:
        mark = await reader.next()
    await asyncio.sleep(0.1)
    assert live_of(world).subscribers == 0
    world.api.news.publish(Change("station", 1, "CP-1", "CP-1"))
    await asyncio.sleep(0.5)
    assert live_of(world).reads == 0
    async with stream(world, url, last_id=mark.id) as reader:
        assert (await reader.next()).name == "station"


async def test_a_stream_resumes_where_it_ended(world: World, url: str) -> None:
    async with stream(world, url) as reader:
        await reader.next()
        await add(world, "CP-1")
        first = await reader.next()
    async with stream(world, url) as other:
        await other.next()
        await add(world, "CP-2")
        missed = await other.next()
    await asyncio.sleep(0.1)
    await add(world, "CP-3")
    async with stream(world, url, last_id=first.id) as reader:
        told = [await reader.next() for _ in range(2)]
    assert [event.data["station_id"] for event in told] == ["CP-2", "CP-3"]
    assert told[0].id == missed.id


@pytest.mark.parametrize("last_id", [0, 1, 10**17])
async def test_what_is_not_known_any_more_is_a_resync(world: World, url: str, last_id: int) -> None:
    async with stream(world, url, last_id=last_id) as reader:
        mark = await reader.next()
    assert (mark.name, mark.data["resync"]) == ("snapshot", True)


async def test_too_much_missed_is_a_resync(world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MAX_ASIDE", 10)
    async with stream(world, url) as reader:
        mark = await reader.next()
    await asyncio.sleep(0.1)
    for number in range(30):
        world.api.news.publish(Change("station", 1, f"CP-{number}", f"CP-{number}"))
    await asyncio.sleep(0.1)
    async with stream(world, url, last_id=mark.id) as reader:
        assert (await reader.next()).data["resync"] is True


async def test_a_watcher_too_slow_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MAX_WAITING", 5)
    live = live_of(world)
    slow, quick = (live.watch(1, ["station"], None, None) for _ in range(2))
    assert await quick.next(1)
    for number in range(8):
        await add(world, f"CP-{number}")
    pieces = b""
    for _ in range(20):
        pieces += await quick.next(0.3) or b""
        if pieces.count(b"event: station") == 8:
            break
    assert await slow.next(1) is None
    assert live.dropped >= 1
    live.leave(slow)
    live.leave(quick)


async def test_topics_and_station_are_filters(world: World, url: str) -> None:
    for identity in ("CP-1", "CP-2"):
        await add(world, identity)
    async with stream(world, url, topics="station", station_id="CP-2") as reader:
        await reader.next()
        world.api.news.publish(Change("station", 1, "CP-1", "CP-1"))
        world.api.news.publish(Change("command", 1, "CP-2", "1"))
        world.api.news.publish(Change("station", 1, "CP-2", "CP-2"))
        assert (await reader.next()).data["station_id"] == "CP-2"
        assert await reader.nothing()


async def test_nothing_of_another_tenant_is_told(world: World, url: str) -> None:
    world.keys["viewer"] = await world.key_of_tenant(2, "viewer")
    async with stream(world, url) as reader:
        await reader.next()
        await add(world, "CP-1")
        assert await reader.nothing()


async def test_the_message_log_is_followed_for_one_station(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "MESSAGES_S", 0.1)
    station_id = await add(world, "CP-1")

    def log(number: int) -> None:
        message = LoggedMessage(
            id=world.api.ids(),
            station_id=station_id,
            at_ms=now_ms(),
            direction="in",
            message_type="call",
            message_id=str(number),
            action="Heartbeat",
            frame=f'[2,"{number}","Heartbeat",{{}}]',
        )
        world.store.journal.log([message])

    log(0)
    await asyncio.sleep(0.2)
    async with stream(world, url, topics="message", station_id="CP-1") as reader:
        await reader.next()
        for number in range(1, 4):
            log(number)
            await asyncio.sleep(0.05)
        told = [await reader.next() for _ in range(3)]
        assert [event.data["message_id"] for event in told] == ["1", "2", "3"]
        assert told[0].data["frame"] == '[2,"1","Heartbeat",{}]'
        assert await reader.nothing(0.4)


@pytest.mark.parametrize(
    ("query", "path"),
    [("topics=weather", "query.topics"), ("topics=", "query.topics"), ("topics=message", "query.station_id")],
)
async def test_a_stream_that_cannot_be_is_a_422(client: httpx.AsyncClient, query: str, path: str) -> None:
    answer = await client.get(f"/events?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


async def test_a_token_in_the_url_is_not_taken(world: World) -> None:
    async with world.client(None) as nobody:
        assert (await nobody.get("/events", params={"access_token": world.keys["viewer"]})).status_code == 401


async def test_a_comment_keeps_the_connection_and_an_ended_key_ends_it(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voltherd.api.stream.HEARTBEAT_S", 0.1)
    async with stream(world, url) as reader:
        await reader.next()
        assert await reader.nothing(0.5)
        assert len(reader.comments) >= 2
    async with stream(world, url) as reader:
        await reader.next()
        caller = world.api.access.verify(world.keys["viewer"])
        assert caller is not None
        await world.api.access.remove_key(caller.key_id, who="test")
        with pytest.raises(EOFError):
            await reader.next()


async def test_a_store_out_of_reach_delays_and_loses_nothing(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "RETRY_S", 0.2)
    await add(world, "CP-1")
    async with stream(world, url) as reader:
        await reader.next()
        with monkeypatch.context() as broken:

            async def unavailable(*_: object, **__: object) -> None:
                raise StoreUnavailable("away")

            broken.setattr(world.store.records, "stations", unavailable, raising=False)
            world.api.news.publish(Change("station", 1, "CP-1", "CP-1"))
            assert await reader.nothing(0.4)
        assert (await reader.next()).data["station_id"] == "CP-1"


async def test_stopping_ends_every_stream_at_once(world: World, url: str) -> None:
    async with stream(world, url) as reader:
        await reader.next()
        live_of(world).stop()
        with pytest.raises(EOFError):
            await reader.next(1)
