"""What the two families of versions have to offer to a station's rules."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from voltherd.ocpp.scalars import WireType
from voltherd.station.evse import ConnectorState, Evse, StopReason, Token, Transaction
from voltherd.station.meter import Reading
from voltherd.station.outbox import Outgoing

BootReason = Literal["PowerUp", "RemoteReset", "Triggered"]
Trigger = Literal[
    "AbnormalCondition",
    "Authorized",
    "CablePluggedIn",
    "ChargingStateChanged",
    "Deauthorized",
    "EVCommunicationLost",
    "MeterValuePeriodic",
    "RemoteStart",
    "RemoteStop",
    "ResetCommand",
    "StopAuthorized",
    "Trigger",
    "UnlockCommand",
]
"""What brought an event about, in the words of 2.x; 1.6 has no use for it."""


class Dialect(Protocol):
    """Builds the messages of one version, reads their answers, and serves its requests."""

    def boot(self, reason: BootReason) -> Outgoing:
        """A BootNotification."""

    def heartbeat(self) -> Outgoing:
        """A Heartbeat."""

    def status_word(self, state: ConnectorState) -> str:
        """The state as this version names it."""

    def status(self, evse: Evse, connector_id: int) -> Outgoing:
        """The status of one connector."""

    def station_status(self) -> Outgoing | None:
        """The status of the station itself, where the version reports one."""

    def authorize(self, token: Token) -> Outgoing:
        """The question whether a token may charge."""

    def is_allowed(self, response: Any) -> bool:
        """Whether the answer to it is yes."""

    def started(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing:
        """A transaction began."""

    def sampled(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing | None:
        """Meter values of a transaction."""

    def state_changed(self, evse: Evse, transaction: Transaction) -> Outgoing | None:
        """The charging state of a transaction changed."""

    def ended(
        self, evse: Evse, transaction: Transaction, reason: StopReason, trigger: Trigger, reading: Reading
    ) -> Outgoing:
        """A transaction ended."""

    def meter_values(self, evse: Evse, reading: Reading) -> Outgoing:
        """Meter values outside of a transaction."""

    def payload(self, message: Outgoing) -> bytes:
        """The payload as it is to be sent now."""

    def answered(self, message: Outgoing, response: Any) -> bool | None:
        """Read the answer to a message about a transaction: whether its token is accepted, if it says so."""

    def handle(self, action: str, request: Any) -> WireType:
        """Serve a request of the CSMS; raises `OcppError` for what is not offered."""
