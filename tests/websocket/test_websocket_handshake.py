"""Identity, subprotocol, credentials and the request head, without any I/O."""

import base64

import pytest

from voltherd.websocket import (
    Headers,
    Upgrade,
    basic_auth_header,
    choose_subprotocol,
    parse_basic_auth,
    station_identity,
)
from voltherd.websocket.handshake import check_upgrade
from voltherd.websocket.http import BadRequestError, parse_head, render_response

KEY = base64.b64encode(b"0123456789abcdef").decode()
GOOD = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", KEY),
]


def changed(name: str, *values: str) -> Headers:
    return Headers([field for field in GOOD if field[0] != name] + [(name, value) for value in values])


@pytest.mark.parametrize(
    ("target", "identity"),
    [
        ("/CP1", "CP1"),
        ("/ocpp/CP1", "CP1"),
        ("/a/b/c/CP1/", "CP1"),
        ("/ocpp/CP1///", "CP1"),
        ("//ocpp//CP1", "CP1"),
        ("/ocpp/CP1?token=a/b", "CP1"),
        ("/ocpp/CP1/?x=1", "CP1"),
        ("/ocpp/CP%201", "CP 1"),
        ("/ocpp/RDAM%7C123", "RDAM|123"),
        ("/ocpp/a%2Fb", "a/b"),
        ("/ocpp/S%C3%A4ule", "Säule"),
        ("/ocpp/S\xc3\xa4ule", "Säule"),
        ("/ocpp/CP%", "CP%"),
        ("ws://csms.example:80/ocpp/CP1", "CP1"),
        ("ws://csms.example", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_trap_01_the_identity_is_the_last_non_empty_segment(target: str, identity: str) -> None:
    assert station_identity(target) == identity


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], None),
        (["ocpp1.6"], "ocpp1.6"),
        (["ocpp1.6", "ocpp2.0.1"], "ocpp2.0.1"),
        (["ocpp0.1", "ocpp2.0.1"], "ocpp2.0.1"),
        (["ocpp1.5"], None),
        (["OCPP1.6"], "ocpp1.6"),
    ],
)
def test_trap_02_the_best_offered_subprotocol_is_chosen(offered: list[str], chosen: str | None) -> None:
    assert choose_subprotocol(offered, ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"]) == chosen


def test_trap_02_a_pinned_station_gets_only_its_version() -> None:
    assert choose_subprotocol(["ocpp2.0.1", "ocpp1.6"], ["ocpp1.6"]) == "ocpp1.6"


def test_offered_subprotocols_come_from_all_header_lines() -> None:
    headers = Headers([("Sec-WebSocket-Protocol", "ocpp2.0.1, ocpp1.6"), ("sec-websocket-protocol", " ocpp2.1 ,,")])
    assert Upgrade("/CP1", headers, ("", 0)).subprotocols == ("ocpp2.0.1", "ocpp1.6", "ocpp2.1")


@pytest.mark.parametrize("password", [b"secret", b"a:b:c", b"", b"\xff\x00\xfe", "pässword".encode()])
def test_trap_04_a_password_is_bytes_and_may_hold_colons(password: bytes) -> None:
    credentials = parse_basic_auth(basic_auth_header("CP 1", password))
    assert credentials is not None
    assert (credentials.user, credentials.password) == ("CP 1", password)


def test_trap_04_a_user_name_that_is_not_utf8_survives() -> None:
    credentials = parse_basic_auth("basic " + base64.b64encode(b"\xffCP:x").decode())
    assert credentials is not None
    assert parse_basic_auth(basic_auth_header(credentials.user, b"x")) == credentials


@pytest.mark.parametrize("value", [None, "", "Basic", "Basic %%%", "Bearer abc", "Basic eA=="])
def test_unreadable_credentials_are_none(value: str | None) -> None:
    assert parse_basic_auth(value) is None


def test_a_password_is_not_shown_in_a_log() -> None:
    assert "secret" not in repr(parse_basic_auth(basic_auth_header("CP1", "secret")))


@pytest.mark.parametrize("value", ["Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade,Keep-Alive"])
def test_connection_may_name_more_than_upgrade(value: str) -> None:
    assert check_upgrade(changed("Connection", value)) == KEY


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (Headers(), 426),
        (changed("Upgrade"), 426),
        (changed("Upgrade", "h2c"), 426),
        (changed("Connection", "keep-alive"), 426),
        (changed("Sec-WebSocket-Version", "8"), 426),
        (changed("Sec-WebSocket-Version"), 426),
        (changed("Sec-WebSocket-Key"), 400),
        (changed("Sec-WebSocket-Key", "short"), 400),
        (changed("Sec-WebSocket-Key", KEY, KEY), 400),
        (changed("Content-Length", "5"), 400),
        (changed("Transfer-Encoding", "chunked"), 400),
    ],
)
def test_a_request_that_is_no_upgrade_is_refused(headers: Headers, status: int) -> None:
    with pytest.raises(BadRequestError) as caught:
        check_upgrade(headers)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1", 405),
        (b"GET / HTTP/1.0", 400),
        (b"GET /", 400),
        (b"GET  HTTP/1.1", 400),
        (b"\x16\x03\x01\x02\x00", 400),
        (b"GET / HTTP/1.1\r\nno colon", 400),
        (b"GET / HTTP/1.1\r\nA b: c", 400),
        (b"GET / HTTP/1.1\r\n folded: c", 400),
        (b"GET / HTTP/1.1\r\nA: b\x00c", 400),
        (b"GET / HTTP/1.1" + b"\r\nA: b" * 101, 431),
    ],
)
def test_a_malformed_head_gets_its_status(head: bytes, status: int) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse_head(head)
    assert caught.value.status == status


def test_header_names_match_in_any_case() -> None:
    _, headers = parse_head(b"GET /x HTTP/1.1\r\nhOST: a\r\nX-Y:b ")
    assert headers.get("Host") == "a"
    assert headers.get("x-y") == "b"
    assert "HOST" in headers
    assert headers.get("missing", "default") == "default"


def test_a_response_cannot_be_split_by_its_headers() -> None:
    response = render_response(401, "no", {"X": "a\r\nSet-Cookie: b"})
    assert b"\r\nSet-Cookie" not in response


def test_a_json_reason_is_marked_as_json() -> None:
    assert b"Content-Type: application/json" in render_response(404, '{"detail":"unknown"}')
