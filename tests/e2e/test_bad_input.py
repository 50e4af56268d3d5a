"""Bad input gets a clear answer, and the server goes on: for others at once, and without a stack trace in its log."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import InvalidStatus

from support.api import Api
from support.payloads import BOOT_16, start_16
from support.peer import CallErrorAnswer, Peer, dial, fresh_id, station
from support.raw import CLOSE, TEXT, RawSocket
from support.server import ServerProcess
from voltherd.websocket import basic_auth_header


@pytest.fixture
async def other(server: ServerProcess) -> AsyncIterator[Peer]:
    """Another station, which must not notice anything; nor may the log hold a stack trace afterwards."""
    async with station(server.ocpp, fresh_id("OTHER"), "ocpp2.0.1") as peer:
        yield peer
        assert await peer.call("Heartbeat", {})
        assert server.process.poll() is None
        assert "Traceback" not in server.errors.read_text()


NO_CALLS = (
    *("{", "[", "[]", "{}", "null", '"text"', "[" * 10_000, "[true,1,2,3]"),
    *("[2]", '[2,"1"]', '[2,"1","Heartbeat"]', '[2,"1",7,{}]', '[2,null,"Heartbeat",{}]'),
    *('[2,"1","Heartbeat",{},"more"]', '[2,"1","Heartbeat",[]]'),
)
UNASKED = ('[3,"x",{}]', '[3,"x"]', '[4,"x"]', '[4,"x","InternalError","",{}]', '[5,"x","GenericError","",{}]')
NO_UPGRADES = (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /ocpp/X HTTP/1.1\r\n\r\n", b"\r\n\r\n")


@pytest.mark.parametrize("frame", NO_CALLS)
@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.1"])
async def test_what_is_no_call_is_refused_and_the_connection_stays(
    server: ServerProcess, other: Peer, protocol: str, frame: str
) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        await peer.send(frame)
        answer = await peer.next_other()
        assert answer[0] == 4
        assert answer[3], "it says what is wrong"
        assert await peer.call("Heartbeat", {})


@pytest.mark.parametrize(
    ("protocol", "action", "payload", "code"),
    [
        ("ocpp1.6", "Nonsense", {}, "NotImplemented"),
        ("ocpp2.0.1", "StartTransaction", {}, "NotImplemented"),
        ("ocpp2.0.1", "Reset", {"type": "Immediate"}, "NotSupported"),
        ("ocpp1.6", "BootNotification", {"chargePointVendor": "Acme"}, "OccurenceConstraintViolation"),
        ("ocpp2.0.1", "BootNotification", {"reason": "PowerUp"}, "OccurrenceConstraintViolation"),
        ("ocpp1.6", "BootNotification", {**BOOT_16, "chargePointModel": 5}, "TypeConstraintViolation"),
        ("ocpp1.6", "BootNotification", {**BOOT_16, "chargePointModel": "x" * 21}, "PropertyConstraintViolation"),
        ("ocpp1.6", "StartTransaction", {**start_16(), "meterStart": "many"}, "TypeConstraintViolation"),
        ("ocpp2.0.1", "TransactionEvent", {"eventType": "Exploded"}, None),
        ("ocpp1.6", "Heartbeat", {"surprise": 1}, None),
    ],
)
async def test_a_wrong_call_gets_the_code_that_says_why(
    server: ServerProcess, other: Peer, protocol: str, action: str, payload: dict[str, object], code: str | None
) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        with pytest.raises(CallErrorAnswer) as refused:
            await peer.call(action, payload)
        assert code is None or refused.value.code == code
        assert refused.value.description
        assert await peer.call("Heartbeat", {})


async def test_a_message_of_10_mb_ends_its_connection_with_1009(server: ServerProcess, other: Peer) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        await peer.send(json.dumps([2, "1", "DataTransfer", {"vendorId": "x", "data": "A" * 10_000_000}]))
        assert (await peer.closed())[0] == 1009
    socket = await RawSocket.open(server.ocpp)
    assert await socket.upgrade(f"/ocpp/{identity}") == 101
    for part in range(20):
        socket.send(TEXT if part == 0 else 0, b"A" * 100_000, fin=False)
    opcode, payload = await asyncio.wait_for(socket.receive(), 5)
    assert (opcode, payload[:2]) == (CLOSE, (1009).to_bytes(2, "big"))
    await socket.close()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        assert await peer.call("Heartbeat", {})


async def test_a_binary_frame_ends_its_connection_with_1003(server: ServerProcess, other: Peer) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp1.6") as peer:
        await peer.send(b"\x00\x01")
        assert (await peer.closed())[0] == 1003


async def test_text_that_is_no_utf8_ends_its_connection_with_1007(server: ServerProcess, other: Peer) -> None:
    socket = await RawSocket.open(server.ocpp)
    assert await socket.upgrade(f"/ocpp/{fresh_id()}") == 101
    socket.send(TEXT, b'[2,"1","Heartbeat",{"\xff\xfe":1}]')
    assert await socket.until_closed() == 1007
    await socket.close()


async def test_a_slow_handshake_is_given_up_with_408_and_holds_up_nobody(server: ServerProcess, other: Peer) -> None:
    slow = [await RawSocket.open(server.ocpp) for _ in range(20)]
    for socket in slow:
        socket.writer.write(b"GET /ocpp/SLOW HTTP/1.1\r\nHost:")
    assert await other.call("Heartbeat", {})
    async with station(server.ocpp, fresh_id(), "ocpp1.6") as peer:
        assert await peer.call("Heartbeat", {})
    for socket in slow:
        line = await asyncio.wait_for(socket.reader.readline(), 10)
        assert line.startswith(b"HTTP/1.1 408")
        await socket.close()


@pytest.mark.parametrize("request_line", NO_UPGRADES)
async def test_what_is_no_upgrade_is_answered_in_http(server: ServerProcess, other: Peer, request_line: bytes) -> None:
    socket = await RawSocket.open(server.ocpp)
    socket.writer.write(request_line)
    line = await asyncio.wait_for(socket.reader.readline(), 10)
    assert line.startswith((b"HTTP/1.1 400", b"HTTP/1.1 426"))
    await socket.close()


async def test_a_wrong_password_is_answered_with_401(server: ServerProcess, other: Peer, api: Api) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", password="right password", security_profile=1)
    wrong = {"Authorization": basic_auth_header(identity, b"wrong password")}
    with pytest.raises(InvalidStatus) as refused:
        await dial(server.ocpp, identity, "ocpp1.6", additional_headers=wrong)
    assert refused.value.response.status_code == 401
    assert b"Traceback" not in (refused.value.response.body or b"")


async def test_an_answer_that_nobody_asked_for_changes_nothing(server: ServerProcess, other: Peer) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp2.1") as peer:
        for frame in UNASKED:
            await peer.send(frame)
        assert await peer.call("Heartbeat", {})
        assert len(peer.frames) == 1


async def test_too_many_calls_ahead_of_their_answers_end_the_connection(server: ServerProcess, other: Peer) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp1.6") as peer:
        for number in range(5000):
            await peer.send(f'[2,"{number}","Heartbeat",{{}}]')
        answered = 0
        while answered < 5000 and peer.socket.close_code is None:
            answered = len(peer.frames)
            await asyncio.sleep(0.01)
        assert answered == 5000 or peer.socket.close_code == 1008
