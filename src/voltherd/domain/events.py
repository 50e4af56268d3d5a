"""What happened at a station, as far as a command could have been the cause."""

from msgspec import Struct

from voltherd.domain.station import Connector
from voltherd.domain.transaction import Transaction


class Fact(Struct, frozen=True):
    """Base of what is observed."""


class Booted(Fact, frozen=True):
    """The station sent a BootNotification."""

    reason: str = ""
    firmware_version: str = ""


class Began(Fact, frozen=True):
    """A transaction began."""

    transaction: Transaction


class Ended(Fact, frozen=True):
    """A transaction ended."""

    transaction: Transaction


class StatusReported(Fact, frozen=True):
    """A connector's status came."""

    connector: Connector


class AvailabilityAgreed(Fact, frozen=True):
    """The station accepted, for now and not for later, a change of availability."""

    evse_no: int
    operational: bool


class Received(Fact, frozen=True):
    """A message came that may have been triggered."""

    action: str
    evse_no: int | None = None


class ReportCompleted(Fact, frozen=True):
    """All parts of a device model report came, or nothing of it for so long that it is given up.

    `missing` are the numbers of the parts that never came; `ended` is false where the last part was never marked.
    """

    request_id: int
    variables: int
    missing: tuple[int, ...] = ()
    ended: bool = True


class Progressed(Fact, frozen=True):
    """Something that a command began and that goes on by itself has come further: an update, an upload, a report.

    `what` names it (`firmware`, `log`, `monitoring-report`, ...); `request_id` is that of the request that began it,
    None where the station does not say.
    """

    what: str
    request_id: int | None
    status: str
