"""Lists: filters, stable order, pages that hold each item once, and never a row of another tenant."""

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any

import pytest

from store.samples import RECORDS, full, logged, meter_sample, reply, station, transaction
from voltherd.domain.access import ApiKey, AuditEntry, Setting, User
from voltherd.domain.commands import CommandRecord, CommandState
from voltherd.domain.device_model import Variable
from voltherd.domain.document import DocumentRecord
from voltherd.domain.errors import Invalid
from voltherd.domain.event_stream import StreamValues
from voltherd.domain.id_token import IdToken
from voltherd.domain.metering import MeterSample
from voltherd.domain.station import ConnectionLog, Connector, Evse, StatusInterval, summary_status
from voltherd.domain.station_event import StationEvent
from voltherd.domain.transaction import TransactionEvent
from voltherd.services.ports import Page
from voltherd.store import Store
from voltherd.store.records import StoreRecords

Ask = Callable[..., Awaitable[Page]]
LISTS: dict[str, Callable[[StoreRecords, int], Ask]] = {
    "stations": lambda records, tenant: lambda **page: records.stations(tenant, **page),
    "transactions": lambda records, tenant: lambda **page: records.transactions(tenant, **page),
    "transactions of a station": lambda records, tenant: (
        lambda **page: records.transactions(tenant, station_id=1, **page)
    ),
    "transactions of stations": lambda records, tenant: (
        lambda **page: records.transactions(tenant, station_id=[1, 2], **page)
    ),
    "transactions of a token": lambda records, tenant: (
        lambda **page: records.transactions(tenant, id_token="T", **page)
    ),
    "open transactions": lambda records, tenant: lambda **page: records.transactions(tenant, active=True, **page),
    "tokens": lambda records, tenant: lambda **page: records.tokens(tenant, **page),
    "commands": lambda records, tenant: lambda **page: records.commands(tenant, **page),
    "commands of a station": lambda records, tenant: lambda **page: records.commands(tenant, station_id=1, **page),
    "commands of stations": lambda records, tenant: lambda **page: records.commands(tenant, station_id=[1, 2], **page),
    "messages": lambda records, tenant: lambda **page: records.messages(tenant, 1, **page),
    "messages of an action": lambda records, tenant: (
        lambda **page: records.messages(tenant, 1, action="Heartbeat", **page)
    ),
    "variables": lambda records, tenant: lambda **page: records.variables(tenant, 1, **page),
    "connections": lambda records, tenant: lambda **page: records.connections(tenant, 1, **page),
    "status intervals": lambda records, tenant: lambda **page: records.status_intervals(tenant, 1, **page),
    "audit": lambda records, tenant: lambda **page: records.audit(tenant, **page),
    "meter samples of a station": lambda records, tenant: (
        lambda **page: records.station_meter_samples(tenant, 1, **page)
    ),
    "meter samples": lambda records, tenant: lambda **page: records.meter_samples(tenant, 9, **page),
}


def command(id_: int, station_id: int = 1, state: CommandState = "queued", tenant_id: int = 1) -> CommandRecord:
    return CommandRecord(
        id=id_,
        tenant_id=tenant_id,
        station_id=station_id,
        name="reset",
        request="{}",
        state=state,
        created_at_ms=id_,
        not_after_ms=id_,
    )


def of_every_list(at: int) -> list[Any]:
    """Make one item for every list; of transactions started together the id decides the order."""
    return [
        station(f"CS{at:02}", at),
        transaction(at, 1, id_token="t", started_at_ms=at // 3),
        IdToken(key=f"k{at:02}", token=f"K{at:02}"),
        command(at),
        logged(at, at_ms=at // 3),
        Variable(station_id=1, component="C", variable=f"V{at:02}"),
        ConnectionLog(id=at, station_id=1, generation=1, node="", opened_at_ms=1, ocpp_version="1.6"),
        StatusInterval(station_id=1, evse_no=1, connector_no=1, from_ms=at, status="Available"),
        AuditEntry(id=at, at_ms=at, who="me", what="did", entity="it"),
        meter_sample(at),
        meter_sample(at, None),
    ]


@pytest.mark.parametrize("name", LISTS)
async def test_pages_hold_every_item_once_in_a_stable_order(store: Store, name: str) -> None:
    await store.journal.committed([record for at in range(1, 24) for record in of_every_list(at)])
    ask = LISTS[name](store.records, 1)
    whole = await ask(limit=1000)
    assert len(whole.items) == 23
    assert whole.next is None
    for limit in (1, 5, 22, 23):
        found, cursor = [], None
        while True:
            page = await ask(limit=limit, cursor=cursor)
            assert len(page.items) <= limit
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert found == whole.items


@pytest.mark.parametrize("name", LISTS)
async def test_rows_that_come_between_two_pages_move_nothing(store: Store, name: str) -> None:
    await store.journal.committed([record for at in range(2, 20, 2) for record in of_every_list(at)])
    ask = LISTS[name](store.records, 1)
    before = (await ask(limit=1000)).items
    first = await ask(limit=4)
    await store.journal.committed([record for at in range(1, 21, 2) for record in of_every_list(at)])
    rest = await ask(limit=1000, cursor=first.next)
    assert first.items == before[:4]
    assert [item for item in rest.items if item in before] == before[4:]


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_that_is_none_of_ours_is_refused(store: Store, name: str) -> None:
    for cursor in ("nonsense", "e30", "W10", "WzEuNV0", "WyJhIiwgMSwgMiwgMywgNCwgNV0"):
        with pytest.raises(Invalid):
            await LISTS[name](store.records, 1)(cursor=cursor)


async def test_no_query_gives_rows_of_another_tenant(store: Store) -> None:
    """Everything belongs to tenant 2; every question of tenant 1 comes back empty."""
    for kind in RECORDS:
        fixed = {"tenant_id": 2} | ({"station_id": 1} if "station_id" in kind.__struct_fields__ else {})
        await store.journal.committed([full(kind, **fixed)])
    theirs = [
        station("CS1", 1, tenant_id=2),
        transaction(9, 1, tenant_id=2, replay_key="start", id_token="T"),
        full(TransactionEvent, tenant_id=2, transaction=9, samples=[]),
        full(MeterSample, tenant_id=2, transaction=9),
        full(MeterSample, tenant_id=2, station_id=1, transaction=None),
        IdToken(tenant_id=2, key="k", token="K"),
        command(9, tenant_id=2),
        full(DocumentRecord, tenant_id=2, station_id=1, kind="monitors", id=9),
        logged(9, tenant_id=2),
        reply("m", tenant_id=2),
        Setting(tenant_id=2, name="s", value="1"),
        full(StationEvent, tenant_id=2, station_id=1, source="security"),
        StreamValues(tenant_id=2, station_id=1, stream=1, monitor_id=1, received_ms=1, values=[(5, "1")]),
    ]
    await store.journal.committed(theirs)
    records = store.records
    for ours, found in ((1, False), (2, True)):
        answers = {
            "all_stations": await records.all_stations(ours),
            "station": await records.station(ours, "CS1"),
            "snapshot": await records.snapshot(ours, 1),
            "transaction": await records.transaction(ours, 9),
            "by_wire_id": await records.transaction_by_wire_id(ours, 1, "9"),
            "by_replay_key": await records.transaction_by_replay_key(ours, 1, "start"),
            "events": await records.transaction_events(ours, 9),
            "token": await records.token(ours, "k"),
            "document": await records.document(ours, 9),
            "documents": (await records.documents(ours, "monitors")).items,
            "documents_of": await records.documents_of(ours, 1, "monitors"),
            "command": await records.command(ours, 9),
            "open_commands": await records.open_commands(ours),
            "users": await records.users(ours),
            "station_ids": await records.station_ids(ours, "CS1"),
            "setting": await records.setting(ours, "s"),
            "station_events": (await records.station_events(ours)).items,
            "station_events of a station": (await records.station_events(ours, station_id=1)).items,
            "stream_values": await records.stream_values(ours, 1, 1, since_ms=0, until_ms=9, max_values=9),
            "station_meter_samples": (await records.station_meter_samples(ours, 1)).items,
            "since_record": [*chain(*await records.since_record(ours, 9, 0))],
        }
        answers |= {name: (await of(records, ours)()).items for name, of in LISTS.items() if "action" not in name}
        assert {name: bool(answer) for name, answer in answers.items()} == dict.fromkeys(answers, found)


async def test_every_query_of_the_port_is_asked_with_a_tenant() -> None:
    asked = set(LISTS) and {name for name in vars(StoreRecords) if not name.startswith("_")}
    for base in StoreRecords.__mro__[1:-1]:
        asked |= {name for name in vars(base) if not name.startswith("_")}
    assert asked == {
        "all_stations", "api_keys", "audit", "command", "commands", "connections", "document", "documents",
        "documents_of", "messages", "meter_samples",
        "open_commands", "setting", "since_record", "snapshot", "station", "station_events", "station_ids",
        "station_meter_samples",
        "stations", "status_intervals", "stream_values", "token",
        "tokens", "transaction", "transaction_by_replay_key", "transaction_by_wire_id",
        "transaction_events", "transactions", "users", "variables",
    }  # fmt: skip


async def identities(store: Store, **filters: Any) -> list[str]:
    return [item.station.identity for item in (await store.records.stations(1, **filters)).items]


async def test_stations_are_found_by_what_is_known_of_them(store: Store) -> None:
    await store.journal.committed(
        [
            station("CS1", 1, site="north", vendor="Alfa", registration="pending"),
            station("CS2", 2, site="south", model="AL_50%", name="At the gate"),
            station("cs3", 3, site="north", serial_number="x-alfa-1"),
            station("gone", 4, site="north", deleted_at_ms=1),
        ]
    )
    assert await identities(store) == ["CS1", "CS2", "cs3"]
    assert await identities(store, site="north") == ["CS1", "cs3"]
    assert await identities(store, registration="pending") == ["CS1"]
    assert await identities(store, q="ALFA") == ["CS1", "cs3"]
    assert await identities(store, q="gate") == ["CS2"]
    assert await identities(store, q="_5") == ["CS2"]
    assert await identities(store, q="0%") == ["CS2"]
    assert await identities(store, q="\\") == []
    assert await identities(store, identities=["cs3", "CS1", "gone", "no'ne"]) == ["CS1", "cs3"]
    assert await identities(store, identities=[]) == []
    assert await identities(store, site="north", q="cs", identities=["cs3"]) == ["cs3"]
    assert [item.identity for item in await store.records.all_stations(1)] == ["CS1", "CS2", "cs3"]
    assert await store.records.station(1, "gone") is None


async def test_a_list_of_many_identities_is_one_question(store: Store) -> None:
    await store.journal.committed([station(f"CS{number:05}", number) for number in range(1, 1001)])
    wanted = [f"CS{number:05}" for number in range(1, 40_001)]
    assert len(await identities(store, identities=wanted, limit=2000)) == 1000


async def test_a_page_of_stations_brings_their_parts(store: Store) -> None:
    parts = [
        Evse(station_id=1, evse_no=1),
        Evse(station_id=1, evse_no=2),
        Connector(station_id=1, evse_no=1, connector_no=1),
        Connector(station_id=2, evse_no=1, connector_no=1),
    ]
    ended = transaction(11, 1, active=False)
    await store.journal.committed([station("CS1", 1), station("CS2", 2), *parts, transaction(10, 1), ended])
    first, second = (await store.records.stations(1)).items
    assert (first.evses, first.connectors) == (parts[:2], parts[2:3])
    assert (second.evses, second.connectors) == ([], parts[3:])
    assert [item.id for item in first.transactions] == [10]
    assert second.transactions == []


WORDS = ("Available", "Occupied", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved")


async def test_stations_are_found_by_the_summary_of_their_status(store: Store) -> None:
    """The database folds statuses to the same word as `summary_status`."""
    words = [*WORDS, "Unavailable", "Faulted", "Vendor's own"]
    cases = [([], False), ([], True), *(([word], False) for word in words), *(([word], True) for word in words)]
    cases += [(["Available", word], False) for word in words]
    expected: dict[str, list[str]] = {}
    for number, (statuses, charging) in enumerate(cases, 1):
        identity = f"CS{number:03}"
        expected.setdefault(summary_status(statuses, charging=charging), []).append(identity)
        connectors = [
            Connector(station_id=number, evse_no=at, connector_no=1, status=status)
            for at, status in enumerate(statuses, 1)
        ]
        own = Connector(station_id=number, evse_no=0, connector_no=0, status="Faulted")
        running = [transaction(number, number)] if charging else []
        await store.journal.committed([station(identity, number), own, *connectors, *running])
    assert set(expected) >= {"Faulted", "Charging", "Occupied", "Reserved", "Available", "Unavailable", "Unknown"}
    for word, found in expected.items():
        assert await identities(store, status=word) == found, word
    assert await identities(store, status="no such word") == []


async def test_transactions_are_found_by_station_token_time_and_state(store: Store) -> None:
    await store.journal.committed(
        [
            transaction(1, 1, id_token="ABC", started_at_ms=10),
            transaction(2, 1, id_token="abc ", started_at_ms=20, active=False),
            transaction(3, 2, id_token="other", started_at_ms=30),
        ]
    )

    async def ids(**filters: Any) -> list[int]:
        return [item.id for item in (await store.records.transactions(1, **filters)).items]

    assert await ids() == [3, 2, 1]
    assert await ids(station_id=1) == [2, 1]
    assert await ids(id_token="aBC") == [2, 1]
    assert await ids(active=True) == [3, 1]
    assert await ids(active=False) == [2]
    assert await ids(since_ms=20) == [3, 2]
    assert await ids(station_id=1, active=True, id_token="abc", since_ms=5) == [1]


async def test_messages_are_found_by_time_and_action(store: Store) -> None:
    await store.journal.committed([logged(1), logged(2, action="BootNotification"), logged(3), logged(4, station_id=2)])

    async def ids(**filters: Any) -> list[int]:
        return [item.id for item in (await store.records.messages(1, 1, **filters)).items]

    assert await ids() == [3, 2, 1]
    assert await ids(action="Heartbeat") == [3, 1]
    assert await ids(since_ms=2) == [3, 2]
    assert await ids(since_ms=2, action="Heartbeat") == [3]


async def test_tokens_are_found_by_what_is_known_of_them(store: Store) -> None:
    await store.journal.committed(
        [
            IdToken(key="a", token="A", driver="Ada"),
            IdToken(key="b", token="B", group_id="ADA's"),
            IdToken(key="c", token="C"),
        ]
    )
    assert [item.key for item in (await store.records.tokens(1, q="ada")).items] == ["a", "b"]
    assert (await store.records.token(1, "c")) is not None
    assert (await store.records.token(1, "d")) is None


async def test_keys_that_expired_are_not_given(url: str) -> None:
    from voltherd.store import open_store

    store = await open_store(url, clock_ms=lambda: 1000)
    keys = [
        ApiKey(id=1, name="for ever", key_hash=b"1"),
        ApiKey(id=2, name="past", key_hash=b"2", expires_at_ms=1000),
        ApiKey(id=3, name="future", key_hash=b"3", expires_at_ms=1001, tenant_id=2),
    ]
    await store.journal.committed(keys)
    assert await store.records.api_keys() == [keys[0], keys[2]]
    await store.close()


async def test_users_come_by_name_and_settings_by_theirs(store: Store) -> None:
    users = [User(id=number, username=name, password_hash="h") for number, name in enumerate(("b", "a", "c"), 1)]
    setting = Setting(name="retention", value='{"days": 1}')
    await store.journal.committed([*users, setting])
    assert [user.username for user in await store.records.users(1)] == ["a", "b", "c"]
    assert await store.records.setting(1, "retention") == setting
    assert await store.records.setting(1, "other") is None


async def test_a_snapshot_holds_the_newest_transactions_and_every_open_one(store: Store) -> None:
    ended = [transaction(number, active=False) for number in range(10, 80)]
    await store.journal.committed([station("CS1", 1), transaction(1), transaction(2), *ended])
    snapshot = await store.records.snapshot(1, 1)
    assert snapshot is not None
    assert [item.id for item in snapshot.transactions] == [*range(79, 29, -1), 2, 1]


async def test_a_snapshot_knows_the_greatest_number_given_out(store: Store) -> None:
    wire_ids = ["9", "10", "abc", "-5", "orphan-77", "99999999999", str(0x7FFF_FFFF), "0012", "\u0663"]
    await store.journal.committed(
        [station("CS1", 1), station("CS2", 2)]
        + [transaction(number, transaction_id=wire_id) for number, wire_id in enumerate(wire_ids, 1)]
    )
    snapshots = [await store.records.snapshot(1, number) for number in (1, 2)]
    assert [item.highest_transaction_number for item in snapshots if item is not None] == [12, 0]


async def test_a_snapshot_holds_open_commands_only(store: Store) -> None:
    states: list[CommandState] = ["queued", "sent", "accepted", "rejected", "effect_seen", "expired", "failed"]
    await store.journal.committed(
        [station("CS1", 1), *(command(number, state=state) for number, state in enumerate(states, 1)), command(99, 2)]
    )
    snapshot = await store.records.snapshot(1, 1)
    assert snapshot is not None
    assert sorted(item.id for item in snapshot.open_commands) == [1, 2, 3]


async def test_events_of_a_transaction_come_by_sequence_number(store: Store) -> None:
    events = [
        TransactionEvent(
            station_id=1, transaction=9, seq_no=number, kind="Updated", trigger_reason="", at_ms=1, received_ms=1
        )
        for number in (2, 0, 1)
    ]
    await store.journal.committed(events)
    await store.journal.committed(events)
    assert [item.seq_no for item in await store.records.transaction_events(1, 9)] == [0, 1, 2]
