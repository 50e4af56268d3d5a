"""`kill -9` at any moment loses nothing that was answered."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from support.fleet import Fleet, FleetStation, Session
from support.server import ServerProcess
from voltherd.domain.transaction import Transaction
from voltherd.store import Store, open_store

KILLS = 50
STATIONS = 100
TENANT = 1


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_what_was_acknowledged_survives_kill_9(database: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings: dict[str, Any] = {"unknown_stations": "accept", "unknown_tokens": "accept", **database}
    server = await asyncio.to_thread(ServerProcess, data, **settings)
    ports, url = server.ports, server.ocpp
    fleet = Fleet(lambda: url, STATIONS)
    moments = random.Random(20)
    logs = []
    fleet.start()
    try:
        for _ in range(KILLS):
            await asyncio.sleep(moments.uniform(0.3, 1.0))
            fleet.check()
            server.kill()
            logs.append(server.errors.read_text())
            server = await asyncio.to_thread(ServerProcess, data, ports=ports, **settings)
        await fleet.finish()
    finally:
        fleet.cancel()
        logs.append(await asyncio.to_thread(server.stop))
    assert not any("Traceback" in log for log in logs)
    assert [line for station in fleet.stations for line in station.refusals] == []
    assert sum(station.resent for station in fleet.stations) > KILLS, "the kills hit nothing"
    store = await open_store(database.get("database_url") or f"sqlite:///{data}/voltherd.db")
    try:
        for station in fleet.stations:
            await check_station(store, station)
    finally:
        await store.close()


async def check_station(store: Store, station: FleetStation) -> None:
    """Hold a station's memory against the store: every session once, with the station's values."""
    known = await store.records.station(TENANT, station.identity)
    assert known is not None
    stored = await all_transactions(store, known.id)
    assert len(stored) == len(station.sessions), f"{station.identity}: sessions are missing or doubled"
    by_id = {transaction.transaction_id: transaction for transaction in stored}
    assert set(by_id) == {session.transaction_id for session in station.sessions}
    for session in station.sessions:
        await check_session(store, session, by_id[session.transaction_id], station.version)


async def all_transactions(store: Store, station_id: int) -> list[Transaction]:
    found: list[Transaction] = []
    cursor = None
    while True:
        page = await store.records.transactions(TENANT, station_id=station_id, limit=500, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


async def check_session(store: Store, session: Session, transaction: Transaction, version: str) -> None:
    assert not transaction.active
    assert (transaction.id_token, transaction.meter_start_wh, transaction.meter_stop_wh, transaction.stop_reason) == (
        session.token,
        session.meter_start_wh,
        session.meter_stop_wh,
        session.stop_reason,
    )
    assert (transaction.seq_gaps, transaction.inferred) == ((), False)
    if version == "1.6":
        page = await store.records.meter_samples(TENANT, transaction.id)
        sent = [word for word in session.acknowledged if word not in ("start", "stop")]
        assert len(page.items) == len(sent), "meter values are missing or doubled"
    else:
        events = await store.records.transaction_events(TENANT, transaction.id)
        assert [event.seq_no for event in events] == session.acknowledged
