"""The server before independent peers: the `websockets` library, and raw bytes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
import websockets

from voltherd.websocket import Accept, ConnectFailed, Connection, Limits, Listener, Reject, Upgrade, connect, serve

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
SMALL = Limits(max_message_bytes=64 * 1024, handshake_timeout_s=0.3, close_timeout_s=1)


async def eventually(check: Any) -> None:
    async with asyncio.timeout(5):
        while not check():
            await asyncio.sleep(0.005)


async def close_code_after(peer: Any, message: Any) -> int | None:
    with contextlib.suppress(websockets.ConnectionClosed):
        await peer.send(message)
        await peer.recv()
    return peer.close_code


# The upgrade


async def test_trap_01_the_upgrade_carries_identity_peer_and_headers(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url("/ocpp/CP%201/?a=b"), additional_headers={"X-Model": "7"}) as peer:
        upgrade = house.upgrades[0]
        assert upgrade.identity == "CP 1"
        assert upgrade.path == "/ocpp/CP%201/"
        assert upgrade.headers.get("x-model") == "7"
        assert upgrade.peer == peer.local_address
        assert upgrade.tls is None
        assert (await house.recorder()).connection.peer == peer.local_address


async def test_trap_02_the_chosen_subprotocol_is_answered(start: Any) -> None:
    house = await start(lambda _: Accept(Listener(), "ocpp2.0.1"))
    async with websockets.connect(house.url(), subprotocols=["ocpp1.6", "ocpp2.0.1"]) as peer:
        assert peer.subprotocol == "ocpp2.0.1"


async def test_trap_02_no_subprotocol_offered_none_answered(start: Any, make_recorder: Any) -> None:
    recorders: list[Any] = []

    def decide(_: Upgrade) -> Accept:
        recorders.append(make_recorder())
        return Accept(recorders[0], "ocpp1.6")

    house = await start(decide)
    async with websockets.connect(house.url()) as peer:
        assert "Sec-WebSocket-Protocol" not in peer.response.headers
        assert recorders[0].connection.subprotocol == "ocpp1.6"


async def test_trap_02_the_subprotocol_is_answered_in_the_stations_spelling(start: Any, raw: Any) -> None:
    house = await start(lambda _: Accept(Listener(), "ocpp1.6"))
    headers = await (await raw(house)).upgrade("Sec-WebSocket-Protocol: OCPP1.6")
    assert headers["sec-websocket-protocol"] == "OCPP1.6"


@pytest.mark.parametrize(
    "answer",
    [
        Reject.unauthorized("Wrong password."),
        Reject(403, "This station is blocked."),
        Reject(404, '{"detail":"unknown station"}'),
        Reject(400, "No common subprotocol."),
        Reject(503, "Too busy.", {"Retry-After": "5"}),
    ],
)
async def test_trap_05_a_refusal_is_an_http_answer_before_any_upgrade(start: Any, raw: Any, answer: Reject) -> None:
    house = await start(lambda _: answer)
    peer = await raw(house)
    status, headers, body = await peer.request(*raw_upgrade())
    assert (status, body) == (answer.status, answer.reason)
    assert headers["connection"] == "close"
    for name, value in answer.headers.items():
        assert headers[name.lower()] == value
    assert await peer.reader.read() == b""
    assert house.server.connections == 0


async def test_trap_05_websockets_sees_401_with_its_challenge(start: Any) -> None:
    house = await start(lambda _: Reject.unauthorized())
    with pytest.raises(websockets.InvalidStatus) as caught:
        await websockets.connect(house.url())
    assert caught.value.response.status_code == 401
    assert caught.value.response.headers["WWW-Authenticate"].startswith("Basic ")


async def test_trap_04_credentials_reach_the_decision_byte_for_byte(start: Any) -> None:
    house = await start()
    connection = await connect(house.url(), listener=Listener(), basic_auth=("CP1", b"a:\xff:b"))
    credentials = house.upgrades[0].credentials
    assert (credentials.user, credentials.password) == ("CP1", b"a:\xff:b")
    connection.abort()


async def test_a_decision_may_take_time_without_holding_up_others(start: Any) -> None:
    gate = asyncio.Event()

    async def decide(request: Upgrade) -> Accept:
        if request.identity == "slow":
            await gate.wait()
        return Accept(Listener())

    house = await start(decide)
    slow = asyncio.create_task(websockets.connect(house.url("/slow")).__aenter__())
    async with websockets.connect(house.url("/fast")):
        assert not slow.done()
    gate.set()
    await (await slow).close()


async def test_a_peer_that_floods_while_its_upgrade_is_judged_is_dropped(start: Any, raw: Any) -> None:
    async def never(_: Upgrade) -> Accept:
        await asyncio.Event().wait()
        raise AssertionError

    house = await start(never)
    peer = await raw(house)
    peer.writer.write("\r\n".join(["GET /CP1 HTTP/1.1", *raw_upgrade(), "", ""]).encode())
    await eventually(lambda: house.upgrades)
    peer.writer.write(bytes(20_000))
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(peer.reader.read(), 1) == b""
    await eventually(lambda: house.server.handshakes == 0)


async def test_a_decision_that_fails_is_answered_with_500(
    start: Any, raw: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def decide(_: Upgrade) -> Accept:
        raise RuntimeError("secret detail")

    house = await start(decide)
    status, _, body = await (await raw(house)).request(*raw_upgrade())
    assert status == 500
    assert "secret" not in body


async def test_keep_alive_upgrade_is_taken(start: Any, raw: Any, make_upgrade_lines: Any) -> None:
    house = await start()
    peer = await raw(house)
    status, _, _ = await peer.request(*make_upgrade_lines(connection="keep-alive, Upgrade"))
    assert status == 101
    peer.frame(TEXT, b"hello")
    assert await peer.read_frame() == (0x81, b"hello")


async def test_plain_http_is_told_to_upgrade(start: Any, raw: Any) -> None:
    house = await start()
    status, headers, body = await (await raw(house)).request("Host: x")
    assert status == 426
    assert headers["upgrade"] == "websocket"
    assert "ws://" in body
    assert house.upgrades == []


async def test_a_post_is_not_allowed(start: Any, raw: Any) -> None:
    house = await start()
    status, headers, _ = await (await raw(house)).request("Content-Length: 0", first="POST / HTTP/1.1")
    assert (status, headers["allow"]) == (405, "GET")


async def test_an_oversize_request_is_refused(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    status, _, _ = await peer.request(*raw_upgrade("X: " + "x" * 20_000))
    assert status == 431


async def test_a_request_in_single_bytes_is_understood(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    for byte in "\r\n".join(["GET /CP1 HTTP/1.1", *raw_upgrade(), "", ""]).encode():
        peer.writer.write(bytes([byte]))
        await peer.writer.drain()
    assert (await peer.response())[0] == 101


async def test_frames_sent_with_the_request_are_not_lost(start: Any, raw: Any, make_frame: Any) -> None:
    house = await start()
    peer = await raw(house)
    head = "\r\n".join(["GET /CP1 HTTP/1.1", *raw_upgrade(), "", ""]).encode()
    peer.writer.write(head + make_frame(TEXT, b"a" * 3000) + make_frame(TEXT, b"b"))
    assert (await peer.response())[0] == 101
    assert (await peer.read_frame())[1] == b"a" * 3000
    assert (await peer.read_frame())[1] == b"b"


async def test_a_slow_handshake_is_ended_and_holds_nobody_up(start: Any, raw: Any) -> None:
    house = await start(limits=SMALL)
    peer = await raw(house)
    peer.writer.write(b"GET /slow HTTP/1.1\r\nHost:")
    async with websockets.connect(house.url()) as other:
        await other.send("x")
        assert await other.recv() == "x"
    status, _, _ = await peer.response()
    assert status == 408
    assert house.server.counters.timed_out == 1
    assert house.server.handshakes == 0


async def test_a_peer_that_leaves_before_its_request_is_forgotten(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await eventually(lambda: house.server.handshakes == 1)
    peer.writer.close()
    await eventually(lambda: house.server.handshakes == 0)


async def test_a_full_server_answers_503(start: Any, raw: Any) -> None:
    house = await start(max_connections=1)
    async with websockets.connect(house.url()):
        status, headers, _ = await (await raw(house)).request(*raw_upgrade())
        assert status == 503
        assert "retry-after" in headers
    await eventually(lambda: house.server.connections == 0)
    async with websockets.connect(house.url()):
        assert house.server.connections == 1


async def test_a_port_in_use_is_an_os_error(start: Any) -> None:
    house = await start()
    with pytest.raises(OSError, match="address"):
        await serve("127.0.0.1", house.server.port, upgrade=lambda _: Reject(404))


# Messages


@pytest.mark.parametrize("size", [0, 1, 125, 126, 8192, 8193, 65535, 65536, 1024 * 1024])
async def test_messages_of_every_size_come_back_whole(start: Any, size: int) -> None:
    house = await start()
    async with websockets.connect(house.url(), compression=None) as peer:
        await peer.send("x" * size)
        assert await peer.recv() == "x" * size


async def test_messages_to_a_peer_that_reads_late_stay_apart(start: Any, raw: Any) -> None:
    house = await start(limits=Limits(send_buffer_bytes=100_000_000))
    peer = await raw(house)
    await peer.upgrade()
    peer.writer.transport.pause_reading()
    connection = (await house.recorder()).connection
    messages = [bytes([65 + turn % 26]) * size for turn in range(300) for size in (20_000, 30, 70_000, 9_000, 1)]
    for message in messages:
        connection.send_text(message)
    peer.writer.transport.resume_reading()
    for message in messages:
        assert await peer.read_frame() == (0x81, message)


async def test_fragments_are_put_together(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()) as peer:
        await peer.send(["[2,", '"1",', "", '"Heartbeat",{}]'])
        assert await peer.recv() == '[2,"1","Heartbeat",{}]'


async def test_a_ping_between_fragments_is_answered(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    peer.frame(TEXT, b"a", fin=False)
    peer.frame(PING, b"alive?")
    peer.frame(0, b"b")
    assert await peer.read_frame() == (0x8A, b"alive?")
    assert await peer.read_frame() == (0x81, b"ab")
    assert (await house.recorder()).events == ["ping"]


async def test_a_pong_is_reported(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()):
        recorder = await house.recorder()
        recorder.connection.ping(b"x")
        await eventually(lambda: recorder.events == ["pong"])


async def test_trap_09_compression_both_ways(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url(), compression="deflate") as peer:
        assert "permessage-deflate" in peer.response.headers["Sec-WebSocket-Extensions"]
        for text in ("x" * 5000, "short", "", "ü" * 300):
            await peer.send(text)
            assert await peer.recv() == text
        await peer.send(["frag", "ments" * 100])
        assert await peer.recv() == "frag" + "ments" * 100


async def test_trap_09_compression_is_on_the_wire(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade("Sec-WebSocket-Extensions: permessage-deflate")
    (await house.recorder()).connection.send_text("x" * 5000)
    first, payload = await peer.read_frame()
    assert first == 0xC1
    assert len(payload) < 100


async def test_trap_09_no_compression_unless_asked_or_where_switched_off(start: Any) -> None:
    house = await start(compression=False)
    async with websockets.connect(house.url(), compression="deflate") as peer:
        assert "Sec-WebSocket-Extensions" not in peer.response.headers
    house = await start()
    async with websockets.connect(house.url(), compression=None) as peer:
        assert "Sec-WebSocket-Extensions" not in peer.response.headers


# Violations: each its close code


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(TEXT, b"\xff\xfe", {})], 1007),
        ([(TEXT, b"\xed\xa0\x80", {})], 1007),
        ([(TEXT, b"\xc3", {"fin": False}), (0, b"(", {})], 1007),
        ([(TEXT, b"x", {"rsv": 4})], 1002),
        ([(TEXT, b"x", {"rsv": 2})], 1002),
        ([(TEXT, b"x", {"rsv": 1})], 1002),
        ([(PING, b"x", {"rsv": 4})], 1002),
        ([(TEXT, b"x", {"masked": False})], 1002),
        ([(3, b"x", {})], 1002),
        ([(0, b"x", {})], 1002),
        ([(TEXT, b"x", {"fin": False}), (TEXT, b"y", {})], 1002),
        ([(PING, b"x", {"fin": False})], 1002),
        ([(PING, b"x" * 126, {})], 1002),
        ([(CLOSE, b"\x03", {})], 1002),
        ([(CLOSE, b"\x03\xee", {})], 1002),
        ([(CLOSE, b"\x03\xe8\xff", {})], 1007),
    ],
)
async def test_a_violation_is_closed_with_its_code(start: Any, raw: Any, frames: list[Any], code: int) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    for opcode, payload, options in frames:
        peer.frame(opcode, payload, **options)
    assert await peer.read_close() == code
    peer.frame(CLOSE, code.to_bytes(2, "big"))
    assert await asyncio.wait_for(peer.reader.read(), 3) == b""
    recorder = await house.recorder()
    assert (await recorder.ending())[0] == code
    assert recorder.messages.empty()


async def test_trap_08_a_binary_message_is_closed_with_1003(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()) as peer:
        await peer.send(b"\x01\x02")
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await peer.recv()
        assert caught.value.rcvd.code == 1003
    assert (await (await house.recorder()).ending())[0] == 1003


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_trap_08_a_10_mb_message_is_refused_with_1009(start: Any, compression: Any) -> None:
    house = await start()
    async with websockets.connect(house.url(), compression=compression) as peer:
        assert await close_code_after(peer, "x" * 10_000_000) == 1009
    assert (await (await house.recorder()).ending())[0] == 1009


async def test_trap_08_a_10_mb_frame_is_not_buffered(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    peer.writer.write(b"\x81\xff" + (10_000_000).to_bytes(8, "big") + b"mask")
    assert await peer.read_close() == 1009
    for _ in range(100):
        peer.writer.write(bytes(100_000))
        await peer.writer.drain()
    assert await asyncio.wait_for(peer.reader.read(), 3) == b""


async def test_trap_08_10_mb_in_fragments_is_refused_with_1009(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url(), compression=None) as peer:
        assert await close_code_after(peer, ["x" * 100_000] * 100) == 1009


async def test_trap_08_odd_texts_reach_the_listener_as_they_are(start: Any) -> None:
    house = await start()
    texts = ["", "null", "{", "[2,1", '[2,"\\ud800","X",{}]', "\x00", '[2,5,"Heartbeat",{}]']
    async with websockets.connect(house.url()) as peer:
        for text in texts:
            await peer.send(text)
        recorder = await house.recorder()
        assert [(await recorder.message()).decode() for _ in texts] == texts


async def test_trap_08_pipelined_messages_keep_their_order(start: Any, raw: Any, make_frame: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    peer.writer.write(b"".join(make_frame(TEXT, str(i).encode()) for i in range(2000)))
    for i in range(2000):
        assert (await peer.read_frame())[1] == str(i).encode()


# The end of a connection


async def test_the_peers_close_is_answered_and_reported(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()) as peer:
        await peer.close(4001, "bye ü")
        assert peer.close_code == 4001
    assert await (await house.recorder()).ending() == (4001, "bye ü", True)


async def test_a_close_without_code_is_1005(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    peer.frame(CLOSE)
    assert await peer.read_frame() == (0x88, b"")
    assert await (await house.recorder()).ending() == (1005, "", True)


async def test_our_close_reaches_the_peer(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()) as peer:
        recorder = await house.recorder()
        recorder.connection.close(1008, "not now")
        assert not recorder.connection.is_open
        assert not recorder.connection.send_text("too late")
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await peer.recv()
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1008, "not now")
    assert await recorder.ending() == (1008, "not now", True)


async def test_a_peer_that_does_not_answer_a_close_is_dropped(start: Any, raw: Any) -> None:
    house = await start(limits=SMALL)
    peer = await raw(house)
    await peer.upgrade()
    recorder = await house.recorder()
    recorder.connection.close(1001)
    assert await recorder.ending() == (1001, "", False)


async def test_messages_after_our_close_are_dropped(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    recorder = await house.recorder()
    recorder.connection.close(1000)
    peer.frame(TEXT, b"late")
    peer.frame(CLOSE, b"\x03\xe8")
    await recorder.ending()
    assert recorder.messages.empty()


async def test_an_unsendable_close_code_is_an_error(start: Any) -> None:
    house = await start()
    async with websockets.connect(house.url()):
        with pytest.raises(ValueError, match="1006"):
            (await house.recorder()).connection.close(1006)


async def test_an_abrupt_drop_is_1006(start: Any, raw: Any) -> None:
    house = await start()
    peer = await raw(house)
    await peer.upgrade()
    recorder = await house.recorder()
    peer.writer.transport.abort()
    assert await recorder.ending() == (1006, "", False)
    assert house.server.connections == 0
    assert not recorder.connection.send_text("x")
    assert not recorder.connection.ping()
    recorder.connection.close()
    recorder.connection.abort()


async def test_shutdown_closes_everybody_with_1001(start: Any) -> None:
    house = await start()
    peers = [await websockets.connect(house.url()) for _ in range(5)]
    await house.server.close()
    for peer in peers:
        await peer.wait_closed()
        assert peer.close_code == 1001
    assert house.server.connections == 0
    with pytest.raises(ConnectFailed):
        await connect(house.url(), listener=Listener())


async def test_a_slow_reader_is_paused_and_then_dropped(start: Any, raw: Any) -> None:
    limits = Limits(send_buffer_bytes=500_000, write_high_water_bytes=50_000)
    house = await start(limits=limits)
    peer = await raw(house)
    await peer.upgrade()
    recorder = await house.recorder()
    connection = recorder.connection
    peer.writer.transport.pause_reading()
    async with asyncio.timeout(5):
        while connection.send_text("x" * 100_000):
            await asyncio.sleep(0)
    assert recorder.writable == [False]
    assert await recorder.ending() == (1006, "peer reads too slowly", False)


async def test_a_reader_that_catches_up_is_writable_again(start: Any) -> None:
    house = await start(limits=Limits(write_high_water_bytes=50_000, send_buffer_bytes=100_000_000))
    async with websockets.connect(house.url(), max_size=None, max_queue=1, compression=None) as peer:
        recorder = await house.recorder()
        sent = 0
        while recorder.connection.writable:
            recorder.connection.send_text("x" * 100_000)
            sent += 1
            await asyncio.sleep(0)
        assert recorder.connection.unsent_bytes > 0
        for _ in range(sent):
            await peer.recv()
        await eventually(lambda: recorder.connection.writable)
        assert recorder.writable == [False, True]


async def test_trap_47_a_fault_in_a_listener_ends_only_that_connection(
    start: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Listener):
        def on_message(self, connection: Connection, data: bytes) -> None:
            if data == b"boom":
                raise RuntimeError("boom")
            connection.send_text(data)

    house = await start(lambda _: Accept(Faulty()))
    async with websockets.connect(house.url()) as good, websockets.connect(house.url()) as bad:
        assert await close_code_after(bad, "boom") == 1011
        assert "boom" in caplog.text
        await good.send("fine")
        assert await good.recv() == "fine"


async def test_200_connections_at_once(start: Any) -> None:
    house = await start()

    async def talk(number: int) -> None:
        async with websockets.connect(house.url(f"/CP{number}"), open_timeout=20) as peer:
            for turn in range(5):
                await peer.send(f"{number}/{turn}")
                assert await peer.recv() == f"{number}/{turn}"

    await asyncio.gather(*(talk(number) for number in range(200)))
    assert len(house.upgrades) == 200
    await eventually(lambda: house.server.connections == 0)


async def test_connections_leave_nothing_behind(start: Any) -> None:
    house = await start()
    for _ in range(20):
        async with websockets.connect(house.url()) as peer:
            await peer.send("x")
            await peer.recv()
    await eventually(lambda: house.server.connections == 0)
    assert house.server.counters.accepted == 20
    assert house.server.handshakes == 0


def raw_upgrade(*more: str) -> list[str]:
    return [
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *more,
    ]
