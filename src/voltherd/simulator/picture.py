"""A station, an EVSE and a vehicle as they are at one moment: what control port and terminal view show."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

LineState = Literal["off", "no-network", "connecting", "connected", "accepted"]


class VehiclePicture(Struct, frozen=True, kw_only=True):
    """The vehicle at a cable."""

    model: str
    soc_percent: float
    target_soc_percent: float
    battery_wh: float
    temperature_c: float
    wants_power: bool


class TransactionPicture(Struct, frozen=True, kw_only=True):
    """A transaction that goes on; `energy_wh` is what the meter counted since its begin."""

    id: str
    token: str
    started_at: str
    energy_wh: float


class ConnectorPicture(Struct, frozen=True, kw_only=True):
    """One connector and its status in the finer words of 1.6."""

    connector_id: int
    type: str
    status: str


class EvsePicture(Struct, frozen=True, kw_only=True):
    """One EVSE; powers in watts, positive to the vehicle."""

    evse_id: int
    connectors: list[ConnectorPicture]
    max_power_w: float
    offered_w: float
    power_w: float
    energy_import_wh: float
    energy_export_wh: float
    fault: str | None
    vehicle: VehiclePicture | None
    transaction: TransactionPicture | None


class StationPicture(Struct, frozen=True, kw_only=True):
    """One station. `waiting_messages` are not yet delivered; `limit_w` was set from outside."""

    identity: str
    persona: str
    ocpp: str
    vendor: str
    model: str
    firmware: str
    line: LineState
    waiting_messages: int
    power_w: float
    limit_w: float | None
    evses: list[EvsePicture]
