"""A station, an EVSE and a vehicle as they are at one moment: what control port and terminal view show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from voltherd.simulator.hardware import SimulatedEvse
    from voltherd.simulator.station import SimulatedStation
    from voltherd.station.evse import Evse

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


def picture_of(station: SimulatedStation) -> StationPicture:
    """All of a station as it is now."""
    config = station.config
    evses = [_evse_picture(station, evse) for evse in station.core.evses.values()]
    return StationPicture(
        identity=config.identity,
        persona=station.persona,
        ocpp=str(config.version),
        vendor=config.vendor,
        model=config.model,
        firmware=config.firmware_version,
        line=station.line,
        waiting_messages=station.core.outbox.kept_count,
        power_w=round(sum(evse.power_w for evse in evses), 1),
        limit_w=station.limit_w,
        evses=evses,
    )


def _evse_picture(station: SimulatedStation, evse: Evse) -> EvsePicture:
    hardware = station.hardware[evse.id]
    reading = hardware.read(station.clock.now())
    connectors = [
        ConnectorPicture(connector_id=number, type=kind, status=str(evse.state(number)))
        for number, kind in enumerate(evse.config.connectors, 1)
    ]
    return EvsePicture(
        evse_id=evse.id,
        connectors=connectors,
        max_power_w=evse.config.max_power_w,
        offered_w=hardware.offer.charge_limit_w,
        power_w=round(reading.power_w, 1),
        energy_import_wh=round(reading.energy_import_wh, 1),
        energy_export_wh=round(reading.energy_export_wh, 1),
        fault=evse.fault,
        vehicle=_vehicle_picture(hardware),
        transaction=_transaction_picture(evse, reading.energy_import_wh) if station.has_power else None,
    )


def _vehicle_picture(hardware: SimulatedEvse) -> VehiclePicture | None:
    car = hardware.car
    if car is None:
        return None
    return VehiclePicture(
        model=car.model.name,
        soc_percent=round(car.soc * 100, 1),
        target_soc_percent=round(car.target_soc * 100, 1),
        battery_wh=car.battery.capacity_wh,
        temperature_c=round(car.battery.temperature_c, 1),
        wants_power=car.wants_power(hardware.rating),
    )


def _transaction_picture(evse: Evse, energy_import_wh: float) -> TransactionPicture | None:
    running = evse.transaction
    if running is None:
        return None
    return TransactionPicture(
        id=running.id,
        token=running.token.id if running.token is not None else "",
        started_at=running.started_at,
        energy_wh=round(energy_import_wh - running.meter_start_wh, 1),
    )
