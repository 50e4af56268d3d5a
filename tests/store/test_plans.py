"""Trap 46: no query scans a table that grows. The plans of both databases are read, on tables that hold rows."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from store.samples import logged, meter_sample, reply, station, transaction
from voltherd.domain.commands import CommandRecord
from voltherd.domain.event_stream import StreamValues
from voltherd.domain.station import Connector, StatusInterval
from voltherd.domain.station_event import SOURCES, StationEvent
from voltherd.domain.transaction import TransactionEvent
from voltherd.store import Store
from voltherd.store.mapping import Row
from voltherd.store.reading import Reader, Statement
from voltherd.store.records import StoreRecords
from voltherd.store.retention import RULES

ASKED: dict[str, Callable[[StoreRecords], Awaitable[Any]]] = {
    "station": lambda records: records.station(1, "CS5"),
    "station ids": lambda records: records.station_ids(1, "CS5"),
    "snapshot": lambda records: records.snapshot(1, 5),
    "stations": lambda records: records.stations(1, limit=10),
    "stations after": lambda records: records.stations(1, limit=10, cursor="WyJDUzUiXQ"),
    "named stations": lambda records: records.stations(1, identities=["CS1", "CS2"]),
    "stations by status": lambda records: records.stations(1, status="Faulted", limit=10),
    "transaction": lambda records: records.transaction(1, 5),
    "transaction by wire id": lambda records: records.transaction_by_wire_id(1, 5, "5"),
    "transaction by replay key": lambda records: records.transaction_by_replay_key(1, 5, "5"),
    "transactions": lambda records: records.transactions(1, limit=10),
    "transactions after": lambda records: records.transactions(1, limit=10, cursor="WzUwMDAsNV0"),
    "transactions since": lambda records: records.transactions(1, limit=10, since_ms=5000),
    "transactions of a station": lambda records: records.transactions(1, station_id=5, limit=10),
    "transactions of a token": lambda records: records.transactions(1, id_token="T5", limit=10),
    "transactions of stations": lambda records: records.transactions(1, station_id=[5, 6], limit=10),
    "open transactions": lambda records: records.transactions(1, active=True, limit=10),
    "open transactions of a station": lambda records: records.transactions(1, station_id=5, active=True, limit=10),
    "events": lambda records: records.transaction_events(1, 5),
    "meter samples": lambda records: records.meter_samples(1, 5, limit=10),
    "meter samples of a station": lambda records: records.station_meter_samples(1, 5, limit=10),
    "meter samples of a station since": lambda records: records.station_meter_samples(1, 5, since_ms=7, limit=10),
    "meter samples after": lambda records: records.meter_samples(1, 5, limit=10, cursor="WzMsMV0"),
    "token": lambda records: records.token(1, "k5"),
    "tokens": lambda records: records.tokens(1, limit=10),
    "commands": lambda records: records.commands(1, limit=10),
    "commands of a station": lambda records: records.commands(1, station_id=5, limit=10),
    "commands of stations": lambda records: records.commands(1, station_id=[5, 6], limit=10),
    "command": lambda records: records.command(1, 5),
    "messages": lambda records: records.messages(1, 5, limit=10),
    "messages of an action": lambda records: records.messages(1, 5, action="Heartbeat", limit=10),
    "messages since": lambda records: records.messages(1, 5, since_ms=5, limit=10),
    "variables": lambda records: records.variables(1, 5, limit=10),
    "connections": lambda records: records.connections(1, 5, limit=10),
    "status intervals": lambda records: records.status_intervals(1, 5, limit=10),
    "status intervals since": lambda records: records.status_intervals(1, 5, since_ms=7, limit=10),
    "station events": lambda records: records.station_events(1, limit=10),
    "station events after": lambda records: records.station_events(1, limit=10, cursor="WzUwMDAsNV0"),
    "station events of a station": lambda records: records.station_events(1, station_id=5, limit=10),
    "station events of stations": lambda records: records.station_events(1, station_id=[5, 6], limit=10),
    "security events": lambda records: records.station_events(1, source="security", limit=10),
    "security events of a station": lambda records: records.station_events(1, station_id=5, source="security"),
    "severe station events": lambda records: records.station_events(1, severity=3, since_ms=5, limit=10),
    "severe station events of a station": lambda records: records.station_events(1, station_id=5, severity=3),
    "stream values": lambda records: records.stream_values(1, 5, 1, since_ms=1, until_ms=9**9, max_values=10),
    "setting": lambda records: records.setting(1, "x"),
    "audit": lambda records: records.audit(1, limit=10),
}
GROWING = {
    "transactions", "transaction_events", "meter_readings", "commands", "message_rows", "inbound_messages",
    "status_intervals", "connections", "audit_log", "variables", "evses", "connectors", "id_tokens",
    "station_events", "stream_values",
}  # fmt: skip
"""Tables that no query may read as a whole; stations are filtered one by one where people search."""


class Explainer:
    """A Reader that asks for the plan of each statement, and then runs it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.dialect = reader.dialect
        self.plans: list[str] = []

    async def run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        for sql, values in statements:
            if self.dialect.name == "sqlite":
                asked = [(f"EXPLAIN QUERY PLAN {sql}", values)]
            else:  # small tables are read as a whole where that is cheaper: ask what is done when it is not
                asked = [("SET enable_seqscan = off", ()), (f"EXPLAIN (COSTS OFF) {sql}", values)]
            self.plans.append("\n".join(str(row[-1]) for row in (await self._reader.run(asked))[-1]))
        return await self._reader.run(statements)

    async def close(self) -> None:
        """The reader belongs to the store."""


NODE = re.compile(r"^\s*->|^\S", re.MULTILINE)


def scans(plan: str) -> set[str]:
    """Name the growing tables that a plan reads without a condition on an index."""
    found = set(re.findall(r"^SCAN (\w+)", plan, re.MULTILINE)) | set(re.findall(r"Seq Scan on (\w+)", plan))
    for start in NODE.finditer(plan):
        node = plan[start.start() : getattr(NODE.search(plan, start.end()), "start", lambda: None)()]
        index_scan = re.search(r"Index (?:Only )?Scan .*using \w+ on (\w+)", node)
        if index_scan and "Index Cond" not in node:
            found.add(index_scan[1])
    return found & GROWING


@pytest.fixture
async def filled(store: Store) -> Store:
    """Enough rows of many stations that a planner would not take a table for tiny."""
    for number in range(1, 301):
        tenant = {"tenant_id": (number + 9) // 10}
        await store.journal.committed(
            [
                station(f"CS{number}", number, **tenant),
                Connector(station_id=number, evse_no=1, connector_no=1),
                reply(f"m{number}", number),
                *(
                    record
                    for at in range(number * 100, number * 100 + 10)
                    for record in (
                        transaction(
                            at, number, id_token=f"T{number}", replay_key=f"{at}", active=at % 10 == 0, **tenant
                        ),
                        logged(at, number, **tenant),
                        meter_sample(at, at, station_id=number, **tenant),
                        StatusInterval(station_id=number, evse_no=1, connector_no=1, from_ms=at, status="A", **tenant),
                        TransactionEvent(
                            station_id=number,
                            transaction=at,
                            seq_no=1,
                            kind="Updated",
                            trigger_reason="",
                            at_ms=at,
                            received_ms=at,
                            **tenant,
                        ),
                        StationEvent(
                            id=at,
                            station_id=number,
                            source=SOURCES[at % 2],
                            at_ms=at,
                            received_ms=at,
                            severity=at % 10 if at % 2 else None,
                            **tenant,
                        ),
                        StreamValues(
                            station_id=number,
                            stream=1,
                            monitor_id=1,
                            received_ms=at,
                            values=[(at, "1"), (at + 1, "2")],
                            **tenant,
                        ),
                        CommandRecord(
                            id=at,
                            station_id=number,
                            name="reset",
                            request="{}",
                            created_at_ms=at,
                            not_after_ms=at,
                            **tenant,
                        ),
                    )
                ),
            ]
        )
    await analyse(store)
    return store


async def analyse(store: Store) -> None:
    if store.reader.dialect.name == "postgresql":
        writer = store.journal._writer  # type: ignore[attr-defined]
        await writer._connection.execute("ANALYZE")


async def test_trap_46_no_query_scans(filled: Store) -> None:
    explainer = Explainer(filled.reader)
    records = StoreRecords(explainer, lambda: 1)
    for name, ask in ASKED.items():
        explainer.plans.clear()
        await ask(records)
        assert explainer.plans, name
        for plan in explainer.plans:
            assert not scans(plan), f"{name}:\n{plan}"


async def test_trap_46_lists_of_a_station_are_read_in_order(filled: Store) -> None:
    """However much history a station has, a page reads its length; the records of an identity are looked up."""
    explainer = Explainer(filled.reader)
    records = StoreRecords(explainer, lambda: 1)
    await records.transactions(1, station_id=[5, 6], limit=10)
    await records.commands(1, station_id=[5, 6], limit=10)
    await records.station_events(1, station_id=[5, 6], limit=10)
    await records.station_events(1, limit=10)
    await records.station_ids(1, "CS5")
    assert len(explainer.plans) == 11
    assert "stations_of_identity" in explainer.plans[-1]
    if explainer.dialect.name == "sqlite":  # PostgreSQL rightly sorts the ten rows of such a station
        for plan in explainer.plans:
            assert not re.search(r"TEMP B-TREE|SCAN", plan), plan


async def test_trap_46_retention_looks_at_old_rows_only(filled: Store) -> None:
    """Rows are met in the order of their age, so that reading ends at the first ones that stay."""
    explainer = Explainer(filled.reader)
    for rule in RULES:
        if rule.kind != "status_intervals":
            await explainer.run([rule.keys.statement(explainer.dialect, {"before_ms": 1})])
    for plan in explainer.plans:
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan


async def test_trap_46_the_explainer_sees_a_scan(filled: Store) -> None:
    explainer = Explainer(filled.reader)
    await explainer.run([("SELECT count(*) FROM message_rows WHERE frames = 'x'", ())])
    assert scans(explainer.plans[0]) == {"message_rows"}
