"""OCPP 2.1, block R: control of distributed energy resources."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import DC_BIDIRECTIONAL, V2G_W, equip, grid_frequency, talking, v2g_vehicle
from conformance.stations.v2 import Session, configure, fresh, report
from voltherd.station import EvseConfig

ours = partial(case, version="2.1")
LIMIT = "LimitMaxDischarge"
MANDATORY = {
    "InverterHwVersion",
    "InverterManufacturer",
    "InverterModel",
    "InverterSwVersion",
    "MaxChargeRateVA",
    "MaxChargeRateW",
    "MaxVA",
    "MaxVar",
    "MaxVarNeg",
    "MaxW",
    "ModesSupported",
    "OverExcitedPF",
    "OverExcitedW",
    "ReactiveSusceptance",
    "UnderExcitedPF",
    "UnderExcitedW",
}
"""What the device model of a DC inverter must have."""


@pytest.fixture
async def der(csms: Csms, cold: Hand) -> Hand:
    """A station whose EVSE can give energy to the grid."""
    equip(cold, DC_BIDIRECTIONAL, max_discharge_w=V2G_W)
    await cold.booted()
    return cold


def limit(percent: float, priority: int = 1, **when: Any) -> dict[str, Any]:
    """A limit of the power to the grid."""
    return {"controlType": LIMIT, "limitMaxDischarge": {"priority": priority, "pctMaxDischargePower": percent} | when}


async def _set(csms: Csms, name: str, control: dict[str, Any], *, default: bool, status: str = "Accepted") -> list[str]:
    answer = await csms.call("SetDERControl", {"controlId": name, "isDefault": default} | control)
    assert answer["status"] == status, answer
    return list(answer.get("supersededIds", []))


async def _controls(csms: Csms, **asked: Any) -> dict[str, dict[str, Any]]:
    """Ask for the controls; gives them by id."""
    request_id = fresh()
    answer = await csms.call("GetDERControl", {"requestId": request_id} | asked)
    if answer["status"] == "NotFound":
        return {}
    assert answer["status"] == "Accepted", answer
    found: dict[str, dict[str, Any]] = {}
    while True:
        part = await csms.expect("ReportDERControl", requestId=request_id)
        kinds = (entries for entries in part.payload.values() if isinstance(entries, list))
        found |= {one["id"]: one for entries in kinds for one in entries}
        if not part.get("tbc", False):
            return found


async def _clear(csms: Csms, status: str = "Accepted", *, default: bool, **asked: Any) -> None:
    answer = await csms.call("ClearDERControl", {"isDefault": default} | asked)
    assert answer["status"] == status, answer


@ours("TC_R_01_1_V21", "What the inverter can do is in the device model, and its controls outlive a power cut")
async def test_tc_r_01_1_v21_nameplate(csms: Csms, der: Hand) -> None:
    wanted = {"component": {"name": "DCDERCtrlr", "evse": {"id": 1}}}
    entries = await report(csms, "GetReport", componentVariable=[wanted])
    told = {entry["variable"]["name"] for entry in entries}
    assert told >= MANDATORY, MANDATORY - told
    await _set(csms, "C-1", limit(50), default=True)
    await der.power_cut()
    await csms.expect("BootNotification")
    await csms.settle()
    assert set(await _controls(csms)) == {"C-1"}


@ours("TC_R_02_1_V21", "What a vehicle's inverter can do is told with its needs")
async def test_tc_r_02_1_v21_vehicle(csms: Csms, cold: Hand) -> None:
    equip(cold, EvseConfig(), max_discharge_w=11_000.0)
    await cold.booted()
    csms.answers["Authorize"] = {
        "idTokenInfo": {"status": "Accepted"},
        "allowedEnergyTransfer": ["AC_three_phase", "AC_BPT", "AC_BPT_DER"],
    }
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed")
    session = Session(csms, cold)
    cold.plug(1, talking("Rondo Grid", soc=0.6, floor_soc=0.2))
    cold.present(session.token)
    told = await cold.meanwhile(csms.expect("NotifyEVChargingNeeds"), step_s=1)
    needs = told["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "AC_BPT_DER"
    assert needs["derChargingParameters"]


@ours("TC_R_04_1_V21", "A default control is set, replaced by one of more weight, and told")
async def test_tc_r_04_1_v21_default(csms: Csms, der: Hand) -> None:
    assert await _set(csms, "C-1", limit(80, 5), default=True) == []
    assert await _set(csms, "C-2", limit(60, 1), default=True) == ["C-1"]
    found = await _controls(csms, isDefault=True)
    assert {name: one["isSuperseded"] for name, one in found.items()} == {"C-1": True, "C-2": False}
    assert found["C-2"]["limitMaxDischarge"]["pctMaxDischargePower"] == 60


@ours("TC_R_04_2_V21", "A control of a kind that the station does not have is refused")
async def test_tc_r_04_2_v21_not_supported(csms: Csms, der: Hand) -> None:
    entries = await report(csms, "GetReport", componentVariable=[{"component": {"name": "DCDERCtrlr"}}])
    [modes] = [e["variableAttribute"][0]["value"] for e in entries if e["variable"]["name"] == "ModesSupported"]
    points = [{"x": 90.0, "y": 0.0}, {"x": 110.0, "y": 0.0}]
    curve = {"curveData": points, "priority": 1, "yUnit": "PctMaxVar"}
    kinds = ("WattVar", "WattPF", "LVMomCess", "PowerMonitoringMustTrip", "VoltVar", "HVMustTrip")
    missing = next((kind for kind in kinds if kind not in modes.split(",")), None)
    assert missing is not None, "the station says that it has them all"
    await _set(csms, "C-1", {"controlType": missing, "curve": curve}, default=True, status="NotSupported")
    answer = await csms.call("GetDERControl", requestId=fresh(), controlType=missing)
    assert answer["status"] == "NotSupported"
    await _clear(csms, "NotSupported", default=True, controlType=missing)


@ours("TC_R_04_3_V21", "A control with a time begins and ends when it says, each told, and is gone then")
async def test_tc_r_04_3_v21_scheduled(csms: Csms, der: Hand) -> None:
    control = limit(40, 1, startTime=der.time(300), duration=600.0)
    await _set(csms, "C-1", control, default=False)
    await der.pass_time(280)
    await csms.none("NotifyDERStartStop")
    await der.pass_time(40)
    await csms.expect("NotifyDERStartStop", controlId="C-1", started=True)
    await der.pass_time(600)
    await csms.expect("NotifyDERStartStop", controlId="C-1", started=False)
    assert await _controls(csms) == {}


@ours("TC_R_04_4_V21", "A control of more weight takes over when its time comes; one of less weight does not")
async def test_tc_r_04_4_v21_superseded(csms: Csms, der: Hand) -> None:
    await _set(csms, "C-1", limit(80, 5, startTime=der.time(60), duration=3600.0), default=False)
    await der.pass_time(70)
    await csms.expect("NotifyDERStartStop", controlId="C-1", started=True)
    assert await _set(csms, "C-2", limit(70, 9, startTime=der.time(60), duration=600.0), default=False) == ["C-2"]
    await _set(csms, "C-3", limit(60, 1, startTime=der.time(120), duration=600.0), default=False)
    await der.pass_time(130)
    began = await csms.expect("NotifyDERStartStop", controlId="C-3", started=True)
    assert began.get("supersededIds") == ["C-1"]
    await csms.none("NotifyDERStartStop", controlId="C-2", started=True)


@ours("TC_R_04_5_V21", "Controls are told and cleared by kind, by id and by whether they are a default")
async def test_tc_r_04_5_v21_told_and_cleared(csms: Csms, der: Hand) -> None:
    assert await _controls(csms) == {}
    await _set(csms, "D-1", limit(90), default=True)
    await _set(csms, "S-1", limit(50, startTime=der.time(3600), duration=600.0), default=False)
    assert set(await _controls(csms)) == {"D-1", "S-1"}
    assert set(await _controls(csms, isDefault=False)) == {"S-1"}
    assert set(await _controls(csms, controlType=LIMIT, isDefault=True)) == {"D-1"}
    assert set(await _controls(csms, controlId="S-1")) == {"S-1"}
    await _clear(csms, "NotFound", default=True, controlId="S-1")
    await _clear(csms, default=False, controlType=LIMIT)
    assert set(await _controls(csms)) == {"D-1"}
    await _clear(csms, default=True)
    assert await _controls(csms) == {}
    await _clear(csms, "NotFound", default=True, controlType=LIMIT)


@ours("TC_R_03_1_V21", "Which controls the station itself can carry out for a vehicle on AC is in the device model")
async def test_tc_r_03_1_v21_emulated(csms: Csms, cold: Hand) -> None:
    equip(cold, EvseConfig(), max_discharge_w=11_000.0)
    await cold.booted()
    wanted = {"component": {"name": "ACDERCtrlr", "evse": {"id": 1}}, "variable": {"name": "ModesSupported"}}
    [entry] = await report(csms, "GetReport", componentVariable=[wanted])
    modes = entry["variableAttribute"][0]["value"].split(",")
    assert "LimitMaxDischarge" in modes
    await _set(csms, "C-1", limit(50), default=True)


@ours("TC_R_05_1_V21", "A control that takes over is told with its cause, once, and so is its end")
async def test_tc_r_05_1_v21_alarm(csms: Csms, der: Hand) -> None:
    droop = {
        "priority": 1,
        "overFreq": 50.2,
        "underFreq": 49.8,
        "overDroop": 5.0,
        "underDroop": 5.0,
        "responseTime": 1.0,
    }
    await _set(csms, "C-1", {"controlType": "FreqDroop", "freqDroop": droop}, default=True)
    session = Session(csms, der)
    der.plug(1, v2g_vehicle())
    session.is_plugged = True
    await session.authorized()
    await der.pass_time(60)
    await csms.none("NotifyDERAlarm")
    grid_frequency(der, 48.5)
    await der.pass_time(60)
    alarm = await csms.expect("NotifyDERAlarm", controlType="FreqDroop", gridEventFault="UnderFrequency")
    assert not alarm.get("alarmEnded", False)
    grid_frequency(der, 50.0)
    await der.pass_time(60)
    await csms.expect("NotifyDERAlarm", controlType="FreqDroop", alarmEnded=True)
    await csms.none("NotifyDERAlarm")
