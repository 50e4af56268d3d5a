"""Our types accept and refuse what the official schema of the negotiated version accepts and refuses."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from schema_corpus import Corpus
from schema_reference import is_date_time, judge, schemas

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import decode_request, decode_response, encode
from voltherd.ocpp.version import OcppVersion, messages

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "message-validation.md"
CODES = {
    "required": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "items": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "unknown": ErrorCode.FORMAT_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "enum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "length": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "format": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "range": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
}
MESSAGES = [(version, name) for version in OcppVersion for name in schemas(version)]


class Exception_(NamedTuple):  # noqa: N801
    """A row of the table of exceptions."""

    version: OcppVersion
    message: str
    path: str
    value: Any
    schema_accepts: bool


@cache
def exceptions() -> tuple[Exception_, ...]:
    """The table of exceptions of the page, which is their only home."""
    section = PAGE.read_text("utf-8").split("<!-- exceptions -->")[1]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in section.strip().splitlines()[2:]]
    return tuple(
        Exception_(OcppVersion(version), message, path, json.loads(value), schema == "accepted")
        for version, message, path, value, schema, ours, reason in rows
        if reason and schema != ours
    )


def decode(version: OcppVersion, message: str, payload: Any) -> Any:
    # 1e400 comes out of Python's parser as infinity.
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).replace("Infinity", "1e400").encode()
    if message.endswith("Response"):
        return decode_response(version, message.removesuffix("Response"), raw)
    return decode_request(version, message.removesuffix("Request"), raw)


def verdict(version: OcppVersion, message: str, payload: Any) -> OcppError | None:
    try:
        decode(version, message, payload)
    except OcppError as error:
        return error
    return None


def corpus(version: OcppVersion, message: str) -> Corpus:
    newer = schemas(OcppVersion.V21).get(message) if version is OcppVersion.V201 else None
    return Corpus(schemas(version)[message], newer)


def same_json(one: Any, other: Any) -> bool:
    """Equal, with 6 and 6.0 told apart."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_every_message_of_every_version_has_a_type() -> None:
    for version in OcppVersion:
        ours = {f"{action}Request" for action in messages(version)}
        ours |= {f"{action}Response" for action, spec in messages(version).items() if spec.response is not None}
        assert ours == set(schemas(version))
    assert [len(messages(version)) for version in OcppVersion] == [39, 64, 91]


@pytest.mark.parametrize(("version", "message"), MESSAGES)
def test_valid_payloads_are_accepted_and_come_back_the_same(version: OcppVersion, message: str) -> None:
    made = corpus(version, message)
    accepts = judge(version, message)
    for payload in (made.minimal(), made.full(), *made.random(f"{version}{message}", 12)):
        assert accepts(payload), payload
        again = encode(decode(version, message, payload))
        assert same_json(json.loads(again), payload)


@pytest.mark.parametrize(("version", "message"), MESSAGES)
def test_every_single_change_gets_the_schemas_verdict_and_the_right_error(version: OcppVersion, message: str) -> None:
    accepts = judge(version, message)
    excepted = [e for e in exceptions() if (e.version, e.message) == (version, message)]
    for change in corpus(version, message).changes():
        if any(e.path == change.path and same_json(value_at(change.payload, e.path), e.value) for e in excepted):
            continue
        text = json.dumps(change.payload)
        error = verdict(version, message, text.encode())
        assert accepts(change.payload) == (error is None) == (change.rule is None), (change.path, change.rule, text)
        if error is not None and change.rule is not None:
            seen = (error.code, error.details["path"], error.details["rule"])
            assert seen == (CODES[change.rule], change.path, change.rule), text


def value_at(payload: Any, path: str) -> Any:
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        payload = payload.get(name) if name else payload[int(index)]
    return payload


def put(payload: Any, path: str, value: Any) -> Any:
    *steps, (name, index) = re.findall(r"\.(\w+)|\[(\d+)\]", path)
    holder = payload
    for step, number in steps:
        holder = holder[step] if step else holder[int(number)]
    holder[name if name else int(index)] = value
    return payload


@pytest.mark.parametrize(("version", "message"), [(version, "MeterValuesRequest") for version in OcppVersion])
def test_a_second_validator_agrees_with_the_reference(version: OcppVersion, message: str) -> None:
    schema = schemas(version)[message]
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time")(is_date_time)
    second = jsonschema.validators.validator_for(schema)(schema, format_checker=formats)
    accepts = judge(version, message)
    for change in corpus(version, message).changes():
        assert second.is_valid(change.payload) == accepts(change.payload), (change.path, change.payload)


@pytest.mark.parametrize("row", exceptions(), ids=lambda row: f"{row.version}-{row.message}-{row.path}")
def test_each_listed_exception_is_one(row: Exception_) -> None:
    payload = put(corpus(row.version, row.message).full(), row.path, row.value)
    assert judge(row.version, row.message)(payload) is row.schema_accepts
    assert (verdict(row.version, row.message, payload) is None) is not row.schema_accepts


def test_the_exceptions_stay_few() -> None:
    assert 0 < len(exceptions()) < 6
