"""The WebSocket client."""

from __future__ import annotations

import asyncio
import ssl as ssl_module
from collections.abc import Mapping, Sequence

from picows import (
    WSError,
    WSInvalidMessageError,
    WSInvalidStatusError,
    WSUpgradeRequest,
    WSUpgradeResponse,
    ws_connect,
)

from voltherd.websocket.connection import Connection, PicowsLogger
from voltherd.websocket.deflate import CLIENT_OFFER, Deflate, accept_response
from voltherd.websocket.handshake import basic_auth_header
from voltherd.websocket.limits import Limits
from voltherd.websocket.listener import Listener


class ConnectError(Exception):
    """No connection came about.

    ConnectError
     +-- ConnectRefused   the server answered with an HTTP error
     +-- ConnectFailed    no answer, or one that makes no sense
    """


class ConnectRefused(ConnectError):
    """The server answered the upgrade with an HTTP error."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"refused with {status}: {reason}" if reason else f"refused with {status}")
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


class ConnectFailed(ConnectError):
    """Network, TLS, timeout, or an answer that is not a WebSocket upgrade."""


async def connect(
    url: str,
    *,
    listener: Listener,
    subprotocols: Sequence[str] = (),
    basic_auth: tuple[str, bytes | str] | None = None,
    headers: Mapping[str, str] | None = None,
    compression: bool = False,
    ssl: ssl_module.SSLContext | None = None,
    limits: Limits | None = None,
    open_timeout_s: float = 10.0,
) -> Connection:
    """Opens a connection; `listener.on_open` is called before this returns.

    Args:
        url: `ws://` or `wss://`; a station's identity in it must be percent-encoded.
        listener: gets what happens.
        subprotocols: in order of preference.
        basic_auth: user and password.
        headers: further headers of the request.
        compression: whether to offer permessage-deflate.
        ssl: context for `wss://`; the system's authorities by default.
        limits: bounds of this connection.
        open_timeout_s: for TCP, TLS and the upgrade together.

    Raises:
        ConnectRefused: the server said no.
        ConnectFailed: it did not get that far.
    """
    opening = _Opening(listener, subprotocols, compression, limits or Limits())
    fields = _request_headers(subprotocols, basic_auth, headers, compression)
    try:
        async with asyncio.timeout(open_timeout_s):
            await opening.run(url, fields, ssl, open_timeout_s)
    except (TimeoutError, asyncio.CancelledError) as error:
        opening.give_up()
        if isinstance(error, asyncio.CancelledError):
            raise
        raise ConnectFailed(f"no answer within {open_timeout_s:g} s") from None
    except WSInvalidStatusError as error:
        raise _refusal(error) from None
    except (OSError, WSError, ValueError) as error:
        raise ConnectFailed(str(error) or type(error).__name__) from error
    return opening.opened()


def _request_headers(
    subprotocols: Sequence[str],
    basic_auth: tuple[str, bytes | str] | None,
    headers: Mapping[str, str] | None,
    compression: bool,
) -> dict[str, str]:
    fields = dict(headers or {})
    if subprotocols:
        fields["Sec-WebSocket-Protocol"] = ", ".join(subprotocols)
    if basic_auth is not None:
        fields["Authorization"] = basic_auth_header(*basic_auth)
    if compression:
        fields["Sec-WebSocket-Extensions"] = CLIENT_OFFER
    return fields


class _Opening:
    """One attempt; its connection exists from the moment the server has agreed."""

    def __init__(self, listener: Listener, subprotocols: Sequence[str], compression: bool, limits: Limits) -> None:
        self._listener = listener
        self._subprotocols = subprotocols
        self._compression = compression
        self._limits = limits
        self._connection: Connection | None = None
        self._given_up = False
        self._ending: asyncio.Future[None] | None = None

    async def run(self, url: str, fields: dict[str, str], ssl: ssl_module.SSLContext | None, timeout_s: float) -> None:
        await ws_connect(
            self._agreed,
            url,
            ssl_context=ssl,
            websocket_handshake_timeout=timeout_s,
            logger_name=PicowsLogger(self._parser_failed),  # type: ignore[arg-type]
            enable_auto_pong=False,
            max_frame_size=self._limits.max_message_bytes,
            read_buffer_init_size=self._limits.read_buffer_bytes,
            extra_headers=fields,
            max_redirects=0,
            use_aiofastnet=False,
        )

    def opened(self) -> Connection:
        if self._connection is None:
            raise ConnectFailed("the server closed the connection during the upgrade")
        return self._connection

    def give_up(self) -> None:
        self._given_up = True
        if self._connection is not None:
            self._connection.abort()

    def _agreed(self, request: WSUpgradeRequest, response: WSUpgradeResponse) -> Connection:
        if self._given_up:
            raise WSInvalidMessageError("given up")
        self._connection = Connection(
            self._listener,
            self._limits,
            subprotocol=self._check_subprotocol(response),
            peer=("", 0),
            deflate=self._agree_deflate(response),
        )
        return self._connection

    def _check_subprotocol(self, response: WSUpgradeResponse) -> str | None:
        chosen = response.headers.get("Sec-WebSocket-Protocol")
        if chosen is not None and chosen not in self._subprotocols:
            raise WSInvalidMessageError(f"the server chose a subprotocol that was not offered: {chosen}")
        return chosen

    def _agree_deflate(self, response: WSUpgradeResponse) -> Deflate | None:
        values = response.headers.getall("Sec-WebSocket-Extensions", [])
        if values and not self._compression:
            raise WSInvalidMessageError("the server chose an extension that was not offered")
        parameters = accept_response(values)
        return Deflate(parameters, is_client=True) if parameters else None

    def _parser_failed(self) -> None:
        if self._connection is not None:
            self._connection.parser_failed()
            self._ending = asyncio.ensure_future(self._connection.take_picows_error())


def _refusal(error: WSInvalidStatusError) -> ConnectRefused:
    assert error.response is not None
    headers = dict(error.response.headers.items())
    body = (error.raw_body or b"").decode("utf-8", "replace").strip()
    return ConnectRefused(error.response.status.value, body or error.response.status.phrase, headers)
