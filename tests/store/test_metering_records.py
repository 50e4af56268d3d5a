"""Meter samples: repeated ones change nothing, order is time, pages hold exactly what is asked."""

from typing import Any

import pytest

from store.samples import meter_sample
from voltherd.domain.errors import Invalid
from voltherd.domain.metering import MeterSample
from voltherd.domain.transaction import TransactionEvent
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


def event(seq_no: int, *samples: MeterSample, **more: Any) -> TransactionEvent:
    first = samples[0]
    fixed: dict[str, Any] = {
        "station_id": first.station_id,
        "transaction": 9,
        "seq_no": seq_no,
        "kind": "Updated",
        "trigger_reason": "MeterValuePeriodic",
        "at_ms": first.at_ms,
        "received_ms": first.received_ms,
        "evse_no": first.evse_no,
        "connector_no": first.connector_no,
        "samples": samples,
    }
    return TransactionEvent(**fixed | more)


async def test_samples_that_came_in_events_are_given_whole_and_in_order_of_time(store: Store) -> None:
    first = [meter_sample(at_ms, phase=phase, received_ms=6) for at_ms in (1, 4) for phase in ("L1", "L2")]
    signed = meter_sample(3, value=None, raw_value="OCMF|{}|{}", signed_data="OCMF|{}|{}")
    by_itself = meter_sample(2)
    await store.journal.committed([event(1, *first)])
    await store.journal.committed([event(2, signed), by_itself])
    expected = [*first[:2], by_itself, signed, *first[2:]]
    assert (await store.records.meter_samples(1, 9)).items == expected
    events, samples = await store.records.since_record(1, 9, 0)
    assert ([item.seq_no for item in events], sorted(samples, key=str)) == ([1, 2], sorted(expected, key=str))


async def test_a_repeated_event_changes_nothing_and_one_that_reuses_its_number_is_kept_beside_it(store: Store) -> None:
    for received_ms in (6, 7):
        await store.journal.committed([event(1, meter_sample(1, received_ms=received_ms))])
    assert (await store.records.meter_samples(1, 9)).items == [meter_sample(1, received_ms=6)]
    await store.journal.committed([event(1, meter_sample(1, value=9.0))])
    await store.journal.committed([event(1, meter_sample(1), trigger_reason="MeterValueClock")])
    assert {item.value for item in (await store.records.meter_samples(1, 9)).items} == {1234.5, 9.0}
    assert len(await store.records.transaction_events(1, 9)) == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_of_samples_from_events_and_by_themselves_hold_each_once(store: Store, limit: int) -> None:
    samples = [meter_sample(at_ms, phase=phase) for at_ms in range(6) for phase in ("L1", "L2", "L3")]
    for at_ms in range(6):
        of_instant = [item for item in samples if item.at_ms == at_ms]
        await store.journal.committed(of_instant if at_ms % 2 else [event(at_ms, *of_instant)])
    found, cursor = [], None
    while True:
        page = await store.records.meter_samples(1, 9, limit=limit, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert found == samples


async def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    forged = [encode_cursor(key) for key in ((1, -1), (1, 2**63 - 1), (2**63, 1), (-(2**63) - 1, 1), (10**30, 10**30))]
    for cursor in ("nonsense", "WzFd", "WyJhIiwiYiJd", "\u00e9", *forged):
        with pytest.raises(Invalid):
            await store.records.meter_samples(1, 9, cursor=cursor)
