"""The bounds every connection is held to."""

from __future__ import annotations

from dataclasses import dataclass

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds; one object serves all connections of a server or client."""

    max_message_bytes: int = MEBIBYTE
    """A larger message, in one frame, in fragments or once inflated, ends the connection with 1009."""

    max_request_bytes: int = 16 * KIBIBYTE
    """Request line and headers of an upgrade; more is answered with 431."""

    handshake_timeout_s: float = 10.0
    """Time for TLS, and again for the request to be complete."""

    close_timeout_s: float = 5.0
    """Time for the peer to answer our close frame before the socket is dropped."""

    write_high_water_bytes: int = 64 * KIBIBYTE
    """Unsent bytes from which a connection counts as not writable."""

    send_buffer_bytes: int = 4 * MEBIBYTE
    """Unsent bytes from which a peer that reads too slowly is dropped."""

    read_buffer_bytes: int = 2 * KIBIBYTE
    """First size of a connection's read buffer; it grows with the messages that come."""
