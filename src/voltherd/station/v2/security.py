"""SecurityEventNotification of 2.x (A04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.outbox import Outgoing
from voltherd.station.security import SecurityEvent
from voltherd.station.v2.words import reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(SecurityEvent)
def security_event(core: StationCore, report: SecurityEvent) -> Outgoing:
    """A SecurityEventNotification."""
    request = v2.SecurityEventNotificationRequest(
        type=report.type, timestamp=report.timestamp, tech_info=report.tech_info or UNSET
    )
    return Outgoing(action="SecurityEventNotification", request=request)
