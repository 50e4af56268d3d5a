"""Events of stations and values of their streams: kept once, listed newest first, found without reading the rest."""

from typing import Any

import pytest

from voltherd.domain.errors import Invalid
from voltherd.domain.event_stream import StreamValues
from voltherd.domain.station_event import StationEvent, digest_of
from voltherd.store import Store
from voltherd.store.stream_values import MAX_SPAN_MS, StreamRow


def event(id_: int, at_ms: int, station_id: int = 1, source: Any = "monitor", **more: Any) -> StationEvent:
    made = StationEvent(id=id_, station_id=station_id, source=source, at_ms=at_ms, received_ms=at_ms + 1, **more)
    made.digest = digest_of(made)
    return made


async def ids(store: Store, **query: Any) -> list[int]:
    return [item.id for item in (await store.records.station_events(1, **query)).items]


@pytest.fixture
async def events(store: Store) -> list[StationEvent]:
    made = [
        event(1, 100, event_id=1, severity=4),
        event(2, 300, event_id=2, severity=2),
        event(3, 200, source="security", type="FirmwareUpdated", critical=True),
        event(4, 250, station_id=2, event_id=1),
        event(5, 50, station_id=2, event_id=2, severity=9),
        event(6, 400, tenant_id=2, station_id=3),
    ]
    await store.journal.committed(made)
    return made


async def test_events_are_listed_newest_first_of_all_or_some_stations(store: Store, events) -> None:
    assert await ids(store) == [2, 4, 3, 1, 5]
    assert await ids(store, station_id=1) == [2, 3, 1]
    assert await ids(store, station_id=[2, 1]) == [2, 4, 3, 1, 5]
    assert await ids(store, station_id=[]) == []
    assert (await store.records.station_events(1, station_id=1)).items[1] == events[2]


async def test_events_are_found_by_source_severity_and_instant(store: Store, events) -> None:
    assert await ids(store, source="security") == [3]
    assert await ids(store, source="monitor", station_id=2) == [4, 5]
    assert await ids(store, severity=4) == [2, 1]
    assert await ids(store, severity=99) == [2, 1, 5]
    assert await ids(store, severity=9, station_id=2) == [5]
    assert await ids(store, severity=9, source="security") == []
    assert await ids(store, since_ms=200) == [2, 4, 3]


@pytest.mark.parametrize("query", [{}, {"station_id": [1, 2]}, {"severity": 9}, {"severity": 9, "station_id": [1, 2]}])
async def test_pages_of_events_follow_each_other(store: Store, events, query: dict[str, Any]) -> None:
    found: list[int] = []
    cursor = None
    while True:
        page = await store.records.station_events(1, limit=1, cursor=cursor, **query)
        found += [item.id for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == await ids(store, **query)


async def test_a_cursor_of_another_list_is_refused(store: Store, events) -> None:
    page = await store.records.station_events(1, limit=1)
    with pytest.raises(Invalid):
        await store.records.station_events(1, station_id=1, cursor=page.next)


async def test_a_repeated_event_is_kept_once_and_another_of_the_same_instant_beside_it(store: Store, stored) -> None:
    first = event(1, 100, event_id=7, actual_value="1")
    await store.journal.committed([first])
    await store.journal.committed([event(2, 100, event_id=7, actual_value="1")])
    await store.journal.committed([event(3, 100, event_id=7, actual_value="2")])
    assert sorted(item.id for item in await stored(StationEvent)) == [1, 3]


def values(*items: tuple[int, str], stream: int = 1, monitor_id: int = 5, received_ms: int = 1) -> StreamValues:
    return StreamValues(station_id=1, stream=stream, monitor_id=monitor_id, received_ms=received_ms, values=list(items))


async def read(store: Store, since_ms: int = 0, until_ms: int = 10**12, **more: Any) -> list[tuple[int, str]]:
    query = {"max_values": 100, **more}
    return await store.records.stream_values(1, 1, 1, since_ms=since_ms, until_ms=until_ms, **query)


async def test_values_of_a_message_are_one_row_and_come_in_order_of_time(store: Store, stored) -> None:
    await store.journal.committed([values((3000, "c"), (1000, "a"))])
    await store.journal.committed([values((2000, "b")), values((2500, "x"), stream=2)])
    await store.journal.committed([values((3000, "c"), (1000, "a"), received_ms=2)])
    assert len(await stored(StreamRow)) == 3
    assert await read(store) == [(1000, "a"), (2000, "b"), (3000, "c")]
    assert await read(store, 2000, 2999) == [(2000, "b")]
    assert await read(store, max_values=2) == [(1000, "a"), (2000, "b")]


async def test_values_that_are_hours_apart_are_found_by_their_own_time(store: Store, stored) -> None:
    day_ms = 24 * MAX_SPAN_MS
    await store.journal.committed([values((day_ms, "late"), (5, "early"), (6, "early too"))])
    assert len(await stored(StreamRow)) == 2
    assert await read(store, day_ms) == [(day_ms, "late")]
    assert await read(store, 6, 6) == [(6, "early too")]


async def test_values_of_another_monitor_are_told_apart(store: Store) -> None:
    await store.journal.committed([values((1, "a")), values((2, "b"), monitor_id=6)])
    assert await read(store, monitor_id=6) == [(2, "b")]
