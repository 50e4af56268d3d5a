"""The load generator, a process of its own: stations that each have one call open at a time.

It reads the server's CPU time itself, at both ends of the same window in which it counts messages,
and its own, so that it can say whether it was the bottleneck.

    python -m voltherd.bench.load '{"url": ..., "pid": ..., "version": "1.6", ...}'
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from voltherd.bench.mix import Mix, fill, mix
from voltherd.bench.process import cpu_s

_TEXT = WSMsgType.TEXT
_CALL, _RESULT, _ERROR = b"2"[0], b"3"[0], b"4"[0]
_TRANSACTION_ID = b'"transactionId":'
CONNECT_AT_ONCE = 50


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do to whom."""

    url: str
    pid: int
    version: str
    connections: int = 200
    warmup_s: float = 1.0
    window_s: float = 5.0
    echo: bool = False
    """The server only sends back what it gets: its answers are not looked at."""


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen in the window."""

    messages: int
    errors: int
    first_error: str
    window_s: float
    server_cpu_s: float
    load_cpu_s: float
    p50_ms: float
    p99_ms: float

    @property
    def us_per_message(self) -> float:
        """CPU of the server process, user and system, per request and answer."""
        return 1e6 * self.server_cpu_s / max(self.messages, 1)

    @property
    def messages_per_s(self) -> float:
        """Requests answered."""
        return self.messages / self.window_s

    @property
    def load_is_bottleneck(self) -> bool:
        """The generator used up a core and the server did not."""
        return self.load_cpu_s > 0.9 * self.window_s and self.server_cpu_s < 0.9 * self.window_s


class Fleet:
    """What the stations share: the clock as text, the counters."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self.mix: Mix = mix(plan.version)
        self.latencies_s: list[float] = []
        self.errors = 0
        self.first_error = b""
        self.running = True
        self.booted = 0
        self.gone = 0
        self.tick()

    def tick(self) -> None:
        """Renews the text of the time, once a second."""
        self.time_text = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def failed(self, answer: bytes) -> None:
        """An answer that is no result."""
        self.errors += 1
        self.first_error = self.first_error or answer[:300]


class LoadStation(WSListener):
    """Sends a request, waits for its answer, sends the next."""

    __slots__ = ("_fleet", "_number", "_sent_at_s", "_seq_no", "_step", "_transaction", "_transport")

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._number = 0
        self._step = -1
        self._seq_no = 0
        self._transaction = 1
        self._sent_at_s = 0.0
        self._transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._fleet.gone += 1

    def send_next(self) -> None:
        """The boot first, then the session, over and over."""
        fleet = self._fleet
        frame = fleet.mix.boot if self._step < 0 else fleet.mix.session[self._step]
        self._number += 1
        self._seq_no += 1
        data = fill(
            frame,
            number=self._number,
            transaction=self._transaction,
            seq_no=self._seq_no,
            time=fleet.time_text,
        )
        self._sent_at_s = time.perf_counter()
        assert self._transport is not None
        self._transport.send(_TEXT, data)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not _TEXT:
            return
        fleet = self._fleet
        answer = frame.get_payload_as_bytes()
        if not fleet.plan.echo and not self._is_answer(answer):
            return
        fleet.latencies_s.append(time.perf_counter() - self._sent_at_s)
        self._advance(answer)
        if fleet.running:
            self.send_next()

    def _is_answer(self, answer: bytes) -> bool:
        kind = answer[1]
        if kind == _CALL:
            message_id = answer.split(b'"', 2)[1]
            assert self._transport is not None
            self._transport.send(_TEXT, b'[4,"%b","NotImplemented","",{}]' % message_id)
            return False
        if kind != _RESULT:
            self._fleet.failed(answer)
        return kind in (_RESULT, _ERROR)

    def _advance(self, answer: bytes) -> None:
        if self._step < 0:
            self._fleet.booted += 1
        elif self._fleet.plan.version == "1.6" and not self._fleet.plan.echo:
            self._take_transaction(answer)
        self._step += 1
        if self._step == len(self._fleet.mix.session):
            self._step = 0
            self._seq_no = -1
            if self._fleet.plan.version != "1.6":
                self._transaction += 1

    def _take_transaction(self, answer: bytes) -> None:
        _, found, rest = answer.partition(_TRANSACTION_ID)
        if found:
            self._transaction = int(rest.split(b",", 1)[0].split(b"}", 1)[0])


async def open_stations(
    url: str, subprotocol: str, count: int, make: Callable[[], WSListener], *, prefix: str = "BENCH"
) -> list[tuple[WSTransport, WSListener]]:
    """Opens `count` connections, some at once."""
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def one(number: int) -> tuple[WSTransport, WSListener]:
        async with gate:
            return await ws_connect(
                make,
                f"{url.rstrip('/')}/{prefix}-{number:05d}",
                extra_headers={"Sec-WebSocket-Protocol": subprotocol},
                websocket_handshake_timeout=60,
                read_buffer_init_size=2048,
                use_aiofastnet=False,
                max_redirects=0,
            )

    return list(await asyncio.gather(*(one(number) for number in range(count))))


async def run(plan: LoadPlan) -> LoadResult:
    """Connects, boots, warms up, measures for the window."""
    fleet = Fleet(plan)
    opened = await open_stations(plan.url, fleet.mix.subprotocol, plan.connections, lambda: LoadStation(fleet))
    for _, listener in opened:
        assert isinstance(listener, LoadStation)
        listener.send_next()
    await _sleep(fleet, plan.warmup_s)
    async with asyncio.timeout(60):
        while fleet.booted < plan.connections and not fleet.gone:
            await _sleep(fleet, 0.05)
    result = await _measure(fleet)
    fleet.running = False
    for transport, _ in opened:
        transport.disconnect(graceful=False)
    return result


async def _measure(fleet: Fleet) -> LoadResult:
    fleet.latencies_s = []
    errors, started_s = fleet.errors, time.perf_counter()
    server_cpu_s, load_cpu_s = cpu_s(fleet.plan.pid), time.process_time()
    await _sleep(fleet, fleet.plan.window_s)
    latencies_s, window_s = fleet.latencies_s, time.perf_counter() - started_s
    server_cpu_s, load_cpu_s = cpu_s(fleet.plan.pid) - server_cpu_s, time.process_time() - load_cpu_s
    fleet.running = False
    latencies_s.sort()
    return LoadResult(
        messages=len(latencies_s),
        errors=fleet.errors - errors + fleet.gone,
        first_error=fleet.first_error.decode(errors="replace"),
        window_s=window_s,
        server_cpu_s=server_cpu_s,
        load_cpu_s=load_cpu_s,
        p50_ms=_quantile_ms(latencies_s, 0.50),
        p99_ms=_quantile_ms(latencies_s, 0.99),
    )


async def _sleep(fleet: Fleet, duration_s: float) -> None:
    until_s = time.perf_counter() + duration_s
    while (left_s := until_s - time.perf_counter()) > 0:
        await asyncio.sleep(min(left_s, 1.0))
        fleet.tick()


def _quantile_ms(ordered_s: list[float], share: float) -> float:
    return 1000 * ordered_s[min(int(len(ordered_s) * share), len(ordered_s) - 1)] if ordered_s else 0.0


def main(arguments: list[str]) -> None:
    """Runs the plan given as JSON and prints the result as JSON."""
    import uvloop

    plan = msgspec.json.decode(arguments[0], type=LoadPlan)
    result: Any = uvloop.run(run(plan))
    print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
