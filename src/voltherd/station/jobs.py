"""I/O that a station's rules ask their owner for. The owner does a job and hands its outcome to the core.

A job is cancelled by the rules that asked for it; its outcome is then of no interest any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct

Failure = Literal["Failed", "PermissionDenied", "NotSupportedOperation", "BadMessage", "Redirected", "TooLarge"]
"""Why a transfer failed; the first words are those of LogStatusNotification."""

LARGEST_DOWNLOAD_BYTES: Final = 64 * 1024 * 1024


class Downloaded(Struct, frozen=True):
    """A file came in whole."""

    content: bytes


class Uploaded(Struct, frozen=True):
    """A file arrived at its destination, `url` being the whole address."""

    url: str


class TransferFailed(Struct, frozen=True):
    """A transfer came to nothing; `text` is for people."""

    failure: Failure
    text: str = ""


class Job(Struct, kw_only=True, eq=False):
    """One piece of I/O.

    Attributes:
        on_done: hears the outcome, unless the job was cancelled.
        cancelled: nobody waits for it any more; whoever does it may stop.
    """

    on_done: Callable[[object], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Give it up."""
        self.cancelled = True

    def done(self, outcome: object) -> None:
        """Hand over the outcome."""
        if not self.cancelled:
            self.on_done(outcome)


class Transfer(Job, kw_only=True, eq=False):
    """A file to fetch from or bring to a URL: http, https, ftp or ftps.

    Attributes:
        url: may name user and password, which are used for Basic authentication and FTP (OCPP 2.1 N01.FR.25).
        roots_pem: certificates trusted beside those of the operating system (OCPP 2.0.1 N01.FR.15, N01.FR.16).
        timeout_s: how long a silent server is waited for, in real seconds.
    """

    url: str
    roots_pem: str = ""
    timeout_s: float = 30.0


class Download(Transfer, kw_only=True, eq=False):
    """A file to fetch. Its outcome is `Downloaded` or `TransferFailed`."""

    most_bytes: int = LARGEST_DOWNLOAD_BYTES


class Upload(Transfer, kw_only=True, eq=False):
    """A file to bring. Its outcome is `Uploaded` or `TransferFailed`.

    A URL that ends with a slash names a directory, and `name` is appended to it (OCPP 2.0.1 N01.FR.21).
    """

    name: str
    content: bytes = msgspec.field(default=b"")
