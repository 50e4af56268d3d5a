"""A WebSocket client by hand: sends what no library would, answers no ping, closes when told to."""

import asyncio
import base64
import os
import struct
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
WAIT_S = 10.0


class RawSocket:
    """One TCP connection to the server's door."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, url: str) -> "RawSocket":
        """Connect, nothing more."""
        parts = urlsplit(url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def upgrade(self, path: str, protocol: str = "ocpp1.6", **headers: str) -> int:
        """Ask for the upgrade; gives the HTTP status."""
        fields = {
            "Host": "localhost",
            "Upgrade": "websocket",
            "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Protocol": protocol,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value)]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_S)
        return int(head.split()[1])

    def send(self, opcode: int, payload: bytes, *, fin: bool = True) -> None:
        """Send one frame, masked as a client's must be."""
        length = len(payload)
        head = bytes([(0x80 if fin else 0) | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack("!H", length)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", length)
        self.writer.write(head + b"\0\0\0\0" + payload)  # a mask of zeros changes nothing

    async def receive(self) -> tuple[int, bytes]:
        """Give opcode and payload of the next frame. Raises IncompleteReadError at the end of the connection."""
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def until_closed(self) -> int:
        """Read on, answering nothing, until the server closes; gives its close code."""
        while True:
            opcode, payload = await asyncio.wait_for(self.receive(), WAIT_S)
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    async def close(self) -> None:
        """Drop the connection."""
        self.writer.transport.abort()
        await asyncio.sleep(0)
