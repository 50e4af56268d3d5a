"""Meter samples: repeated ones change nothing, order is time, pages hold exactly what is asked."""

import pytest

from store.samples import meter_sample
from voltherd.domain.errors import Invalid
from voltherd.store import Store
from voltherd.store.paging import encode_cursor


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


async def test_trap_34_a_reading_and_its_signed_form_are_both_given(store: Store) -> None:
    raw = meter_sample(1, value=1500.0, raw_value="1500", raw_unit="Wh")
    signed = meter_sample(1, value=None, raw_value="OCMF|{}|{}", raw_unit="Wh", signed_data="OCMF|{}|{}")
    await store.journal.committed([raw, signed])
    assert (await store.records.meter_samples(1, 9)).items == [raw, signed]
    assert (await store.records.since_record(1, 9, 0))[1] == [raw, signed]


async def test_different_readings_of_one_instant_are_all_given(store: Store) -> None:
    await store.journal.committed([meter_sample(1, value=1.0), meter_sample(1, value=2.0)])
    await store.journal.committed([meter_sample(1, value=2.0, raw_value="0.002", received_ms=900)])
    await store.journal.committed([meter_sample(1, value=1.0, received_ms=901)])
    found = (await store.records.meter_samples(1, 9)).items
    assert [(item.value, item.raw_value) for item in found] == [(1.0, "1.2345"), (2.0, "1.2345"), (2.0, "0.002")]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_rows_that_only_repeat_do_not_end_the_list(store: Store, limit: int) -> None:
    samples = [meter_sample(1, phase=phase) for phase in ("L1", "L2", "L3")]
    await store.journal.committed(samples)
    for number in range(3):
        await store.journal.committed([meter_sample(1, phase=f"L{number + 1}", received_ms=100 + number)])
    last = meter_sample(2)
    await store.journal.committed([last])
    found, cursor = [], None
    while True:
        page = await store.records.meter_samples(1, 9, limit=limit, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert found == [*samples, last]


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
    late = [meter_sample(2, phase="L1", measurand="Voltage", received_ms=99)]
    late.append(meter_sample(2, phase="L1", value=99.0, received_ms=100))
    expected = [*samples[:9], *late, *samples[9:]]
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
    forged = [encode_cursor(key) for key in ((1, -1), (1, 2**63 - 1), (2**63, 1), (-(2**63) - 1, 1), (10**30, 10**30))]
    for cursor in ("nonsense", "WzFd", "WyJhIiwiYiJd", "\u00e9", *forged):
        with pytest.raises(Invalid):
            await store.records.meter_samples(1, 9, cursor=cursor)
