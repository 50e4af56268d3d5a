"""OCPP 2.0.1, block B: boots, variables and reports."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import MakeStation, Station
from conformance.v201.block_bfg import ACCEPTED, named, read, reported, state_event, variable, written
from support.payloads import instant, status_2x
from support.peer import CallErrorAnswer

official = partial(case, version="2.0.1")


@official("TC_B_01_CSMS", "A station that starts is accepted and may report itself")
async def test_tc_b_01_csms_cold_boot(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", booted=False)
    answer = await station.boot()
    assert set(answer) == {"status", "currentTime", "interval"}
    assert (answer["status"], answer["interval"] > 0) == ("Accepted", True)
    for evse in (1, 2):
        await reported(station, "Available", evse=evse)
    assert set(await station.call("Heartbeat")) == {"currentTime"}
    shown = await station.shown()
    assert (shown["online"], shown["registration"], shown["boot_reason"]) == (True, "accepted", "PowerUp")
    assert shown["booted_at"] is not None


@official("TC_B_02_CSMS", "A station in the waiting room is told Pending, and Accepted once it is released")
async def test_tc_b_02_csms_pending_then_accepted(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", booted=False, registration="pending")
    answer = await station.boot()
    assert (answer["status"], answer["interval"] > 0) == ("Pending", True)
    done = await station.command(
        "get-variables",
        {"variables": named("OCPPCommCtrlr.OfflineThreshold")},
        answers={"GetVariables": read({"OfflineThreshold": "60"})},
    )
    assert done.record["state"] == "effect_seen"
    await station.api.put(f"/stations/{station.identity}", registration="accepted")
    assert (await station.boot())["status"] == "Accepted"
    await reported(station, "Available")


@official("TC_B_30_CSMS", "Until it is accepted a station may boot only; all else is a SecurityError")
@pytest.mark.parametrize(("registration", "status"), [("pending", "Pending"), ("rejected", "Rejected")])
async def test_tc_b_30_csms_security_error(make_station: MakeStation, registration: str, status: str) -> None:
    station = await make_station("2.0.1", booted=False, registration=registration)
    assert (await station.boot())["status"] == status
    for action, payload in (("StatusNotification", status_2x("Available")), ("NotifyEvent", state_event("Available"))):
        with pytest.raises(CallErrorAnswer) as refused:
            await station.call(action, payload)
        assert refused.value.code == "SecurityError"
    assert (await station.boot())["status"] == status
    assert (await station.shown())["evses"] == []


@official("TC_B_31_CSMS", "A station that is released is asked to boot before its interval is over")
async def test_tc_b_31_csms_trigger_message(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", booted=False, registration="pending")
    station.answers["TriggerMessage"] = ACCEPTED
    assert (await station.boot())["status"] == "Pending"
    await station.api.put(f"/stations/{station.identity}", registration="accepted")
    call = await station.peer.next_call()
    assert (call.action, call.payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
    assert (await station.boot(reason="Triggered"))["status"] == "Accepted"
    await reported(station, "Available")


@official("TC_B_06_CSMS", "One variable is read")
async def test_tc_b_06_csms_get_one_variable(v201: Station) -> None:
    wanted = {"variables": named("OCPPCommCtrlr.OfflineThreshold")}
    done = await v201.command("get-variables", wanted, answers={"GetVariables": read({"OfflineThreshold": "60"})})
    one = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
    assert done.call.payload == {"getVariableData": [one]}
    assert done.record["answer"]["results"][0]["value"] == "60"
    assert (await variable(v201, "OCPPCommCtrlr", "OfflineThreshold"))["actual_value"] == "60"


@official("TC_B_07_CSMS", "Several variables are read with one request")
async def test_tc_b_07_csms_get_several_variables(v201: Station) -> None:
    wanted = {"variables": named("OCPPCommCtrlr.OfflineThreshold", "AuthCtrlr.AuthorizeRemoteStart")}
    values = {"OfflineThreshold": "60", "AuthorizeRemoteStart": "true"}
    done = await v201.command("get-variables", wanted, answers={"GetVariables": read(values)})
    assert [item["variable"]["name"] for item in done.call.payload["getVariableData"]] == list(values)
    assert (await variable(v201, "AuthCtrlr", "AuthorizeRemoteStart"))["actual_value"] == "true"


@official("TC_B_08_CSMS", "No more variables are asked for at once than the station takes")
async def test_tc_b_08_csms_get_variables_in_parts(v201: Station) -> None:
    v201.answers["GetVariables"] = read({"GetVariables": "4"})
    await v201.command("get-variables", {"variables": named("DeviceDataCtrlr.ItemsPerMessage.GetVariables")})
    names = (
        "DeviceDataCtrlr.ItemsPerMessage.GetReport",
        "DeviceDataCtrlr.ItemsPerMessage.GetVariables",
        "DeviceDataCtrlr.BytesPerMessage.GetReport",
        "DeviceDataCtrlr.BytesPerMessage.GetVariables",
        "AuthCtrlr.AuthorizeRemoteStart",
    )
    v201.answers["GetVariables"] = read({"GetVariables": "4", "GetReport": "4"})
    done = await v201.command("get-variables", {"variables": named(*names)})
    assert [len(call.payload["getVariableData"]) for call in done.calls] == [4, 1]
    assert len(done.record["answer"]["results"]) == 5


@official("TC_B_09_CSMS", "One variable is written")
async def test_tc_b_09_csms_set_one_variable(v201: Station) -> None:
    [item] = named("OCPPCommCtrlr.OfflineThreshold")
    done = await v201.command(
        "set-variables", {"variables": [item | {"value": "123"}]}, answers={"SetVariables": written}
    )
    one = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}, "attributeValue": "123"}
    assert done.call.payload == {"setVariableData": [one]}
    found = await variable(v201, "OCPPCommCtrlr", "OfflineThreshold")
    assert (found["desired_value"], found["actual_value"], found["apply_state"]) == ("123", "123", "applied")


@official("TC_B_10_CSMS", "Several variables are written with one request")
async def test_tc_b_10_csms_set_several_variables(v201: Station) -> None:
    one, two = named("OCPPCommCtrlr.OfflineThreshold", "AuthCtrlr.AuthorizeRemoteStart")
    wanted = {"variables": [one | {"value": "123"}, two | {"value": "false"}]}
    done = await v201.command("set-variables", wanted, answers={"SetVariables": written})
    assert [item["attributeValue"] for item in done.call.payload["setVariableData"]] == ["123", "false"]
    assert (await variable(v201, "AuthCtrlr", "AuthorizeRemoteStart"))["actual_value"] == "false"


def part(request_id: int, seq_no: int, name: str, *, last: bool, value: str = "1") -> dict[str, Any]:
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": name},
        "variableAttribute": [{"value": value, "mutability": "ReadWrite"}],
        "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": False},
    }
    told = {"requestId": request_id, "generatedAt": instant(), "seqNo": seq_no, "tbc": not last}
    return {**told, "reportData": [data]}


async def base_report(station: Station, base: str) -> None:
    done = await station.command("get-report", {"base": base}, answers={"GetBaseReport": ACCEPTED})
    assert done.call.payload["reportBase"] == base
    number = done.call.payload["requestId"]
    assert (number >= 0, done.record["state"]) == (True, "accepted")
    assert await station.call("NotifyReport", part(number, 0, "OfflineThreshold", last=False)) == {}
    assert await station.call("NotifyReport", part(number, 1, "HeartbeatInterval", last=True, value="300")) == {}
    assert (await station.become(done.record, "effect_seen"))["effect"] == "2 variables reported"
    found = await variable(station, "OCPPCommCtrlr", "HeartbeatInterval")
    assert (found["actual_value"], found["data_type"], found["mutability"]) == ("300", "integer", "ReadWrite")


@official("TC_B_12_CSMS", "The configuration inventory is fetched and shown")
async def test_tc_b_12_csms_configuration_inventory(v201: Station) -> None:
    await base_report(v201, "ConfigurationInventory")


@official("TC_B_13_CSMS", "The full inventory is fetched and shown")
async def test_tc_b_13_csms_full_inventory(v201: Station) -> None:
    await base_report(v201, "FullInventory")


@official("TC_B_14_CSMS", "The summary inventory is fetched and shown")
async def test_tc_b_14_csms_summary_inventory(v201: Station) -> None:
    await base_report(v201, "SummaryInventory")


@official("TC_B_18_CSMS", "A report by criterion and component: nothing fits, then something is reported")
async def test_tc_b_18_csms_custom_report(v201: Station) -> None:
    place = {"component": "EVSE", "evse_id": 1, "variable": "AvailabilityState"}
    component = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
    wish = {"criteria": ["Problem"], "places": [place]}
    done = await v201.command("get-custom-report", wish, answers={"GetReport": {"status": "EmptyResultSet"}})
    assert done.call.payload["componentCriteria"] == ["Problem"]
    assert done.call.payload["componentVariable"] == [component]
    wish["criteria"] = ["Available"]
    done = await v201.command("get-custom-report", wish, answers={"GetReport": ACCEPTED})
    assert done.call.payload["componentCriteria"] == ["Available"]
    data = {**component, "variableAttribute": [{"value": "Available", "mutability": "ReadOnly"}]}
    told = {"requestId": done.call.payload["requestId"], "generatedAt": instant(), "seqNo": 0, "reportData": [data]}
    assert await v201.call("NotifyReport", told) == {}
    await v201.become(done.record, "effect_seen")
    assert (await variable(v201, "EVSE", "AvailabilityState"))["actual_value"] == "Available"
