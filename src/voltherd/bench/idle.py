"""Holds many idle connections open, in a process of its own, so that only the server's memory is measured.

Reads one word per line from its standard input: `boot` sends a BootNotification on every connection;
the end of input ends it. Prints a line of JSON when it holds its connections, and when all have booted.

    python -m voltherd.bench.idle '{"url": ..., "version": "1.6", "connections": 10000}'
"""

from __future__ import annotations

import asyncio
import json
import sys

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from voltherd.bench.load import open_stations
from voltherd.bench.mix import fill, mix

_TEXT = WSMsgType.TEXT
BOOT_AT_ONCE = 100


class IdlePlan(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections to hold, and where."""

    url: str
    version: str
    connections: int


class Herd:
    """Counts over all connections."""

    def __init__(self) -> None:
        self.gone = 0
        self.answered = 0
        self.boots = asyncio.Semaphore(BOOT_AT_ONCE)


class IdleStation(WSListener):
    """Does nothing unless asked; refuses what the server asks of it."""

    __slots__ = ("_herd",)

    def __init__(self, herd: Herd) -> None:
        self._herd = herd

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not _TEXT:
            return
        answer = frame.get_payload_as_bytes()
        if answer.startswith(b"[2,"):
            transport.send(_TEXT, b'[4,"%b","NotImplemented","",{}]' % answer.split(b'"', 2)[1])
        else:
            self._herd.answered += 1
            self._herd.boots.release()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._herd.gone += 1


async def run(plan: IdlePlan) -> None:
    """Opens, tells, obeys, ends with its input."""
    herd, chosen = Herd(), mix(plan.version)
    opened = await open_stations(
        plan.url, chosen.subprotocol, plan.connections, lambda: IdleStation(herd), prefix="IDLE"
    )
    _tell(held=len(opened) - herd.gone)
    loop = asyncio.get_running_loop()
    while word := await loop.run_in_executor(None, sys.stdin.readline):
        if word.strip() == "boot":
            await _boot(opened, fill(chosen.boot), herd)
            _tell(held=len(opened) - herd.gone, booted=herd.answered)


async def _boot(opened: list[tuple[WSTransport, WSListener]], frame: bytes, herd: Herd) -> None:
    for transport, _ in opened:
        await herd.boots.acquire()
        transport.send(_TEXT, frame)
    async with asyncio.timeout(60):
        while herd.answered + herd.gone < len(opened):
            await asyncio.sleep(0.05)


def _tell(**facts: int) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(run(msgspec.json.decode(sys.argv[1], type=IdlePlan)))
