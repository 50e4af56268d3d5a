"""Patterns of payloads."""

import pytest

from voltherd.simulator.scenarios.patterns import OPERATORS, PatternError, check, differences
from voltherd.simulator.scenarios.variables import UnknownVariableError, fill


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": "x"}}, {"a": {"b": "x", "c": 1}}),
        ([1, {"a": 2}], [1, {"a": 2, "b": 3}]),
        ({"$regex": "^04"}, "04AB"),
        ({"$range": [1, 3]}, 3),
        ({"$above": 1, "$below": 2}, 1.5),
        ({"$one-of": ["A", {"$absent": True}]}, "A"),
        ({"a": {"$one-of": ["A", {"$absent": True}]}}, {}),
        ({"$not": "A"}, "B"),
        ({"a": {"$absent": True}}, {"b": 1}),
        ({"$contains": {"a": 1}}, [{"a": 2}, {"a": 1, "b": 2}]),
        ({"$contains": "ell"}, "hello"),
        ({"$length": 2}, [1, 2]),
        ({"$length": {"$above": 2}}, "abc"),
        ({"$type": "integer"}, 7),
        ({"$exact": {"a": 1}}, {"a": 1}),
        (1, 1.0),
        (None, None),
    ],
)
def test_what_fits(pattern, value):
    check(pattern)
    assert differences(pattern, value) == []


@pytest.mark.parametrize(
    ("pattern", "value", "told"),
    [
        ({"a": 1}, {"a": 2}, "a: expected 1, was 2"),
        ({"a": {"b": 1}}, {"a": {}}, "a.b: expected 1, is missing"),
        ({"a": [1, 2]}, {"a": [1]}, "a: expected 2 elements, were 1"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "a[0].b: expected 1, was 2"),
        ({"a": {"$regex": "^x"}}, {"a": "y"}, "a: expected text that matches '^x', was 'y'"),
        ({"a": {"$range": [1, 3]}}, {"a": True}, "a: expected a number from 1 to 3, was True"),
        ({"a": {"$above": 3}}, {"a": 3}, "a: expected a number above 3, was 3"),
        ({"a": {"$absent": True}}, {"a": 3}, "a: expected to be missing, was 3"),
        ({"a": {"$any": True}}, {}, "a: expected to be there, is missing"),
        ({"a": {"$contains": 3}}, {"a": [1]}, "a: expected an element like 3, was [1]"),
        ({"$exact": {"a": 1}}, {"a": 1, "b": 2}, "b: expected to be missing, was 2"),
        ({"a": {"$type": "integer"}}, {"a": True}, "a: expected a value of type integer, was True"),
        ({"a": True}, {"a": 1}, "a: expected True, was 1"),
        ({"a": "1"}, {"a": 1}, "a: expected '1', was 1"),
        ({"a": {"b": 1}}, [], "the value: expected an object, was []"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(pattern, value, told):
    assert told in differences(pattern, value)


def test_a_capture_remembers_the_value_and_other_operators_still_hold():
    captured = {}
    assert differences({"a": {"$capture": "x", "$above": 1}}, {"a": 5}, captured) == []
    assert captured == {"x": 5}
    assert differences({"a": {"$capture": "x", "$above": 9}}, {"a": 5})


def test_a_list_that_contains_captures_of_the_element_that_fits():
    captured = {}
    pattern = {"$contains": {"kind": "b", "id": {"$capture": "id"}}}
    assert differences(pattern, [{"kind": "a", "id": 1}, {"kind": "b", "id": 2}], captured) == []
    assert captured == {"id": 2}


def test_every_operator_refuses_something():
    wanted = {"$one-of": [1], "$not": {"$any": True}, "$exact": 1, "$length": 1, "$contains": 1}
    for name in OPERATORS:
        operand = wanted.get(name, {"$range": [1, 2], "$type": "object", "$regex": "x"}.get(name, True))
        value = {"a": {name: operand}}
        assert differences(value, {"a": 99} if name in ("$not", "$absent") else {}), name


def test_operators_beside_fields_make_no_sense():
    with pytest.raises(PatternError, match="side by side"):
        check({"$any": True, "a": 1})


def test_a_variable_alone_keeps_its_type_and_one_in_text_becomes_text():
    variables = {"n": 7, "t": "x", "at": "2026-01-01T00:00:00Z"}
    assert fill({"a": "${n}", "b": "<${n}>", "c": ["${t}"]}, variables) == {"a": 7, "b": "<7>", "c": ["x"]}
    assert fill("${n+3}", variables) == 10
    assert fill("${n:text}", variables) == "7"
    assert fill("${at+3600}", variables) == "2026-01-01T01:00:00.000Z"
    assert fill("${at - 60}", variables) == "2025-12-31T23:59:00.000Z"


def test_an_unknown_variable_is_an_error():
    with pytest.raises(UnknownVariableError, match="no variable 'x'"):
        fill("${x}", {})
