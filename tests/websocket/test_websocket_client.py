"""The client before an independent server: the `websockets` library."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import websockets
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as websockets_serve

from voltherd.websocket import ConnectFailed, ConnectRefused, Limits, Listener, connect

Handler = Callable[[ServerConnection], Awaitable[None]]


async def echo(peer: ServerConnection) -> None:
    async for message in peer:
        await peer.send(message)


@pytest.fixture
async def other() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    servers: list[Server] = []

    async def start(handler: Handler = echo, **options: Any) -> str:
        server = await websockets_serve(handler, "127.0.0.1", 0, **options)
        servers.append(server)
        return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("compression", [True, False])
@pytest.mark.parametrize("size", [0, 100, 5000, 70_000])
async def test_messages_go_both_ways(other: Any, make_recorder: Any, compression: bool, size: int) -> None:
    url, recorder = await other(), make_recorder()
    connection = await connect(url, listener=recorder, compression=compression)
    for _ in range(3):
        assert connection.send_text(b"x" * size)
        assert await recorder.message() == b"x" * size
    connection.close()
    assert await recorder.ending() == (1000, "", True)


async def test_a_server_that_keeps_its_context_is_understood(other: Any, make_recorder: Any) -> None:
    from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

    url = await other(extensions=[ServerPerMessageDeflateFactory()])
    recorder = make_recorder()
    connection = await connect(url, listener=recorder, compression=True)
    for _ in range(3):
        connection.send_text("again " * 100)
        assert await recorder.message() == b"again " * 100
    connection.abort()


async def test_the_request_carries_subprotocols_credentials_and_headers(other: Any, make_recorder: Any) -> None:
    seen: list[Any] = []

    async def handler(peer: ServerConnection) -> None:
        seen.append(peer.request)
        await peer.wait_closed()

    url = await other(handler, subprotocols=["ocpp2.0.1"])
    connection = await connect(
        url + "/ocpp/CP%201",
        listener=make_recorder(),
        subprotocols=["ocpp1.6", "ocpp2.0.1"],
        basic_auth=("CP 1", b"\x00\xff:x"),
        headers={"X-Model": "7"},
    )
    assert connection.subprotocol == "ocpp2.0.1"
    assert url.endswith(f"{connection.peer[0]}:{connection.peer[1]}")
    assert seen[0].path == "/ocpp/CP%201"
    assert seen[0].headers["Authorization"] == "Basic Q1AgMToA/zp4"
    assert seen[0].headers["X-Model"] == "7"
    connection.abort()


async def test_a_refusal_names_status_and_reason(other: Any) -> None:
    def refuse(peer: ServerConnection, request: Any) -> Any:
        return peer.respond(404, "Unknown station.\n")

    url = await other(process_request=refuse)
    with pytest.raises(ConnectRefused) as caught:
        await connect(url, listener=Listener())
    assert (caught.value.status, caught.value.reason) == (404, "Unknown station.")


async def test_our_own_servers_refusal_is_understood(start: Any) -> None:
    from voltherd.websocket import Reject

    house = await start(lambda _: Reject.unauthorized("Wrong password."))
    with pytest.raises(ConnectRefused, match="refused with 401: Wrong password") as caught:
        await connect(house.url(), listener=Listener(), basic_auth=("CP1", "x"))
    assert caught.value.headers["WWW-Authenticate"] == 'Basic realm="OCPP"'


async def test_nobody_there_is_a_failure(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectFailed):
        await connect(f"ws://127.0.0.1:{unused_tcp_port}/", listener=Listener())


async def test_a_bad_url_is_a_failure() -> None:
    with pytest.raises(ConnectFailed):
        await connect("http://127.0.0.1/", listener=Listener())


async def test_a_silent_server_is_given_up(make_recorder: Any) -> None:
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    recorder = make_recorder()
    with pytest.raises(ConnectFailed, match=r"0\.2 s"):
        await connect(f"ws://127.0.0.1:{port}/", listener=recorder, open_timeout_s=0.2)
    await asyncio.wait_for(asyncio.shield(gone.wait()), 5)
    assert not recorder.opened.is_set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n"],
)
async def test_an_answer_that_is_no_upgrade_is_an_error(answer: bytes) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(odd, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises((ConnectFailed, ConnectRefused)):
        await connect(f"ws://127.0.0.1:{port}/", listener=Listener())
    server.close()
    await server.wait_closed()


async def test_an_unasked_subprotocol_is_a_failure(start: Any) -> None:
    from voltherd.websocket import Accept

    house = await start(lambda _: Accept(Listener(), headers={"Sec-WebSocket-Protocol": "ocpp9"}))
    with pytest.raises(ConnectFailed, match="not offered"):
        await connect(house.url(), listener=Listener(), subprotocols=["ocpp1.6"])


async def test_the_servers_close_is_reported(other: Any, make_recorder: Any) -> None:
    async def close(peer: ServerConnection) -> None:
        await peer.close(4002, "go away")

    recorder = make_recorder()
    await connect(await other(close), listener=recorder)
    assert await recorder.ending() == (4002, "go away", True)


async def test_a_message_beyond_the_limit_is_refused(
    other: Any, make_recorder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def flood(peer: ServerConnection) -> None:
        try:
            await peer.send("x" * 5000)
            await peer.wait_closed()
        except websockets.ConnectionClosed:
            pass
        codes.put_nowait(peer.close_code)

    recorder = make_recorder()
    await connect(await other(flood), listener=recorder, limits=Limits(max_message_bytes=1000))
    assert (await recorder.ending())[0] == 1009
    assert await asyncio.wait_for(codes.get(), 5) == 1009
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_pings_go_both_ways(other: Any, make_recorder: Any) -> None:
    answered = asyncio.Event()

    async def ping(peer: ServerConnection) -> None:
        await (await peer.ping())
        answered.set()
        await peer.wait_closed()

    recorder = make_recorder()
    connection = await connect(await other(ping), listener=recorder)
    await asyncio.wait_for(asyncio.shield(answered.wait()), 5)
    connection.ping(b"hello")
    async with asyncio.timeout(5):
        while recorder.events != ["ping", "pong"]:
            await asyncio.sleep(0.005)
    connection.abort()
    assert (await recorder.ending())[0] == 1006
