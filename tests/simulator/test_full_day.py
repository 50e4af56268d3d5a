"""A whole day of a station, accelerated: on a CSMS we did not write, and on ours in all three versions.

Night, a morning session by card, one started and stopped from afar, a network outage with a session in it, a vehicle
that gets full, a reset, and a session over midnight. Every message must be valid, and every session come to what the
meter counted.
"""

import asyncio
from pathlib import Path

import ocpp.v16.call as call16
import ocpp.v201.call as call201
import pytest

from support.api import Api
from support.foreign_csms import foreign_csms
from support.server import ServerProcess
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import Clock, EvseConfig, Observer, StationConfig, Token

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
FACTOR = 2400.0
"""A day passes in 36 s."""
CARD = Token("GOOD", "Central")
HOUR = 3600.0


class Diary(Observer):
    """What went wrong, and the sessions as the meter counted them."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.sessions_wh: list[float] = []

    def on_call_failed(self, action, problem):
        if "gone" not in problem and "offline" not in problem:
            self.failed.append(f"{action}: {problem}")

    def on_transaction_ended(self, transaction, energy_wh, reason):
        self.sessions_wh.append(energy_wh)


class Day:
    """One station and the hours of its day; `start` and `stop` are what its CSMS does from afar."""

    def __init__(self, url, identity, version, start, stop):
        self.diary = Diary()
        config = StationConfig(
            identity=identity,
            url=url,
            version=version,
            evses=(EvseConfig(max_power_w=11_000.0),),
            settings={"meter_interval_s": "900", "measurands": "Energy.Active.Import.Register,Power.Active.Import"},
            call_timeout_s=20.0,
            reconnect_min_s=0.05,
            reconnect_max_s=0.2,
        )
        self.station = SimulatedStation(config, clock=Clock(factor=FACTOR), observer=self.diary)
        self.start, self.stop = start, stop

    @property
    def hardware(self):
        return self.station.hardware[1]

    async def until(self, hour):
        await self.station.clock.sleep(hour * HOUR - self.station.clock.now())

    async def charging(self, wanted=True):
        await self.station.wait_until(lambda core: core.charging.is_busy is wanted, 5.0)

    async def live(self):
        station = self.station
        station.start()
        await station.wait_accepted()
        begin_wh = self.hardware.energy_import_wh
        await self._morning()
        await self._noon_without_network()
        await self._evening()
        await station.wait_until(lambda core: core.is_online and core.outbox.kept_count == 0, 10.0)
        await station.stop()
        return self.hardware.energy_import_wh - begin_wh

    async def _morning(self):
        station = self.station
        await self.until(6.5)
        assert station.plug_in(Vehicle(soc=0.4))
        assert await station.present(CARD)
        await self.charging()
        await self.until(8)
        assert await station.present(CARD)
        await self.charging(False)
        station.unplug()
        await self.until(9)
        assert station.plug_in(Vehicle(soc=0.1))
        await self.start()
        await self.charging()
        await station.wait_until(lambda core: core.outbox.kept_count == 0, 5.0)
        await self.until(11)
        await self.stop()
        await self.charging(False)
        station.unplug()

    async def _noon_without_network(self):
        station = self.station
        await self.until(12)
        station.set_network(False)
        await self.until(12.5)
        assert station.plug_in(Vehicle(soc=0.2))
        assert await station.present(CARD)
        await self.until(13.5)
        station.unplug()
        assert station.core.outbox.kept_count >= 2
        await self.until(14)
        station.set_network(True)
        await station.wait_until(lambda core: core.is_online and core.outbox.kept_count == 0, 10.0)

    async def _evening(self):
        station = self.station
        await self.until(16)
        assert station.plug_in(Vehicle(soc=0.9))
        assert await station.present(CARD)
        await self.charging()
        await self.until(18)
        assert not station.hardware[1].vehicle.wants_power, "it is full"
        station.unplug()
        await self.until(20)
        assert station.plug_in(Vehicle(soc=0.05))
        assert await station.present(CARD)
        await self.charging()
        await self.until(24.5)
        station.unplug()
        await self.charging(False)


def judge(day, counted_wh, energies_wh):
    assert day.diary.failed == []
    assert len(energies_wh) == 5
    assert energies_wh == pytest.approx(day.diary.sessions_wh, abs=1)
    assert sum(energies_wh) == pytest.approx(counted_wh, abs=5)
    assert all(energy_wh > 3_000 for energy_wh in energies_wh)


@pytest.mark.slow
@pytest.mark.parametrize("version", [V16, V201])
async def test_a_station_lives_a_day_on_a_csms_we_did_not_write(version):
    async with foreign_csms() as csms:
        log = csms.log("DAY")

        async def start():
            request = call16.RemoteStartTransaction(id_tag="GOOD", connector_id=1)
            if version is V201:
                token = {"id_token": "GOOD", "type": "Central"}
                request = call201.RequestStartTransaction(id_token=token, remote_start_id=7, evse_id=1)
            assert (await csms.call("DAY", request)).status == "Accepted"

        async def stop():
            running = day.station.core.evses[1].transaction
            request = call16.RemoteStopTransaction(transaction_id=running.csms_id)
            if version is V201:
                request = call201.RequestStopTransaction(transaction_id=running.id)
            assert (await csms.call("DAY", request)).status == "Accepted"

        day = Day(csms.url, "DAY", version, start, stop)
        counted_wh = await day.live()
    assert len(log.connections) == 2
    assert len(log.of("Heartbeat")) > 100
    judge(day, counted_wh, energies_16(log) if version is V16 else energies_201(log))


def energies_16(log):
    starts = [message["meter_start"] for message in log.of("StartTransaction")]
    stops = [message["meter_stop"] for message in log.of("StopTransaction")]
    numbers = [message["transaction_id"] for message in log.of("StopTransaction")]
    assert numbers == list(range(101, 106))
    assert len(log.of("MeterValues")) >= 25
    return [stop - start for start, stop in zip(starts, stops, strict=True)]


def energies_201(log):
    sessions = {}
    for event in log.of("TransactionEvent"):
        sessions.setdefault(event["transaction_info"]["transaction_id"], []).append(event)
    for events in sessions.values():
        assert [event["seq_no"] for event in events] == list(range(len(events)))
        assert (events[0]["event_type"], events[-1]["event_type"]) == ("Started", "Ended")
    return [register_wh(events[-1]) - register_wh(events[0]) for events in sessions.values()]


def register_wh(event):
    return next(
        sample["value"]
        for value in event["meter_value"]
        for sample in value["sampled_value"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    )


@pytest.mark.slow
async def test_a_station_of_each_version_lives_a_day_on_our_csms(tmp_path: Path):
    with ServerProcess(tmp_path / "data", unknown_stations="accept") as server:
        api = Api(server.http)
        await api.put("/tokens/GOOD", type="Central")
        days = {version: our_day(api, server.ocpp, version) for version in (V16, V201, V21)}
        counted_wh = dict(zip(days, await asyncio.gather(*(day.live() for day in days.values())), strict=True))
        for version, day in days.items():
            records = sorted(await api.transactions(f"DAY-{version}"), key=lambda record: record["started_at"])
            judge(day, counted_wh[version], [record["energy_wh"] for record in records])
            assert [record["flags"] for record in records] == [[]] * 5
            assert [record["offline"] for record in records] == [False, False, version is not V16, False, False]
            assert all(record["stop_reason"] for record in records)
        await api.close()


def our_day(api, url, version):
    identity = f"DAY-{version}"

    async def start():
        await api.command(identity, "remote-start", {"id_token": "GOOD", "evse_id": 1})

    async def stop():
        [running] = [record for record in await api.transactions(identity) if record["active"]]
        await api.command(identity, "remote-stop", {"transaction_id": running["id"]})

    return Day(url, identity, version, start, stop)
