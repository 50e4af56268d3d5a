"""One open WebSocket connection, of a server or a client.

picows parses and writes frames. What it leaves to its user is done here: the close handshake,
fragments, compression, pings, UTF-8, and what happens with a peer that reads too slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, cast

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from voltherd.websocket.assembly import (
    Assembler,
    CloseCode,
    ProtocolViolationError,
    is_sendable_code,
    is_utf8,
    parse_close,
    render_close,
)
from voltherd.websocket.deflate import Deflate
from voltherd.websocket.limits import Limits
from voltherd.websocket.listener import Listener

_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG
_CLOSE = WSMsgType.CLOSE

log = logging.getLogger("voltherd.websocket")


class Connection(WSListener):
    """An open connection. Methods are to be called from its event loop.

    Attributes:
        subprotocol: what was negotiated, None if nothing.
        peer: address and port of the other side.
        is_open: False as soon as either side began to close.
        writable: False while unsent bytes are above the high-water mark.
    """

    __slots__ = (
        "_assembler",
        "_clean",
        "_deflate",
        "_ending",
        "_limits",
        "_linger",
        "_listener",
        "_on_gone",
        "_send",
        "_timer",
        "_transport",
        "is_open",
        "peer",
        "subprotocol",
        "writable",
    )

    def __init__(
        self,
        listener: Listener,
        limits: Limits,
        *,
        subprotocol: str | None,
        peer: tuple[str, int],
        deflate: Deflate | None = None,
        on_gone: Callable[[Connection], None] | None = None,
    ) -> None:
        self.subprotocol = subprotocol
        self.peer = peer
        self.is_open = False
        self.writable = True
        self._listener: Listener = listener
        self._limits = limits
        self._deflate = deflate
        self._assembler: Assembler | None = None
        self._transport: WSTransport | None = None
        self._send: Callable[..., None] = _not_connected
        self._timer: asyncio.TimerHandle | None = None
        self._ending: tuple[int, str] | None = None
        self._clean = False
        self._on_gone = on_gone
        self._linger: Callable[[], None] | None = None

    # Sending

    def send_text(self, data: bytes | str) -> bool:
        """Sends a text message (bytes must be UTF-8); False if the connection is no longer open."""
        if not self.is_open:
            return False
        if self._deflate is None:
            self._send(_TEXT, data)
        else:
            self._send_deflated(_TEXT, data, self._deflate)
        if not self.writable:
            self._check_backlog()
        return True

    def ping(self, payload: bytes = b"") -> bool:
        """Sends a ping (at most 125 bytes); the answer is reported to `on_pong`."""
        if self.is_open:
            self._send(_PING, payload[:125])
        return self.is_open

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Begins the close handshake; what the peer still sends is dropped, `on_close` follows.

        Raises:
            ValueError: a code that may not be sent.
        """
        if not is_sendable_code(code):
            raise ValueError(f"close code {code} may not be sent")
        if not self.is_open:
            return
        self._ending = (code, reason)
        self._send_close(code, reason)
        self._wait_for_peer(self._limits.close_timeout_s)

    def abort(self) -> None:
        """Drops the socket at once, without a close frame."""
        self.is_open = False
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    @property
    def peer_certificate(self) -> bytes | None:
        """The certificate that the peer showed with TLS (DER), None without."""
        if self._transport is None:
            return None
        session = self._transport.underlying_transport.get_extra_info("ssl_object")
        return None if session is None else cast("bytes | None", session.getpeercert(binary_form=True))

    def stop_reading(self) -> None:
        """Reads nothing for now, so that pings stay unanswered: to a peer the network seems to be gone."""
        if self._transport is not None:
            self._transport.underlying_transport.pause_reading()

    def go_on_reading(self) -> None:
        """Reads again, what has come meanwhile too."""
        if self._transport is not None:
            self._transport.underlying_transport.resume_reading()

    def desert(self) -> None:
        """Leaves the socket open for ever without a word: half-open to the peer. Nobody hears of it any more."""
        self.stop_reading()
        self.is_open = False
        self._send = _not_connected
        self._listener = Listener()

    @property
    def unsent_bytes(self) -> int:
        """Bytes that wait for the peer to read."""
        transport = self._transport
        return 0 if transport is None else transport.underlying_transport.get_write_buffer_size()

    def _send_deflated(self, kind: WSMsgType, data: bytes | str, deflate: Deflate) -> None:
        plain = data.encode() if isinstance(data, str) else data
        packed = deflate.compress(plain)
        if packed is None:
            self._send(kind, plain)
        else:
            self._send(kind, packed, True, True)

    def _send_close(self, code: int, reason: str) -> None:
        self.is_open = False
        if self._transport is None:
            return
        payload = render_close(code, reason)
        if payload:
            self._transport.send_close(cast("WSCloseCode", code), payload[2:])
        else:
            self._send(_CLOSE, payload)

    def _check_backlog(self) -> None:
        if self.unsent_bytes > self._limits.send_buffer_bytes:
            self._ending = (CloseCode.ABNORMAL, "peer reads too slowly")
            self.abort()

    def _wait_for_peer(self, timeout_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(timeout_s, self.abort)

    # Receiving: called by picows

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame came; whole plain text messages take the short way."""
        kind = frame.msg_type
        if (
            kind is _TEXT
            and frame.fin
            and self._assembler is None
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
            and self.is_open
        ):
            data = frame.get_payload_as_bytes()
            if data.isascii() or is_utf8(data):
                self._listener.on_message(self, data)
            else:
                self._violated(ProtocolViolationError(CloseCode.INVALID_TEXT, "text is not valid UTF-8"))
            return
        try:
            self._take(frame, kind)
        except ProtocolViolationError as error:
            self._violated(error)

    def _take(self, frame: WSFrame, kind: WSMsgType) -> None:
        if kind.value < _CLOSE.value:
            if self.is_open:
                self._take_data(frame, kind)
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:
            raise ProtocolViolationError(CloseCode.PROTOCOL_ERROR, "reserved bit set")
        elif kind is _CLOSE:
            self._take_close(frame.get_payload_as_bytes())
        elif self.is_open and kind is _PING:
            self._send(_PONG, frame.get_payload_as_bytes())
            self._listener.on_ping(self)
        elif self.is_open:
            self._listener.on_pong(self)

    def _take_data(self, frame: WSFrame, kind: WSMsgType) -> None:
        assembler = self._assembler or Assembler(self._limits.max_message_bytes, self._deflate)
        self._assembler = None
        message = assembler.add(
            kind.value,
            frame.get_payload_as_bytes(),
            fin=bool(frame.fin),
            rsv1=bool(frame.rsv1),
            rsv2_3=bool(frame.rsv2 or frame.rsv3),
        )
        if message is None:
            self._assembler = assembler
        elif assembler.is_text:
            self._listener.on_message(self, message)
        else:
            self._listener.on_binary(self, message)

    def _take_close(self, payload: bytes) -> None:
        code, reason = parse_close(payload)
        self._clean = True
        if self._ending is None:
            self._ending = (code, reason)
            self._send_close(code, "")
        self._finish()

    def _finish(self) -> None:
        """Both close frames are through: the server ends the TCP connection, the client waits for it."""
        transport = self._transport
        if transport is None:
            return
        self._wait_for_peer(self._limits.close_timeout_s)
        if not transport.is_client_side:
            transport.disconnect()

    def _violated(self, error: ProtocolViolationError) -> None:
        if self._ending is None:
            self._ending = (error.code, error.reason)
            self._send_close(error.code, error.reason)
            self._wait_for_peer(self._limits.close_timeout_s)
        elif self._transport is not None:
            self._transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is through."""
        self._transport = transport
        self._send = transport.send
        self.is_open = True
        if not self.peer[0]:
            self.peer = peer_of(transport.underlying_transport)
        _forget_handshake(transport)
        self._listener.on_open(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is gone."""
        self.is_open = False
        if self._timer is not None:
            self._timer.cancel()
        code, reason = self._ending or _own_violation(transport) or (CloseCode.ABNORMAL, "")
        listener, self._listener = self._listener, Listener()
        self._transport, self._send, self._assembler, self._deflate = None, _not_connected, None, None
        if self._on_gone is not None:
            self._on_gone(self)
        listener.on_close(self, code, reason, self._clean)

    def attach(self, linger: Callable[[], None]) -> None:
        """How to end the socket when picows can no longer read it."""
        self._linger = linger

    def parser_failed(self) -> None:
        """Picows gives up and is about to send a close frame."""
        self.is_open = False
        if self._linger is not None:
            self._linger()

    async def take_picows_error(self) -> None:
        """Fetches the error that a picows client keeps for whoever waits; `on_close` tells it already."""
        if self._transport is not None:
            with contextlib.suppress(Exception):
                await self._transport.wait_disconnected()

    def pause_writing(self) -> None:
        """The send buffer is above its high-water mark."""
        self.writable = False
        self._listener.on_writable(self, False)

    def resume_writing(self) -> None:
        """The send buffer has drained."""
        self.writable = True
        self._listener.on_writable(self, True)


class PicowsLogger:
    """Takes the place of picows' logger.

    picows reports a frame that it cannot parse, and an exception in a listener, nowhere but to its
    logger; both end the connection. Its other lines, some per connection, are not wanted, and a plain
    `logging.Logger` would be copied for each connection.
    """

    __slots__ = ("_on_error",)

    def __init__(self, on_error: Callable[[], None]) -> None:
        self._on_error = on_error

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        """Nothing but errors is of interest."""
        return False

    def debug(self, *args: Any) -> None:
        """Dropped."""

    log = info = warning = debug

    def error(self, message: str, *args: Any) -> None:
        """A frame was refused; the peer gets the close code."""
        log.debug(message, *args)
        self._on_error()

    def exception(self, message: str, *args: Any) -> None:
        """A listener raised: a fault of ours, so it is reported in full."""
        log.error(message, *args, exc_info=True)
        self._on_error()


def peer_of(transport: asyncio.Transport) -> tuple[str, int]:
    """Address and port of the other side; an empty address where there is none (a Unix socket)."""
    name = transport.get_extra_info("peername")
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else ("", 0)


def _own_violation(transport: WSTransport) -> tuple[int, str] | None:
    sent = transport.close_handshake and transport.close_handshake.sent
    return (sent.code.value, sent.reason) if sent else None


def _forget_handshake(transport: WSTransport) -> None:
    """Frees request and response headers that picows keeps for the life of a connection (1 to 2 KB)."""
    for message in (transport.request, transport.response):
        if message is not None:
            message.headers = None  # type: ignore[assignment]


def _not_connected(*args: object) -> None:
    """Stands for `send` before and after the life of a connection."""
