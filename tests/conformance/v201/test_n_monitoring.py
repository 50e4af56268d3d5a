"""OCPP 2.0.1, block N: monitors and their events."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station
from support.payloads import instant

official = partial(case, version="2.0.1")
POWER = {"component": {"name": "ChargingStation"}, "variable": {"name": "Power"}}
STATE_OF_STATION = {"component": {"name": "ChargingStation"}, "variable": {"name": "AvailabilityState"}}
STATE_OF_EVSE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}


def place(told: dict[str, Any]) -> dict[str, Any]:
    """Name a place as commands do."""
    evse = told["component"].get("evse", {})
    named = {"component": told["component"]["name"], "variable": told["variable"]["name"]}
    return named | ({"evse_id": evse["id"]} if evse else {})


def monitor(number: int, kind: str, where: dict[str, Any], value: float = 1) -> dict[str, Any]:
    """A monitor as a station reports it."""
    told = {"id": number, "transaction": False, "value": value, "type": kind, "severity": 8}
    return {**where, "variableMonitoring": [told]}


async def ask_for_report(
    station: Station, status: str, *, criteria: list[str] | None = None, places: list[dict[str, Any]] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for monitors; gives what the station was sent, and the command's record."""
    wanted: dict[str, Any] = {"criteria": criteria or [], "places": [place(each) for each in places or []]}
    done = await station.command("get-monitoring-report", wanted, {"GetMonitoringReport": {"status": status}})
    assert done.call.action == "GetMonitoringReport"
    assert done.call.payload.get("monitoringCriteria", []) == (criteria or [])
    assert done.call.payload.get("componentVariable", []) == (places or [])
    assert done.record["state"] == {"Accepted": "accepted", "EmptyResultSet": "effect_seen"}.get(status, "rejected")
    return done.call.payload, done.record


async def report(station: Station, sent: dict[str, Any], record: dict[str, Any], *parts: dict[str, Any]) -> None:
    """Report monitors, one a message; the last is the command's effect."""
    for seq_no, part in enumerate(parts):
        more = seq_no + 1 < len(parts)
        said = {"requestId": sent["requestId"], "seqNo": seq_no, "generatedAt": instant(), "tbc": more}
        assert await station.call("NotifyMonitoringReport", said | {"monitor": [part]}) == {}
    done = await station.become(record, "effect_seen")
    assert done["effect"] == f"{len(parts)} monitors reported"


async def shown(station: Station, **query: Any) -> dict[int, tuple[str, str, str]]:
    """Status, type and component of the station's monitors, by number."""
    items = await station.api.items(f"/stations/{station.identity}/monitors", **query)
    return {item["number"]: (item["status"], item["type"], item["component"]) for item in items}


# -- reports ----------------------------------------------------------------------------------------------------------


@official("TC_N_01_CSMS", "Monitors of a kind are reported; there being none is understood")
async def test_tc_n_01_csms_report_by_criteria(v201: Station) -> None:
    await ask_for_report(v201, "EmptyResultSet", criteria=["DeltaMonitoring"])
    sent, record = await ask_for_report(v201, "Accepted", criteria=["ThresholdMonitoring"])
    upper, lower = monitor(1, "UpperThreshold", POWER, 100), monitor(2, "LowerThreshold", POWER)
    await report(v201, sent, record, upper, lower)
    assert await shown(v201) == {
        1: ("reported", "UpperThreshold", "ChargingStation"),
        2: ("reported", "LowerThreshold", "ChargingStation"),
    }


@official("TC_N_02_CSMS", "Monitors of a variable are reported; there being none is understood")
async def test_tc_n_02_csms_report_by_variable(v201: Station) -> None:
    await ask_for_report(v201, "EmptyResultSet", places=[POWER])
    sent, record = await ask_for_report(v201, "Accepted", places=[STATE_OF_EVSE])
    await report(v201, sent, record, monitor(3, "Delta", STATE_OF_EVSE))
    assert await shown(v201) == {3: ("reported", "Delta", "EVSE")}


@official("TC_N_03_CSMS", "Monitors of a kind on a variable are reported; there being none is understood")
async def test_tc_n_03_csms_report_by_criteria_and_variable(v201: Station) -> None:
    await ask_for_report(v201, "EmptyResultSet", criteria=["DeltaMonitoring"], places=[STATE_OF_EVSE])
    sent, record = await ask_for_report(v201, "Accepted", criteria=["ThresholdMonitoring"], places=[POWER])
    await report(v201, sent, record, monitor(1, "UpperThreshold", POWER, 100))
    assert await shown(v201) == {1: ("reported", "UpperThreshold", "ChargingStation")}


@official("TC_N_60_CSMS", "Monitors of a kind on several variables are reported")
async def test_tc_n_60_csms_report_by_criteria_and_variables(v201: Station) -> None:
    places = [STATE_OF_STATION, STATE_OF_EVSE]
    await ask_for_report(v201, "EmptyResultSet", criteria=["ThresholdMonitoring"], places=places)
    sent, record = await ask_for_report(v201, "Accepted", criteria=["DeltaMonitoring"], places=places)
    await report(v201, sent, record, *(monitor(number, "Delta", where) for number, where in enumerate(places, 1)))
    assert await shown(v201) == {1: ("reported", "Delta", "ChargingStation"), 2: ("reported", "Delta", "EVSE")}


@official("TC_N_47_CSMS", "All monitors are reported, and what is not among them is gone")
async def test_tc_n_47_csms_report_of_all(v201: Station) -> None:
    sent, record = await ask_for_report(v201, "Accepted", places=[POWER])
    await report(v201, sent, record, monitor(9, "Delta", POWER))
    sent, record = await ask_for_report(v201, "Accepted")
    assert set(sent) == {"requestId"}
    await report(v201, sent, record, monitor(1, "Delta", STATE_OF_EVSE), monitor(2, "Periodic", POWER, 60))
    assert {number: status for number, (status, *_) in (await shown(v201)).items()} == {
        1: "reported",
        2: "reported",
        9: "cleared",
    }


# -- base, level, setting and clearing --------------------------------------------------------------------------------


@official("TC_N_05_CSMS", "Each base set of monitors can be chosen")
@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
async def test_tc_n_05_csms_monitoring_base(v201: Station, base: str) -> None:
    done = await v201.command("set-monitoring-base", {"base": base}, {"SetMonitoringBase": {"status": "Accepted"}})
    assert (done.call.action, done.call.payload) == ("SetMonitoringBase", {"monitoringBase": base})
    assert done.record["state"] == "effect_seen"


async def set_monitors(station: Station, *places: dict[str, Any]) -> list[dict[str, Any]]:
    """Set Delta monitors on places; gives what the station was sent."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        same = ("type", "severity", "component", "variable")
        data = [{name: item[name] for name in same} for item in asked["setMonitoringData"]]
        return {"setMonitoringResult": [{**item, "status": "Accepted", "id": at} for at, item in enumerate(data, 1)]}

    wanted = [{**place(where), "type": "Delta", "value": 1, "severity": 8} for where in places]
    done = await station.command("set-variable-monitoring", {"monitors": wanted}, {"SetVariableMonitoring": answer})
    assert done.record["state"] == "effect_seen"
    data: list[dict[str, Any]] = done.call.payload["setMonitoringData"]
    for item, where in zip(data, places, strict=True):
        assert (item["value"], item["type"], item["severity"]) == (1, "Delta", 8)
        assert (item["component"], item["variable"]) == (where["component"], where["variable"])
    return data


@official("TC_N_08_CSMS", "A monitor is set on one variable")
async def test_tc_n_08_csms_one_monitor(v201: Station) -> None:
    assert len(await set_monitors(v201, STATE_OF_EVSE)) == 1
    assert await shown(v201, status="set") == {1: ("set", "Delta", "EVSE")}


@official("TC_N_09_CSMS", "Monitors are set on several variables with one request")
async def test_tc_n_09_csms_several_monitors(v201: Station) -> None:
    assert len(await set_monitors(v201, STATE_OF_EVSE, STATE_OF_STATION)) == 2
    assert await shown(v201) == {1: ("set", "Delta", "EVSE"), 2: ("set", "Delta", "ChargingStation")}


@official("TC_N_16_CSMS", "It is chosen how severe events must be to be reported")
async def test_tc_n_16_csms_monitoring_level(v201: Station) -> None:
    done = await v201.command("set-monitoring-level", {"severity": 4}, {"SetMonitoringLevel": {"status": "Accepted"}})
    assert (done.call.payload, done.record["state"]) == ({"severity": 4}, "effect_seen")


@official("TC_N_17_CSMS", "A refused level is shown as refused; one out of range is not sent")
async def test_tc_n_17_csms_monitoring_level_refused(v201: Station) -> None:
    done = await v201.command("set-monitoring-level", {"severity": 4}, {"SetMonitoringLevel": {"status": "Rejected"}})
    assert (done.call.payload, done.record["state"]) == ({"severity": 4}, "rejected")
    path = f"/stations/{v201.identity}/commands/set-monitoring-level"
    status, problem = await v201.api.refused(path, {"severity": 10})
    assert (status, problem["errors"][0]["path"]) == (422, "$.severity")


async def clear(station: Station, status: str, numbers: list[int]) -> Any:
    """Clear monitors; each is answered with the same status."""
    return await station.command(
        "clear-variable-monitoring",
        {"monitor_ids": numbers},
        {
            "ClearVariableMonitoring": lambda asked: {
                "clearMonitoringResult": [{"status": status, "id": number} for number in asked["id"]]
            }
        },
    )


@official("TC_N_18_CSMS", "No more monitors are cleared with one request than the station takes")
async def test_tc_n_18_csms_clear_many(v201: Station) -> None:
    named = {"component": {"name": "MonitoringCtrlr"}}
    named["variable"] = {"name": "ItemsPerMessage", "instance": "ClearVariableMonitoring"}
    result = [{**named, "attributeStatus": "Accepted", "attributeValue": "2"}]
    asked = {"component": "MonitoringCtrlr", "variable": "ItemsPerMessage"}
    asked["variable_instance"] = "ClearVariableMonitoring"
    await v201.command("get-variables", {"variables": [asked]}, {"GetVariables": {"getVariableResult": result}})
    done = await clear(v201, "Accepted", [1, 2, 3])
    assert [call.payload for call in done.calls] == [{"id": [1, 2]}, {"id": [3]}]
    assert done.record["state"] == "effect_seen"


@official("TC_N_44_CSMS", "A monitor that cannot be cleared stays, and the command is shown as refused")
async def test_tc_n_44_csms_clear_refused(v201: Station) -> None:
    await set_monitors(v201, STATE_OF_EVSE)
    done = await clear(v201, "Rejected", [1])
    assert (done.call.payload, done.record["state"]) == ({"id": [1]}, "rejected")
    assert await shown(v201) == {1: ("set", "Delta", "EVSE")}
    await clear(v201, "Accepted", [1])
    assert await shown(v201) == {1: ("cleared", "Delta", "EVSE")}


# -- events -----------------------------------------------------------------------------------------------------------


async def told_event(station: Station, **more: Any) -> dict[str, Any]:
    """Report an event; gives it as the API shows it."""
    event: dict[str, Any] = {
        "eventId": 1,
        "timestamp": instant(),
        "trigger": "Alerting",
        "actualValue": "1",
        "eventNotificationType": "CustomMonitor",
        "variableMonitoringId": 1,
        **POWER,
        **more,
    }
    said = {"generatedAt": instant(), "seqNo": 0, "tbc": False, "eventData": [event]}
    assert await station.call("NotifyEvent", said) == {}
    [found] = await station.api.items(f"/stations/{station.identity}/station-events")
    assert (found["source"], found["event_id"], found["component"]) == ("monitor", 1, "ChargingStation")
    return dict(found)


@official("TC_N_21_CSMS", "An alert of a monitor is kept")
async def test_tc_n_21_csms_alert(v201: Station) -> None:
    await set_monitors(v201, POWER)
    found = await told_event(v201, actualValue="23000", techInfo="too much")
    assert (found["trigger"], found["actual_value"], found["tech_info"]) == ("Alerting", "23000", "too much")
    assert (found["severity"], found["monitor_id"]) == (8, 1)


@official("TC_N_24_CSMS", "Periodic events of a monitor are kept, each once")
async def test_tc_n_24_csms_periodic_events(v201: Station) -> None:
    event = {"trigger": "Periodic", "timestamp": instant(), "actualValue": "5"}
    await told_event(v201, **event)
    await told_event(v201, **event)
    await v201.call(
        "NotifyEvent",
        {
            "generatedAt": instant(),
            "seqNo": 0,
            "eventData": [
                {**POWER, **event, "eventId": 2, "timestamp": instant(), "eventNotificationType": "CustomMonitor"}
            ],
        },
    )
    found = await v201.api.items("/station-events", station_id=v201.identity)
    assert [item["event_id"] for item in found] == [2, 1]


@official("TC_N_48_CSMS", "An event of a variable that cannot be read is kept without value")
async def test_tc_n_48_csms_write_only(v201: Station) -> None:
    assert (await told_event(v201, actualValue=""))["actual_value"] == ""


@official("TC_N_49_CSMS", "That a threshold is kept again is told after a restart")
async def test_tc_n_49_csms_cleared_after_restart(v201: Station) -> None:
    await v201.reconnect()
    await v201.boot()
    assert (await told_event(v201, cleared=True))["cleared"] is True


@official("TC_N_50_CSMS", "A periodic event after a restart is kept")
async def test_tc_n_50_csms_periodic_after_restart(v201: Station) -> None:
    await v201.reconnect()
    await v201.boot()
    assert (await told_event(v201, trigger="Periodic"))["trigger"] == "Periodic"
