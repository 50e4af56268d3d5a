"""Frames: what is read, what is tolerated, what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.ocpp.errors import UNREADABLE_ID, ErrorCode, FrameError, OcppError
from voltherd.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    IrregularCall,
    NumericId,
    Send,
    decode_frame,
    encode_call,
    encode_error,
    encode_result,
    encode_send,
)
from voltherd.ocpp.version import OcppVersion

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=5), JSON, max_size=3)
IDS = st.text(min_size=1, max_size=36)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@given(IDS, OBJECTS)
def test_what_is_encoded_is_read_back(message_id, payload):
    call = decode_frame(encode_call(message_id, "Heartbeat", compact(payload)))
    assert type(call) is Call
    assert (call.message_id, call.action, json.loads(bytes(call.payload))) == (message_id, "Heartbeat", payload)
    result = decode_frame(encode_result(message_id, compact(payload)))
    assert isinstance(result, CallResult)
    assert (result.message_id, json.loads(bytes(result.payload))) == (message_id, payload)
    send = decode_frame(encode_send(message_id, "NotifyPeriodicEventStream", compact(payload)))
    assert isinstance(send, Send)
    assert send.message_id == message_id


@given(IDS, st.text(max_size=300), OBJECTS)
def test_errors_are_read_back(message_id, description, details):
    error = OcppError(ErrorCode.FORMAT_VIOLATION, description, details)
    for version in OcppVersion:
        frame = decode_frame(encode_error(message_id, error, version))
        assert isinstance(frame, CallError)
        back = frame.to_error()
        assert (frame.message_id, back.code, back.description) == (message_id, error.code, description[:255])
        assert back.details == details


def test_a_result_error_has_type_5():
    frame = decode_frame(
        encode_error("7", OcppError(ErrorCode.TYPE_CONSTRAINT_VIOLATION), OcppVersion.V21, message_type=5)
    )
    assert isinstance(frame, CallResultError)
    assert frame.to_error().code is ErrorCode.TYPE_CONSTRAINT_VIOLATION


@given(st.binary(max_size=60) | JSON.map(compact) | st.lists(JSON, max_size=6).map(compact))
def test_trap_08_no_bytes_do_more_than_raise_a_frame_error(data):
    try:
        decode_frame(data)
    except FrameError as error:
        encode_error(error.message_id, error, OcppVersion.V201)


@given(st.lists(JSON, min_size=3, max_size=6), st.integers(2, 6))
def test_trap_08_an_error_about_a_readable_id_names_it(rest, message_type):
    data = compact([message_type, "the-id", *rest])
    try:
        outcome = decode_frame(data)
    except FrameError as error:
        outcome = error
        assert error.message_type == message_type  # noqa: PT017
    assert outcome.message_id == "the-id"


def test_trap_44_frames_are_compact():
    assert encode_call("1", "Heartbeat", b"{}") == b'[2,"1","Heartbeat",{}]'
    assert encode_result("1", b'{"a":1}') == b'[3,"1",{"a":1}]'
    error = OcppError(ErrorCode.FORMAT_VIOLATION, "why", {"a": 1})
    assert encode_error("1", error, OcppVersion.V16) == b'[4,"1","FormationViolation","why",{"a":1}]'
    assert encode_error("1", error, OcppVersion.V201) == b'[4,"1","FormatViolation","why",{"a":1}]'


@pytest.mark.parametrize("number", ["7", "0", "-3", "1.5", "12345678901234567890"])
def test_trap_08_a_number_as_message_id_is_answered_with_the_number(number):
    call = decode_frame(f'[2,{number},"Heartbeat",{{}}]'.encode())
    assert isinstance(call, IrregularCall)
    assert type(call.message_id) is NumericId
    assert "number" in call.remark
    assert encode_result(call.message_id, b"{}") == f"[3,{number},{{}}]".encode()


def test_trap_08_null_as_payload_is_the_empty_object():
    call = decode_frame(b'[2,"1","Heartbeat",null]')
    assert isinstance(call, IrregularCall)
    assert bytes(call.payload) == b"{}"
    result = decode_frame(b'[3,"1", null ]')
    assert isinstance(result, CallResult)
    assert bytes(result.payload) == b"{}"


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\x00", ""])
def test_trap_08_an_empty_frame_is_told_apart(data):
    with pytest.raises(FrameError) as caught:
        decode_frame(data)
    assert caught.value.is_empty
    assert caught.value.message_id == UNREADABLE_ID


@pytest.mark.parametrize(
    ("data", "message_id", "message_type"),
    [
        (b'[2,"abc","Heartbeat",{', "abc", 2),
        (b'[2,"abc","Heartbeat",{}] garbage', "abc", 2),
        (b'[2,"abc","A",{"a":01}]', "abc", 2),
        (b'[2,"abc","A",' + b"[" * 100_000, "abc", 2),
        (b"[2,17,", "17", 2),
        (b'[3,"abc",{', "abc", 3),
        (b"[2", UNREADABLE_ID, 2),
        (b'[2,"a\\', UNREADABLE_ID, 2),
        (b"{}", UNREADABLE_ID, None),
        (b"null", UNREADABLE_ID, None),
        (b"[]", UNREADABLE_ID, None),
        (b"hello", UNREADABLE_ID, None),
        (b'["x","1","A",{}]', UNREADABLE_ID, None),
        (b'[true,"1","A",{}]', UNREADABLE_ID, None),
        (b'[2,null,"A",{}]', UNREADABLE_ID, 2),
        (b'[2,["1"],"A",{}]', UNREADABLE_ID, 2),
    ],
)
def test_trap_08_broken_frames_keep_the_id_that_can_be_read(data, message_id, message_type):
    with pytest.raises(FrameError) as caught:
        decode_frame(data)
    error = caught.value
    assert (error.code, error.message_id) == (ErrorCode.RPC_FRAMEWORK_ERROR, message_id)
    assert error.message_type == message_type


@pytest.mark.parametrize("data", [b'[2,"1"]', b'[2,"1","A"]', b'[2,"1","A",{},{}]', b'[3,"1"]', b'[3,"1",{},1]'])
def test_trap_08_a_wrong_number_of_elements_is_refused(data):
    with pytest.raises(FrameError, match="elements") as caught:
        decode_frame(data)
    assert caught.value.message_id == "1"


@pytest.mark.parametrize("kind", [0, 1, 7, 99, -1])
def test_trap_08_unknown_message_types_are_named(kind):
    with pytest.raises(FrameError) as caught:
        decode_frame(f'[{kind},"1","A",{{}}]'.encode())
    assert caught.value.code is ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED
    assert (caught.value.message_id, caught.value.message_type) == ("1", kind)


def test_trap_08_lone_surrogates_are_replaced_and_the_rest_is_kept():
    data = rb'[2,"1","A",{"lone":"\ud800x","low":"\udc00","pair":"\ud83d\ude00","text":"\\ud800"}]'
    call = decode_frame(data)
    assert isinstance(call, IrregularCall)
    assert json.loads(bytes(call.payload)) == {
        "lone": "\ufffdx",
        "low": "\ufffd",
        "pair": "\U0001f600",
        "text": r"\ud800",
    }


def test_trap_08_text_that_no_encoder_takes_is_read():
    call = decode_frame('[2,"1","A",{"x":"\ud800"}]')
    assert isinstance(call, IrregularCall)
    assert "\ufffd" in json.loads(bytes(call.payload))["x"]


def test_trap_08_nul_in_an_id_comes_back_escaped():
    call = decode_frame(rb'[2,"a\u0000b","A",{}]')
    assert call.message_id == "a\0b"
    assert encode_result(call.message_id, b"{}") == rb'[3,"a\u0000b",{}]'


def test_ids_over_36_characters_are_served_and_marked():
    call = decode_frame(b'[2,"%b","A",{}]' % (b"x" * 37))
    assert isinstance(call, IrregularCall)
    assert "36" in call.remark
    assert type(decode_frame(b'[2,"%b","A",{}]' % (b"x" * 36))) is Call
    with pytest.raises(FrameError, match="too long"):
        decode_frame(b'[2,"%b","A",{}]' % (b"x" * 256))


@pytest.mark.parametrize(
    ("data", "code", "description"),
    [
        (b'[4,"1"]', ErrorCode.GENERIC_ERROR, ""),
        (b'[4,"1","NotSupported"]', ErrorCode.NOT_SUPPORTED, ""),
        (b'[4,"1","NotSupported",null,null]', ErrorCode.NOT_SUPPORTED, ""),
        (b'[4,"1","Odd","why",[1],2]', "Odd", "why"),
    ],
)
def test_refusals_are_read_however_they_are_shaped(data, code, description):
    frame = decode_frame(data)
    assert isinstance(frame, CallError)
    error = frame.to_error()
    assert (error.code, error.description, error.details) == (code, description, {})
