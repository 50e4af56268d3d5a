"""Events of stations, values of their streams, and the logs they upload, as the API gives them."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from voltherd.domain.diagnostics import GetLog, Log, UploadStatus, upload_in
from voltherd.domain.document import Document, DocumentRecord
from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.event_stream import EventStream, StreamValues
from voltherd.domain.station_event import StationEvent, digest_of
from voltherd.store.log_files import LogFileStore

from .conftest import World
from .test_stations import add

BASE_MS = 1_767_614_400_000  # 2026-01-05T12:00:00Z


def event(id_: int, station_id: int, **more: Any) -> StationEvent:
    values: dict[str, Any] = {"source": "monitor", "at_ms": BASE_MS + id_, "received_ms": BASE_MS + id_} | more
    made = StationEvent(id=id_, station_id=station_id, **values)
    made.digest = digest_of(made)
    return made


async def ids(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def keep(world: World, station_id: int, document: Document, id_: int = 4711) -> None:

    record = DocumentRecord(
        station_id=station_id,
        kind=document.kind,
        key=document.key,
        id=id_,
        evse_no=0,
        state=document.state,
        data=msgspec.json.encode(document).decode(),
        created_ms=1,
        changed_ms=1,
    )
    await world.store.journal.committed([record])


async def test_events_are_listed_newest_first_and_found_by_what_they_are(
    world: World, client: httpx.AsyncClient
) -> None:
    first, second = await add(world, "CP-1"), await add(world, "CP-2")
    await world.store.journal.committed(
        [
            event(1, first, severity=2, component="EVSE", evse_no=1, variable="Temperature", event_id=9),
            event(2, first, source="security", type="FirmwareUpdated", critical=True),
            event(3, second, severity=7),
        ]
    )
    assert await ids(client, "/station-events") == ["3", "2", "1"]
    assert await ids(client, "/station-events?station_id=CP-1") == ["2", "1"]
    assert await ids(client, "/stations/CP-1/station-events?source=security") == ["2"]
    assert await ids(client, "/station-events?severity=5") == ["1"]
    assert await ids(client, "/station-events?since=2026-01-05T12:00:00.002Z") == ["3", "2"]
    page = (await client.get("/station-events?limit=1")).json()
    assert await ids(client, f"/station-events?limit=5&cursor={page['next']}") == ["2", "1"]
    newest, oldest = (await client.get("/stations/CP-1/station-events")).json()["items"]
    assert (oldest["station_id"], oldest["evse_id"], oldest["event_id"], oldest["critical"]) == ("CP-1", 1, 9, None)
    assert (newest["type"], newest["critical"], newest["event_id"]) == ("FirmwareUpdated", True, None)


@pytest.mark.parametrize(
    "query", ["severity=10", "severity=x", "source=rumour", "since=yesterday", "cursor=nonsense", "limit=0"]
)
async def test_what_cannot_be_asked_of_events_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/station-events?{query}")).status_code == 422


async def test_values_of_a_stream_are_given_in_pages_or_thinned_out(world: World, client: httpx.AsyncClient) -> None:
    station_id = await add(world, "CP-1")
    await keep(world, station_id, EventStream(state="open", number=1, monitor_id=7))
    values = [(BASE_MS + at * 1000, str(at % 100)) for at in range(1000)]
    await world.store.journal.committed(
        [StreamValues(station_id=station_id, stream=1, monitor_id=7, received_ms=1, values=values)]
    )
    path = "/stations/CP-1/event-streams/1/values"
    whole = (await client.get(path)).json()
    assert (len(whole["items"]), whole["thinned"], whole["next"]) == (1000, False, None)
    assert whole["items"][7] == {"at": "2026-01-05T12:00:07.000Z", "value": "7", "number": 7.0}
    part = (await client.get(f"{path}?limit=10&until=2026-01-05T12:00:20Z")).json()
    rest = (await client.get(f"{path}?since={part['next']}&until=2026-01-05T12:00:20Z")).json()
    assert [item["value"] for item in part["items"] + rest["items"]] == [str(at) for at in range(21)]
    few = (await client.get(f"{path}?points=20")).json()
    assert few["thinned"]
    assert len(few["items"]) <= 20
    assert {0.0, 99.0} <= {item["number"] for item in few["items"]}


async def test_values_of_a_stream_that_there_is_not_are_not_found(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    for path in ("CP-1/event-streams/1", "CP-1/event-streams/x", "CP-9/event-streams/1"):
        assert (await client.get(f"/stations/{path}/values")).status_code == 404


@pytest.fixture
def files(world: World, tmp_path: Path) -> LogFileStore:
    made = LogFileStore(tmp_path / "logs", max_bytes=3_000_000)
    world.api.services.diagnostics.logs.files = made
    return made


async def test_a_log_is_uploaded_once_without_a_key_and_downloaded_by_operators(
    world: World, client: httpx.AsyncClient, files: LogFileStore
) -> None:
    station_id = await add(world, "CP-1")
    secret = await files.reserve()
    location, name = upload_in(f"https://csms.example/api/v1/log-uploads/{secret}")
    assert secret not in location
    log = Log(state="uploaded", name="1", type="diagnostics", upload=name, file_name="../../etc/d.zip")
    log.history = [UploadStatus(status="Uploaded", at="2026-01-05T12:00:00.000Z")]
    await keep(world, station_id, log)
    assert (await client.get("/logs/4711/file")).status_code == 404
    body = b"log" * 700_000
    async with world.client(None) as nobody:
        assert (await nobody.put(f"/log-uploads/{secret}/d.zip", content=body)).status_code == 204
        assert (await nobody.put(f"/log-uploads/{secret}", content=b"again")).status_code == 404
        assert (await nobody.put("/log-uploads/guessed", content=b"x")).status_code == 404
    got = await client.get("/logs/4711/file")
    assert got.content == body
    assert got.headers["content-disposition"].startswith("attachment")
    assert "etc" not in got.headers["content-disposition"]
    async with world.client("viewer") as viewer:
        assert (await viewer.get("/logs/4711/file")).status_code == 403
        shown = (await viewer.get("/logs/4711")).json()
    assert (shown["status"], shown["file_name"]) == ("uploaded", "../../etc/d.zip")


async def test_a_log_that_is_too_large_is_refused_and_its_place_stays(
    client: httpx.AsyncClient, files: LogFileStore
) -> None:
    secret = await files.reserve()
    assert (await client.put(f"/log-uploads/{secret}", content=b"x" * 3_000_001)).status_code == 422
    assert (await client.put(f"/log-uploads/{secret}", content=b"x")).status_code == 204


async def test_a_file_that_breaks_off_leaves_its_place_free(files: LogFileStore) -> None:
    async def broken() -> Any:
        yield b"some"
        raise ConnectionError

    async def whole() -> Any:
        yield b"all"

    secret = await files.reserve()
    with pytest.raises(ConnectionError):
        await files.receive(secret, broken())
    await files.receive(secret, whole())
    with pytest.raises(NotFound):
        await files.receive(secret, whole())


async def test_the_oldest_files_go_when_there_are_too_many(
    files: LogFileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voltherd.store.log_files.MAX_FILES", 2)

    async def one() -> Any:
        yield b"x"

    names = []
    for _ in range(4):
        secret = await files.reserve()
        await files.receive(secret, one())
        names.append(upload_in(f"/api/v1/log-uploads/{secret}")[1])
    assert [files.find(str(name)) is not None for name in names] == [False, False, True, True]
    assert files.find("../secret") is None


async def test_without_a_place_for_files_nothing_is_taken(world: World, client: httpx.AsyncClient) -> None:
    world.api.services.diagnostics.logs.files = None
    assert (await client.put("/log-uploads/x", content=b"x")).status_code == 404


async def test_where_a_log_goes_follows_from_command_and_setting(
    world: World, client: httpx.AsyncClient, files: LogFileStore
) -> None:

    logs = world.api.services.diagnostics.logs
    assert await logs.location(GetLog(location="ftp://there")) == "ftp://there"
    with pytest.raises(Invalid):
        await logs.location(GetLog())
    assert (
        await client.put("/settings/diagnostics", json={"upload_base_url": "https://csms.example/"})
    ).status_code == 200
    first, second = await logs.location(GetLog()), await logs.location(GetLog())
    assert first.startswith("https://csms.example/api/v1/log-uploads/")
    assert first != second
    assert len(first.rpartition("/")[2]) == 43
