"""Ends a connection whose peer may still be sending, so that our last words reach it.

Closing a socket with unread data makes the kernel send a reset, and the peer may then never read the
close frame that says what was wrong. So what still comes is read into one shared buffer and forgotten,
until the peer is quiet.
"""

from __future__ import annotations

import asyncio

QUIET_S = 0.25
FLUSH_S = 5.0
MAX_BYTES = 32 * 1024 * 1024

_scratch = memoryview(bytearray(64 * 1024))


class Linger(asyncio.BufferedProtocol):
    """Protocol that discards; hands the end of the connection to the protocol it replaced."""

    def __init__(self, transport: asyncio.Transport, timeout_s: float) -> None:
        self._transport = transport
        self._replaced = transport.get_protocol()
        self._loop = asyncio.get_running_loop()
        self._deadline_s = self._loop.time() + timeout_s
        self._discarded_bytes = 0
        self._seen_bytes = -1
        transport.set_protocol(self)
        self._timer = self._loop.call_later(QUIET_S, self._tick)

    def _tick(self) -> None:
        quiet = self._discarded_bytes == self._seen_bytes
        if quiet or self._loop.time() >= self._deadline_s:
            self._transport.close()
            self._timer = self._loop.call_later(FLUSH_S, self._transport.abort)
            return
        self._seen_bytes = self._discarded_bytes
        self._timer = self._loop.call_later(QUIET_S, self._tick)

    def get_buffer(self, sizehint: int) -> memoryview:
        """The same memory for everybody: nobody reads it."""
        return _scratch

    def buffer_updated(self, nbytes: int) -> None:
        """Counts what was thrown away; a peer that never stops is dropped."""
        self._discarded_bytes += nbytes
        if self._discarded_bytes > MAX_BYTES:
            self._transport.abort()

    def eof_received(self) -> bool:
        """The peer is done: the transport closes itself."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Passes the end on."""
        self._timer.cancel()
        if self._replaced is not None:
            self._replaced.connection_lost(exc)
