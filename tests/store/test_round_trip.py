"""Every record comes back as it went in; put replaces, append leaves, Removed deletes."""

import copy

import msgspec
import pytest
from msgspec import Struct

from store.samples import RECORDS, Answers, full, logged, meter_sample, minimal, reply, station, transaction
from voltherd.domain.device_model import Variable
from voltherd.domain.id_token import IdToken
from voltherd.domain.message import InboundMessage
from voltherd.domain.station import Station, StatusInterval
from voltherd.domain.transaction import Transaction
from voltherd.services.ports import Removed
from voltherd.store import Store
from voltherd.store.mapping import TABLES


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_field_has_a_column(kind: type[Struct]) -> None:
    assert {field.name for field in msgspec.structs.fields(kind)} == {column.name for column in TABLES[kind].columns}


@pytest.mark.parametrize("make", [full, minimal])
async def test_every_record_comes_back_as_it_went_in(store: Store, stored, make) -> None:
    for kind in RECORDS:
        record = make(kind)
        await store.journal.committed([record])
        assert await stored(kind) == [record], kind.__name__


async def test_put_replaces_and_append_leaves_what_is_there(store: Store, stored) -> None:
    for kind in RECORDS:
        if kind is InboundMessage:
            continue
        first, table = full(kind), TABLES[kind]
        second = full(kind, **{name: getattr(first, name) for name in table.key})
        assert first != second
        await store.journal.committed([first])
        await store.journal.committed([second])
        assert await stored(kind) == [first if table.mode == "append" else second], kind.__name__


async def test_within_one_batch_the_last_put_and_the_first_append_hold(store: Store, stored) -> None:
    for kind in RECORDS:
        if kind is InboundMessage:
            continue
        first, table = full(kind), TABLES[kind]
        second = full(kind, **{name: getattr(first, name) for name in table.key})
        await store.journal.committed([first, second])
        assert await stored(kind) == [first if table.mode == "append" else second], kind.__name__


async def test_a_variable_told_in_parts_keeps_what_is_not_told_again(store: Store, stored) -> None:
    name = {"station_id": 1, "component": "C", "variable": "V"}
    reported = Variable(**name, actual_value="1", unit="A", min_limit=6.0, constant=False)
    wanted = Variable(**name, desired_value="2", apply_state="wanted")
    together = Variable(
        **name, actual_value="1", unit="A", min_limit=6.0, constant=False, desired_value="2", apply_state="wanted"
    )
    await store.journal.committed([reported])
    await store.journal.committed([wanted])
    assert await stored(Variable) == [together]
    await store.journal.committed([Removed(wanted), reported, wanted])
    assert await stored(Variable) == [together]
    await store.journal.committed([Removed(wanted)])
    await store.journal.committed([reported, wanted])
    assert await stored(Variable) == [together]


async def test_removed_deletes_by_key(store: Store, stored) -> None:
    for kind in RECORDS:
        if kind is InboundMessage:
            continue
        gone, stays = full(kind), full(kind)
        await store.journal.committed([gone, stays])
        await store.journal.committed([Removed(gone)])
        assert await stored(kind) == [stays], kind.__name__


async def test_what_is_said_last_of_a_key_holds_within_a_batch(store: Store, stored) -> None:
    token = IdToken(key="a", token="A")
    await store.journal.committed([token, Removed(token)])
    assert await stored(IdToken) == []
    again = IdToken(key="a", token="A", driver="later")
    await store.journal.committed([token, Removed(token), again])
    assert await stored(IdToken) == [again]
    interval = StatusInterval(station_id=1, evse_no=1, connector_no=1, from_ms=1, status="Available")
    await store.journal.committed([interval, Removed(interval)])
    assert await stored(StatusInterval) == []


async def test_records_are_taken_as_they_are_at_the_call(store: Store, stored) -> None:
    record = station("CS1", 1, name="then")
    answers = Answers()
    store.journal.commit([record], answers.of("first"))
    record.name = "too late"
    await store.journal.flush()
    assert [item.name for item in await stored(Station)] == ["then"]


async def test_indexed_columns_change_with_their_row(store: Store) -> None:
    """A row known to keep its indexed columns is written without them; one that changes them is not."""
    record = transaction(5, id_token="A", power_w=1.0)
    await store.journal.committed([copy.copy(record)])
    record.power_w = 2.0
    await store.journal.committed([copy.copy(record)])
    record.id_token, record.active, record.transaction_id = "B", False, "other"
    await store.journal.committed([copy.copy(record)])
    record.power_w = 3.0
    await store.journal.committed([copy.copy(record)])
    assert (await store.records.transactions(1, id_token="b")).items == [record]
    assert (await store.records.transactions(1, id_token="a")).items == []
    assert (await store.records.transactions(1, active=True)).items == []
    assert await store.records.transaction_by_wire_id(1, 1, "other") == record


async def test_integers_of_64_bits_fit(store: Store, stored) -> None:
    largest = 2**63 - 1
    await store.journal.committed(
        [transaction(largest, station_id=largest, started_at_ms=-largest, started_received_ms=1)]
    )
    (found,) = await stored(Transaction)
    assert (found.id, found.station_id, found.started_at_ms) == (largest, largest, -largest)


async def test_many_rows_of_one_call_all_arrive(store: Store, stored) -> None:
    variables = [Variable(station_id=1, component="C", variable=f"V{at}", actual_value=str(at)) for at in range(1234)]
    await store.journal.committed(variables)
    assert sorted(await stored(Variable), key=lambda item: int(item.actual_value)) == variables


async def test_an_identity_is_unique_among_stations_that_are_not_deleted(store: Store) -> None:
    first = station("CS1", 1)
    await store.journal.committed([first])
    with pytest.raises(Exception, match="cannot be stored"):
        await store.journal.committed([station("CS1", 2)])
    first.deleted_at_ms = 5
    await store.journal.committed([first])
    await store.journal.committed([station("CS1", 2)])
    found = await store.records.station(1, "CS1")
    assert found is not None
    assert found.id == 2


async def test_trap_20_the_last_replies_of_a_station_are_kept(store: Store) -> None:
    await store.journal.committed([station("CS1", 1), station("CS2", 2)])
    for number in range(30):
        await store.journal.committed([reply(f"m{number}", 1, number), reply(f"n{number}", 2, number)])
    snapshot = await store.records.snapshot(1, 1)
    assert snapshot is not None
    assert [item.message_id for item in snapshot.replies] == [f"m{number}" for number in range(29, 21, -1)]


async def test_trap_20_of_an_id_that_came_again_the_newest_reply_holds(store: Store) -> None:
    await store.journal.committed([station("CS1", 1)])
    await store.journal.committed([reply("m", 1, 1, reply=b"old"), reply("m", 1, 2, reply=b"new")])
    snapshot = await store.records.snapshot(1, 1)
    assert snapshot is not None
    assert [item.reply for item in snapshot.replies] == [b"new"]


async def test_trap_25_a_transaction_id_is_unique_per_station_only(store: Store) -> None:
    await store.journal.committed([transaction(1, 1, transaction_id="7"), transaction(2, 2, transaction_id="7")])
    with pytest.raises(Exception, match="cannot be stored"):
        await store.journal.committed([transaction(3, 1, transaction_id="7")])


async def test_trap_19_the_same_start_is_stored_once(store: Store) -> None:
    await store.journal.committed([transaction(1, 1, replay_key="start"), transaction(2, 2, replay_key="start")])
    with pytest.raises(Exception, match="cannot be stored"):
        await store.journal.committed([transaction(3, 1, replay_key="start")])
    found = await store.records.transaction_by_replay_key(1, 1, "start")
    assert found is not None
    assert found.id == 1


async def test_two_open_transactions_on_one_evse_are_both_recorded(store: Store) -> None:
    await store.journal.committed([station("CS1", 1), transaction(1), transaction(2)])
    snapshot = await store.records.snapshot(1, 1)
    assert snapshot is not None
    assert [item.id for item in snapshot.transactions] == [2, 1]


async def test_trap_34_signed_data_is_kept_byte_exact(store: Store) -> None:
    signed = 'OCMF|{"FV":"1.0","x":"\\u00e4 \t "}|{"SD":"3045+/="}\r\n'
    await store.journal.committed([meter_sample(1, value=None, raw_value=signed, signed_data=signed)])
    (found,) = (await store.records.meter_samples(1, 9)).items
    assert (found.signed_data, found.raw_value, found.value) == (signed, signed, None)


async def test_logged_messages_are_written_behind(store: Store) -> None:
    messages = [logged(number) for number in range(1, 11)]
    store.journal.log(messages)
    await store.journal.flush()
    assert (await store.records.messages(1, 1)).items == messages[::-1]
