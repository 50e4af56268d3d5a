"""SecurityEventNotification of 1.6's security extension (A04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.outbox import Outgoing
from voltherd.station.security import EventType, SecurityEvent
from voltherd.station.v16.words import reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_NAMES: Final[dict[EventType, str]] = {
    "FailedToAuthenticateAtCsms": "FailedToAuthenticateAtCentralSystem",
    "CsmsFailedToAuthenticate": "CentralSystemFailedToAuthenticate",
    "InvalidCsmsCertificate": "InvalidCentralSystemCertificate",
    "InvalidChargingStationCertificate": "InvalidChargePointCertificate",
}


@reports(SecurityEvent)
def security_event(core: StationCore, report: SecurityEvent) -> Outgoing:
    """A SecurityEventNotification."""
    request = v16.SecurityEventNotificationRequest(
        type=_NAMES.get(report.type, report.type),
        timestamp=report.timestamp,
        tech_info=report.tech_info or UNSET,
    )
    return Outgoing(action="SecurityEventNotification", request=request)
