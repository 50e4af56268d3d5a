"""Monitors of 2.x stations and reports of chosen variables, at a node's desk."""

from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.monitoring import (
    ClearVariableMonitoring,
    GetCustomReport,
    GetMonitoringReport,
    Monitor,
    Place,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
    WantedMonitor,
)
from voltherd.ocpp.version import OcppVersion


async def monitors(desk: Desk) -> dict[str, Monitor]:
    return await desk.held(Monitor)


def wanted(variable: str = "Temperature", **more: Any) -> WantedMonitor:
    fields: dict[str, Any] = {"component": "EVSE", "evse_id": 1, "type": "UpperThreshold", "value": 80.0, "severity": 3}
    return WantedMonitor(variable=variable, **fields | more)


def answered(*statuses: tuple[str, int | None]) -> Any:
    """Answer each monitor asked for with a status and a number, the last one first."""

    def answer(asked: Payload) -> Payload:
        results = []
        for data, (status, number) in zip(asked["setMonitoringData"], statuses, strict=False):
            same = {key: data[key] for key in ("type", "severity", "component", "variable")}
            results.append({**same, "status": status} | ({} if number is None else {"id": number}))
        return {"setMonitoringResult": results[::-1]}

    return answer


async def limit(desk: Desk, component: str, instance: str, items: int) -> None:
    said = {
        "component": {"name": component},
        "variable": {"name": "ItemsPerMessage", "instance": instance},
        "variableAttribute": [{"value": str(items)}],
    }
    await desk.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": [said]})


def told(desk: Desk, number: int, kind: str = "Delta", variable: str = "Power", **more: Any) -> Payload:
    monitor: Payload = {"id": number, "transaction": False, "value": 1, "type": kind, "severity": 8, **more}
    if desk.version is OcppVersion.V21:
        monitor.setdefault("eventNotificationType", "CustomMonitor")
    return {"component": {"name": "EVSE"}, "variable": {"name": variable}, "variableMonitoring": [monitor]}


async def report(desk: Desk, seq_no: int, *data: Payload, more: bool = False, request_id: int = 0) -> None:
    said: Payload = {"requestId": request_id or desk.request_id, "seqNo": seq_no, "generatedAt": at(0), "tbc": more}
    assert await desk.receive("NotifyMonitoringReport", said | ({"monitor": list(data)} if data else {})) == {}


async def test_n04_each_monitor_is_recorded_with_its_number_or_why_it_was_refused(v2: Desk) -> None:
    v2.answer("SetVariableMonitoring", answered(("Accepted", 7), ("UnknownVariable", None)))
    asked = [wanted(transaction=True), wanted("Nonsense", connector_id=2, type="Delta", value=0.5)]
    done = await v2.perform(SetVariableMonitoring(monitors=asked))
    assert (done.accepted, done.status) == (True, "Mixed")
    first, second = v2.sent[0][1]["setMonitoringData"]
    assert first == {
        "value": 80, "type": "UpperThreshold", "severity": 3, "transaction": True,
        "component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Temperature"},
    }  # fmt: skip
    assert (second["value"], second["component"]["evse"]) == (0.5, {"id": 1, "connectorId": 2})
    refused, kept = sorted((await monitors(v2)).values(), key=lambda item: item.state)
    assert (kept.state, kept.number, kept.value, kept.transaction, kept.notification_type) == (
        "set", 7, 80.0, True, "CustomMonitor",
    )  # fmt: skip
    assert (refused.state, refused.number, refused.reason, refused.variable) == (
        "rejected", None, "UnknownVariable", "Nonsense",
    )  # fmt: skip


async def test_n04_fr_09_no_more_monitors_go_in_one_request_than_the_station_takes(v2: Desk) -> None:
    await limit(v2, "MonitoringCtrlr", "SetVariableMonitoring", 2)
    v2.answer("SetVariableMonitoring", answered(("Accepted", 1), ("Accepted", 2)), answered(("Accepted", 3)))
    done = await v2.perform(SetVariableMonitoring(monitors=[wanted(name) for name in "ABC"]))
    assert [len(payload["setMonitoringData"]) for _, payload in v2.sent] == [2, 1]
    assert (done.status, len(done.answer["results"])) == ("Accepted", 3)
    assert sorted(await monitors(v2)) == ["1", "2", "3"]


async def test_n04_fr_12_a_monitor_is_replaced_by_its_number(v2: Desk) -> None:
    v2.answer("SetVariableMonitoring", answered(("Accepted", 7)))
    await v2.perform(SetVariableMonitoring(monitors=[wanted()]))
    await v2.perform(SetVariableMonitoring(monitors=[wanted(monitor_id=7, value=90)]))
    assert v2.sent[1][1]["setMonitoringData"][0]["id"] == 7
    assert [item.value for item in (await monitors(v2)).values()] == [90.0]


async def test_n11_fr_09_streams_and_distances_from_a_target_came_with_2_1(v2: Desk) -> None:
    v2.answer("SetVariableMonitoring", answered(("Accepted", 7)))
    streamed, distant = wanted(stream_interval_s=60, type="Periodic", value=1), wanted(type="TargetDelta")
    if v2.version is OcppVersion.V201:
        for one in (streamed, distant):
            with pytest.raises(NotSupportedByVersion):
                await v2.perform(SetVariableMonitoring(monitors=[one]))
    else:
        await v2.perform(SetVariableMonitoring(monitors=[streamed]))
        assert v2.sent[0][1]["setMonitoringData"][0]["periodicEventStream"] == {"interval": 60}
        assert (await monitors(v2))["7"].stream_interval_s == 60


async def test_n06_fr_04_no_more_monitors_are_cleared_at_once_than_the_station_takes(v2: Desk) -> None:
    await limit(v2, "MonitoringCtrlr", "ClearVariableMonitoring", 2)
    for number in (1, 2, 3):
        await report(v2, 0, told(v2, number), request_id=number)
    statuses = {1: "Accepted", 2: "Rejected", 3: "NotFound"}
    v2.answer(
        "ClearVariableMonitoring",
        lambda asked: {"clearMonitoringResult": [{"status": statuses[number], "id": number} for number in asked["id"]]},
    )
    done = await v2.perform(ClearVariableMonitoring(monitor_ids=[1, 2, 3, 1]))
    assert [payload["id"] for _, payload in v2.sent] == [[1, 2], [3]]
    assert (done.accepted, done.status) == (True, "Mixed")
    states = {key: item.state for key, item in (await monitors(v2)).items()}
    assert states == {"1": "cleared", "2": "reported", "3": "cleared"}


@pytest.mark.parametrize(("base", "left"), [("All", {1, 2, 3}), ("FactoryDefault", {2, 3}), ("HardWiredOnly", {3})])
@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_n03_what_a_base_removes_is_recorded(v2: Desk, base: Any, left: set[int]) -> None:
    kinds = {1: "CustomMonitor", 2: "PreconfiguredMonitor", 3: "HardWiredMonitor"}
    await report(v2, 0, *(told(v2, number, eventNotificationType=kind) for number, kind in kinds.items()))
    v2.answer("SetMonitoringBase", {"status": "Accepted"})
    assert (await v2.perform(SetMonitoringBase(base=base))).accepted
    assert {item.number for item in (await monitors(v2)).values() if item.state != "cleared"} == left


async def test_n03_fr_02_a_refused_base_removes_nothing(v2: Desk) -> None:
    await report(v2, 0, told(v2, 1))
    v2.answer("SetMonitoringBase", {"status": "NotSupported"})
    assert not (await v2.perform(SetMonitoringBase(base="HardWiredOnly"))).accepted
    assert (await monitors(v2))["1"].state == "reported"


@pytest.mark.parametrize(("status", "accepted"), [("Accepted", True), ("Rejected", False)])
async def test_n05_the_level_is_sent(v2: Desk, status: str, accepted: bool) -> None:
    v2.answer("SetMonitoringLevel", {"status": status})
    assert (await v2.perform(SetMonitoringLevel(severity=4))).accepted is accepted
    assert v2.sent == [("SetMonitoringLevel", {"severity": 4})]


async def test_n02_a_report_is_complete_when_no_part_is_missing_in_whatever_order_they_come(v2: Desk) -> None:
    v2.answer("GetMonitoringReport", {"status": "Accepted"})
    await report(v2, 0, told(v2, 9), request_id=1)
    record = v2.open_command(GetMonitoringReport())
    assert (await v2.perform(GetMonitoringReport())).accepted
    assert v2.sent == [("GetMonitoringReport", {"requestId": v2.request_id})]
    await report(v2, 2, told(v2, 3))
    await report(v2, 0, told(v2, 1), more=True)
    await report(v2, 0, told(v2, 1), more=True)
    assert record.state == "sent"
    assert (await monitors(v2))["9"].state == "reported"
    await report(v2, 1, told(v2, 2), more=True)
    assert record.effect == "3 monitors reported"
    states = {key: item.state for key, item in (await monitors(v2)).items()}
    assert states == {"1": "reported", "2": "reported", "3": "reported", "9": "cleared"}


async def test_a_report_that_is_whole_before_the_answer_was_looked_at_counts(v2: Desk) -> None:
    await report(v2, 0, told(v2, 9), request_id=1)
    v2.answer("GetMonitoringReport", {"status": "Accepted"})
    call = v2.call

    async def reports_first(request: Any, response: Any) -> Any:
        await report(v2, 0, told(v2, 1))
        return await call(request, response)

    v2.call = reports_first  # type: ignore[method-assign]
    await v2.perform(GetMonitoringReport())
    assert {key: item.state for key, item in (await monitors(v2)).items()} == {"1": "reported", "9": "cleared"}


async def test_n02_fr_05_a_report_of_some_says_nothing_of_the_others(v2: Desk) -> None:
    await report(v2, 0, told(v2, 9), request_id=1)
    v2.answer("GetMonitoringReport", {"status": "Accepted"})
    places = [Place(component="EVSE", evse_id=1, variable="Power"), Place(component="ChargingStation")]
    await v2.perform(GetMonitoringReport(criteria=["DeltaMonitoring"], places=places))
    assert v2.sent[0][1] == {
        "requestId": v2.request_id,
        "monitoringCriteria": ["DeltaMonitoring"],
        "componentVariable": [
            {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}},
            {"component": {"name": "ChargingStation"}},
        ],
    }
    await report(v2, 0, told(v2, 1))
    assert {key: item.state for key, item in (await monitors(v2)).items()} == {"1": "reported", "9": "reported"}


async def test_n02_fr_10_an_empty_result_is_an_answer_too(v2: Desk) -> None:
    v2.answer("GetMonitoringReport", {"status": "EmptyResultSet"})
    done = await v2.perform(GetMonitoringReport(criteria=["DeltaMonitoring"]))
    assert (done.accepted, done.status) == (True, "EmptyResultSet")


async def test_n02_fr_07_more_places_than_the_station_takes_are_refused(v2: Desk) -> None:
    await limit(v2, "DeviceDataCtrlr", "GetReport", 1)
    places = [Place(component="EVSE"), Place(component="Connector")]
    for command in (GetMonitoringReport(places=places), GetCustomReport(places=places)):
        with pytest.raises(PayloadInvalid, match="at most 1"):
            await v2.perform(command)
    assert v2.sent == []


async def test_b08_a_custom_report_lands_in_the_device_model(v2: Desk) -> None:
    v2.answer("GetReport", {"status": "Accepted"})
    command = GetCustomReport(criteria=["Problem"], places=[Place(component="EVSE", evse_id=1)])
    record = v2.open_command(command)
    assert (await v2.perform(command)).accepted
    place = {"component": {"name": "EVSE", "evse": {"id": 1}}}
    asked = {"requestId": v2.request_id, "componentCriteria": ["Problem"], "componentVariable": [place]}
    assert v2.sent == [("GetReport", asked)]
    said = {**place, "variable": {"name": "Problem"}, "variableAttribute": [{"value": "true"}]}
    await v2.receive(
        "NotifyReport", {"requestId": v2.request_id, "generatedAt": at(0), "seqNo": 0, "reportData": [said]}
    )
    assert record.effect == "1 variables reported"


async def test_a_connector_needs_its_evse(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid):
        await v2.perform(SetVariableMonitoring(monitors=[wanted(evse_id=None, connector_id=1)]))
