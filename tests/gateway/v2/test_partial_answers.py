"""Answers of 2.x stations that leave out what was asked for, or speak of something else: no success."""

from typing import Any

import pytest

from support.desk import Desk, Payload
from voltherd.domain.commands import GetVariables, SetVariables, VariableName, VariableValue
from voltherd.gateway.v2.security import set_password


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
