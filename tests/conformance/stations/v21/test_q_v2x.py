"""OCPP 2.1, block Q: vehicles that give energy back."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import (
    DC_BIDIRECTIONAL,
    V2G_W,
    energy_manager,
    equip,
    exported_wh,
    grid_frequency,
    grid_load,
    v2g_vehicle,
)
from conformance.stations.profiles import get_profiles, profile, put_profile
from conformance.stations.v2 import Session, configure, fresh, put, value_of

ours = partial(case, version="2.1")
CURVE = [
    {"frequency": 49.8, "power": -10_000.0},
    {"frequency": 50.0, "power": 0.0},
    {"frequency": 50.2, "power": 10_000.0},
]


async def _connected(csms: Csms, cold: Hand, *, allowed: bool = True) -> tuple[Session, Came]:
    """A session of a vehicle that can give energy; gives it and what the vehicle said it needs."""
    equip(cold, DC_BIDIRECTIONAL, max_discharge_w=V2G_W)
    await cold.booted()
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed", SampledDataCtrlr__TxUpdatedInterval=60)
    if allowed:
        answer = {"idTokenInfo": {"status": "Accepted"}, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
        csms.answers["Authorize"] = answer
    session = Session(csms, cold)
    cold.plug(1, v2g_vehicle())
    session.is_plugged = True
    cold.present(session.token)
    await csms.expect("Authorize")
    await session.event(eventType="Started")
    return session, await cold.meanwhile(csms.expect("NotifyEVChargingNeeds", evseId=1), step_s=1)


def _mode(session: Session, mode: str, kind: str = "Absolute", **period: Any) -> dict[str, Any]:
    """A profile of one period in an operation mode, in watts."""
    start = None if kind == "Dynamic" else session.station.time()
    one = profile((0, 0.0), purpose="TxProfile", kind=kind, start=start, transactionId=session.id)
    one["chargingSchedule"] = one["chargingSchedule"][:1]
    schedule = one["chargingSchedule"][0]
    schedule["chargingRateUnit"] = "W"
    schedule["chargingSchedulePeriod"] = [{"startPeriod": 0, "operationMode": mode} | period]
    return one


async def _follows(station: Hand, power_w: float, seconds: float = 60) -> None:
    """After a while the power at the meter is so much (from the vehicle where negative)."""
    await station.pass_time(seconds)
    assert station.power_w() == pytest.approx(power_w, abs=max(50.0, abs(power_w) * 0.02))


@ours("TC_Q_01_1_V21", "A vehicle that may give energy back says who it is, and what it can")
async def test_tc_q_01_1_v21_authorized(csms: Csms, cold: Hand) -> None:
    session, told = await _connected(csms, cold)
    started = session.events()[0]
    more = started["idToken"].get("additionalInfo", [])
    assert "EVCCID" in {info["type"] for info in more}, "the vehicle's identity is not with the token"
    needs = told["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "DC_BPT"
    assert {"DC", "DC_BPT"} <= set(needs["availableEnergyTransfer"])
    assert needs["v2xChargingParameters"]["maxDischargePower"] > 0
    modes = set((await value_of(csms, "V2XChargingCtrlr.SupportedOperationModes") or "").split(","))
    assert modes >= {"ChargingOnly", "CentralSetpoint", "CentralFrequency"}


@ours("TC_Q_02_1_V21", "A session that only charges may give energy back when that is allowed later")
async def test_tc_q_02_1_v21_allowed_later(csms: Csms, cold: Hand) -> None:
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "allowedEnergyTransfer": ["DC"]}
    session, first = await _connected(csms, cold, allowed=False)
    assert first["chargingNeeds"]["requestedEnergyTransfer"] == "DC"
    answer = await csms.call(
        "NotifyAllowedEnergyTransfer", transactionId=session.id, allowedEnergyTransfer=["DC", "DC_BPT"]
    )
    assert answer["status"] == "Accepted"
    again = await cold.meanwhile(csms.expect("NotifyEVChargingNeeds", after=first), step_s=1)
    assert again["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"


@ours("TC_Q_03_1_V21", "A setpoint of the operator holds in both directions, and the export is counted")
async def test_tc_q_03_1_v21_central_setpoint(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "CentralSetpoint", setpoint=-6_000.0)
    await put_profile(csms, 1, one)
    await _follows(cold, -6_000.0)
    before_wh = exported_wh(cold)
    await cold.pass_time(600)
    assert exported_wh(cold) - before_wh == pytest.approx(1000, abs=60)
    await put_profile(csms, 1, _mode(session, "CentralSetpoint", setpoint=4_000.0) | {"id": one["id"]})
    await _follows(cold, 4_000.0)


@ours("TC_Q_03_2_V21", "A change of the operation mode is told with the transaction")
async def test_tc_q_03_2_v21_mode_told(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    await put_profile(csms, 1, _mode(session, "CentralSetpoint", setpoint=-3_000.0))
    await session.event(triggerReason="OperationModeChanged", transactionInfo={"operationMode": "CentralSetpoint"})


@ours("TC_Q_04_1_V21", "A setpoint is changed on the way, without another profile")
async def test_tc_q_04_1_v21_dynamic_setpoint(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "CentralSetpoint", "Dynamic", setpoint=-2_000.0)
    await put_profile(csms, 1, one)
    await _follows(cold, -2_000.0)
    answer = await csms.call("UpdateDynamicSchedule", chargingProfileId=one["id"], scheduleUpdate={"setpoint": 3000.0})
    assert answer["status"] == "Accepted"
    await _follows(cold, 3_000.0)


@ours("TC_Q_05_1_V21", "In the mode for it the energy manager's setpoint holds, and stands in the profile")
async def test_tc_q_05_1_v21_external_setpoint(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "ExternalSetpoint", "Dynamic")
    await put_profile(csms, 1, one)
    for setpoint in (-3_000.0, 2_000.0):
        energy_manager(cold, evse_id=1, setpoint=setpoint)
        await _follows(cold, setpoint)
    [(_, found)] = await get_profiles(csms, chargingProfileId=[one["id"]])
    assert found["chargingSchedule"][0]["chargingSchedulePeriod"][0]["setpoint"] == 2_000.0


@ours("TC_Q_05_2_V21", "In the mode for it the energy manager's limits hold")
async def test_tc_q_05_2_v21_external_limits(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    await put_profile(csms, 1, _mode(session, "ExternalLimits", "Dynamic"))
    energy_manager(cold, evse_id=1, limit=4_000.0)
    await _follows(cold, 4_000.0)


@ours("TC_Q_06_1_V21", "Limits of an energy manager are a profile of their own kind, and are told")
async def test_tc_q_06_1_v21_external_limits(csms: Csms, cold: Hand) -> None:
    await _connected(csms, cold)
    cold.external_limit(8.0)
    await csms.expect("NotifyChargingLimit")
    [(_, found)] = await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")
    [period] = found["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert period["operationMode"] == "ExternalLimits"


@ours("TC_Q_07_1_V21", "Frequency support from afar is a setpoint that is changed on the way")
async def test_tc_q_07_1_v21_central_frequency(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "CentralFrequency", "Dynamic", setpoint=1_000.0)
    await put_profile(csms, 1, one)
    await _follows(cold, 1_000.0)
    update = {"setpoint": -4_000.0}
    answer = await csms.call("UpdateDynamicSchedule", chargingProfileId=one["id"], scheduleUpdate=update)
    assert answer["status"] == "Accepted"
    await _follows(cold, -4_000.0)


@ours("TC_Q_08_1_V21", "Frequency support at the station follows the curve")
async def test_tc_q_08_1_v21_local_frequency(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    await put_profile(csms, 1, _mode(session, "LocalFrequency", v2xBaseline=1_000.0, v2xFreqWattCurve=CURVE))
    await _follows(cold, 1_000.0)
    grid_frequency(cold, 49.9)
    await _follows(cold, -4_000.0)
    grid_frequency(cold, 50.1)
    await _follows(cold, 6_000.0)


@pytest.mark.parametrize(
    "wrong",
    [{"v2xFreqWattCurve": CURVE}, {"v2xBaseline": 0.0, "v2xFreqWattCurve": CURVE[:1]}, {"v2xBaseline": 0.0}],
    ids=["no baseline", "one point", "no curve"],
)
@ours("TC_Q_08_2_V21", "Frequency support without a whole curve, or with limits, is refused")
async def test_tc_q_08_2_v21_wrong(csms: Csms, cold: Hand, wrong: dict[str, Any]) -> None:
    session, _ = await _connected(csms, cold)
    await put_profile(csms, 1, _mode(session, "LocalFrequency", **wrong), "Rejected")
    too_much = {"v2xBaseline": 0.0, "v2xFreqWattCurve": CURVE, "setpoint": 1_000.0}
    await put_profile(csms, 1, _mode(session, "LocalFrequency", **too_much), "Rejected")


@ours("TC_Q_08_3_V21", "A signal of the grid operator changes the setpoint, where there is a curve for it")
async def test_tc_q_08_3_v21_signal(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    refused = await csms.call("AFRRSignal", timestamp=cold.time(), signal=1)
    assert refused["status"] == "Rejected"
    signals = [{"signal": -1, "power": -3_000.0}, {"signal": 0, "power": 0.0}, {"signal": 1, "power": 3_000.0}]
    curves = {"v2xBaseline": 1_000.0, "v2xFreqWattCurve": CURVE, "v2xSignalWattCurve": signals}
    await put_profile(csms, 1, _mode(session, "LocalFrequency", **curves))
    await _follows(cold, 1_000.0)
    assert (await csms.call("AFRRSignal", timestamp=cold.time(), signal=1))["status"] == "Accepted"
    await _follows(cold, 4_000.0)


@ours("TC_Q_09_1_V21", "The station balances the load of its site within its thresholds")
async def test_tc_q_09_1_v21_load_balancing(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "LocalLoadBalancing", limit=10_000.0, dischargeLimit=-10_000.0)
    await put_profile(csms, 1, one, "Rejected")
    for instance, value in (
        ("UpperThreshold", 5_000),
        ("LowerThreshold", -5_000),
        ("UpperOffset", 0),
        ("LowerOffset", 0),
    ):
        result = await put(csms, f"V2XChargingCtrlr.LocalLoadBalancing/{instance}", str(value))
        assert result["attributeStatus"] == "Accepted", instance
    await put_profile(csms, 1, one | {"id": fresh() + 10_000})
    grid_load(cold, 8_000.0)
    await cold.pass_time(30)
    assert cold.power_w() < 0, "nothing is given back although the load is high"


@ours("TC_Q_10_1_V21", "A session at rest takes and gives nothing; limits make no sense then")
async def test_tc_q_10_1_v21_idle(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    await put_profile(csms, 1, _mode(session, "Idle", setpoint=100.0), "Rejected")
    await put_profile(csms, 1, _mode(session, "Idle"))
    await _follows(cold, 0.0)
    await session.no_event(eventType="Ended")


@ours("TC_Q_11_1_V21", "A mode holds without a connection for as long as was said, and not longer")
async def test_tc_q_11_1_v21_offline(csms: Csms, cold: Hand) -> None:
    session, _ = await _connected(csms, cold)
    one = _mode(session, "CentralSetpoint", setpoint=-3_000.0) | {"maxOfflineDuration": 300}
    await put_profile(csms, 1, one)
    await _follows(cold, -3_000.0)
    await cold.cut_off()
    await _follows(cold, -3_000.0, 200)
    await cold.pass_time(200)
    assert cold.power_w() > -1, "it still gives energy back"


@pytest.mark.parametrize("stays_invalid", [False, True])
@ours("TC_Q_12_1_V21", "After a time without a connection the mode holds again, unless it was said not to")
async def test_tc_q_12_1_v21_resumed(csms: Csms, cold: Hand, stays_invalid: bool) -> None:
    session, _ = await _connected(csms, cold)
    offline = {"maxOfflineDuration": 100, "invalidAfterOfflineDuration": stays_invalid}
    await put_profile(csms, 1, _mode(session, "CentralSetpoint", setpoint=-3_000.0) | offline)
    await _follows(cold, -3_000.0)
    await cold.cut_off()
    await cold.pass_time(200)
    assert cold.power_w() > -1
    await cold.back_online()
    await cold.pass_time(60)
    assert (cold.power_w() > -1) is stays_invalid
