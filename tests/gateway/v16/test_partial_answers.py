"""Answers of 1.6 stations that leave out what was asked for: no success."""

from support.desk import Desk, Payload
from voltherd.domain.commands import GetReport, GetVariables, VariableName


def key(name: str) -> Payload:
    return {"key": name, "readonly": False, "value": "1"}


async def test_5_8_a_key_that_the_answer_leaves_out_was_not_read(v16: Desk) -> None:
    v16.answer("GetConfiguration", {"configurationKey": [key("a")]})
    done = await v16.perform(GetVariables(variables=[VariableName(variable="A"), VariableName(variable="B")]))
    assert (done.accepted, done.status) == (False, "Mixed")
    assert [(item["variable"], item["status"]) for item in done.answer["results"]] == [
        ("a", "Accepted"),
        ("B", "NoAnswer"),
    ]


async def test_5_8_an_empty_answer_is_no_reading(v16: Desk) -> None:
    v16.answer("GetConfiguration", {})
    done = await v16.perform(GetVariables(variables=[VariableName(variable="A")]))
    assert (done.accepted, done.status) == (False, "NoAnswer")
    done = await v16.perform(GetVariables())
    assert (done.accepted, done.status) == (False, "EmptyResultSet")


async def test_5_8_a_report_without_a_key_is_none(v16: Desk) -> None:
    record = v16.open_command(GetReport())
    v16.answer("GetConfiguration", {})
    done = await v16.perform(GetReport())
    assert (done.accepted, done.status, record.effect) == (False, "EmptyResultSet", None)
