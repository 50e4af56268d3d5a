"""OCPP 1.6, core: booting, resets and power failures."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.answers import NOW
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import TAG, Session, change, configure, connector, rebooted

official = partial(case, version="1.6", block="Core")
ENERGY = "Energy.Active.Import.Register"


async def all_available(csms: Csms, first: str = "Available") -> None:
    """The station and its connectors were reported."""
    await connector(csms, {"Available"}, 0)
    await connector(csms, first, 1)
    await connector(csms, "Available", 2)


@official("TC_001_CS", "A station that starts says so, is accepted, reports itself, and beats at the interval told")
async def test_tc_001_cs_cold_boot(csms: Csms, cold: Hand) -> None:
    csms.will_answer("BootNotification", {"currentTime": NOW, "interval": 40, "status": "Accepted"})
    cold.power_on()
    await csms.expect("BootNotification", chargePointModel=..., chargePointVendor=...)
    await all_available(csms)
    assert csms.calls[0].action == "BootNotification"
    await csms.settle()
    csms.forget()
    await cold.pass_time(35)
    await csms.none("Heartbeat")
    await cold.pass_time(10)
    await csms.expect("Heartbeat")
    await csms.none("BootNotification")


@official("TC_002_CS", "Not yet accepted, it serves what it is asked, and boots again in time")
async def test_tc_002_cs_pending(csms: Csms, cold: Hand) -> None:
    csms.will_answer("BootNotification", {"currentTime": NOW, "interval": 30, "status": "Pending"})
    cold.power_on()
    first = await csms.expect("BootNotification")
    assert (await csms.call("GetConfiguration"))["configurationKey"]
    assert await change(csms, "MeterValueSampleInterval", "60") == "Accepted"
    answer = await csms.call("RemoteStartTransaction", idTag="TAG", connectorId=1)
    assert answer["status"] == "Rejected"
    await csms.none("StatusNotification", "Heartbeat", "StartTransaction", "Authorize")
    second = await cold.meanwhile(csms.expect("BootNotification"), step_s=1)
    assert second.at - first.at >= 30
    await all_available(csms)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("Hard", marks=official("TC_013_CS", "Idle, it restarts at once"), id="TC_013_CS"),
        pytest.param("Soft", marks=official("TC_014_CS", "Idle, it restarts in order"), id="TC_014_CS"),
    ],
)
async def test_reset_when_idle(csms: Csms, station: Hand, kind: str) -> None:
    assert (await csms.call("Reset", type=kind))["status"] == "Accepted"
    await rebooted(csms, station)
    await all_available(csms)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        pytest.param(
            "Hard", "HardReset", marks=official("TC_015_CS", "At once, with a session: it ends for that reason"),
            id="TC_015_CS",
        ),
        pytest.param(
            "Soft", "SoftReset", marks=official("TC_016_CS", "In order, with a session: it ends first, and is told"),
            id="TC_016_CS",
        ),
    ],
)  # fmt: skip
async def test_reset_with_a_session(csms: Csms, station: Hand, kind: str, reason: str) -> None:
    session = Session(csms, station)
    await session.charging()
    assert (await csms.call("Reset", type=kind))["status"] == "Accepted"
    stop = await station.meanwhile(session.stopped(reason=reason), step_s=1)
    boot = await rebooted(csms, station)
    assert kind == "Hard" or stop.number < boot.number
    await connector(csms, {"Finishing", "Preparing"}, 1, after=boot)


@official("TC_032_2_CS", "The power fails: the session ends when it is back, with the energy that was known")
async def test_tc_032_2_cs_power_failure(csms: Csms, station: Hand) -> None:
    await configure(csms, MeterValueSampleInterval=60)
    session = Session(csms, station)
    start = await session.charging()
    await station.pass_time(605)
    last = list(csms.untaken("MeterValues", transactionId=session.id))[-1]
    [known_wh] = [
        float(sample["value"])
        for sample in last["meterValue"][0]["sampledValue"]
        if sample.get("measurand", ENERGY) == ENERGY
    ]
    await station.power_cut()
    boot = await rebooted(csms, station)
    stop = await session.stopped(reason="PowerLoss")
    assert stop.number > boot.number
    assert stop["meterStop"] >= known_wh > start["meterStart"]
    assert sum(c.action == "StopTransaction" for c in csms.calls) == 1
    await session.not_started()


@pytest.mark.parametrize("number", [0, 1])
@official("TC_034_CS", "What was out of service before the power failed is so afterwards")
async def test_tc_034_cs_power_failure_out_of_service(csms: Csms, station: Hand, number: int) -> None:
    answer = await csms.call("ChangeAvailability", connectorId=number, type="Inoperative")
    assert answer["status"] == "Accepted"
    numbers = (0, 1, 2) if number == 0 else (1,)
    for one in numbers:
        await connector(csms, "Unavailable", one)
    await csms.settle()
    csms.forget()
    await station.power_cut()
    await rebooted(csms, station)
    for one in numbers:
        await connector(csms, "Unavailable", one)
        await csms.none("StatusNotification", connectorId=one, status="Available")


@official("TC_041_CS", "A connector that breaks is reported, and begins nothing; repaired, it is free again")
async def test_tc_041_cs_fault(csms: Csms, station: Hand) -> None:
    station.fault()
    await connector(csms, "Faulted", errorCode="GroundFailure")
    station.present(TAG)
    await csms.settle()
    answer = await csms.call("RemoteStartTransaction", idTag=TAG, connectorId=1)
    assert answer["status"] == "Rejected"
    await station.pass_time(120)
    await csms.none("StartTransaction")
    station.repair()
    await connector(csms, "Available", errorCode="NoError")
    await csms.none("StatusNotification", connectorId=2)
    session = Session(csms, station)
    await session.charging()
    await session.done()


@official("TC_062_CS", "Data of a vendor that the station does not know is refused")
async def test_tc_062_cs_data_transfer(csms: Csms, station: Hand) -> None:
    answer = await csms.call("DataTransfer", vendorId="org.openchargealliance.octt", messageId="nothing")
    assert answer["status"] in ("UnknownVendorId", "UnknownMessageId", "Rejected")
