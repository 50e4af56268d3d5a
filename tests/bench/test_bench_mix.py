"""The load's frames are valid OCPP, so that nobody is measured on refusing them."""

import json
from importlib import resources

import pytest
from jsonschema import Draft4Validator, Draft6Validator

from voltherd.bench.mix import METER_VALUES_PER_SESSION, VERSIONS, fill, mix

SCHEMAS = {"1.6": ("ocpp.v16", "{}.json", Draft4Validator), "2.0.1": ("ocpp.v201", "{}Request.json", Draft6Validator)}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_frame_is_accepted_by_the_official_schema(version: str) -> None:
    package, name, validator = SCHEMAS[version]
    chosen = mix(version)
    for frame in (chosen.boot, *chosen.session):
        kind, _, action, payload = json.loads(fill(frame, number=7, transaction=9, seq_no=3))
        assert kind == 2
        schema = resources.files(package).joinpath("schemas", name.format(action)).read_text(encoding="utf-8-sig")
        validator(json.loads(schema)).validate(payload)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_mostly_meter_values_of_realistic_size(version: str) -> None:
    chosen = mix(version)
    actions = [json.loads(fill(frame))[2] for frame in chosen.session]
    metered = "MeterValues" if version == "1.6" else "TransactionEvent"
    assert actions.count(metered) >= METER_VALUES_PER_SESSION
    assert 490 <= chosen.mean_bytes <= 570


def test_what_differs_is_filled_in() -> None:
    started = next(frame for frame in mix("2.0.1").session if b'"Started"' in frame)
    message = json.loads(fill(started, number=12, transaction=34, seq_no=5, time=b"2031-02-03T04:05:06Z"))
    assert message[1] == "12"
    assert message[3]["transactionInfo"]["transactionId"] == "bench-34"
    assert message[3]["seqNo"] == 5
    assert message[3]["timestamp"] == "2031-02-03T04:05:06Z"
    stopped = next(frame for frame in mix("1.6").session if b'"StopTransaction"' in frame)
    assert json.loads(fill(stopped, transaction=56))[3]["transactionId"] == 56
