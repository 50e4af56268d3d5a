"""The transaction points of OCPP 2.x, and the state that goes with an event (OCPP 2.0.1 E01, E06, E02.FR.17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voltherd.station.evse import Evse
from voltherd.station.hardware import Offer
from voltherd.station.transaction import ChargingState, Trigger

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

POINTS: Final = ("ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer")
_POWER_PATH: Final = frozenset({"PowerPathClosed"})
_KNOWN: Final[dict[frozenset[str], frozenset[str]]] = {}
"""Every set of points once, for all stations: there are few."""

_PERMISSION: Final = frozenset({"Authorized"})

OF_THE_STATE: Final = frozenset(
    {
        "ChargingStateChanged",
        "ChargingRateChanged",
        "CostLimitReached",
        "EnergyLimitReached",
        "SoCLimitReached",
        "TimeLimitReached",
        "AbnormalCondition",
        "OperationModeChanged",
    }
)
"""Triggers of which the event tells the charging state as it is from now on; after others a change follows."""


def points_of(core: StationCore, evse: Evse) -> frozenset[str]:
    """The points that hold at an EVSE now."""
    points = set()
    if evse.plugged is not None:
        points.add("EVConnected")
    if evse.parked if evse.parked is not None else evse.plugged is not None:
        points.add("ParkingBayOccupancy")
    if evse.permission is not None:
        points.add("Authorized")
    if evse.is_power_path_closed:
        points.add("PowerPathClosed")
        if core.settings.switch("sign_sampled"):
            points.add("DataSigned")
    if evse.charging_state == "Charging":
        points.add("EnergyTransfer")
    found = frozenset(points)
    return _KNOWN.setdefault(found, found)


def start_points(core: StationCore) -> frozenset[str]:
    """The points at which transactions start; in 1.6 it is the power path."""
    return _POWER_PATH if core.dialect.family == "1.6" else frozenset(core.settings.members("tx_start_point"))


def stop_points(core: StationCore) -> frozenset[str]:
    """The points with which transactions stop; in 1.6 the power path, or the permission where cables may be pulled."""
    if core.dialect.family == "1.6":
        return _POWER_PATH if core.settings.switch("stop_on_unplug") else _PERMISSION
    return frozenset(core.settings.members("tx_stop_point"))


def state_to_tell(evse: Evse, trigger: Trigger) -> ChargingState:
    """The state that goes with an event; what the event itself brings about is told by the next one."""
    transaction = evse.transaction
    if evse.plugged is None or trigger in OF_THE_STATE:
        return evse.charging_state
    if transaction is None or trigger == "CablePluggedIn" or transaction.charging_state == "Idle":
        return "EVConnected"
    return transaction.charging_state


def first_state(evse: Evse, trigger: Trigger, flows: Offer) -> ChargingState:
    """The state at the start: a vehicle that will charge at once is told as charging; `flows` is what it is offered."""
    vehicle = evse.vehicle
    if evse.plugged is not None and trigger != "SignedDataReceived" and evse.is_power_path_closed:
        offered = max(flows.charge_limit_w, flows.discharge_limit_w) > 0
        if vehicle is not None and vehicle.wants_power and offered:
            return "Charging"
    return "Idle" if evse.plugged is None else "EVConnected"
