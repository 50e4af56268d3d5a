"""OCPP 2.1, blocks B and E: transactions that go on after a restart."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure, rebooted

ours = partial(case, version="2.1")
TIMEOUT_S = 600


async def _charging(csms: Csms, station: Hand, *, resumes: bool = True, **more: Any) -> Session:
    await configure(
        csms,
        TxCtrlr__ResumptionTimeout=TIMEOUT_S,
        TxCtrlr__AllowEnergyTransferResumption=resumes,
        TxCtrlr__EnergyTransferResumptionRandomRange=0,
        SampledDataCtrlr__TxUpdatedInterval=60,
        **more,
    )
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(65)
    await csms.settle()
    return session


async def _resumed(session: Session, boot: Came, states: set[str]) -> Came:
    came = await session.event(
        after=boot, eventType="Updated", triggerReason="TxResumed", transactionInfo={"chargingState": states}
    )
    await session.no_event(eventType="Ended")
    return came


async def _goes_on(session: Session) -> None:
    """Energy flows in the same transaction, which then ends in order."""
    before_wh = session.station.running.hardware[1].energy_import_wh
    await session.station.pass_time(300)
    assert session.station.running.hardware[1].energy_import_wh > before_wh + 200
    await session.stopped()
    await session.unplugged()
    await session.csms.settle()
    assert len({event["transactionInfo"]["transactionId"] for event in session.events()}) == 1


@ours("TC_E_17_1_V21", "A power cut that is short: the transaction goes on where it was, and says so")
async def test_tc_e_17_1_v21_resumed(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station)
    await station.power_cut()
    boot = await rebooted(csms, station)
    await csms.settle()
    await _resumed(session, boot, {"Charging", "SuspendedEV", "SuspendedEVSE"})
    await _goes_on(session)


@ours("TC_E_17_2_V21", "A power cut that is long: the transaction ends for that reason")
async def test_tc_e_17_2_v21_too_long(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station)
    await station.power_off()
    station.clock.skip(TIMEOUT_S + 60)
    station.power_on()
    await rebooted(csms, station)
    ended = await session.ended(triggerReason="AbnormalCondition")
    assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
    await session.no_event(triggerReason="TxResumed")


@ours("TC_E_17_3_V21", "Where energy must not flow again by itself, the transaction goes on without")
async def test_tc_e_17_3_v21_without_energy(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, resumes=False)
    await station.power_cut()
    boot = await rebooted(csms, station)
    await csms.settle()
    await _resumed(session, boot, {"SuspendedEVSE", "EVConnected"})
    before_wh = station.running.hardware[1].energy_import_wh
    await station.pass_time(120)
    assert station.running.hardware[1].energy_import_wh == pytest.approx(before_wh, abs=1)


@ours("TC_E_17_4_V21", "A vehicle that left during the power cut: the transaction ends in order")
async def test_tc_e_17_4_v21_vehicle_left(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, TxCtrlr__TxStopPoint="EVConnected")
    hardware = station.running.hardware[1]
    await station.power_off()
    hardware.power_cut(station.clock.now())
    assert hardware.unplug(station.clock.now())
    hardware.power_back(station.clock.now())
    station.power_on()
    await rebooted(csms, station)
    await session.ended()


async def _reset(csms: Csms, status: str, **where: int) -> None:
    answer = await csms.call("Reset", {"type": "ImmediateAndResume"} | where)
    assert answer["status"] == status


@ours("TC_B_13_1_V21", "A restart that interrupts the transaction: told before, and it goes on afterwards")
async def test_tc_b_13_1_v21_reset_and_resume(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station)
    await _reset(csms, "Accepted")
    interrupted = await session.event(eventType="Updated", triggerReason="ResetCommand")
    boot = await rebooted(csms, station)
    assert interrupted.number < boot.number
    await csms.settle()
    await _resumed(session, boot, {"Charging", "SuspendedEV", "SuspendedEVSE"})
    await _goes_on(session)


@ours("TC_B_13_2_V21", "Where transactions do not go on, such a restart is refused")
async def test_tc_b_13_2_v21_not_resumed(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__ResumptionTimeout=0)
    session = Session(csms, station)
    await session.charging()
    await _reset(csms, "Rejected")
    await csms.none("BootNotification")
    await session.no_event(triggerReason="ResetCommand")


@ours("TC_B_13_3_V21", "An EVSE restarts alone, and its transaction goes on")
async def test_tc_b_13_3_v21_one_evse(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station)
    await _reset(csms, "Accepted", evseId=1)
    interrupted = await session.event(eventType="Updated", triggerReason="ResetCommand")
    await station.meanwhile(_resumed(session, interrupted, {"Charging", "SuspendedEV", "SuspendedEVSE"}))
    await csms.none("BootNotification")
    await _goes_on(session)


@ours("TC_B_13_4_V21", "Idle, such a restart is like any other")
async def test_tc_b_13_4_v21_idle(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__ResumptionTimeout=TIMEOUT_S)
    await _reset(csms, "Accepted")
    await rebooted(csms, station)
