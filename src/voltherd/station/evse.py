"""The state of one EVSE: the facts that the station's rules work on."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from voltherd.station.config import EvseConfig
from voltherd.station.hardware import NOTHING, EvseHardware, Offer, VehicleInfo
from voltherd.station.timers import Timer
from voltherd.station.token import Token
from voltherd.station.transaction import ChargingState, Transaction


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


class Permission(Struct, frozen=True, kw_only=True):
    """A token that may charge here now (OCPP 2.x: the EVSE is authorised).

    Attributes:
        profile: the charging profile of a remote start, as on the wire.
    """

    token: Token
    group: Token | None = None
    remote_start_id: int | None = None
    transaction_id: str | None = None
    profile: Any = None


class Reservation(Struct, frozen=True, kw_only=True):
    """A promise to keep an EVSE free for a token until `until` (station time)."""

    id: int
    token: Token
    until: float
    group: Token | None = None


class Evse:
    """One EVSE.

    Attributes:
        plugged: the connector with a cable in a vehicle.
        permission: who may charge; stays for the length of the transaction.
        asking: the token about which the CSMS is being asked.
        offer: what the hardware was told to let flow.
        points: which of OCPP 2.x's transaction points (TxStartPoint) hold now.
        fault: an error code of 1.6, None when sound.
        inoperative: connectors out of service; `to_become_inoperative` waits for the transaction's end.
        told: the states last reported, by connector.
        held: nobody may begin to charge now, since the station waits to be restarted.
    """

    __slots__ = (
        "asking",
        "config",
        "fault",
        "hardware",
        "has_charged",
        "held",
        "id",
        "inoperative",
        "offer",
        "permission",
        "permission_timer",
        "plugged",
        "points",
        "reservation",
        "suspended_by_evse",
        "to_become_inoperative",
        "told",
        "transaction",
    )

    def __init__(self, evse_id: int, config: EvseConfig, hardware: EvseHardware) -> None:
        self.id = evse_id
        self.config = config
        self.hardware = hardware
        self.plugged: int | None = None
        self.has_charged = False
        self.held = False
        self.transaction: Transaction | None = None
        self.permission: Permission | None = None
        self.permission_timer: Timer | None = None
        self.asking: Token | None = None
        self.reservation: Reservation | None = None
        self.fault: str | None = None
        self.suspended_by_evse = False
        self.offer: Offer = NOTHING
        self.points: frozenset[str] = frozenset()
        self.inoperative: frozenset[int] = frozenset()
        self.to_become_inoperative: frozenset[int] = frozenset()
        self.told: dict[int, ConnectorState] = {}

    @property
    def connector_ids(self) -> range:
        """Its connectors, numbered from 1."""
        return range(1, len(self.config.connectors) + 1)

    @property
    def vehicle(self) -> VehicleInfo | None:
        """What is known of the vehicle at the cable."""
        return self.hardware.vehicle

    @property
    def is_power_path_closed(self) -> bool:
        """A vehicle is connected and may charge (OCPP 2.x PowerPathClosed)."""
        return self.plugged is not None and self.permission is not None and self.fault is None

    @property
    def is_idle(self) -> bool:
        """Free of vehicle, transaction and permission."""
        return self.plugged is None and self.transaction is None and self.permission is None

    @property
    def charging_state(self) -> ChargingState:
        """What goes on at the cable, in the words of 2.x."""
        if self.plugged is None:
            return "Idle"
        if not self.is_power_path_closed:
            return "EVConnected"
        if self.suspended_by_evse or (self.offer.charge_limit_w <= 0 and self.offer.discharge_limit_w <= 0):
            return "SuspendedEVSE"
        vehicle = self.vehicle
        return "Charging" if vehicle is not None and vehicle.wants_power else "SuspendedEV"

    def state(self, connector_id: int) -> ConnectorState:
        """What a connector does now."""
        if self.fault is not None:
            return ConnectorState.FAULTED
        running = self.transaction
        if running is not None and running.connector_id == connector_id and self.is_power_path_closed:
            return _AS_CONNECTOR[self.charging_state]
        if connector_id in self.inoperative or self.held:
            return ConnectorState.UNAVAILABLE
        if self.plugged is not None:
            if self.plugged != connector_id:
                return ConnectorState.UNAVAILABLE
            return ConnectorState.PREPARING if self._expects_start() else ConnectorState.FINISHING
        if connector_id == 1 and (self.permission or self.asking):
            return ConnectorState.PREPARING
        return ConnectorState.AVAILABLE if self.reservation is None else ConnectorState.RESERVED

    def _expects_start(self) -> bool:
        return self.permission is not None or self.asking is not None or not self.has_charged


_AS_CONNECTOR: dict[ChargingState, ConnectorState] = {
    "Charging": ConnectorState.CHARGING,
    "SuspendedEV": ConnectorState.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorState.SUSPENDED_EVSE,
    "EVConnected": ConnectorState.PREPARING,
    "Idle": ConnectorState.PREPARING,
}
