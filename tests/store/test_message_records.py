"""The message log: many messages of a station are one row, and read as if each were its own."""

import pytest

from store.samples import logged
from voltherd.domain.message import LoggedMessage
from voltherd.store import Store
from voltherd.store.messages import MAX_BUNDLE_MESSAGES, MAX_BUNDLE_SPAN_MS, MessageRow


async def all_pages(store: Store, limit: int, **filters: object) -> list[LoggedMessage]:
    found: list[LoggedMessage] = []
    cursor: str | None = None
    while True:
        page = await store.records.messages(1, 1, limit=limit, cursor=cursor, **filters)  # type: ignore[arg-type]
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


async def test_messages_of_a_station_written_together_are_one_row(store: Store, stored) -> None:
    store.journal.log([logged(number, number % 2 + 1) for number in range(1, 61)])
    await store.journal.flush()
    assert len(await stored(MessageRow)) == 2
    assert [item.id for item in await all_pages(store, 100)] == list(range(60, 0, -2))


@pytest.mark.parametrize("limit", [1, 7, 100, 1000])
async def test_pages_over_many_rows_hold_every_message_once(store: Store, limit: int) -> None:
    messages = [logged(number, action=("Heartbeat", "MeterValues", "%")[number % 3]) for number in range(1, 501)]
    for at in range(0, 500, 7):
        store.journal.commit(messages[at : at + 7], lambda error: None)
    await store.journal.flush()
    if limit > 1:
        assert await all_pages(store, limit) == messages[::-1]
    assert await all_pages(store, limit, action="%") == [item for item in messages[::-1] if item.action == "%"]
    assert await all_pages(store, limit, action="Meter") == []
    assert await all_pages(store, limit, since_ms=400, action="Heartbeat") == [
        item for item in messages[:398:-1] if item.action == "Heartbeat"
    ]


async def test_a_row_is_bounded_in_number_size_and_time(store: Store, stored) -> None:
    many = [logged(number, at_ms=1) for number in range(1, MAX_BUNDLE_MESSAGES + 2)]
    await store.journal.committed(many)
    assert len(await stored(MessageRow)) == 2
    large = logged(2000, at_ms=2)
    large.frame = "x" * 150_000
    await store.journal.committed([large, logged(2001, at_ms=2), logged(2002, at_ms=2)])
    assert len(await stored(MessageRow)) == 3
    apart = [logged(3000, at_ms=3), logged(3001, at_ms=4 + MAX_BUNDLE_SPAN_MS), logged(3002, at_ms=5)]
    await store.journal.committed(apart)
    assert len(await stored(MessageRow)) == 6


async def test_trap_08_frames_come_back_as_they_were(store: Store) -> None:
    frames = ['[2,"\\u0000",{}]', "\0", "\u00e9\u4e2d\U0001f50c", '"\\', "not json at all", "\ud800"]
    for number, frame in enumerate(frames, 1):
        message = logged(number)
        message.frame = frame
        store.journal.log([message])
    await store.journal.flush()
    found = [item.frame for item in await all_pages(store, 100)]
    assert found == [*frames[:-1], "?"][::-1]


async def test_a_message_that_cannot_be_logged_is_counted_and_stops_nothing(store: Store) -> None:
    broken = logged(1)
    broken.frame = object()  # type: ignore[assignment]
    store.journal.log([broken])
    await store.journal.flush()
    assert store.journal.dropped_log_messages == 1
    store.journal.log([logged(2)])
    await store.journal.flush()
    assert [item.id for item in await all_pages(store, 100)] == [2]
