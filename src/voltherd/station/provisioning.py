"""Booting, registration, heartbeats (OCPP 2.0.1 B01 to B04, G02; OCPP 1.6, 4.2 and 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.v2.enums import BootReasonEnumType
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voltherd.station.core import StationCore

BootReason = BootReasonEnumType

ROOM: Final = "boot"
"""Where the reason of a restart is kept while it lasts."""

BOOT_RETRY_S: Final = 30.0
"""Wait before the next BootNotification where the CSMS gave none."""

SYNCHRONISE_S: Final = 86_400.0
"""A Heartbeat is sent at least so often, for the clock (OCPP 2.0.1 G02.FR.07; OCPP 1.6, 4.6)."""

FEATURE_PROFILES: Final = {
    "Core": "BootNotification",
    "FirmwareManagement": "UpdateFirmware",
    "LocalAuthListManagement": "SendLocalList",
    "RemoteTrigger": "TriggerMessage",
    "Reservation": "ReserveNow",
    "SmartCharging": "SetChargingProfile",
}
"""The feature profiles of 1.6, with an action that shows that a station has them (OCPP 1.6, 3.3)."""


class Boot(Struct, frozen=True):
    """The station introduces itself."""

    reason: BootReason


class Registered(Struct, frozen=True):
    """What the CSMS says to a boot: status, its time, and seconds until the next boot or between heartbeats."""

    status: Literal["Accepted", "Pending", "Rejected"]
    current_time: str
    interval_s: int


class Heartbeat(Struct, frozen=True):
    """The station is alive, and asks for the time; the answer is the time of the CSMS as OCPP writes it."""


class Provisioning(Function):
    """Boots until it is accepted, then sends heartbeats.

    Attributes:
        boot_reason: what the next boot says.
        firmware_version: what the next boot says.
    """

    __slots__ = ("_boot_timer", "_heartbeat_timer", "_synchronised_at", "boot_reason", "firmware_version")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("heartbeat_interval_s", 300, "HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval", least=1),
        number(
            "message_attempts",
            3,
            "TransactionMessageAttempts",
            "OCPPCommCtrlr.MessageAttempts/TransactionEvent",
            unit=None,
        ),
        number(
            "message_retry_s",
            10,
            "TransactionMessageRetryInterval",
            "OCPPCommCtrlr.MessageAttemptInterval/TransactionEvent",
        ),
        switch("queue_all", False, None, "OCPPCommCtrlr.QueueAllMessages"),
        text("profiles", "Core", "SupportedFeatureProfiles", kind="SequenceList", access="ReadOnly"),
        number("profiles_max", 6, "SupportedFeatureProfilesMaxLength", unit=None, access="ReadOnly"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.boot_reason: BootReason = "PowerUp"
        self.firmware_version = core.config.firmware_version
        self._boot_timer: Timer | None = None
        self._heartbeat_timer: Timer | None = None
        self._synchronised_at = 0.0

    def restore(self) -> None:
        """See what the station can do."""
        core = self.core
        kept = core.storage.all(ROOM).get("reason")
        if kept is not None:
            self.boot_reason = msgspec.json.decode(kept, type=BootReason)
        if core.dialect.family == "1.6":
            served = core.dialect.actions | {"BootNotification"}
            core.settings.fix("profiles", ",".join(p for p, action in FEATURE_PROFILES.items() if action in served))

    def connected(self) -> None:
        """The connection is open: boot, or wait as long as the CSMS said (OCPP 2.0.1 B02.FR.04, B03.FR.02)."""
        timer = self._boot_timer
        if self.core.registration not in ("Pending", "Rejected") or timer is None or timer.act is None:
            self.boot()

    def boot(self) -> None:
        """Introduce the station, again and again until the CSMS answers."""
        core = self.core
        self._boot_again_in(BOOT_RETRY_S + core.config.call_timeout_s * core.clock.factor)
        core.say(Boot(self.boot_reason), self._booted, asked_for=True)

    def boot_next(self, reason: BootReason) -> None:
        """Have the next boot say why; that survives the restart which it is about (OCPP 2.0.1 B01.FR.09)."""
        self.boot_reason = reason
        self.core.storage.keep(ROOM, "reason", msgspec.json.encode(reason))

    def boot_as_told(self) -> None:
        """Send the BootNotification that the CSMS triggered (OCPP 2.0.1 F06, B02.FR.02)."""
        self.core.afterwards(lambda: self.core.say(Boot("Triggered"), self._booted, asked_for=True))

    def beat(self) -> None:
        """Send a Heartbeat."""
        self.core.say(Heartbeat(), self._beaten, asked_for=True)

    def accepted(self) -> None:
        """Begin the heartbeats."""
        _cancel(self._boot_timer)
        self._beat_later()

    def disconnected(self) -> None:
        """Nothing is sent before the next connection; the wait that the CSMS imposed goes on."""
        if self.core.registration not in ("Pending", "Rejected"):
            _cancel(self._boot_timer)
        _cancel(self._heartbeat_timer)

    def restarting(self) -> None:
        """A restart forgets what the CSMS said."""
        _cancel(self._boot_timer)

    def setting_changed(self, name: str) -> None:
        """A new interval between heartbeats counts at once."""
        if name == "heartbeat_interval_s" and self.core.is_online:
            self._beat_later()

    def facts(self) -> Iterator[Fact]:
        """How long it waits for answers."""
        yield Fact(
            component="OCPPCommCtrlr",
            variable="MessageTimeout",
            instance="Default",
            value=f"{self.core.network.message_timeout_s:.0f}",
            kind="integer",
            unit="s",
        )

    def _booted(self, answer: Registered | None, error: OcppError | None) -> None:
        core = self.core
        if answer is None:
            if core.is_connected:
                self._boot_again_in(BOOT_RETRY_S)
            return
        core.registration = answer.status
        core.observer.on_registration(answer.status)
        self._take_time(answer.current_time)
        if answer.status != "Accepted":
            self._boot_again_in(answer.interval_s if answer.interval_s > 0 else BOOT_RETRY_S)
            return
        self.boot_reason = "PowerUp"
        core.storage.drop(ROOM, "reason")
        if answer.interval_s > 0:
            core.settings.fix("heartbeat_interval_s", str(answer.interval_s))
        core.tell_accepted()

    def _boot_again_in(self, seconds: float) -> None:
        _cancel(self._boot_timer)
        self._boot_timer = self.core.timers.at(self.core.now + seconds, self.boot)

    def _beat_later(self) -> None:
        _cancel(self._heartbeat_timer)
        interval_s = max(self.core.settings.number("heartbeat_interval_s"), 1)
        self._heartbeat_timer = self.core.timers.at(self.core.now + interval_s, self._beat_and_go_on)

    def _beat_and_go_on(self) -> None:
        """Any message of the station counts as a sign of life (OCPP 2.0.1 G02.FR.05; OCPP 1.6, 4.6)."""
        core = self.core
        due_at = core.spoke_at + max(core.settings.number("heartbeat_interval_s"), 1)
        if due_at > core.now and core.now < self._synchronised_at + SYNCHRONISE_S:
            self._heartbeat_timer = core.timers.at(due_at, self._beat_and_go_on)
            return
        self._beat_later()
        self.beat()

    def _beaten(self, answer: str | None, error: OcppError | None) -> None:
        if answer is not None:
            self._take_time(answer)

    def _take_time(self, text: str) -> None:
        """Follow the clock of the CSMS, if it is a source of time (OCPP 2.0.1 B01.FR.06, G02.FR.06)."""
        self._synchronised_at = self.core.now
        if "Heartbeat" in self.core.settings.members("time_source"):
            self.core.set_wall(text)


def _cancel(timer: Timer | None) -> None:
    if timer is not None:
        timer.cancel()
