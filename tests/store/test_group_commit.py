"""Group commit: many calls share one commit, answers follow it in order, and one bad call harms no other."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from msgspec import Struct

from store.samples import Answers, logged, meter_sample, reply, station, transaction
from voltherd.domain.errors import StoreUnavailable
from voltherd.domain.message import InboundMessage
from voltherd.domain.station import Connector, Station
from voltherd.domain.transaction import Transaction, TransactionEvent
from voltherd.store import NotStorable, Store, open_store
from voltherd.store.group_commit import GroupCommit
from voltherd.store.sqlite import SqliteWriter


async def settled(store: Store) -> None:
    await store.journal.flush()


async def test_calls_of_one_moment_share_one_commit(store: Store, stored) -> None:
    answers = Answers()
    before = store.journal.commits
    for number in range(1, 501):
        store.journal.commit([station(f"CS{number}", number)], answers.of(number))
    await settled(store)
    assert answers.order == list(range(1, 501))
    assert set(answers.errors.values()) == {None}
    assert len(await stored(Station)) == 500
    assert store.journal.commits - before <= 2


async def test_while_one_batch_commits_the_next_gathers(store: Store) -> None:
    """Closed loop: each of 50 stations sends its next message when the last is answered."""
    answers, rounds = Answers(), 20
    finished = asyncio.Event()

    def send(station_id: int, number: int) -> None:
        def done(error: BaseException | None) -> None:
            answers.of((station_id, number))(error)
            if number < rounds:
                send(station_id, number + 1)
            elif len(answers.order) == 50 * rounds:
                finished.set()

        store.journal.commit([reply(f"m{number}", station_id)], done)

    before = store.journal.commits
    for station_id in range(50):
        send(station_id, 1)
    async with asyncio.timeout(30):
        await finished.wait()
    assert store.journal.commits - before <= 2 * rounds
    for station_id in range(50):
        assert [number for of, number in answers.order if of == station_id] == list(range(1, rounds + 1))


async def test_answers_come_after_the_commit(store: Store, migrated_url: str) -> None:
    """At the moment a call is answered, another connection sees its rows."""
    seen: list[int] = []
    count = await counter(migrated_url)
    for number in range(1, 6):
        done = asyncio.get_running_loop().create_future()
        store.journal.commit([station(f"CS{number}", number)], lambda error, done=done: done.set_result(error))
        assert await done is None
        seen.append(await count())
    assert seen == [1, 2, 3, 4, 5]


async def counter(url: str):
    """Count stations over a connection of its own."""

    async def in_sqlite() -> int:
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
            return other.execute("SELECT count(*) FROM stations").fetchone()[0]

    async def in_postgresql() -> int:
        other = await asyncpg.connect(url)
        try:
            return await other.fetchval("SELECT count(*) FROM stations")
        finally:
            await other.close()

    return in_sqlite if url.startswith("sqlite") else in_postgresql


async def test_the_records_of_one_call_are_stored_all_or_not_at_all(store: Store, stored) -> None:
    with pytest.raises(NotStorable):
        await store.journal.committed([station("CS1", 1), transaction(1), transaction(7, transaction_id=None)])
    assert await stored(Station) == []


BAD: dict[str, Struct] = {
    "missing value": transaction(7, transaction_id=None),
    "same wire id": transaction(8, transaction_id="taken"),
    "same replay key": transaction(9, replay_key="taken"),
    "same identity": station("taken", 99),
    "no such type": transaction(10, started_at_ms=object()),
    "no record": Answers,  # type: ignore[dict-item]
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_trap_47_a_call_that_cannot_be_stored_fails_alone(store: Store, stored, bad: Struct) -> None:
    await store.journal.committed(
        [station("taken", 50), transaction(50, transaction_id="taken"), transaction(51, replay_key="taken")]
    )
    answers = Answers()
    for number in range(1, 6):
        records: list[Struct] = [station(f"CS{number}", number)]
        store.journal.commit([*records, bad] if number == 3 else records, answers.of(number))
    await settled(store)
    assert {number for number, error in answers.errors.items() if error is None} == {1, 2, 4, 5}
    assert isinstance(answers.errors[3], NotStorable)
    assert {item.identity for item in await stored(Station)} == {"taken", "CS1", "CS2", "CS4", "CS5"}
    assert store.journal.available


async def test_trap_47_two_calls_that_contradict_each_other_fail_only_the_later(store: Store) -> None:
    answers = Answers()
    store.journal.commit([station("CS1", 1)], answers.of("first"))
    store.journal.commit([station("CS1", 2)], answers.of("second"))
    store.journal.commit([station("CS3", 3)], answers.of("third"))
    await settled(store)
    assert answers.order == ["first", "second", "third"]
    assert isinstance(answers.errors["second"], NotStorable)
    assert answers.errors["first"] is None
    assert answers.errors["third"] is None


async def test_trap_47_after_a_failed_batch_indexed_columns_are_right(store: Store) -> None:
    """What a batch that was undone said of a row is not taken for what is stored."""
    await store.journal.committed([transaction(1, id_token="old")])
    changed = transaction(1, id_token="new")
    with pytest.raises(NotStorable):
        await store.journal.committed([changed, transaction(7, transaction_id=None)])
    await store.journal.committed([changed])
    assert [item.id for item in (await store.records.transactions(1, id_token="new")).items] == [1]


async def test_trap_47_an_error_in_what_follows_a_commit_harms_no_other(store: Store) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    answers = Answers()

    def broken(_: BaseException | None) -> None:
        raise RuntimeError("broken")

    store.journal.commit([station("CS1", 1)], broken)
    store.journal.commit([station("CS2", 2)], answers.of(2))
    await settled(store)
    assert answers.order == [2]
    assert told == ["An error in what follows a commit"]


async def test_trap_08_nul_and_lone_surrogates_in_text_are_stored_as_well_as_can_be(store: Store) -> None:
    for number, text in enumerate(("a\0b", "a\ud800b"), 1):
        await store.journal.committed([station("CS1", 1, vendor=text), meter_sample(number, raw_value="1\0")])
        found = await store.records.station(1, "CS1")
        assert found is not None
        assert found.vendor in (text, "a\ufffdb", "a?b")
    assert [item.raw_value for item in (await store.records.meter_samples(1, 9)).items] == ["1\0", "1\0"]


async def test_integers_beyond_64_bits_become_the_nearest_that_fits(store: Store, stored) -> None:
    """The schemas of 2.x set no bound: what is refused for it would come again for ever."""
    largest, smallest = 2**63 - 1, -(2**63)
    event = {"station_id": 1, "transaction": 1, "kind": "Updated", "trigger_reason": "", "at_ms": 1, "received_ms": 1}
    good, answers = station("CS1", 1), Answers()
    huge = transaction(1, seq_no_first=2**63, seq_no_last=2**70, remote_start_id=-(2**64), seq_gaps=(2**63, 2**70))
    store.journal.commit([good], answers.of("good"))
    store.journal.commit([huge, TransactionEvent(seq_no=2**63, **event)], answers.of("huge"))  # type: ignore[arg-type]
    await settled(store)
    assert answers.errors == {"good": None, "huge": None}
    (found,) = await stored(Transaction)
    assert (found.seq_no_first, found.seq_no_last, found.remote_start_id) == (largest, largest, smallest)
    assert (found.active, found.seq_gaps) == (True, (2**63, 2**70))
    assert [item.seq_no for item in await store.records.transaction_events(1, 1)] == [largest]


async def test_a_connectors_status_is_the_last_of_its_batch(store: Store, stored) -> None:
    for status in ("Preparing", "Charging", "Finishing"):
        store.journal.commit([Connector(station_id=1, evse_no=1, connector_no=1, status=status)], Answers().of(0))
    await settled(store)
    assert [item.status for item in await stored(Connector)] == ["Finishing"]


async def test_too_much_gathered_is_refused_at_once(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/v.db")
    journal = GroupCommit(SqliteWriter(tmp_path / "v.db"), max_gathered_rows=10)
    answers = Answers()
    for number in range(12):
        journal.commit([station(f"CS{number}", number)], answers.of(number))
    await journal.close()
    await store.close()
    assert [number for number, error in answers.errors.items() if isinstance(error, StoreUnavailable)] == [10, 11]
    assert sum(error is None for error in answers.errors.values()) == 10


async def test_closing_commits_everything_first(url: str) -> None:
    store, answers = await open_store(url), Answers()
    for number in range(1, 101):
        store.journal.commit([station(f"CS{number}", number)], answers.of(number))
    store.journal.log([logged(number) for number in range(1, 3001)])
    await store.close()
    assert list(answers.errors.values()) == [None] * 100
    again = await open_store(url)
    assert len(await again.records.all_stations(1)) == 100
    assert len((await again.records.messages(1, 1, limit=5000)).items) == 3000
    await again.close()


async def test_after_closing_nothing_is_taken_and_closing_again_does_nothing(url: str) -> None:
    store = await open_store(url)
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.journal.committed([station("CS1", 1)])


async def test_the_log_is_written_behind_without_being_asked(store: Store) -> None:
    store.journal.log([logged(1)])
    async with asyncio.timeout(5):
        while not (await store.records.messages(1, 1)).items:
            await asyncio.sleep(0.05)


async def test_the_log_is_bounded_and_says_what_it_dropped(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/v.db")
    journal = GroupCommit(SqliteWriter(tmp_path / "v.db"), max_log_messages=100)
    journal.log([logged(number) for number in range(1, 151)])
    assert journal.dropped_log_messages == 50
    await journal.close()
    assert [item.id for item in (await store.records.messages(1, 1)).items] == list(range(150, 50, -1))
    await store.close()


async def test_an_empty_call_is_answered_after_those_before_it(store: Store) -> None:
    answers = Answers()
    store.journal.commit([station("CS1", 1)], answers.of("first"))
    store.journal.commit([], answers.of("empty"))
    await settled(store)
    assert answers.order == ["first", "empty"]


async def test_a_caller_that_stops_waiting_harms_nobody(store: Store, stored) -> None:
    waiting = asyncio.create_task(store.journal.committed([reply("m")]))
    await asyncio.sleep(0)
    waiting.cancel()
    await settled(store)
    assert len(await stored(InboundMessage)) == 1
