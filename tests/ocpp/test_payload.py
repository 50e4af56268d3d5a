"""Decoding, refusing and encoding of payloads, seen from the gateway."""

from __future__ import annotations

import gc
from typing import Any

import msgspec
import pytest

from voltherd.ocpp import v2, v16
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import decode_request, decode_response, encode, validate
from voltherd.ocpp.version import OcppVersion

V16, V201, V21 = OcppVersion
EVENT: dict[str, Any] = {
    "eventType": "Updated",
    "timestamp": "2024-05-03T12:34:56Z",
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 5,
    "transactionInfo": {"transactionId": "t-1"},
    "evse": {"id": 1, "connectorId": 1},
}
START = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2024-05-03T12:34:56Z"}


def json_bytes(payload: Any) -> bytes:
    return msgspec.json.encode(payload)


def refusal(version: OcppVersion, action: str, payload: Any) -> OcppError:
    raw = payload if isinstance(payload, bytes) else json_bytes(payload)
    with pytest.raises(OcppError) as caught:
        decode_request(version, action, raw)
    return caught.value


def test_a_request_becomes_its_type() -> None:
    message = decode_request(V16, "StartTransaction", json_bytes(START))
    assert message == v16.StartTransactionRequest(
        connector_id=1, id_tag="A", meter_start=0, timestamp="2024-05-03T12:34:56Z"
    )


def test_a_payload_inside_a_frame_is_read_without_a_copy() -> None:
    raw = msgspec.json.decode(b'{"a":{"status":"Accepted"}}', type=dict[str, msgspec.Raw])["a"]
    assert decode_response(V201, "ClearCache", raw) == v2.ClearCacheResponse(status="Accepted")


@pytest.mark.parametrize("version", [V201, V21])
def test_messages_of_both_2x_versions_are_the_same_types_and_equal(version: OcppVersion) -> None:
    message = decode_request(version, "TransactionEvent", json_bytes(EVENT))
    assert isinstance(message, v2.TransactionEventRequest)
    assert isinstance(message.evse, v2.EVSEType)
    ours = v2.TransactionEventRequest(
        event_type="Updated",
        timestamp="2024-05-03T12:34:56Z",
        trigger_reason="MeterValuePeriodic",
        seq_no=5,
        transaction_info=v2.TransactionType(transaction_id="t-1"),
        evse=v2.EVSEType(id=1, connector_id=1),
    )
    assert message == ours
    assert ours == message
    assert message == decode_request(V21 if version is V201 else V201, "TransactionEvent", json_bytes(EVENT))
    ours.seq_no = 6
    assert message != ours
    assert message != object()
    assert repr(message).startswith("TransactionEventRequest(event_type='Updated'")


def test_what_21_added_is_refused_where_201_was_negotiated() -> None:
    added = {**EVENT, "preconditioningStatus": "Ready"}
    decode_request(V21, "TransactionEvent", json_bytes(added))
    error = refusal(V201, "TransactionEvent", added)
    assert (error.code, error.details) == (
        ErrorCode.FORMAT_VIOLATION,
        {"path": "$.preconditioningStatus", "rule": "unknown"},
    )
    assert refusal(V201, "TransactionEvent", {**EVENT, "triggerReason": "LimitSet"}).details["rule"] == "enum"


def test_what_21_tightened_is_refused_where_21_was_negotiated() -> None:
    negative = {**EVENT, "seqNo": -1}
    decode_request(V201, "TransactionEvent", json_bytes(negative))
    assert refusal(V21, "TransactionEvent", negative).details == {"path": "$.seqNo", "rule": "range"}


@pytest.mark.parametrize(
    ("version", "action"), [(V16, "TransactionEvent"), (V201, "StartTransaction"), (V201, "AFRRSignal"), (V21, "x")]
)
def test_an_action_of_another_version_is_not_implemented(version: OcppVersion, action: str) -> None:
    assert refusal(version, action, b"{}").code is ErrorCode.NOT_IMPLEMENTED
    assert refusal(version, action, b"{}").code is ErrorCode.NOT_IMPLEMENTED


def test_nothing_answers_an_event_stream() -> None:
    with pytest.raises(OcppError) as caught:
        decode_response(V21, "NotifyPeriodicEventStream", b"{}")
    assert caught.value.code is ErrorCode.NOT_IMPLEMENTED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"vendorId":"v"} x',
        b"\xff",
        b'{"vendorId":"\xff"}',
        b'{"vendorId":"\\ud800"}',
        b'{"vendorId":NaN}',
        b'{"vendorId":"a","data":' + b"[" * 100_000,
        b'{"vendorId":"a","data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_trap_08_what_is_no_json_is_a_format_violation(raw: bytes) -> None:
    assert refusal(V21, "DataTransfer", raw).code is ErrorCode.FORMAT_VIOLATION


def test_trap_08_a_huge_field_name_is_not_sent_back_whole() -> None:
    error = refusal(V16, "Heartbeat", {"x" * 1_000_000: 1})
    assert error.code is ErrorCode.FORMAT_VIOLATION
    assert len(error.details["path"]) < 100


def test_trap_08_null_as_payload_is_a_wrong_type_at_the_root() -> None:
    error = refusal(V16, "Heartbeat", b"null")
    assert (error.code, error.details["path"]) == (ErrorCode.TYPE_CONSTRAINT_VIOLATION, "$")


def test_trap_08_nul_in_a_text_is_kept() -> None:
    raw = b'{"idTag":"a\\u0000b"}'
    message = decode_request(V16, "Authorize", raw)
    assert message == v16.AuthorizeRequest(id_tag="a\0b")
    assert encode(message) == raw


def test_trap_11_empty_vendor_and_model_are_accepted() -> None:
    decode_request(V16, "BootNotification", b'{"chargePointVendor":"","chargePointModel":""}')
    station = b'{"reason":"PowerUp","chargingStation":{"model":"","vendorName":""}}'
    decode_request(V201, "BootNotification", station)


def test_trap_21_a_token_that_is_too_long_says_where() -> None:
    error = refusal(V16, "StartTransaction", {**START, "idTag": "x" * 21})
    assert (error.code, error.details) == (
        ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
        {"path": "$.idTag", "rule": "length"},
    )
    assert error.description == "$.idTag: expected str of length <= 20"


def test_trap_27_an_unknown_value_of_an_enumeration_says_where() -> None:
    sample = {"value": "1", "measurand": "Vendor.Special"}
    meter_value = [{"timestamp": "2024-05-03T12:34:56Z", "sampledValue": [{"value": "1"}, sample]}]
    error = refusal(V16, "MeterValues", {"connectorId": 1, "meterValue": meter_value})
    assert error.details == {"path": "$.meterValue[0].sampledValue[1].measurand", "rule": "enum"}


@pytest.mark.parametrize("timestamp", ["2024-05-03T12:34:56", "2024-05-03T12:34:56+02", "03.05.2024"])
def test_trap_29_a_timestamp_without_zone_says_where(timestamp: str) -> None:
    error = refusal(V16, "StartTransaction", {**START, "timestamp": timestamp})
    assert error.details == {"path": "$.timestamp", "rule": "format"}
    assert error.description == "$.timestamp: not a date-time (RFC 3339)"


def test_trap_44_what_we_send_is_compact() -> None:
    message = v2.DataTransferRequest(vendor_id="v", data={"a": [1, 2.0, None]})
    assert encode(message) == b'{"vendorId":"v","data":{"a":[1,2.0,null]}}'


def test_names_that_are_irregular_on_the_wire() -> None:
    period = v2.ChargingSchedulePeriodType(start_period=0, limit=6, limit_l2=7.0, setpoint_reactive_l3=1)
    assert encode(period) == b'{"startPeriod":0,"limit":6,"limit_L2":7.0,"setpointReactive_L3":1}'


def test_whole_numbers_with_a_point_are_integers_from_draft_6_on() -> None:
    message = decode_request(V201, "TransactionEvent", json_bytes({**EVENT, "seqNo": 5.0}))
    assert isinstance(message, v2.TransactionEventRequest)
    assert message.seq_no == 5
    assert isinstance(message.seq_no, int)
    assert refusal(V201, "TransactionEvent", {**EVENT, "seqNo": 5.5}).details["rule"] == "type"
    assert refusal(V16, "StartTransaction", {**START, "meterStart": 5.0}).details["rule"] == "type"
    decode_request(V16, "SignedFirmwareStatusNotification", b'{"status":"Idle","requestId":5.0}')
    both = {**EVENT, "seqNo": 5.0, "offline": 1}
    assert refusal(V201, "TransactionEvent", both).details == {"path": "$.offline", "rule": "type"}


def test_custom_data_is_kept_and_needs_a_vendor() -> None:
    raw = b'{"customData":{"vendorId":"v","deep":{"x":[1.0,null]}}}'
    message = decode_request(V201, "Heartbeat", raw)
    assert isinstance(message, v2.HeartbeatRequest)
    assert message.custom_data == {"vendorId": "v", "deep": {"x": [1.0, None]}}
    assert encode(message) == raw
    error = refusal(V21, "TransactionEvent", {**EVENT, "evse": {"id": 1, "customData": {"vendorId": 1}}})
    assert error.details == {"path": "$.evse.customData.vendorId", "rule": "type"}


def test_decimals_of_a_limit_are_counted_as_written() -> None:
    period: dict[str, Any] = {"startPeriod": 0, "limit": 0.3}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}, period]}
    answer = {"status": "Accepted", "chargingSchedule": schedule}
    decode_response(V16, "GetCompositeSchedule", json_bytes(answer))
    period["limit"] = 0.35
    with pytest.raises(OcppError) as caught:
        decode_response(V16, "GetCompositeSchedule", json_bytes(answer))
    path = "$.chargingSchedule.chargingSchedulePeriod[1].limit"
    assert caught.value.details == {"path": path, "rule": "range"}


def test_a_raw_call_is_checked_before_it_is_sent() -> None:
    validate(V16, "Reset", {"type": "Soft"})
    validate(V16, "Reset", b'{"status":"Accepted"}', response=True)
    with pytest.raises(OcppError):
        validate(V16, "Reset", {"type": "Immediate"})
    with pytest.raises(OcppError):
        validate(V16, "Reset", {"type": "Soft"}, response=True)


def test_messages_do_not_burden_the_garbage_collector() -> None:
    message = decode_request(V21, "TransactionEvent", json_bytes(EVENT))
    assert isinstance(message, v2.TransactionEventRequest)
    assert not gc.is_tracked(message)
    assert not gc.is_tracked(message.evse)
