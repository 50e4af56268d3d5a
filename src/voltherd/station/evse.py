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
        reservation_id: the reservation that it used up, and for how long that had kept the EVSE.
    """

    token: Token
    group: Token | None = None
    remote_start_id: int | None = None
    transaction_id: str | None = None
    profile: Any = None
    reservation_id: int | None = None
    reserved_s: float | None = None


class Reservation(Struct, frozen=True, kw_only=True):
    """A promise to keep an EVSE free for a token until `until` (station time).

    Attributes:
        evse_id: the EVSE, None where any will do.
        connector_type: the kind of connector that an unnamed EVSE must have.
        expires_at: `until` as the CSMS wrote it.
        made_at: when it was made (OCPP's form).
    """

    id: int
    token: Token
    until: float
    group: Token | None = None
    evse_id: int | None = None
    connector_type: str | None = None
    expires_at: str = ""
    made_at: str = ""

    def is_for(self, token: Token, group: Token | None = None) -> bool:
        """Whether a token, or the group it belongs to, may use it (OCPP 2.0.1 H03)."""
        if self.token.matches(token):
            return True
        return self.group is not None and any(self.group.matches(one) for one in (token, group) if one is not None)


class LooseCable(Struct, frozen=True, kw_only=True):
    """A cable that is locked in the station's socket and in no vehicle any more; its owner's token frees it."""

    connector_id: int
    token: Token
    group: Token | None = None


class Evse:
    """One EVSE.

    Attributes:
        plugged: the connector with a cable in a vehicle.
        permission: who may charge; stays for the length of the transaction.
        asking: the token about which the CSMS is being asked.
        offer: what the hardware was told to let flow.
        points: which of OCPP 2.x's transaction points (TxStartPoint) hold now.
        reservation: what keeps it for somebody, whether made for it or for any EVSE.
        loose: a cable that is locked in and in no vehicle.
        parked: whether a vehicle is in the bay, None without a detector.
        fault: an error code of 1.6, None when sound.
        lock_failed: the plug could not be locked, so that nothing may flow.
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
        "lock_failed",
        "loose",
        "offer",
        "parked",
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
        self.loose: LooseCable | None = None
        self.parked: bool | None = None
        self.fault: str | None = None
        self.lock_failed = False
        self.suspended_by_evse = False
        self.offer: Offer = NOTHING
        self.points: frozenset[str] = frozenset()
        self.inoperative: frozenset[int] = frozenset()
        self.to_become_inoperative: frozenset[int] = frozenset()
        self.told: dict[int, str] = {}

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
        sound = self.fault is None and not self.lock_failed
        return self.plugged is not None and self.permission is not None and sound

    @property
    def is_idle(self) -> bool:
        """Free of vehicle, cable, transaction and permission."""
        return self.holds is None and self.transaction is None and self.permission is None

    @property
    def holds(self) -> int | None:
        """The connector that is taken by a cable, None if none is."""
        return self.loose.connector_id if self.loose is not None else self.plugged

    def has_socket(self, connector_id: int) -> bool:
        """Whether drivers bring their own cable, which the station locks (connector types `s...` of 2.x)."""
        return self.config.connectors[connector_id - 1].startswith("s")

    def is_out_of_service(self, connector_id: int) -> bool:
        """Whether a connector was put out of service, or waits for a restart."""
        return connector_id in self.inoperative or self.held

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
        if running is not None and running.connector_id == connector_id and self._is_paused_at_vehicle():
            return ConnectorState.SUSPENDED_EV
        if self.is_out_of_service(connector_id):
            return ConnectorState.UNAVAILABLE
        if self.holds is not None:
            if self.holds != connector_id:
                return ConnectorState.UNAVAILABLE
            return ConnectorState.PREPARING if self._expects_start() else ConnectorState.FINISHING
        if self._is_first(connector_id) and (self.permission or self.asking):
            return ConnectorState.PREPARING
        return ConnectorState.AVAILABLE if self.reservation is None else ConnectorState.RESERVED

    def coarse_state(self, connector_id: int) -> str:
        """What a connector does now, in the five words of 2.x: a card alone occupies nothing (OCPP 2.0.1 G01)."""
        if self.fault is not None:
            return "Faulted"
        running = self.transaction
        if self.is_out_of_service(connector_id) and (running is None or running.connector_id != connector_id):
            return "Unavailable"
        is_kept = self.reservation is not None and self.permission is None and running is None
        if self.holds == connector_id:
            return "Reserved" if is_kept else "Occupied"
        return "Reserved" if is_kept else "Available"

    def _is_paused_at_vehicle(self) -> bool:
        """The cable is out of the vehicle, and the transaction waits for it (OCPP 2.0.1 E10)."""
        return self.plugged is None and self.permission is not None

    def _is_first(self, connector_id: int) -> bool:
        """Whether it is the connector that a card on the reader makes ready."""
        return connector_id == next((c for c in self.connector_ids if c not in self.inoperative), None)

    def _expects_start(self) -> bool:
        return self.permission is not None or self.asking is not None or not self.has_charged


_AS_CONNECTOR: dict[ChargingState, ConnectorState] = {
    "Charging": ConnectorState.CHARGING,
    "SuspendedEV": ConnectorState.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorState.SUSPENDED_EVSE,
    "EVConnected": ConnectorState.PREPARING,
    "Idle": ConnectorState.PREPARING,
}
