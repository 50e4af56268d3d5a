"""Retention: what is older than wanted goes, in bounded batches, and nothing else does."""

from store.samples import logged, meter_sample, station
from voltherd.domain.access import ApiKey
from voltherd.domain.event_stream import StreamValues
from voltherd.domain.station import Connector, StatusInterval
from voltherd.domain.station_event import StationEvent
from voltherd.domain.transaction import TransactionEvent
from voltherd.store import Store
from voltherd.store.messages import MessageRow, unpack
from voltherd.store.metering import MeterReading
from voltherd.store.retention import BATCH
from voltherd.store.stream_values import StreamRow


async def test_old_messages_go_and_young_ones_stay(store: Store, stored) -> None:
    old = [logged(number, number % 3) for number in range(1, 2 * BATCH + 10)]
    young = [logged(10_000 + number, number % 3) for number in range(20)]
    for message in old + young:
        store.journal.commit([message], lambda error: None)
    await store.journal.flush()
    before = store.journal.commits
    assert await store.prune(now_ms=15_000, retention={"messages": 5_000}) == {"messages": len(old)}
    assert store.journal.commits - before == 3
    left = [message for row in await stored(MessageRow) for message in unpack(row)]
    assert sorted(left, key=lambda item: item.id) == young
    assert await store.prune(now_ms=15_000, retention={"messages": 5_000}) == {"messages": 0}


async def test_what_has_no_retention_is_kept(store: Store, stored) -> None:
    await store.journal.committed([logged(1), meter_sample(1)])
    assert await store.prune(now_ms=10**15, retention={}) == {}
    assert len(await stored(MessageRow)) == 1
    assert len(await stored(MeterReading)) == 1


async def test_old_meter_samples_go_with_a_transaction_or_without(store: Store, stored) -> None:
    await store.journal.committed([station("CS1", 1), station("CS2", 2, deleted_at_ms=1)])
    for transaction in (9, None):
        for station_id in (1, 2):
            for at_ms in (100, 200, 300):
                await store.journal.committed([meter_sample(at_ms, transaction, station_id=station_id)])
    assert await store.prune(now_ms=1000, retention={"meter_samples": 750}) == {"meter_samples": 8}
    assert {item.at_ms for item in await stored(MeterReading)} == {300}
    assert len(await stored(MeterReading)) == 4


async def test_old_samples_of_events_go_and_the_events_stay(store: Store) -> None:
    events = [
        TransactionEvent(
            station_id=1,
            transaction=9,
            seq_no=number,
            kind="Updated",
            trigger_reason="MeterValuePeriodic",
            at_ms=number,
            received_ms=number,
            samples=[meter_sample(number)],
        )
        for number in range(BATCH + 100)
    ]
    await store.journal.committed(events)
    assert await store.prune(now_ms=BATCH + 60, retention={"meter_samples": 50}) == {"meter_samples": BATCH + 10}
    assert await store.prune(now_ms=BATCH + 60, retention={"meter_samples": 50}) == {"meter_samples": 0}
    assert [item.seq_no for item in await store.records.transaction_events(1, 9)] == list(range(BATCH + 100))
    left = (await store.records.meter_samples(1, 9)).items
    assert [item.at_ms for item in left] == list(range(BATCH + 10, BATCH + 100))


async def test_the_status_that_still_held_is_kept(store: Store, stored) -> None:
    await store.journal.committed([Connector(station_id=1, evse_no=1, connector_no=number) for number in (1, 2)])
    for number, instants in ((1, (10, 20, 30)), (2, (5,))):
        await store.journal.committed(
            [
                StatusInterval(station_id=1, evse_no=1, connector_no=number, from_ms=at_ms, status="A")
                for at_ms in instants
            ]
        )
    assert await store.prune(now_ms=125, retention={"status_intervals": 100}) == {"status_intervals": 1}
    left = sorted((item.connector_no, item.from_ms) for item in await stored(StatusInterval))
    assert left == [(1, 20), (1, 30), (2, 5)]


async def test_sessions_that_expired_go(store: Store, stored) -> None:
    keys = [
        ApiKey(id=1, name="for ever", key_hash=b"1"),
        ApiKey(id=2, name="long ago", key_hash=b"2", expires_at_ms=1),
        ApiKey(id=3, name="just now", key_hash=b"3", expires_at_ms=99),
    ]
    await store.journal.committed(keys)
    assert await store.prune(now_ms=100, retention={"sessions": 10}) == {"sessions": 1}
    assert await stored(ApiKey) == [keys[0], keys[2]]


async def test_old_events_of_stations_and_values_of_streams_go_by_when_they_came(store: Store, stored) -> None:
    events = [
        StationEvent(id=number, station_id=number % 3, source="security", at_ms=9, received_ms=number, event_id=number)
        for number in range(1, BATCH + 51)
    ]
    values = [
        StreamValues(station_id=1, stream=1, monitor_id=1, received_ms=at_ms, values=[(at_ms, "1")])
        for at_ms in (10, 20, 600)
    ]
    await store.journal.committed([*events, *values])
    assert await store.prune(now_ms=BATCH + 100, retention={"station_events": 100}) == {"station_events": BATCH + 1}
    assert sorted(item.id for item in await stored(StationEvent)) == list(range(BATCH, BATCH + 51))
    assert [item.received_ms for item in await stored(StreamRow)] == [600]
