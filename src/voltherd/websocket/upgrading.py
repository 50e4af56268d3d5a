"""One incoming connection until its upgrade: reads the request, asks, answers, hands over to picows."""

from __future__ import annotations

import asyncio
import logging
import ssl as ssl_module
from collections.abc import Awaitable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, cast

from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from voltherd.websocket.connection import Connection, PicowsLogger, peer_of
from voltherd.websocket.deflate import Deflate, DeflateParameters, negotiate
from voltherd.websocket.handshake import Accept, Answer, Decide, Reject, TlsInfo, Upgrade, check_upgrade
from voltherd.websocket.http import HEAD_END, BadRequestError, parse_head, render_response
from voltherd.websocket.limits import Limits
from voltherd.websocket.linger import Linger

if TYPE_CHECKING:
    from voltherd.websocket.server import ServerCounters

log = logging.getLogger("voltherd.websocket")

_scratch = memoryview(bytearray(16 * 1024))
"""All handshakes read into this; what came is copied out before the next read."""


class Door(Protocol):
    """What a handshake needs of its server."""

    limits: Limits
    decide: Decide
    counters: ServerCounters

    @property
    def is_full(self) -> bool:
        """Whether to refuse with 503."""

    def arrived(self, upgrading: Upgrading) -> None:
        """A handshake began."""

    def left(self, upgrading: Upgrading) -> None:
        """A handshake ended."""

    def opened(self, connection: Connection) -> None:
        """A connection opens."""

    def gone(self, connection: Connection) -> None:
        """A connection has ended."""


class Upgrading(asyncio.BufferedProtocol):
    """The protocol of a fresh connection. Kept until 101 or a refusal was sent."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deciding: asyncio.Task[None] | None = None
        self._done = False

    # Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The TCP connection, and TLS if any, is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._door.arrived(self)
        timeout_s = self._door.limits.handshake_timeout_s
        self._timer = asyncio.get_running_loop().call_later(timeout_s, self._time_out)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Shared memory: everything happens in one thread."""
        return _scratch

    def buffer_updated(self, nbytes: int) -> None:
        """A part of the request came."""
        if self._done:
            return
        self._received += _scratch[:nbytes]
        if self._deciding is None:
            self._try_request()
        elif len(self._received) > self._door.limits.max_request_bytes:
            self.abort()  # frames before our answer, and too many of them

    def eof_received(self) -> bool:
        """The peer gave up: the transport closes itself."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone before its upgrade."""
        if self._deciding is not None:
            self._deciding.cancel()
        self._leave()

    def abort(self) -> None:
        """Drops the connection."""
        if self._transport is not None:
            self._transport.abort()

    # Request

    def _try_request(self) -> None:
        end = self._received.find(HEAD_END)
        limit = self._door.limits.max_request_bytes
        if end > limit or (end < 0 and len(self._received) > limit):
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request is larger than {limit} bytes.")
        elif end >= 0:
            self._take_request(bytes(self._received[:end]), end + len(HEAD_END))

    def _take_request(self, head: bytes, head_bytes: int) -> None:
        try:
            target, headers = parse_head(head)
            key = check_upgrade(headers)
        except BadRequestError as error:
            self._refuse(error.status, error.reason, error.headers)
            return
        del self._received[:head_bytes]
        if self._door.is_full:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.", (("Retry-After", "30"),))
            return
        assert self._transport is not None
        request = Upgrade(target, headers, peer_of(self._transport), _tls_info(self._transport))
        self._decide(request, key)

    def _decide(self, request: Upgrade, key: str) -> None:
        try:
            answer = self._door.decide(request)
        except Exception:
            log.exception("deciding about an upgrade failed")
            answer = Reject(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error.")
        if isinstance(answer, Awaitable):
            self._deciding = asyncio.get_running_loop().create_task(self._decide_later(answer, request, key))
        else:
            self._answer(answer, request, key)

    async def _decide_later(self, answer: Awaitable[Answer], request: Upgrade, key: str) -> None:
        try:
            decided = await answer
        except Exception:
            log.exception("deciding about an upgrade failed")
            decided = Reject(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error.")
        if not self._done:
            self._answer(decided, request, key)

    # Answer

    def _answer(self, answer: Answer, request: Upgrade, key: str) -> None:
        if isinstance(answer, Reject):
            self._refuse(answer.status, answer.reason, tuple(answer.headers.items()))
        else:
            self._accept(answer, request, key)

    def _refuse(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._door.counters.refused += 1
        transport = self._transport
        self._leave()
        if transport is not None:
            transport.write(render_response(status, text, headers))
            Linger(transport, self._door.limits.close_timeout_s) if self._received else transport.close()

    def _time_out(self) -> None:
        self._door.counters.timed_out += 1
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The upgrade request did not come in time.")

    def _leave(self) -> None:
        self._done = True
        self._door.left(self)
        if self._timer is not None:
            self._timer.cancel()

    def _accept(self, accept: Accept, request: Upgrade, key: str) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._leave()
        parameters = negotiate(request.headers.get_all("Sec-WebSocket-Extensions")) if accept.compression else None
        connection = Connection(
            accept.listener,
            self._door.limits,
            subprotocol=accept.subprotocol,
            peer=request.peer,
            deflate=Deflate(parameters, is_client=False) if parameters else None,
            on_gone=self._door.gone,
        )
        transport.set_write_buffer_limits(high=self._door.limits.write_high_water_bytes)
        self._door.opened(connection)
        response = _switching_protocols(accept, request, parameters)
        hand_over(transport, connection, self._door.limits, response, key, bytes(self._received))


def _switching_protocols(accept: Accept, request: Upgrade, parameters: DeflateParameters | None) -> WSUpgradeResponse:
    headers = dict(accept.headers)
    offered = _as_offered(accept.subprotocol, request.subprotocols)
    if offered is not None:
        headers["Sec-WebSocket-Protocol"] = offered
    if parameters is not None:
        headers["Sec-WebSocket-Extensions"] = parameters.header()
    response: WSUpgradeResponse = WSUpgradeResponse.create_101_response(headers)
    return response


def _as_offered(subprotocol: str | None, offered: tuple[str, ...]) -> str | None:
    """In the client's spelling; None if it was not offered, for then it may not be answered."""
    wanted = (subprotocol or "").lower()
    return next((name for name in offered if name.lower() == wanted), None)


def _tls_info(transport: asyncio.Transport) -> TlsInfo | None:
    session: ssl_module.SSLObject | None = transport.get_extra_info("ssl_object")
    if session is None:
        return None
    cipher = session.cipher()
    return TlsInfo(
        version=session.version() or "",
        cipher=cipher[0] if cipher else "",
        peer_certificate_der=session.getpeercert(binary_form=True),
        peer_certificate=session.getpeercert() or None,
    )


class Socket:
    """The transport as picows sees it: picows' way to end a connection is replaced by ours."""

    __slots__ = ("_close_timeout_s", "_lingers", "_transport", "get_extra_info", "get_write_buffer_size", "write")

    def __init__(self, transport: asyncio.Transport, close_timeout_s: float) -> None:
        self._transport = transport
        self._close_timeout_s = close_timeout_s
        self._lingers = False
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.get_extra_info = transport.get_extra_info

    def writelines(self, parts: list[Any]) -> None:
        """Copies: picows hands out memory that its next frame overwrites, and uvloop writes later."""
        self.write(b"".join(parts))

    def linger(self) -> None:
        """Picows gave up on the peer's bytes; its close frame is to arrive all the same."""
        if not self._lingers and not self._transport.is_closing():
            self._lingers = True
            Linger(self._transport, self._close_timeout_s)

    def close(self) -> None:
        """Closes, unless that is already under way."""
        if not self._lingers:
            self._transport.close()

    def abort(self) -> None:
        """Drops the socket."""
        self._transport.abort()


def hand_over(
    transport: asyncio.Transport,
    connection: Connection,
    limits: Limits,
    response: WSUpgradeResponse,
    key: str,
    received: bytes,
) -> None:
    """Puts picows on the socket; it gets a plain request with the client's key, and writes the 101."""
    socket = Socket(transport, limits.close_timeout_s)
    connection.attach(socket.linger)

    def accept(_: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        return WSUpgradeResponseWithListener(response, connection)

    protocol = _picows_protocol(accept, PicowsLogger(connection.parser_failed), limits)
    transport.set_protocol(protocol)
    protocol.connection_made(socket)
    _feed(protocol, _PLAIN_REQUEST % key.encode("ascii") + received)


_PLAIN_REQUEST = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)


def _picows_protocol(factory: Any, logger: PicowsLogger, limits: Limits) -> Any:
    return WSProtocol(
        None,  # host and port: of a client
        None,  # path: of a client
        False,  # is_client_side
        factory,
        logger,
        True,  # disconnect_on_exception
        None,  # handshake timeout: ours has passed
        False,  # automatic pings
        0,
        0,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        False,  # automatic pongs: a ping is a sign of life that we want to see
        limits.max_message_bytes,
        None,  # extra headers: of a client
        limits.read_buffer_bytes,
    )


def _feed(protocol: Any, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        buffer = protocol.get_buffer(-1)
        count = min(len(buffer), len(rest))
        buffer[:count] = rest[:count]
        protocol.buffer_updated(count)
        rest = rest[count:]
