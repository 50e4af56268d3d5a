"""Meter samples: repeated ones change nothing, order is time, pages hold exactly what is asked."""

import pytest

from store.samples import meter_sample
from voltherd.domain.errors import Invalid
from voltherd.store import Store


async def test_samples_come_back_in_order_of_time(store: Store) -> None:
    later, sooner = [meter_sample(at_ms, phase=phase) for at_ms in (20, 10) for phase in ("L1", "L2")], None
    await store.journal.committed(later[:2])
    await store.journal.committed(later[2:])
    sooner = later[2:] + later[:2]
    assert (await store.records.meter_samples(1, 9)).items == sooner


async def test_samples_of_several_instants_and_connectors_in_one_message_all_arrive(store: Store) -> None:
    samples = [meter_sample(at_ms, connector_no=number) for at_ms in (1, 2) for number in (1, 2)]
    await store.journal.committed(samples)
    assert (await store.records.meter_samples(1, 9)).items == samples


async def test_a_repeated_message_changes_nothing(store: Store) -> None:
    samples = [meter_sample(1, phase=phase) for phase in ("L1", "L2")]
    for received_ms in (6, 7):
        await store.journal.committed([meter_sample(1, phase=p, received_ms=received_ms) for p in ("L1", "L2")])
    assert (await store.records.meter_samples(1, 9)).items == samples


async def test_of_samples_equal_but_for_their_value_the_first_is_kept(store: Store) -> None:
    await store.journal.committed([meter_sample(1, value=1.0), meter_sample(1, value=2.0)])
    await store.journal.committed([meter_sample(1, value=3.0, received_ms=900)])
    assert [item.value for item in (await store.records.meter_samples(1, 9)).items] == [1.0]


async def test_different_samples_of_one_instant_are_kept_side_by_side(store: Store) -> None:
    samples = [meter_sample(1), meter_sample(1, context="Sample.Clock"), meter_sample(1, measurand="Voltage")]
    for sample in samples:
        await store.journal.committed([sample])
    found = (await store.records.meter_samples(1, 9)).items
    assert sorted(found, key=str) == sorted(samples, key=str)


async def test_samples_of_another_transaction_or_none_are_not_mixed_in(store: Store, stored) -> None:
    await store.journal.committed([meter_sample(1), meter_sample(1, None), meter_sample(1, 10)])
    assert (await store.records.meter_samples(1, 9)).items == [meter_sample(1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_of_samples_hold_each_sample_once(store: Store, limit: int) -> None:
    samples = [meter_sample(at_ms, phase=phase) for at_ms in range(5) for phase in ("L1", "L2", "L3")]
    await store.journal.committed(samples)
    await store.journal.committed([meter_sample(2, phase="L1", measurand="Voltage", received_ms=99)])
    await store.journal.committed([meter_sample(2, phase="L1", value=99.0, received_ms=100)])
    expected = [*samples[:9], meter_sample(2, phase="L1", measurand="Voltage", received_ms=99), *samples[9:]]
    found, cursor = [], None
    while True:
        page = await store.records.meter_samples(1, 9, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert found == expected


async def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    for cursor in ("", "nonsense", "WzFd", "WyJhIiwiYiJd", "\u00e9"):
        if cursor:
            with pytest.raises(Invalid):
                await store.records.meter_samples(1, 9, cursor=cursor)
