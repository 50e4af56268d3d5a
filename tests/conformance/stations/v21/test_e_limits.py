"""OCPP 2.1, blocks C, E and F: transactions with limits of the operator and of the driver."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Answer, Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import driver_sets_limits
from conformance.stations.v2 import Session, configure, put

ours = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}


def limited(**limit: float) -> Answer:
    """Answer an event with limits of the transaction."""

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        return ({"idTokenInfo": ACCEPTED} if "idToken" in event else {}) | {"transactionLimit": limit}

    return answer


async def _charging(csms: Csms, station: Hand, **limit: float) -> Session:
    """Charge; the first event is answered with the limits."""
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed", SampledDataCtrlr__TxUpdatedInterval=60)
    if limit:
        csms.will_answer("TransactionEvent", limited(**limit))
    session = Session(csms, station)
    await session.charging()
    return session


async def _limit_told(session: Session, **limit: float) -> Came:
    return await session.event(
        eventType="Updated",
        triggerReason="LimitSet",
        transactionInfo={"transactionLimit": lambda found: found == limit},
    )


async def _suspended(session: Session, reason: str) -> Came:
    return await session.station.meanwhile(
        session.event(eventType="Updated", triggerReason=reason, transactionInfo={"chargingState": "SuspendedEVSE"}),
        step_s=10,
    )


@ours("TC_E_16_1_V21", "A limit of the operator is confirmed with the next event, and told once")
async def test_tc_e_16_1_v21_confirmed_once(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, maxEnergy=5000)
    await _limit_told(session, maxEnergy=5000)
    await station.pass_time(130)
    await session.no_event(transactionInfo={"transactionLimit": ...})


@ours("TC_E_16_2_V21", "A limit that the driver sets is told")
async def test_tc_e_16_2_v21_of_the_driver(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station)
    driver_sets_limits(station, energy_wh=2000.0)
    await _limit_told(session, maxEnergy=2000)
    await _suspended(session, "EnergyLimitReached")


@ours("TC_E_16_3_V21", "A limit that the driver sets beyond the operator's is not told as such")
async def test_tc_e_16_3_v21_not_beyond(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, maxEnergy=1000)
    await _limit_told(session, maxEnergy=1000)
    driver_sets_limits(station, energy_wh=50_000.0)
    await session.no_event(transactionInfo={"transactionLimit": {"maxEnergy": lambda wh: wh > 1000}})
    await _suspended(session, "EnergyLimitReached")


@pytest.mark.parametrize(
    ("limit", "raised", "reason"),
    [
        ({"maxEnergy": 1000}, {"maxEnergy": 4000}, "EnergyLimitReached"),
        ({"maxTime": 600}, {"maxTime": 3600}, "TimeLimitReached"),
    ],
)
@ours("TC_E_16_4_V21", "At the limit no more energy flows, that is told, and it flows again when the limit is raised")
async def test_tc_e_16_4_v21_reached_and_raised(
    csms: Csms, station: Hand, limit: dict[str, float], raised: dict[str, float], reason: str
) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EVConnected")
    session = await _charging(csms, station, **limit)
    await _limit_told(session, **limit)
    reached = await _suspended(session, reason)
    start = session.events()[0]
    if "maxTime" in limit:
        assert 598 <= reached.at - start.at <= 630
    before_wh = station.running.hardware[1].energy_import_wh
    if "maxEnergy" in limit:
        assert before_wh == pytest.approx(1000, abs=60)
    csms.will_answer("TransactionEvent", limited(**raised))
    await station.pass_time(70)
    assert station.running.hardware[1].energy_import_wh == pytest.approx(before_wh, abs=200)
    await _limit_told(session, **raised)
    await session.energy()


@ours("TC_E_16_5_V21", "At the limit the transaction ends, where no energy is its end")
async def test_tc_e_16_5_v21_ends(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStopPoint="EnergyTransfer")
    session = await _charging(csms, station, maxEnergy=1000)
    await _limit_told(session, maxEnergy=1000)
    ended = await station.meanwhile(session.ended(triggerReason="EnergyLimitReached"), step_s=10)
    assert ended["transactionInfo"]["stoppedReason"] == "EnergyLimitReached"


@ours("TC_E_16_6_V21", "A limit that is passed already counts at once")
async def test_tc_e_16_6_v21_passed_already(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, maxEnergy=-1)
    await session.event(triggerReason="EnergyLimitReached", transactionInfo={"chargingState": "SuspendedEVSE"})


@ours("TC_E_16_7_V21", "A limit of cost is watched with the costs that the operator tells")
async def test_tc_e_16_7_v21_cost_told(csms: Csms, station: Hand) -> None:
    session = await _charging(csms, station, maxCost=10.0)
    await _limit_told(session, maxCost=10.0)
    await csms.call("CostUpdated", totalCost=9.5, transactionId=session.id)
    await session.no_event(triggerReason="CostLimitReached")
    await csms.call("CostUpdated", totalCost=10.0, transactionId=session.id)
    await session.event(triggerReason="CostLimitReached", transactionInfo={"chargingState": "SuspendedEVSE"})


@ours("TC_F_07_1_V21", "A limit for a transaction that was started remotely is confirmed and kept to")
async def test_tc_f_07_1_v21_remote_start(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    csms.will_answer("TransactionEvent", limited(maxTime=600))
    await session.remote_started()
    await session.energy()
    await _limit_told(session, maxTime=600)
    await _suspended(session, "TimeLimitReached")


@ours("TC_C_17_1_V21", "A prepaid card charges as far as its credit goes, and is asked about each time")
async def test_tc_c_17_1_v21_prepaid(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    await put(csms, "AuthCacheCtrlr.DisablePostAuthorize", "false")
    prepaid = ACCEPTED | {"cacheExpiryDateTime": station.time()}
    csms.answers["Authorize"] = {"idTokenInfo": prepaid}
    csms.answers["TransactionEvent"] = lambda event: {"idTokenInfo": prepaid} if "idToken" in event else {}
    csms.will_answer("TransactionEvent", lambda _event: {"idTokenInfo": prepaid, "transactionLimit": {"maxCost": 5.0}})
    session = Session(csms, station)
    await session.plugged()
    await session.presented()
    await session.energy()
    await _limit_told(session, maxCost=5.0)
    await csms.call("CostUpdated", totalCost=5.0, transactionId=session.id)
    await session.event(triggerReason="CostLimitReached")
    await session.stopped()
    await session.unplugged()
    await csms.settle()
    again = Session(csms, station)
    await again.plugged()
    await again.presented()


@ours("TC_C_17_2_V21", "A prepaid card without credit charges nothing")
async def test_tc_c_17_2_v21_no_credit(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "NoCredit", "cacheExpiryDateTime": station.time()}})
    station.present(session.token)
    await csms.expect("Authorize")
    await station.pass_time(30)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})
