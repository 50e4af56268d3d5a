"""OCPP 2.1, block N: logs, monitors of a distance from a target, severity of events."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, connector, fresh

ours = partial(case, version="2.1")
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}


async def _monitor(csms: Csms, kind: str, value: float) -> int:
    data = {"value": value, "type": kind, "severity": 4} | POWER
    [result] = (await csms.call("SetVariableMonitoring", setMonitoringData=[data]))["setMonitoringResult"]
    assert result["status"] == "Accepted", result
    return int(result["id"])


@ours("TC_N_01_2_V21", "A log goes to the very place that was named")
async def test_tc_n_01_2_v21_place_as_named(csms: Csms, station: Hand, files: FileServer) -> None:
    where = {"remoteLocation": f"{files.url}/bucket/object-4711?signature=abc"}
    answer = await csms.call("GetLog", logType="DiagnosticsLog", requestId=fresh(), log=where)
    assert answer["status"] == "Accepted"
    await csms.expect("LogStatusNotification", status="Uploaded")
    assert list(files.received) == ["/bucket/object-4711?signature=abc"]


@ours("TC_N_02_1_V21", "A report of monitors tells of which kind of making each is")
async def test_tc_n_02_1_v21_kind_of_making(csms: Csms, station: Hand) -> None:
    number = await _monitor(csms, "TargetDelta", 500)
    request_id = fresh()
    answer = await csms.call("GetMonitoringReport", requestId=request_id)
    assert answer["status"] == "Accepted"
    part = await csms.expect("NotifyMonitoringReport", requestId=request_id)
    monitors = [one for entry in part["monitor"] for one in entry["variableMonitoring"]]
    assert number in {one["id"] for one in monitors}
    assert {one["eventNotificationType"] for one in monitors if one["id"] == number} == {"CustomMonitor"}


@ours("TC_N_04_1_V21", "A monitor watches the distance of a value from its target")
async def test_tc_n_04_1_v21_target_delta(csms: Csms, station: Hand) -> None:
    number = await _monitor(csms, "TargetDelta", 500)
    await Session(csms, station).charging()
    await station.pass_time(30)
    await csms.expect("NotifyEvent", eventData=[POWER | {"variableMonitoringId": number}])


@ours("TC_N_07_1_V21", "An event of a monitor tells how severe it is")
async def test_tc_n_07_1_v21_severity(csms: Csms, station: Hand) -> None:
    number = await _monitor(csms, "UpperThreshold", 1000)
    await Session(csms, station).charging()
    await station.pass_time(30)
    wanted = POWER | {"variableMonitoringId": number, "trigger": "Alerting", "severity": 4}
    await csms.expect("NotifyEvent", eventData=[wanted])


@ours("TC_N_07_2_V21", "A value that comes back to its target clears the alert")
async def test_tc_n_07_2_v21_cleared(csms: Csms, station: Hand) -> None:
    number = await _monitor(csms, "TargetDelta", 500)
    station.plug(1, station.full_vehicle())
    await connector(csms, "Occupied")
    station.present()
    await station.pass_time(20)
    wanted: dict[str, Any] = POWER | {"variableMonitoringId": number, "trigger": "Alerting"}
    await csms.expect("NotifyEvent", eventData=[wanted | {"cleared": {False, None}}])
    station.present()
    await station.pass_time(20)
    await csms.expect("NotifyEvent", eventData=[wanted | {"cleared": True}])
