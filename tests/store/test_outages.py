"""Trap 45: a store that stalls or is gone gives no false answer, and everything resumes by itself."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from store.samples import Answers, reply, station
from support.postgres import Postgres
from voltherd.domain.errors import StoreUnavailable
from voltherd.store import Store, open_store
from voltherd.store.group_commit import GroupCommit
from voltherd.store.sqlite import BUSY_TIMEOUT_S


async def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
def blocker(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "v.db", isolation_level=None)
    yield connection
    connection.close()


async def test_trap_45_a_locked_sqlite_database_is_waited_for(tmp_path: Path, blocker: sqlite3.Connection) -> None:
    store, answers = await open_store(f"sqlite:///{tmp_path}/v.db"), Answers()
    blocker.execute("BEGIN EXCLUSIVE")
    for number in range(1, 4):
        store.journal.commit([station(f"CS{number}", number)], answers.of(number))
    await until(lambda: not store.journal.available)
    assert answers.order == []
    assert await store.records.all_stations(1) == []
    store.journal.commit([station("CS4", 4)], answers.of(4))
    blocker.execute("COMMIT")
    await until(lambda: len(answers.order) == 4)
    assert store.journal.available
    assert answers.errors == dict.fromkeys(range(1, 5))
    assert len(await store.records.all_stations(1)) == 4
    await store.close()


async def test_trap_45_the_event_loop_goes_on_while_another_process_writes(
    tmp_path: Path, blocker: sqlite3.Connection
) -> None:
    store, answers = await open_store(f"sqlite:///{tmp_path}/v.db"), Answers()
    await store.journal.committed([station("CS1", 1)])
    blocker.execute("BEGIN EXCLUSIVE")
    store.journal.commit([station("CS2", 2)], answers.of(2))
    longest_s, last = 0.0, asyncio.get_running_loop().time()
    for _ in range(30):
        await asyncio.sleep(0.01)
        now = asyncio.get_running_loop().time()
        longest_s, last = max(longest_s, now - last), now
    assert answers.order == []
    assert longest_s < BUSY_TIMEOUT_S / 2
    blocker.execute("COMMIT")
    await until(lambda: answers.order == [2])
    assert answers.errors == {2: None}
    await store.close()


async def test_trap_45_a_sqlite_disk_that_was_full_is_used_again(tmp_path: Path) -> None:
    store, answers = await open_store(f"sqlite:///{tmp_path}/v.db"), Answers()
    await limit_pages(store, 1)
    store.journal.commit([reply("m" * 100_000)], answers.of("big"))
    await until(lambda: not store.journal.available)
    assert answers.order == []
    await limit_pages(store, 1_000_000)
    await until(lambda: answers.order == ["big"])
    assert answers.errors == {"big": None}
    await store.close()


async def limit_pages(store: Store, pages: int) -> None:
    """Make the writer's connection meet a full database (SQLITE_FULL), or free it again."""
    writer = store.journal._writer  # type: ignore[attr-defined]
    await writer._do(lambda _: writer._begun().execute(f"PRAGMA max_page_count = {pages}").fetchall(), None)
    await writer._do(lambda _: writer._connection.execute("COMMIT"), None)


async def test_trap_45_closing_during_an_outage_ends_and_tells(tmp_path: Path, blocker: sqlite3.Connection) -> None:
    store, answers = await open_store(f"sqlite:///{tmp_path}/v.db"), Answers()
    blocker.execute("BEGIN EXCLUSIVE")
    store.journal.commit([station("CS1", 1)], answers.of(1))
    await until(lambda: not store.journal.available)
    await store.close(timeout_s=0.1)
    assert isinstance(answers.errors[1], StoreUnavailable)
    blocker.execute("COMMIT")


async def test_trap_45_lost_connections_to_postgresql_are_made_anew(postgres: Postgres) -> None:
    url = await postgres.fresh_database()
    store = await open_store(url)
    await store.journal.committed([station("CS1", 1)])
    for number in range(2, 6):
        await postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url_database(url)
        )
        await store.journal.committed([station(f"CS{number}", number)])
        assert len(await store.records.all_stations(1)) == number
    assert store.journal.available
    await store.close()


def url_database(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


async def test_trap_45_a_connection_lost_under_load_loses_and_doubles_nothing(postgres: Postgres) -> None:
    url = await postgres.fresh_database()
    store, answers = await open_store(url), Answers()

    async def load() -> None:
        for number in range(1, 601):
            store.journal.commit([station(f"CS{number}", number)], answers.of(number))
            await asyncio.sleep(0.001)

    loading = asyncio.create_task(load())
    while not loading.done():
        await postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url_database(url)
        )
        await asyncio.sleep(0.1)
    await loading
    await store.journal.flush()
    assert answers.errors == dict.fromkeys(range(1, 601))
    assert answers.order == list(range(1, 601))
    assert len(await store.records.all_stations(1)) == 600
    await store.close()


async def test_trap_45_a_postgresql_that_is_down_is_waited_for() -> None:
    with Postgres() as server:
        store, answers = await open_store(await server.fresh_database()), Answers()
        await store.journal.committed([station("CS1", 1)])
        await asyncio.to_thread(server.stop)
        store.journal.commit([station("CS2", 2)], answers.of(2))
        await until(lambda: not store.journal.available)
        with pytest.raises(StoreUnavailable):
            await store.records.all_stations(1)
        assert answers.order == []
        await asyncio.to_thread(server.start)
        await until(lambda: answers.order == [2])
        assert answers.errors == {2: None}
        assert len(await store.records.all_stations(1)) == 2
        await store.close()


async def test_trap_45_a_commit_that_hangs_is_seen(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voltherd.store.group_commit.STALLED_S", 0.2)
    url = await postgres.fresh_database()
    store, answers = await open_store(url), Answers()
    other = await asyncpg.connect(url)
    await other.execute("BEGIN; LOCK TABLE stations")
    store.journal.commit([station("CS1", 1)], answers.of(1))
    await until(lambda: not store.journal.available)
    assert answers.order == []
    await other.close()
    await until(lambda: answers.order == [1])
    assert store.journal.available
    await store.close()


async def test_a_journal_begins_available(store: Store) -> None:
    assert isinstance(store.journal, GroupCommit)
    assert store.journal.available
