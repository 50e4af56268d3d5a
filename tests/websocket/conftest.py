"""Peers for the WebSocket layer: a listener that records, and a client that speaks raw bytes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop

from voltherd.websocket import Accept, Connection, Limits, Listener, Server, Upgrade, serve


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Callable[[], Any]]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Recorder(Listener):
    """Keeps what it hears; echoes text if asked to."""

    def __init__(self, *, echo: bool = False) -> None:
        self.echo = echo
        self.connection: Connection | None = None
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.events: list[str] = []
        self.writable: list[bool] = []
        self.closed: asyncio.Future[tuple[int, str, bool]] = asyncio.get_running_loop().create_future()
        self.opened = asyncio.Event()

    def on_open(self, connection: Connection) -> None:
        self.connection = connection
        self.opened.set()

    def on_message(self, connection: Connection, data: bytes) -> None:
        self.messages.put_nowait(data)
        if self.echo:
            connection.send_text(data)

    def on_ping(self, connection: Connection) -> None:
        self.events.append("ping")

    def on_pong(self, connection: Connection) -> None:
        self.events.append("pong")

    def on_writable(self, connection: Connection, writable: bool) -> None:
        self.writable.append(writable)

    def on_close(self, connection: Connection, code: int, reason: str, clean: bool) -> None:
        self.closed.set_result((code, reason, clean))

    async def message(self) -> bytes:
        return await asyncio.wait_for(self.messages.get(), 5)

    async def ending(self) -> tuple[int, str, bool]:
        return await asyncio.wait_for(asyncio.shield(self.closed), 5)


@dataclass
class House:
    """A server whose upgrades and listeners the test can see."""

    server: Server
    upgrades: list[Upgrade] = field(default_factory=list)
    recorders: list[Recorder] = field(default_factory=list)

    def url(self, path: str = "/ocpp/CP1", scheme: str = "ws") -> str:
        return f"{scheme}://127.0.0.1:{self.server.port}{path}"

    async def recorder(self, index: int = 0) -> Recorder:
        async with asyncio.timeout(5):
            while len(self.recorders) <= index:
                await asyncio.sleep(0.005)
            await self.recorders[index].opened.wait()
        return self.recorders[index]


StartHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def start() -> AsyncIterator[StartHouse]:
    servers: list[Server] = []

    async def start_house(
        decide: Callable[[Upgrade], Any] | None = None, *, echo: bool = True, compression: bool = True, **options: Any
    ) -> House:
        house = House(server=None)  # type: ignore[arg-type]

        def upgrade(request: Upgrade) -> Any:
            house.upgrades.append(request)
            if decide is not None:
                return decide(request)
            recorder = Recorder(echo=echo)
            house.recorders.append(recorder)
            subprotocol = request.subprotocols[0] if request.subprotocols else None
            return Accept(recorder, subprotocol, compression=compression)

        options.setdefault("limits", Limits(close_timeout_s=2, handshake_timeout_s=2))
        house.server = await serve("127.0.0.1", 0, upgrade=upgrade, **options)
        servers.append(house.server)
        return house

    yield start_house
    for server in servers:
        await server.close()


class RawPeer:
    """A client that sends exactly the bytes it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> RawPeer:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def request(self, *lines: str, first: str = "GET /ocpp/CP1 HTTP/1.1") -> tuple[int, dict[str, str], str]:
        self.writer.write("\r\n".join([first, *lines, "", ""]).encode("latin-1"))
        return await self.response()

    async def response(self) -> tuple[int, dict[str, str], str]:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body.decode()

    async def upgrade(self, *more: str, first: str = "GET /ocpp/CP1 HTTP/1.1") -> dict[str, str]:
        status, headers, body = await self.request(*upgrade_lines(*more), first=first)
        assert status == 101, (status, body)
        return headers

    def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True) -> None:
        self.writer.write(raw_frame(opcode, payload, fin=fin, rsv=rsv, masked=masked))

    async def read_frame(self) -> tuple[int, bytes]:
        first, second = await asyncio.wait_for(self.reader.readexactly(2), 5)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        return first, await self.reader.readexactly(size)

    async def read_close(self) -> int:
        first, payload = await self.read_frame()
        assert first == 0x88, (hex(first), payload)
        return int.from_bytes(payload[:2], "big")

    async def close(self) -> None:
        self.writer.close()


def upgrade_lines(*more: str, connection: str = "Upgrade") -> list[str]:
    key = base64.b64encode(os.urandom(16)).decode()
    return [
        "Host: localhost",
        "Upgrade: websocket",
        f"Connection: {connection}",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *more,
    ]


def raw_frame(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return head + mask + body


@pytest.fixture
async def raw() -> AsyncIterator[Callable[[House], Awaitable[RawPeer]]]:
    peers: list[RawPeer] = []

    async def connect(house: House) -> RawPeer:
        peer = await RawPeer.connect(house.server.port)
        peers.append(peer)
        return peer

    yield connect
    for peer in peers:
        peer.writer.close()
        with contextlib.suppress(ConnectionError):
            await peer.writer.wait_closed()


@pytest.fixture
def make_recorder() -> type[Recorder]:
    return Recorder


@pytest.fixture
def make_frame() -> Callable[..., bytes]:
    return raw_frame


@pytest.fixture
def make_upgrade_lines() -> Callable[..., list[str]]:
    return upgrade_lines
