"""The device model in 2.x: reports in parts, characteristics, and checks before values are written (B05-B08)."""

from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.commands import GetReport, GetVariables, SetVariables, VariableName, VariableValue
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.quirk import Quirks
from voltherd.domain.variable_check import problem_with
from voltherd.services.device_model import NEVER_ENDED, REPORT_SILENCE_MS
from voltherd.services.work import Work


def data(name: str, value: str = "1", component: str = "OCPPCommCtrlr", **more: Any) -> Payload:
    attribute = {"value": value, **more.pop("attribute", {})}
    return {"component": {"name": component}, "variable": {"name": name}, "variableAttribute": [attribute], **more}


def part(seq_no: int, *found: Payload, last: bool = False, request_id: int = 7) -> Payload:
    payload: Payload = {"requestId": request_id, "generatedAt": at(0), "seqNo": seq_no, "tbc": not last}
    return {**payload, "reportData": list(found)} if found else payload


async def asked(desk: Desk) -> Any:
    record = desk.open_command(GetReport())
    desk.answer("GetBaseReport", {"status": "Accepted"})
    assert (await desk.perform(GetReport())).accepted
    record.state = "accepted"
    return record


async def later(desk: Desk) -> None:
    work = Work(NOON_MS + REPORT_SILENCE_MS, 1, desk.state.station.identity)
    desk.services.device_model.overdue(desk.state, work)
    await desk.store.journal.committed(work.records)


async def test_b07_everything_that_a_station_says_of_a_variable_is_kept(v2: Desk) -> None:
    characteristics = {
        "dataType": "integer",
        "supportsMonitoring": True,
        "unit": "s",
        "minLimit": 10,
        "maxLimit": 3600,
    }
    one = data("HeartbeatInterval", "300", variableCharacteristics=characteristics)
    one["variableAttribute"][0] |= {"mutability": "ReadWrite", "persistent": True, "constant": False}
    two = data(
        "RetryBackOff",
        "A",
        variableCharacteristics={"dataType": "OptionList", "supportsMonitoring": False, "valuesList": "A,B"},
        attribute={"mutability": "ReadOnly", "constant": True},
    )
    await v2.receive("NotifyReport", part(0, one, two, last=True))
    found = await v2.variables()
    beat = found["OCPPCommCtrlr.HeartbeatInterval"]
    assert (beat.data_type, beat.unit, beat.min_limit, beat.max_limit) == ("integer", "s", 10, 3600)
    assert (beat.supports_monitoring, beat.mutability, beat.persistent, beat.constant) == (
        True,
        "ReadWrite",
        True,
        False,
    )
    back = found["OCPPCommCtrlr.RetryBackOff"]
    assert (back.values_list, back.mutability, back.constant) == ("A,B", "ReadOnly", True)


async def test_trap_16_parts_of_a_report_may_come_in_any_order(v2: Desk) -> None:
    record = await asked(v2)
    number = v2.request_id
    for seq_no, last in ((2, True), (0, False)):
        await v2.receive("NotifyReport", part(seq_no, data(f"V{seq_no}"), last=last, request_id=number))
        assert record.state == "accepted"
    await v2.receive("NotifyReport", part(1, data("V1"), request_id=number))
    assert (record.state, record.effect) == ("effect_seen", "3 variables reported")
    assert v2.state.reports == {}


async def test_trap_16_gaps_of_a_report_are_told(v2: Desk) -> None:
    record = await asked(v2)
    await v2.receive("NotifyReport", part(0, data("V0"), request_id=v2.request_id))
    await v2.receive("NotifyReport", part(3, data("V3"), last=True, request_id=v2.request_id))
    await later(v2)
    assert record.state == "effect_seen"
    assert record.effect == "2 variables reported; parts that never came: 1, 2"
    assert NEVER_ENDED not in v2.state.station.flags


@pytest.mark.parametrize("parts", [0, 2])
async def test_trap_16_a_report_that_never_ends_is_noticed(v2: Desk, parts: int) -> None:
    record = await asked(v2)
    for seq_no in range(parts):
        await v2.receive("NotifyReport", part(seq_no, data(f"V{seq_no}"), request_id=v2.request_id))
    await later(v2)
    assert record.state == "failed"
    assert record.effect == f"{parts} variables reported; the last part was never marked"
    assert NEVER_ENDED in v2.state.station.flags
    assert v2.state.reports == {}


async def test_trap_16_quirk_a_report_without_an_end_is_complete_when_it_falls_silent(v2: Desk) -> None:
    v2.state.quirks = Quirks(report_never_ends=True)
    record = await asked(v2)
    await v2.receive("NotifyReport", part(0, data("V0"), request_id=v2.request_id))
    await later(v2)
    assert (record.state, record.effect_at_ms) == ("effect_seen", NOON_MS + REPORT_SILENCE_MS)


async def test_trap_16_a_report_that_ended_before_its_request_was_answered_is_not_waited_for(v2: Desk) -> None:
    await v2.receive("NotifyReport", part(0, data("V0"), last=True, request_id=v2.request_id))
    v2.answer("GetBaseReport", {"status": "Accepted"})
    await v2.perform(GetReport())
    await later(v2)
    assert NEVER_ENDED not in v2.state.station.flags
    assert v2.state.reports == {}


async def test_a_report_part_with_a_number_beyond_all_bounds_is_harmless(v2: Desk) -> None:
    await v2.receive("NotifyReport", part(2**31 - 1, data("V0"), last=True))
    assert v2.state.reports == {}


async def test_b07_a_refused_report_is_not_waited_for(v2: Desk) -> None:
    v2.answer("GetBaseReport", {"status": "NotSupported"})
    assert not (await v2.perform(GetReport(base="SummaryInventory"))).accepted
    assert v2.sent[0][1]["reportBase"] == "SummaryInventory"
    assert v2.state.reports == {}


def wish(name: str, value: str, *, force: bool = False) -> SetVariables:
    return SetVariables(variables=[VariableValue(component="OCPPCommCtrlr", variable=name, value=value)], force=force)


async def knows(desk: Desk) -> None:
    beat = {"dataType": "integer", "supportsMonitoring": False, "minLimit": 10, "maxLimit": 3600, "unit": "s"}
    await desk.receive(
        "NotifyReport",
        part(
            0,
            data("HeartbeatInterval", "300", variableCharacteristics=beat),
            data("ActiveNetworkProfile", "0", attribute={"mutability": "ReadOnly"}),
            last=True,
        ),
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HeartbeatInterval", "soon", "OCPPCommCtrlr.HeartbeatInterval: it is an integer, not 'soon'"),
        ("heartbeatinterval", "5", "it is at least 10 s, not 5"),
        ("ActiveNetworkProfile", "1", "it can only be read"),
    ],
)
async def test_b05_fr_07_08_09_what_the_station_would_refuse_is_not_sent(
    v2: Desk, name: str, value: str, words: str
) -> None:
    await knows(v2)
    with pytest.raises(PayloadInvalid, match=words):
        await v2.perform(wish(name, value))
    assert v2.sent == []


async def test_b05_force_sends_it_all_the_same_and_what_is_not_known_is_sent(v2: Desk) -> None:
    await knows(v2)

    def rejected(request: Payload) -> Payload:
        [item] = request["setVariableData"]
        found = {"component": item["component"], "variable": item["variable"], "attributeStatus": "Rejected"}
        return {"setVariableResult": [found]}

    v2.answer("SetVariables", rejected)
    assert not (await v2.perform(wish("ActiveNetworkProfile", "1", force=True))).accepted
    assert not (await v2.perform(wish("Unheard", "x"))).accepted
    assert len(v2.sent) == 2
    found = (await v2.variables())["OCPPCommCtrlr.ActiveNetworkProfile"]
    assert (found.desired_value, found.apply_state, found.actual_value) == ("1", "rejected", "0")


@pytest.mark.parametrize(
    ("kind", "value", "more", "good"),
    [
        ("integer", "-5", {}, True),
        ("integer", "1.0", {}, False),
        ("decimal", "1.5e3", {"max_limit": 2000}, True),
        ("decimal", "nan", {}, False),
        ("decimal", "2.1", {"max_limit": 2}, False),
        ("boolean", "true", {}, True),
        ("boolean", "1", {}, False),
        ("dateTime", "2026-01-05T12:00:00Z", {}, True),
        ("dateTime", "noon", {}, False),
        ("string", "abc", {"max_limit": 3}, True),
        ("string", "abcd", {"max_limit": 3}, False),
        ("OptionList", "B", {"values_list": "A,B"}, True),
        ("OptionList", "A,B", {"values_list": "A,B"}, False),
        ("SequenceList", "B, A,B", {"values_list": "A,B"}, True),
        ("SequenceList", "C", {"values_list": "A,B"}, False),
        ("SequenceList", "C", {}, True),
        ("MemberList", "A,B", {"values_list": "A,B"}, True),
        ("MemberList", "A,A", {"values_list": "A,B"}, False),
        ("somethingNew", "x", {}, True),
        (None, "x", {}, True),
    ],
)
def test_b05_fr_07_08_values_by_data_type(kind: str | None, value: str, more: Any, good: bool) -> None:
    variable = Variable(station_id=1, component="C", variable="V", data_type=kind, **more)
    assert (problem_with(variable, value) is None) is good


async def test_b06_a_raw_reading_is_recorded_too(v2: Desk) -> None:
    from voltherd.ocpp.v2 import GetVariablesRequest, GetVariablesResponse
    from voltherd.ocpp.v2.types import ComponentType, GetVariableDataType, GetVariableResultType, VariableType

    component, variable = ComponentType(name="ClockCtrlr"), VariableType(name="DateTime")
    request = GetVariablesRequest(get_variable_data=[GetVariableDataType(component=component, variable=variable)])
    result = GetVariableResultType(
        attribute_status="Accepted", component=component, variable=variable, attribute_value="now"
    )
    await v2.learn(request, GetVariablesResponse(get_variable_result=[result]))
    assert (await v2.variables())["ClockCtrlr.DateTime"].actual_value == "now"


async def test_quirk_items_per_message_splits_what_is_asked(v2: Desk) -> None:
    v2.state.quirks = Quirks(items_per_message=2)
    v2.state.station.items_per_message = 10

    def found(request: Payload) -> Payload:
        results = [
            {"component": item["component"], "variable": item["variable"], "attributeStatus": "UnknownVariable"}
            for item in request["getVariableData"]
        ]
        return {"getVariableResult": results}

    v2.answer("GetVariables", found)
    names = [VariableName(component="C", variable=f"V{number}") for number in range(5)]
    await v2.perform(GetVariables(variables=names))
    assert [len(payload["getVariableData"]) for _, payload in v2.sent] == [2, 2, 1]


@pytest.mark.parametrize("name", [("securityctrlr", "BASICAUTHPASSWORD"), ("SECURITYCTRLR", "basicauthpassword")])
async def test_a01_fr_09_a_password_is_valid_and_not_recorded_however_its_variable_is_spelled(
    v2: Desk, name: tuple[str, str]
) -> None:
    assert v2.state.station.password_hash is None
    named = {"component": {"name": name[0]}, "variable": {"name": name[1]}}
    v2.answer("SetVariables", {"setVariableResult": [{"attributeStatus": "Accepted", **named}]})
    secret = VariableValue(component=name[0], variable=name[1], value="hunter2-hunter2-")
    await v2.perform(SetVariables(variables=[secret]))
    found = (await v2.variables())[".".join(name)]
    assert (found.actual_value, found.desired_value) == (None, None)
    assert v2.state.station.password_hash is not None
