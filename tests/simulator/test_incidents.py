"""What befalls stations: it happens to the share it should, and is over when it should be."""

import asyncio

import pytest

from support.answering_csms import answering_csms
from voltherd.simulator import Fleet, FleetOptions, FleetPlan
from voltherd.simulator.fleet_file import Incident

FACTOR = 50.0


@pytest.fixture
async def fleet():
    async with answering_csms() as url:
        plan = FleetPlan.of(12, "2.0.1", kind="ac-22-dual")
        fleet = Fleet(url, plan=plan, options=FleetOptions(accelerate=FACTOR, drivers=False, ramp_per_s=1000.0))
        await fleet.start()
        await fleet.wait_accepted()
        yield fleet
        await fleet.stop()


async def until(condition, timeout_s=10.0):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


def lines(fleet):
    return [station.line for station in fleet.stations.values()]


async def test_an_outage_cuts_off_and_ends(fleet):
    assert fleet.incidents.happen(Incident(kind="outage", for_s=25.0)) == 12
    await until(lambda: set(lines(fleet)) == {"no-network"})
    await until(lambda: set(lines(fleet)) == {"accepted"})


async def test_a_share_of_the_stations_is_befallen(fleet):
    befallen = [fleet.incidents.happen(Incident(kind="reconnect-storm", share=0.5)) for _ in range(20)]
    assert 12 * 20 * 0.3 < sum(befallen) < 12 * 20 * 0.7


async def test_after_a_storm_all_come_back_at_once(fleet):
    before = fleet.summary().disconnects
    fleet.incidents.happen(Incident(kind="reconnect-storm"))
    await until(lambda: fleet.summary().disconnects == before + 12)
    await until(lambda: set(lines(fleet)) == {"accepted"}, 0.9)


async def test_a_power_cut_darkens_stations_and_they_boot_again(fleet):
    sent = fleet.statistics.counts["sent"]
    fleet.incidents.happen(Incident(kind="power-cut", for_s=20.0))
    await until(lambda: set(lines(fleet)) == {"off"})
    await until(lambda: set(lines(fleet)) == {"accepted"})
    assert fleet.statistics.counts["sent"] >= sent + 12


@pytest.mark.parametrize(
    ("kind", "more", "holds"),
    [
        (
            "evse-fault",
            {"code": "GroundFailure"},
            lambda s: any(e.fault == "GroundFailure" for e in s.core.evses.values()),
        ),
        ("meter-stands", {}, lambda s: all(e.meter_stands for e in s.hardware.values())),
        ("lock-stuck", {}, lambda s: all(e.lock_fails for e in s.hardware.values())),
        ("limit", {"limit_w": 5000.0}, lambda s: s.limit_w == 5000.0),
    ],
)
async def test_what_breaks_is_whole_again_afterwards(fleet, kind, more, holds):
    stations = list(fleet.stations.values())
    fleet.incidents.happen(Incident(kind=kind, for_s=20.0, **more))
    await until(lambda: all(map(holds, stations)))
    await until(lambda: not any(map(holds, stations)))


async def test_a_meter_reset_sets_registers_to_nothing(fleet):
    assert all(evse.energy_import_wh > 0 for s in fleet.stations.values() for evse in s.hardware.values())
    fleet.incidents.happen(Incident(kind="meter-reset"))
    registers = lambda: [evse.energy_import_wh for s in fleet.stations.values() for evse in s.hardware.values()]  # noqa: E731
    await until(lambda: set(registers()) == {0.0})


async def test_incidents_of_a_plan_come_at_their_times_again_and_again():
    async with answering_csms() as url:
        incident = Incident(kind="reconnect-storm", at_s=20.0, every_s=30.0)
        plan = FleetPlan(FleetPlan.of(3, "1.6", kind="ac-11-single").stations, incidents=(incident,))
        fleet = Fleet(url, plan=plan, options=FleetOptions(accelerate=FACTOR, drivers=False, ramp_per_s=1000.0))
        await fleet.start()
        await until(lambda: fleet.summary().disconnects >= 9)
        await fleet.stop()


async def test_what_lasts_is_over_when_incidents_end(fleet):
    fleet.incidents.happen(Incident(kind="outage", for_s=100_000.0))
    await until(lambda: set(lines(fleet)) == {"no-network"})
    fleet.incidents.end()
    await until(lambda: set(lines(fleet)) == {"accepted"})
