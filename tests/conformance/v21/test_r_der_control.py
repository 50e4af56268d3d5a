"""OCPP 2.1, block R: grid rules of distributed energy resources."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station
from support.payloads import event, instant

new = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}
VOLT_WATT = {
    "priority": 5,
    "y_unit": "PctMaxW",
    "curve_data": [{"x": 106, "y": 100}, {"x": 110, "y": 0}],
    "voltage_params": {"hv10_min_mean_value": 110},
}
DROOP = {"priority": 9, "over_freq": 50.2, "under_freq": 49.8, "over_droop": 5, "under_droop": 5, "response_time": 2}
TRIP = {"priority": 0, "y_unit": "Not_Applicable", "curve_data": [{"x": 51.5, "y": 0.2}]}


async def rules(station: Station) -> dict[str, Any]:
    """The station's rules by id."""
    found = await station.api.items(f"/stations/{station.identity}/der-controls")
    return {item["control_id"]: item for item in found}


async def set_rule(station: Station, control_id: str, control_type: str, answer: Any = None, **fields: Any) -> Any:
    wanted = {"control_id": control_id, "control_type": control_type, "is_default": True} | fields
    return await station.command("set-der-control", wanted, {"SetDERControl": answer or ACCEPTED})


def alarm(control_type: str, fault: str, **more: Any) -> dict[str, Any]:
    return {"controlType": control_type, "timestamp": instant(), "gridEventFault": fault, **more}


@new("TC_R_01_1_V21", "A rule that the EVSE carries out is set before a session feeds back")
async def test_tc_r_01_1_v21_control_in_the_evse(v21: Station) -> None:
    done = await set_rule(v21, "volt-watt", "VoltWatt", curve=VOLT_WATT)
    assert done.call.payload["curve"]["voltageParams"] == {"hv10MinMeanValue": 110}
    done = await set_rule(
        v21, "half", "LimitMaxDischarge", limit_max_discharge={"priority": 1, "pct_max_discharge_power": 50}
    )
    assert done.call.payload["limitMaxDischarge"] == {"priority": 1, "pctMaxDischargePower": 50}
    assert {name: item["status"] for name, item in (await rules(v21)).items()} == {"volt-watt": "set", "half": "set"}


@new("TC_R_02_1_V21", "What a vehicle's inverter can do is kept with its needs")
async def test_tc_r_02_1_v21_control_in_the_vehicle(v21: Station) -> None:
    v21.answers["SetChargingProfile"] = ACCEPTED
    await v21.call("TransactionEvent", event("Started", "tx-1", 0, energy_wh=0))
    supported = {"evSupportedDERControl": ["HFMustTrip", "LimitMaxDischarge"], "maxDischargeApparentPower": 11000}
    said = {
        "requestedEnergyTransfer": "AC_BPT_DER",
        "controlMode": "DynamicControl",
        "derChargingParameters": supported,
    }
    assert (await v21.call("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": said}))["status"] == "Accepted"
    [kept] = await v21.api.items(f"/stations/{v21.identity}/charging-needs")
    assert kept["needs"]["derChargingParameters"] == supported


@new("TC_R_03_1_V21", "Rules for vehicle and EVSE are set side by side, and an overruled session is shown")
async def test_tc_r_03_1_v21_hybrid_control(v21: Station) -> None:
    await set_rule(v21, "trip", "HFMustTrip", curve=TRIP)
    await set_rule(v21, "half", "LimitMaxDischarge", limit_max_discharge={"priority": 1, "pct_max_discharge_power": 50})
    assert await v21.call("NotifyDERAlarm", alarm("HFMustTrip", "OverFrequency")) == {}
    [shown] = await v21.api.items(f"/stations/{v21.identity}/der-alarms")
    assert (shown["status"], shown["control_type"], shown["fault"]) == ("active", "HFMustTrip", "OverFrequency")


@new("TC_R_04_1_V21", "Rules are set, superseded, begun, ended, asked for and cleared; refusals are told")
async def test_tc_r_04_1_v21_configure(v21: Station) -> None:
    await set_rule(v21, "old", "FreqDroop", freq_droop=DROOP)
    superseding = ACCEPTED | {"supersededIds": ["old"]}
    await set_rule(v21, "new", "FreqDroop", superseding, freq_droop=DROOP | {"priority": 1})
    timed = DROOP | {"start_time": instant(), "duration": 60}
    await set_rule(v21, "timed", "FreqDroop", is_default=False, freq_droop=timed)
    found = await rules(v21)
    assert {name: item["status"] for name, item in found.items()} == {
        "old": "superseded",
        "new": "set",
        "timed": "scheduled",
    }
    assert found["old"]["superseded_by"] == "new"
    for started, word in ((True, "active"), (False, "ended")):
        told = {"controlId": "timed", "started": started, "timestamp": instant()}
        assert await v21.call("NotifyDERStartStop", told) == {}
        assert (await rules(v21))["timed"]["status"] == word
    refused = await set_rule(v21, "trip", "HFMustTrip", {"status": "NotSupported"}, curve=TRIP)
    assert (refused.record["state"], refused.record["answer"]["status"]) == ("rejected", "NotSupported")
    assert (await rules(v21))["trip"]["status"] == "rejected"
    await ask_and_clear(v21)


async def ask_and_clear(station: Station) -> None:
    """Read the rules back in two parts; then clear them."""
    asked = await station.command("get-der-control", {"is_default": True}, {"GetDERControl": ACCEPTED})
    number = asked.call.payload["requestId"]
    assert asked.record["state"] == "accepted"
    droop = {"priority": 1, "overFreq": 50.2, "underFreq": 49.8, "overDroop": 5, "underDroop": 5, "responseTime": 2}
    item = {"id": "new", "isDefault": True, "isSuperseded": False, "freqDroop": droop}
    await station.call("ReportDERControl", {"requestId": number, "tbc": True, "freqDroop": [item]})
    gradient = {"id": "ramp", "gradient": {"priority": 1, "gradient": 10, "softGradient": 5}}
    await station.call("ReportDERControl", {"requestId": number, "gradient": [gradient]})
    await station.become(asked.record, "effect_seen")
    found = await rules(station)
    assert (found["old"]["status"], found["new"]["status"], found["ramp"]["status"]) == ("not-found", "set", "set")
    cleared = await station.command("clear-der-control", {"is_default": True}, {"ClearDERControl": ACCEPTED})
    assert cleared.record["state"] == "effect_seen"
    assert (await rules(station))["new"]["status"] == "cleared"
    none = await station.command("get-der-control", {}, {"GetDERControl": {"status": "NotFound"}})
    assert (none.record["state"], none.record["answer"]["status"]) == ("effect_seen", "NotFound")


@new("TC_R_05_1_V21", "An alarm is shown from its begin to its end")
async def test_tc_r_05_1_v21_alarm(v21: Station) -> None:
    begin = alarm("VoltWatt", "OverVoltage", extraInfo="254 V")
    assert await v21.call("NotifyDERAlarm", begin) == {}
    end = alarm("VoltWatt", "OverVoltage", alarmEnded=True)
    assert await v21.call("NotifyDERAlarm", end) == {}
    [shown] = await v21.api.items("/der-alarms", station_id=v21.identity)
    assert (shown["status"], shown["info"]) == ("ended", "254 V")
    assert shown["began_at"] < shown["ended_at"]
