"""WebSockets, server and client side: the only room that knows picows."""

from voltherd.websocket.assembly import CloseCode
from voltherd.websocket.client import ConnectError, ConnectFailed, ConnectRefused, connect
from voltherd.websocket.connection import Connection
from voltherd.websocket.handshake import (
    Accept,
    BasicCredentials,
    Reject,
    TlsInfo,
    Upgrade,
    basic_auth_header,
    choose_subprotocol,
    parse_basic_auth,
    station_identity,
)
from voltherd.websocket.http import Headers
from voltherd.websocket.limits import Limits
from voltherd.websocket.listener import Listener
from voltherd.websocket.server import Server, serve

__all__ = [
    "Accept",
    "BasicCredentials",
    "CloseCode",
    "ConnectError",
    "ConnectFailed",
    "ConnectRefused",
    "Connection",
    "Headers",
    "Limits",
    "Listener",
    "Reject",
    "Server",
    "TlsInfo",
    "Upgrade",
    "basic_auth_header",
    "choose_subprotocol",
    "connect",
    "parse_basic_auth",
    "serve",
    "station_identity",
]
