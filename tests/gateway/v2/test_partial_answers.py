"""Answers of 2.x stations that leave out what was asked for, or speak of something else: no success."""

from typing import Any

import pytest

from support.desk import Desk, Payload
from voltherd.domain.commands import GetVariables, SetVariables, VariableName, VariableValue
from voltherd.domain.der_control import GetDerControl
from voltherd.domain.monitoring import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    Monitor,
    SetVariableMonitoring,
    WantedMonitor,
)
from voltherd.domain.tariff import ClearTariffs, SetDefaultTariff, StationTariff
from voltherd.domain.tariff_types import Tariff
from voltherd.gateway.v2.security import set_password
from voltherd.ocpp.version import OcppVersion


def wish(*names: str) -> SetVariables:
    return SetVariables(variables=[VariableValue(component="C", variable=name, value="1") for name in names])


def written(*results: tuple[str, str]) -> Payload:
    found = [
        {"component": {"name": "C"}, "variable": {"name": name}, "attributeStatus": status} for name, status in results
    ]
    return {"setVariableResult": found}


def read(*results: tuple[str, str | None]) -> Payload:
    found: list[Payload] = []
    for name, value in results:
        said = {"component": {"name": "C"}, "variable": {"name": name}}
        more = {"attributeStatus": "UnknownVariable"} if value is None else {"attributeStatus": "Accepted"}
        found.append(said | more | ({} if value is None else {"attributeValue": value}))
    return {"getVariableResult": found}


def statuses(results: list[dict[str, Any]]) -> dict[str, str]:
    return {result["variable"]: result["status"] for result in results}


async def test_b05_fr_02_a_wish_that_the_answer_leaves_out_is_not_accepted(v2: Desk) -> None:
    v2.answer("SetVariables", written(("A", "Accepted")))
    done = await v2.perform(wish("A", "B"))
    assert (done.accepted, done.status) == (False, "Mixed")
    assert statuses(done.answer["results"]) == {"A": "Accepted", "B": "NoAnswer"}
    found = await v2.variables()
    assert (found["C.A"].apply_state, found["C.A"].actual_value) == ("applied", "1")
    assert (found["C.B"].apply_state, found["C.B"].desired_value, found["C.B"].actual_value) == ("wanted", "1", None)


async def test_b05_fr_02_a_result_for_another_variable_counts_for_nothing(v2: Desk) -> None:
    v2.answer("SetVariables", written(("X", "Accepted")))
    done = await v2.perform(wish("A"))
    assert (done.accepted, done.status) == (False, "NoAnswer")
    assert statuses(done.answer["unasked"]) == {"X": "Accepted"}
    assert (await v2.variables())["C.A"].apply_state == "wanted"
    assert "C.X" not in await v2.variables()


async def test_b05_fr_02_a_result_that_leaves_the_evse_out_is_of_the_only_evse_that_was_meant(v2: Desk) -> None:
    v2.answer("SetVariables", written(("A", "Accepted")))
    one = VariableValue(component="C", evse_id=1, variable="A", variable_instance="x", value="1")
    done = await v2.perform(SetVariables(variables=[one]))
    assert (done.accepted, done.status) == (True, "Accepted")
    assert (done.answer["results"][0]["evse_id"], done.answer["results"][0]["variable_instance"]) == (1, "x")
    [kept] = [item for item in (await v2.variables()).values() if item.variable == "A"]
    assert (kept.evse_no, kept.variable_instance, kept.apply_state) == (1, "x", "applied")


async def test_b06_results_that_leave_the_evse_out_are_taken_in_the_order_asked_if_there_are_as_many(v2: Desk) -> None:
    wanted = GetVariables(variables=[VariableName(component="C", evse_id=n, variable="A") for n in (1, 2)])
    v2.answer("GetVariables", read(("A", "7"), ("A", "8")))
    done = await v2.perform(wanted)
    assert {item["evse_id"]: item["value"] for item in done.answer["results"]} == {1: "7", 2: "8"}
    v2.answer("GetVariables", read(("A", "7")))
    done = await v2.perform(wanted)
    assert (done.accepted, {item["status"] for item in done.answer["results"]}) == (False, {"NoAnswer"})


async def test_b05_fr_12_names_are_compared_without_case(v2: Desk) -> None:
    v2.answer("SetVariables", written(("a", "Accepted")))
    assert (await v2.perform(wish("A"))).accepted


@pytest.mark.parametrize(
    ("answer", "accepted", "status", "results"),
    [
        (read(("A", "1")), False, "Mixed", {"A": "Accepted", "B": "NoAnswer"}),
        (read(("X", "1")), False, "NoAnswer", {"A": "NoAnswer", "B": "NoAnswer"}),
        (read(("A", None)), False, "Mixed", {"B": "NoAnswer"}),
        (read(("A", "1"), ("B", None)), True, "Mixed", {"A": "Accepted"}),
    ],
)
async def test_b06_fr_02_a_variable_that_the_answer_leaves_out_was_not_read(
    v2: Desk, answer: Payload, accepted: bool, status: str, results: dict[str, str]
) -> None:
    v2.answer("GetVariables", answer)
    done = await v2.perform(GetVariables(variables=[VariableName(component="C", variable=name) for name in "AB"]))
    assert (done.accepted, done.status, statuses(done.answer["results"])) == (accepted, status, results)


async def test_a01_a_result_for_another_variable_makes_no_password_valid(v2: Desk) -> None:
    v2.answer("SetVariables", written(("A", "Accepted")))
    done = await set_password(v2, "a new password of 20")
    assert (done.accepted, done.status) == (False, "NoAnswer")


def monitor(variable: str) -> WantedMonitor:
    return WantedMonitor(component="C", variable=variable, type="Delta", value=1.0, severity=3)


def monitored(variable: str, status: str, number: int | None = None) -> Payload:
    said: Payload = {"component": {"name": "C"}, "variable": {"name": variable}, "type": "Delta", "severity": 3}
    return said | {"status": status} | ({} if number is None else {"id": number})


@pytest.mark.parametrize(
    ("results", "statuses"),
    [
        ([monitored("A", "Accepted", 7)], {"A": "Accepted", "B": "NoAnswer"}),
        ([monitored("A", "Accepted", 7), monitored("X", "Accepted", 8)], {"A": "Accepted", "B": "NoAnswer"}),
        ([monitored("B", "Accepted"), monitored("A", "Accepted", 7)], {"A": "Accepted", "B": "NoId"}),
    ],
)
async def test_n04_fr_02_a_monitor_without_a_result_or_a_number_is_not_set(
    v2: Desk, results: list[Payload], statuses: dict[str, str]
) -> None:
    v2.answer("SetVariableMonitoring", {"setMonitoringResult": results})
    done = await v2.perform(SetVariableMonitoring(monitors=[monitor("A"), monitor("B")]))
    found = {item["variable"]["name"]: item["status"] for item in done.answer["results"]}
    assert found == statuses
    assert done.accepted is (statuses["B"] == "NoId")
    held = {item.variable: (item.state, item.number, item.reason) for item in (await v2.held(Monitor)).values()}
    assert held == {"A": ("set", 7, ""), "B": ("rejected", None, statuses["B"])}


async def test_n04_fr_11_a_single_monitor_accepted_without_a_number_is_not_accepted(v2: Desk) -> None:
    v2.answer("SetVariableMonitoring", {"setMonitoringResult": [monitored("A", "Accepted")]})
    done = await v2.perform(SetVariableMonitoring(monitors=[monitor("A")]))
    assert (done.accepted, done.status) == (False, "NoId")


async def test_n06_a_result_for_another_monitor_clears_nothing(v2: Desk) -> None:
    v2.answer(
        "SetVariableMonitoring",
        {"setMonitoringResult": [monitored("A", "Accepted", 7), monitored("B", "Accepted", 8)]},
    )
    await v2.perform(SetVariableMonitoring(monitors=[monitor("A"), monitor("B")]))
    v2.answer("ClearVariableMonitoring", {"clearMonitoringResult": [{"status": "Accepted", "id": 8}]})
    done = await v2.perform(ClearVariableMonitoring(monitor_ids=[7]))
    assert (done.accepted, done.status) == (False, "NoAnswer")
    assert done.answer["results"] == [{"status": "NoAnswer", "id": 7}]
    assert done.answer["unasked"] == [{"status": "Accepted", "id": 8}]
    assert {item.number: item.state for item in (await v2.held(Monitor)).values()} == {7: "set", 8: "set"}


@pytest.mark.parametrize(
    ("criteria", "state"), [([], "cleared"), (["DeltaMonitoring"], "set")], ids=["of all", "of some"]
)
async def test_n02_fr_10_that_there_are_no_monitors_is_a_report(v2: Desk, criteria: Any, state: str) -> None:
    v2.answer("SetVariableMonitoring", {"setMonitoringResult": [monitored("A", "Accepted", 7)]})
    await v2.perform(SetVariableMonitoring(monitors=[monitor("A")]))
    v2.answer("GetMonitoringReport", {"status": "EmptyResultSet"})
    command = GetMonitoringReport(criteria=criteria)
    record = v2.open_command(command)
    assert (await v2.perform(command)).accepted
    assert (record.state, record.effect) == ("effect_seen", "the station has no such monitors")
    assert (await v2.held(Monitor))["7"].state == state


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_r04_fr_30_that_there_are_no_grid_rules_is_a_report(v2: Desk) -> None:
    v2.answer("GetDERControl", {"status": "NotFound"})
    record = v2.open_command(GetDerControl())
    assert (await v2.perform(GetDerControl())).accepted
    assert (record.state, record.effect) == ("effect_seen", "the station has no such controls")


@pytest.mark.parametrize(
    ("results", "accepted", "status"),
    [
        ([{"tariffId": "x", "status": "Accepted"}], False, "NoAnswer"),
        ([{"tariffId": "day", "status": "Accepted"}], False, "Mixed"),
        ([{"tariffId": "day", "status": "Accepted"}, {"tariffId": "night", "status": "Accepted"}], True, "Accepted"),
    ],
)
@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_i10_a_tariff_that_the_answer_leaves_out_is_not_gone(
    v2: Desk, results: list[Payload], accepted: bool, status: str
) -> None:
    v2.answer("SetDefaultTariff", {"status": "Accepted"})
    for number, tariff_id in enumerate(("day", "night", "x"), 1):
        tariff = Tariff(tariff_id=tariff_id, currency="EUR")
        await v2.perform(SetDefaultTariff(evse_id=number, tariff=tariff))
    v2.answer("ClearTariffs", {"clearTariffsResult": results})
    done = await v2.perform(ClearTariffs(tariff_ids=["day", "night"]))
    assert (done.accepted, done.status) == (accepted, status)
    gone = {"day", "night"} & {str(result["tariffId"]) for result in results}
    held = {item.tariff_id: item.state for item in (await v2.held(StationTariff)).values()}
    assert {tariff_id for tariff_id, state in held.items() if state == "cleared"} == gone
