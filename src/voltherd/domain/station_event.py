"""What stations report of themselves: events of monitors, and security events, as they were told."""

from typing import Final, Literal
from zlib import crc32

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

EventSource = Literal["monitor", "security"]
SOURCES: Final[tuple[EventSource, ...]] = ("monitor", "security")
MAX_SEVERITY: Final = 9
"""0 is danger, 9 is debugging (OCPP 2.0.1 N07)."""


class StationEvent(Struct, kw_only=True, gc=False):
    """One event. Kept once: a repetition says the same of the same instant."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    station_id: int
    source: EventSource
    type: str = ""
    """Of security events, such as `FirmwareUpdated`."""
    at_ms: int
    received_ms: int
    event_id: int = 0
    """The station's number of it; 0 for security events."""
    trigger: str = ""
    actual_value: str = ""
    component: str = ""
    component_instance: str = ""
    variable: str = ""
    variable_instance: str = ""
    evse_no: int = -1
    """-1: the component names no EVSE."""
    connector_no: int = -1
    cause: int | None = None
    """`event_id` of the event that caused it."""
    cleared: bool | None = None
    tech_code: str = ""
    tech_info: str = ""
    severity: int | None = None
    """Told by the event (2.1) or known from its monitor; 0 is the worst."""
    critical: bool | None = None
    """Of security events on the list of standard events; None for any other."""
    transaction_id: str = ""
    notification_type: str = ""
    monitor_id: int | None = None
    """The station's number of the monitor that saw it."""
    digest: int = 0
    """Checksum of what it says; tells two events of one instant and number from a repetition."""


def digest_of(event: StationEvent) -> int:
    """Give the checksum of what an event says beside station, source, instant and number."""
    said = (
        event.type,
        event.trigger,
        event.actual_value,
        event.component,
        event.component_instance,
        event.variable,
        event.variable_instance,
        str((event.evse_no, event.connector_no, event.cause, event.cleared, event.monitor_id)),
        event.tech_code,
        event.tech_info,
        event.transaction_id,
    )
    return crc32("\0".join(said).encode("utf-8", "replace"))


_ALIKE: Final = {
    "FirmwareUpdated": True,
    "SettingSystemTime": True,
    "StartupOfTheDevice": True,
    "ResetOrReboot": True,
    "SecurityLogWasCleared": True,
    "ReconfigurationOfSecurityParameters": False,
    "MemoryExhaustion": True,
    "InvalidMessages": False,
    "AttemptedReplayAttacks": False,
    "TamperDetectionActivated": True,
}
SECURITY_EVENTS: Final = _ALIKE | {
    "FailedToAuthenticateAtCsms": False,
    "CsmsFailedToAuthenticate": False,
    "InvalidFirmwareSignature": True,
    "InvalidFirmwareSigningCertificate": True,
    "InvalidCsmsCertificate": True,
    "InvalidChargingStationCertificate": True,
    "DiscardedRenewedClientCertificate": True,
    "InvalidTLSVersion": True,
    "InvalidTLSCipherSuite": True,
    "MaintenanceLoginAccepted": True,
    "MaintenanceLoginFailed": True,
}
"""Standard security events of 2.x (appendix 1), and whether they are critical."""
SECURITY_EVENTS_16: Final = _ALIKE | {
    "FailedToAuthenticationAtCentralSystem": False,
    "FailedToAuthenticateAtCentralSystem": False,
    "CentralSystemFailedToAuthentication": False,
    "CentralSystemFailedToAuthenticate": False,
    "InvalidFirmwareSignature": False,
    "InvalidFirmwareSigningCertificate": False,
    "InvalidCentralSystemCertificate": False,
    "InvalidChargePointCertificate": False,
    "InvalidTLSVersion": False,
    "InvalidTLSCipherSuite": False,
}
"""The same of the security whitepaper of 1.6 (section 8), in the spellings that are met."""
