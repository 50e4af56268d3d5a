"""Security events (OCPP 2.0.1 A04 and appendix 1; A04 of the security extension of 1.6), and the password (A01)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct

from voltherd.ocpp.version import OcppVersion
from voltherd.station.function import Function
from voltherd.station.setting import Setting, number, switch, text

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

EventType = Literal[
    "FirmwareUpdated",
    "FailedToAuthenticateAtCsms",
    "CsmsFailedToAuthenticate",
    "SettingSystemTime",
    "StartupOfTheDevice",
    "ResetOrReboot",
    "SecurityLogWasCleared",
    "ReconfigurationOfSecurityParameters",
    "MemoryExhaustion",
    "InvalidMessages",
    "AttemptedReplayAttacks",
    "TamperDetectionActivated",
    "InvalidFirmwareSignature",
    "InvalidFirmwareSigningCertificate",
    "InvalidCsmsCertificate",
    "InvalidChargingStationCertificate",
    "DiscardedRenewedClientCertificate",
    "InvalidTLSVersion",
    "InvalidTLSCipherSuite",
    "MaintenanceLoginAccepted",
    "MaintenanceLoginFailed",
]

NOT_CRITICAL: Final[frozenset[EventType]] = frozenset(
    {
        "FailedToAuthenticateAtCsms",
        "CsmsFailedToAuthenticate",
        "ReconfigurationOfSecurityParameters",
        "InvalidMessages",
        "AttemptedReplayAttacks",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
    }
)
"""Written to the security log, not sent."""

SECRET_SETTINGS: Final = {
    "password": "the password",
    "security_profile": "the security profile",
    "wanted_security_profile": "the security profile",
    "network_priority": "the priority of network profiles",
    "organization_name": "the organization",
}
MIN_PASSWORD: Final = 16
MAX_PASSWORD: Final = 64
MAX_KEY_BYTES: Final = 20


class SecurityEvent(Struct, frozen=True):
    """Something about security happened; `timestamp` as OCPP writes it."""

    type: EventType
    timestamp: str
    tech_info: str = ""


class Security(Function):
    """Notes security events, and reports the critical ones."""

    __slots__ = ("_has_started", "_told_of", "_wall_s", "_was_reset")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("security_events", True),
        number("time_report_threshold_s", 20, None, "ClockCtrlr.TimeAdjustmentReportingThreshold"),
        text("password", "", "AuthorizationKey", "SecurityCtrlr.BasicAuthPassword", access="WriteOnly",
             most_characters=MAX_PASSWORD),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._has_started = False
        self._was_reset = False
        self._told_of: EventType | None = None
        self._wall_s = core.clock.wall(0.0).timestamp()

    def note(self, event: EventType, tech_info: str = "") -> None:
        """Write an event into the security log, and tell the CSMS where it is critical (A04.FR.01, A04.FR.02)."""
        core = self.core
        core.logs.note_security(f"{event} {tech_info}".rstrip())
        if event not in NOT_CRITICAL and self.is_reporting:
            core.queue(SecurityEvent(event, core.clock.text(core.now), tech_info[:255]))

    @property
    def is_reporting(self) -> bool:
        """Whether the CSMS hears of events; 1.6 knows them only where its security extension is in use."""
        core = self.core
        extended = core.version is not OcppVersion.V16 or self.password() or core.network.security_profile > 1
        return bool(extended) and core.settings.switch("security_events")

    def note_once(self, event: EventType, tech_info: str) -> None:
        """The same for what goes wrong with every attempt to connect: once until one succeeds (A00.FR.316)."""
        if self._told_of != event:
            self._told_of = event
            self.note(event, tech_info)

    def password(self) -> str | bytes | None:
        """What Basic authentication is done with, None without.

        1.6 writes it in hexadecimal digits and means the bytes (A00.FR.205 of its security extension).
        """
        word = self.core.settings.text("password")
        if not word:
            return self.core.config.password
        key = _as_bytes(word) if self.core.version is OcppVersion.V16 else None
        return word if key is None else key

    def is_password_fit(self, word: str | bytes) -> bool:
        """Whether a password is long enough, and not too long (A00.FR.205)."""
        return MIN_PASSWORD <= len(word) <= MAX_PASSWORD

    # Moments ---------------------------------------------------------------------------------

    def accepted(self) -> None:
        """The first time after the power came or a reset, that is an event."""
        self._told_of = None
        if not self._has_started:
            self._has_started = True
            self.note("ResetOrReboot" if self._was_reset else "StartupOfTheDevice")
            self._was_reset = False

    def restarting(self) -> None:
        """The next start is a reset."""
        self._has_started, self._was_reset = False, True

    def clock_changed(self) -> None:
        """Report a jump of the clock that is not small."""
        wall_s = self.core.clock.wall(0.0).timestamp()
        jumped_s, self._wall_s = wall_s - self._wall_s, wall_s
        if abs(jumped_s) > self.core.settings.number("time_report_threshold_s"):
            self.note("SettingSystemTime", f"by {jumped_s:+.0f} s")

    def objects_to(self, name: str, value: str) -> str | None:
        """A password must be long enough (A00.FR.205, A00.FR.304)."""
        if name != "password":
            return None
        word: str | bytes = value
        if self.core.version is OcppVersion.V16:
            word = _as_bytes(value) or value
        return None if self.is_password_fit(word) else f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters"

    def setting_changed(self, name: str) -> None:
        """Note changes of what security rests on, not their content (A01.FR.11, A01.FR.12)."""
        what = SECRET_SETTINGS.get(name)
        if what is not None:
            self.note("ReconfigurationOfSecurityParameters", f"{what} was changed")
        if name == "password":
            self.core.afterwards(self.core.network.reconnect)


def _as_bytes(digits: str) -> bytes | None:
    """The bytes that hexadecimal digits stand for, None where they are no key of 1.6."""
    if not (2 * MIN_PASSWORD <= len(digits) <= 2 * MAX_KEY_BYTES):
        return None
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return None
