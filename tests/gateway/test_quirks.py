from typing import Any

import msgspec
import pytest

from voltherd.gateway.quirks import Deviation, decode_tolerantly
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

NOON = "2026-11-22T12:00:00Z"


def tolerate(version: OcppVersion, action: str, payload: dict[str, Any]) -> tuple[Any, list[Deviation]]:
    raw = msgspec.json.encode(payload)
    with pytest.raises(OcppError) as refused:
        decode_request(version, action, raw)
    return decode_tolerantly(version, action, raw, refused.value)


def meter_values(**sample: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": "1"}, sample]}]}


def test_trap_27_an_unknown_error_code_is_kept_as_text() -> None:
    payload = {"connectorId": 1, "errorCode": "CableTooShort", "status": "Faulted"}
    message, deviations = tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert message.error_code == "CableTooShort"
    assert [item.flag for item in deviations] == ["deviation:errorCode"]


def test_trap_27_an_unknown_reason_and_measurand_are_kept_as_text() -> None:
    stop = {"transactionId": 1, "meterStop": 5, "timestamp": NOON, "reason": "Boredom"}
    assert tolerate(OcppVersion.V16, "StopTransaction", stop)[0].reason == "Boredom"
    message, _ = tolerate(OcppVersion.V16, "MeterValues", meter_values(value="2", measurand="Mood", unit="smile"))
    assert message.meter_value[0].sampled_value[1].measurand == "Mood"
    assert message.meter_value[0].sampled_value[1].unit == "smile"


def test_trap_29_a_timestamp_of_odd_shape_is_kept_as_it_was_sent() -> None:
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-11-22 12:00"}
    message, _ = tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert message.timestamp == "2026-11-22 12:00"


def test_trap_31_a_number_where_1_6_wants_text_and_text_where_2_x_wants_a_number_are_kept() -> None:
    message, _ = tolerate(OcppVersion.V16, "MeterValues", meter_values(value=2.5))
    assert message.meter_value[0].sampled_value[1].value == "2.5"
    for version in (OcppVersion.V201, OcppVersion.V21):
        payload = {"evseId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": " 12,5 "}]}]}
        message, _ = tolerate(version, "MeterValues", payload)
        assert message.meter_value[0].sampled_value[0].value == " 12,5 "


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"connectorId": 1, "errorCode": "Odd", "status": "Odd"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
        ({"connectorId": "1", "errorCode": "Odd", "status": "Available"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"errorCode": "Odd", "status": "Available"}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
    ],
)
def test_what_is_not_harmless_is_refused_also_beside_a_harmless_deviation(
    payload: dict[str, Any], code: ErrorCode
) -> None:
    with pytest.raises(OcppError) as refused:
        tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert refused.value.code == code


def test_payloads_with_too_many_deviations_are_refused() -> None:
    samples = [{"value": "1", "measurand": f"Odd{number}"} for number in range(100)]
    payload = {"connectorId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": samples}]}
    with pytest.raises(OcppError):
        tolerate(OcppVersion.V16, "MeterValues", payload)
