"""Fragments, compression and limits, without any I/O."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.websocket.assembly import (
    Assembler,
    ProtocolViolationError,
    is_sendable_code,
    parse_close,
    render_close,
)
from voltherd.websocket.deflate import (
    CLIENT_OFFER,
    Deflate,
    DeflateParameters,
    InflatedTooLargeError,
    accept_response,
    negotiate,
)

CONTINUATION, TEXT, BINARY = 0, 1, 2


def add(assembler: Assembler, opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes | None:
    return assembler.add(opcode, payload, fin=fin, rsv1=rsv1, rsv2_3=False)


def code_of(caught: pytest.ExceptionInfo[ProtocolViolationError]) -> int:
    return caught.value.code


@given(st.text(), st.lists(st.integers(0, 400)))
def test_however_a_text_is_cut_it_comes_whole(text: str, cuts: list[int]) -> None:
    data, assembler = text.encode(), Assembler(4096)
    edges = sorted(min(cut, len(data)) for cut in cuts)
    pieces = [data[a:b] for a, b in zip([0, *edges], [*edges, len(data)], strict=True)]
    for index, piece in enumerate(pieces[:-1]):
        assert add(assembler, CONTINUATION if index else TEXT, piece, fin=False) is None
    assert add(assembler, CONTINUATION if len(pieces) > 1 else TEXT, pieces[-1]) == data


def test_fragments_together_may_not_exceed_the_limit() -> None:
    assembler = Assembler(10)
    add(assembler, TEXT, b"123456", fin=False)
    with pytest.raises(ProtocolViolationError) as caught:
        add(assembler, CONTINUATION, b"78901", fin=False)
    assert code_of(caught) == 1009


def test_text_of_fragments_must_be_utf8() -> None:
    assembler = Assembler(10)
    add(assembler, TEXT, b"\xc3", fin=False)
    with pytest.raises(ProtocolViolationError) as caught:
        add(assembler, CONTINUATION, b"(")
    assert code_of(caught) == 1007


def test_binary_may_hold_any_bytes() -> None:
    assembler = Assembler(10)
    assert add(assembler, BINARY, b"\xff") == b"\xff"
    assert not assembler.is_text


def test_a_continuation_needs_a_first_frame() -> None:
    with pytest.raises(ProtocolViolationError) as caught:
        add(Assembler(10), CONTINUATION, b"x")
    assert code_of(caught) == 1002


def test_a_message_may_not_begin_within_another() -> None:
    assembler = Assembler(10)
    add(assembler, TEXT, b"x", fin=False)
    with pytest.raises(ProtocolViolationError) as caught:
        add(assembler, TEXT, b"y")
    assert code_of(caught) == 1002


@pytest.mark.parametrize(("rsv1", "rsv2_3"), [(True, False), (False, True)])
def test_reserved_bits_need_an_extension(rsv1: bool, rsv2_3: bool) -> None:
    with pytest.raises(ProtocolViolationError) as caught:
        Assembler(10).add(TEXT, b"", fin=True, rsv1=rsv1, rsv2_3=rsv2_3)
    assert code_of(caught) == 1002


def server_codec() -> Deflate:
    return Deflate(DeflateParameters(True, True), is_client=False)


def test_rsv1_on_a_continuation_is_an_error_even_with_compression() -> None:
    assembler = Assembler(10, server_codec())
    add(assembler, TEXT, b"x", fin=False)
    with pytest.raises(ProtocolViolationError) as caught:
        add(assembler, CONTINUATION, b"y", rsv1=True)
    assert code_of(caught) == 1002


def test_a_compression_bomb_is_stopped_at_the_limit() -> None:
    compressor = zlib.compressobj(wbits=-15)
    bomb = compressor.compress(bytes(50_000_000)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 100_000
    with pytest.raises(ProtocolViolationError) as caught:
        add(Assembler(1_000_000, server_codec()), TEXT, bomb, rsv1=True)
    assert code_of(caught) == 1009


def test_a_message_of_exactly_the_limit_is_inflated() -> None:
    packed = server_codec().compress(b"x" * 1000)
    assert packed is not None
    assert server_codec().inflate(packed, 1000) == b"x" * 1000
    with pytest.raises(InflatedTooLargeError):
        server_codec().inflate(packed, 999)


def test_broken_compressed_data_is_refused() -> None:
    with pytest.raises(ProtocolViolationError) as caught:
        add(Assembler(100, server_codec()), TEXT, b"\xff\xff\xff", rsv1=True)
    assert code_of(caught) == 1007


@given(st.lists(st.binary(min_size=64, max_size=500), max_size=5), st.booleans(), st.booleans(), st.integers(9, 15))
def test_what_one_side_packs_the_other_unpacks(data: list[bytes], keep_s: bool, keep_c: bool, bits: int) -> None:
    parameters = DeflateParameters(not keep_s, not keep_c, bits, bits)
    server, client = Deflate(parameters, is_client=False), Deflate(parameters, is_client=True)
    for message in data:
        for sender, receiver in ((server, client), (client, server)):
            packed = sender.compress(message)
            assert packed is not None
            assert receiver.inflate(packed, 500) == message


def test_short_messages_are_not_compressed() -> None:
    assert server_codec().compress(b"[3,1,{}]") is None


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        (CLIENT_OFFER, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        (
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10",
        ),
        (
            "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        ("", None),
        ("x-other", None),
        ("permessage-deflate; unknown", None),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", None),
    ],
)
def test_trap_09_the_servers_answer_to_an_offer(offer: str, answer: str | None) -> None:
    parameters = negotiate([offer])
    assert (parameters and parameters.header()) == answer


def test_a_client_refuses_an_extension_it_did_not_offer() -> None:
    with pytest.raises(ValueError, match="not offered"):
        accept_response(["x-other"])
    with pytest.raises(ValueError, match="not offered"):
        accept_response(["permessage-deflate; unknown"])
    assert accept_response([]) is None


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_close_frame_round_trips(code: int) -> None:
    assert parse_close(render_close(code, "why ü")) == (code, "why ü")
    assert is_sendable_code(code)


def test_an_empty_close_frame_means_1005() -> None:
    assert parse_close(b"") == (1005, "")
    assert render_close(1005, "") == b""


def test_a_long_reason_is_cut_between_characters() -> None:
    payload = render_close(1000, "ü" * 100)
    assert len(payload) <= 125
    assert parse_close(payload) == (1000, "ü" * 61)


@pytest.mark.parametrize("payload", [b"\x03", b"\x00\x00", b"\x03\xed", b"\x03\xee", b"\x03\xf7", b"\x13\x88"])
def test_a_bad_close_code_is_a_violation(payload: bytes) -> None:
    with pytest.raises(ProtocolViolationError) as caught:
        parse_close(payload)
    assert code_of(caught) == 1002


def test_a_close_reason_must_be_utf8() -> None:
    with pytest.raises(ProtocolViolationError) as caught:
        parse_close(b"\x03\xe8\xff")
    assert code_of(caught) == 1007
