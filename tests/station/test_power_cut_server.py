"""Power cuts in the middle of sessions against our own server: its records are what the meter counted."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from support.api import Api
from support.server import ServerProcess
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import Clock, SqliteStorage, StationConfig, Token

CUTS = 12
CARD = Token("CARD-1")


async def _day(station: SimulatedStation, chance: Random) -> None:
    """Sessions, each with the power cut at a random moment, sometimes while the network is gone."""
    for _ in range(CUTS):
        station.set_network(chance.random() < 0.7)
        station.plug_in(Vehicle(soc=0.1))
        card = asyncio.create_task(station.present(CARD))
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        await station.power_cut()
        card.cancel()
        station.set_network(True)
        station.power_back()
        await station.wait_accepted(30)
        station.unplug()
    await station.wait_until(lambda core: core.is_online and core.outbox.kept_count == 0, 30)


@pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
async def test_e12_the_records_of_our_server_are_what_the_meter_counted(version, tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="accept", unknown_tokens="accept")
    api, storage = Api(server.http), SqliteStorage(tmp_path / "station.sqlite")
    config = StationConfig(
        identity="CS-1",
        url=server.ocpp,
        version=version,
        reconnect_min_s=0.05,
        reconnect_max_s=0.2,
        settings={"meter_interval_s": "10"},
    )
    station = SimulatedStation(config, clock=Clock(factor=60.0), storage=storage, random=Random(1))
    try:
        station.start()
        await station.wait_accepted()
        await _day(station, Random(4))
        records = await api.items("/transactions")
        assert len(records) >= CUTS / 2
        assert all(record["stopped_at"] is not None and record["flags"] == [] for record in records), records
        counted_wh = station.hardware[1].energy_import_wh
        assert sum(record["energy_wh"] for record in records) == pytest.approx(counted_wh, abs=len(records) + 1)
        assert counted_wh > 0
    finally:
        await station.stop()
        storage.close()
        await api.close()
        server.stop()
