"""A station's past as the API shows it: its connections, and which status its connectors had from when on."""

from msgspec import Struct

from voltherd.api.views.listed import instant
from voltherd.domain.station import ConnectionLog, StatusInterval
from voltherd.domain.time import format_ms


class ConnectionView(Struct, kw_only=True):
    """One connection; `closed_at` is null while it lasts, or where the server ended before it could say."""

    opened_at: str
    closed_at: str | None
    close_code: int | None
    close_reason: str | None
    peer: str
    ocpp_version: str
    security_profile: int
    node: str


class StatusIntervalView(Struct, kw_only=True):
    """A connector had this status from here on, until the next of its intervals begins."""

    evse_id: int
    connector_id: int
    since: str
    status: str
    error_code: str | None


def connection_view(record: ConnectionLog) -> ConnectionView:
    """Show one connection."""
    return ConnectionView(
        opened_at=format_ms(record.opened_at_ms),
        closed_at=instant(record.closed_at_ms),
        close_code=record.close_code,
        close_reason=record.close_reason or None,
        peer=record.peer,
        ocpp_version=record.ocpp_version,
        security_profile=record.security_profile,
        node=record.node,
    )


def status_interval_view(record: StatusInterval) -> StatusIntervalView:
    """Show one interval."""
    return StatusIntervalView(
        evse_id=record.evse_no,
        connector_id=record.connector_no,
        since=format_ms(record.from_ms),
        status=record.status,
        error_code=record.error_code or None,
    )
