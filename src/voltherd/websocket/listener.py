"""Who hears what happens on a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voltherd.websocket.assembly import CloseCode

if TYPE_CHECKING:
    from voltherd.websocket.connection import Connection


class Listener:
    """What happens on a connection; override what is of interest.

    All methods are called from the event loop, in the order of the frames, and must not block. An
    exception that leaves one ends that connection with 1011.
    """

    __slots__ = ()

    def on_open(self, connection: Connection) -> None:
        """The handshake is complete; sending is allowed from here on."""

    def on_message(self, connection: Connection, data: bytes) -> None:
        """A whole text message, checked to be UTF-8."""

    def on_binary(self, connection: Connection, data: bytes) -> None:
        """A whole binary message; OCPP-J knows none, so the default closes with 1003."""
        connection.close(CloseCode.UNSUPPORTED_DATA, "only text messages are understood")

    def on_ping(self, connection: Connection) -> None:
        """A ping came and was answered: a sign of life."""

    def on_pong(self, connection: Connection) -> None:
        """A pong came, asked for or not: a sign of life."""

    def on_writable(self, connection: Connection, writable: bool) -> None:
        """The send buffer rose above its high-water mark (False) or has drained (True)."""

    def on_close(self, connection: Connection, code: int, reason: str, clean: bool) -> None:
        """The connection is gone; called once, if and only if `on_open` was.

        `code` and `reason` are those of the first close frame, ours or the peer's; 1006 if there was
        none. `clean` says that both sides exchanged close frames.
        """
