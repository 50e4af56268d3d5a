"""The WebSocket server: the HTTP upgrade by us, the frames by picows.

The request is read and answered here, before picows is involved: only so the peer's address and
certificate are known when a station is judged, a refusal is a clean HTTP answer, and the oddities of
real clients (`Connection: keep-alive, Upgrade`) are taken. Then the socket is handed to picows.
"""

from __future__ import annotations

import asyncio
import logging
import ssl as ssl_module
from dataclasses import dataclass
from typing import Any

from voltherd.websocket.assembly import CloseCode
from voltherd.websocket.connection import Connection
from voltherd.websocket.handshake import Decide
from voltherd.websocket.limits import Limits
from voltherd.websocket.upgrading import Upgrading

log = logging.getLogger("voltherd.websocket")

BACKLOG = 4096


@dataclass(slots=True)
class ServerCounters:
    """What happened at the door since the start."""

    accepted: int = 0
    refused: int = 0
    timed_out: int = 0


class Server:
    """A listening server; made by `serve`."""

    def __init__(self, decide: Decide, limits: Limits, max_connections: int) -> None:
        self.limits = limits
        self.decide = decide
        self.counters = ServerCounters()
        self._max_connections = max_connections
        self._connections: set[Connection] = set()
        self._upgrading: set[Upgrading] = set()
        self._listening: asyncio.Server | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    async def listen(self, host: str | None, port: int, ssl: ssl_module.SSLContext | None) -> None:
        """Binds and starts to accept.

        Raises:
            OSError: the address is in use or may not be bound.
        """
        options: dict[str, Any] = {"ssl": ssl, "backlog": BACKLOG}
        if ssl is not None:
            options["ssl_handshake_timeout"] = self.limits.handshake_timeout_s
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Upgrading(self), host, port, **options)

    @property
    def port(self) -> int:
        """The port that was bound; of interest when 0 was asked for."""
        sockets = self._listening.sockets if self._listening else ()
        return int(sockets[0].getsockname()[1]) if sockets else 0

    @property
    def connections(self) -> int:
        """Open connections; unfinished handshakes do not count."""
        return len(self._connections)

    @property
    def handshakes(self) -> int:
        """Connections that have not completed their upgrade request."""
        return len(self._upgrading)

    @property
    def is_full(self) -> bool:
        """Whether the next upgrade is answered with 503."""
        return len(self._connections) >= self._max_connections

    def stop_listening(self) -> None:
        """No new connections; the open ones stay."""
        if self._listening is not None:
            self._listening.close()

    async def close(self, code: int = CloseCode.GOING_AWAY, reason: str = "server is shutting down") -> None:
        """Stops listening, closes every connection, and returns when all are gone."""
        self.stop_listening()
        for upgrading in list(self._upgrading):
            upgrading.abort()
        for connection in list(self._connections):
            connection.close(code, reason)
        try:
            await asyncio.wait_for(self._empty.wait(), self.limits.close_timeout_s + 1)
        except TimeoutError:
            for connection in list(self._connections):
                connection.abort()

    # For the handshake

    def arrived(self, upgrading: Upgrading) -> None:
        """A TCP (and TLS) connection is there; its request is awaited."""
        self._upgrading.add(upgrading)

    def left(self, upgrading: Upgrading) -> None:
        """The upgrade was accepted, refused or given up."""
        self._upgrading.discard(upgrading)

    def opened(self, connection: Connection) -> None:
        """An upgrade was accepted."""
        self._connections.add(connection)
        self._empty.clear()
        self.counters.accepted += 1

    def gone(self, connection: Connection) -> None:
        """A connection has ended."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()


async def serve(
    host: str | None,
    port: int,
    *,
    upgrade: Decide,
    ssl: ssl_module.SSLContext | None = None,
    limits: Limits | None = None,
    max_connections: int = 100_000,
) -> Server:
    """Starts a WebSocket server on the running loop.

    Args:
        host: address or name to bind; None for all interfaces.
        port: 0 takes a free one, see `Server.port`.
        upgrade: judges each well-formed upgrade request before it is answered. It may be a coroutine
            function; the connection then waits, others do not.
        ssl: server context for TLS.
        limits: bounds for every connection.
        max_connections: further upgrades are answered with 503.

    Raises:
        OSError: the address is in use or may not be bound.
    """
    server = Server(upgrade, limits or Limits(), max_connections)
    await server.listen(host, port, ssl)
    return server
