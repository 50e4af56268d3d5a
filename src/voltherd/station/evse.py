"""The state of one EVSE and of a transaction on it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from voltherd.station.config import EvseConfig
from voltherd.station.meter import Meter
from voltherd.station.vehicle import Vehicle


class ConnectorState(StrEnum):
    """What a connector does, in the finer words of 1.6; 2.x calls five of them Occupied."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


StopReason = Literal[
    "DeAuthorized",
    "EmergencyStop",
    "EVDisconnected",
    "ImmediateReset",
    "Local",
    "Other",
    "PowerLoss",
    "Remote",
    "Reset",
    "StoppedByEV",
    "UnlockCommand",
]
"""Why a transaction ended."""


class Token(Struct, frozen=True):
    """What a driver or a CSMS identifies with; `kind` is the type of 2.x."""

    id: str
    kind: str = "ISO14443"

    def matches(self, other: Token) -> bool:
        """Tokens are the same whatever their case (OCPP 1.6 IdToken; 2.0.1 IdTokenType)."""
        return self.id.casefold() == other.id.casefold()


class Transaction(Struct, eq=False, kw_only=True):
    """A transaction as the station keeps it. `csms_id` is the number a 1.6 CSMS gave it."""

    id: str
    evse_id: int
    connector_id: int
    token: Token
    started_at: str
    meter_start_wh: int
    meter_last_wh: int
    seq_no: int = 0
    csms_id: int | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    is_open: bool = True

    def next_seq_no(self) -> int:
        """The number of the next event (OCPP 2.0.1 E01.FR.07)."""
        self.seq_no += 1
        return self.seq_no - 1


class Permission(Struct, frozen=True, kw_only=True):
    """A token that may charge here as soon as a cable is plugged in, until `until` (station time)."""

    token: Token
    until: float
    remote_start_id: int | None = None
    transaction_id: str | None = None


class Reservation(Struct, frozen=True, kw_only=True):
    """A promise to keep an EVSE free for a token until `until` (station time)."""

    id: int
    token: Token
    until: float
    group: Token | None = None


class Evse:
    """One EVSE: the facts the station's rules work on."""

    def __init__(self, evse_id: int, config: EvseConfig, meter: Meter) -> None:
        self.id = evse_id
        self.config = config
        self.meter = meter
        self.vehicle: Vehicle | None = None
        self.plugged: int | None = None
        self.has_charged = False
        self.transaction: Transaction | None = None
        self.permission: Permission | None = None
        self.asking: Token | None = None
        self.reservation: Reservation | None = None
        self.fault: str | None = None
        self.suspended_by_evse = False
        self.inoperative: set[int] = set()
        self.to_become_inoperative: set[int] = set()
        self.next_sample: float | None = None
        self.told: dict[int, ConnectorState] = {}

    @property
    def connector_ids(self) -> range:
        """Its connectors, numbered from 1."""
        return range(1, len(self.config.connectors) + 1)

    @property
    def limit_w(self) -> float:
        """The power the vehicle may draw now, in watts."""
        if self.transaction is None or self.fault is not None or self.suspended_by_evse:
            return 0.0
        return self.config.max_power_w

    @property
    def is_idle(self) -> bool:
        """Free of vehicle, transaction and permission."""
        return self.plugged is None and self.transaction is None and self.permission is None

    def state(self, connector_id: int) -> ConnectorState:
        """What a connector does now."""
        if self.fault is not None:
            return ConnectorState.FAULTED
        if self.transaction is not None and self.transaction.connector_id == connector_id:
            return self._charging_state()
        if connector_id in self.inoperative or self.transaction is not None:
            return ConnectorState.UNAVAILABLE
        if self.plugged == connector_id:
            return ConnectorState.PREPARING if self._expects_start() else ConnectorState.FINISHING
        if self.plugged is None and connector_id == 1 and (self.permission or self.asking):
            return ConnectorState.PREPARING
        return ConnectorState.AVAILABLE if self.reservation is None else ConnectorState.RESERVED

    def _expects_start(self) -> bool:
        return self.permission is not None or self.asking is not None or not self.has_charged

    def _charging_state(self) -> ConnectorState:
        if self.suspended_by_evse:
            return ConnectorState.SUSPENDED_EVSE
        if self.vehicle is None or self.vehicle.is_full:
            return ConnectorState.SUSPENDED_EV
        return ConnectorState.CHARGING
