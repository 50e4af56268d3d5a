"""The hardware port: what a station's rules ask of contactors, meters, locks and plugs.

A device implements it with its drivers; `voltherd.simulator.hardware` implements it with simulated vehicles.
What hardware notices by itself (a plug, a card, a fault) it tells the `StationCore` by its methods.
"""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from voltherd.ocpp.v2.enums import EnergyTransferModeEnumType

EnergyTransferMode = EnergyTransferModeEnumType
"""How energy goes between EVSE and vehicle, in the words of OCPP 2.1 (2.0.1 knows the first four)."""


class Offer(Struct, frozen=True, kw_only=True):
    """What a vehicle may take from or give to an EVSE; powers in watts, all phases together.

    Attributes:
        charge_limit_w: most power to the vehicle; 0 lets none flow.
        discharge_limit_w: most power from the vehicle, as a positive number.
        setpoint_w: the power to keep, positive to the vehicle, negative from it; None leaves it to the vehicle.
        setpoint_var: reactive power to keep; None leaves it to the vehicle.
        phases: how many phases may be used (AC), None for all.
        phase_limits_w: the limit of each phase where they differ, else None.
    """

    charge_limit_w: float = 0.0
    discharge_limit_w: float = 0.0
    setpoint_w: float | None = None
    setpoint_var: float | None = None
    phases: int | None = None
    phase_limits_w: tuple[float, float, float] | None = None


NOTHING = Offer()
"""The contactor is open."""


class Reading(Struct, frozen=True, kw_only=True):
    """One reading of a meter. Registers count since manufacture and never fall.

    `power_w` is positive to the vehicle; `currents_a` and `voltages_v` have one entry per phase, one for DC;
    `soc_percent` is known where the vehicle tells it.
    """

    energy_import_wh: float
    energy_export_wh: float = 0.0
    power_w: float = 0.0
    reactive_power_var: float = 0.0
    currents_a: tuple[float, ...] = ()
    voltages_v: tuple[float, ...] = ()
    frequency_hz: float = 50.0
    soc_percent: float | None = None
    temperature_c: float | None = None


class ChargingNeeds(Struct, frozen=True, kw_only=True):
    """What a vehicle asks for by ISO 15118. Amperes, volts, watts, watt-hours; None is not told.

    `departure_in_s` counts from the moment it was told. AC uses `energy_wh`, `min_current_a`, `max_current_a`,
    `max_voltage_v`; DC adds powers, SoC and battery; bidirectional modes add the `discharge` values. A
    vehicle whose inverter follows the grid code by itself tells which kinds of DER control it knows (in the words of
    OCPP 2.1), its apparent power and its inverter.
    """

    mode: EnergyTransferMode
    other_modes: tuple[EnergyTransferMode, ...] = ()
    control: Literal["ScheduledControl", "DynamicControl"] | None = None
    departure_in_s: float | None = None
    energy_wh: float | None = None
    min_energy_wh: float | None = None
    max_energy_wh: float | None = None
    min_current_a: float | None = None
    max_current_a: float | None = None
    max_voltage_v: float | None = None
    max_power_w: float | None = None
    min_power_w: float | None = None
    max_discharge_power_w: float | None = None
    min_discharge_power_w: float | None = None
    max_discharge_current_a: float | None = None
    battery_wh: float | None = None
    soc_percent: float | None = None
    full_soc_percent: float | None = None
    bulk_soc_percent: float | None = None
    der_controls: tuple[str, ...] = ()
    max_apparent_va: float | None = None
    inverter: str | None = None


class VehicleInfo(Struct, frozen=True, kw_only=True):
    """What an EVSE knows of the vehicle at its cable.

    Attributes:
        wants_power: it would take power (or give it) if offered; False when full or paused by the vehicle.
        evcc_id: its identity on the powerline (usually a MAC address), None over plain pilot signalling.
        emaid: the contract it offers by plug and charge.
        contract_chain_pem: the contract's certificate chain, leaf first.
        needs: what it asks for by ISO 15118.
        schedule_w: the charging it plans in answer to an offer: (seconds from now, watts), ascending.
    """

    wants_power: bool = True
    evcc_id: str | None = None
    emaid: str | None = None
    contract_chain_pem: str | None = None
    needs: ChargingNeeds | None = None
    schedule_w: tuple[tuple[float, float], ...] | None = None


class EvseHardware(Protocol):
    """One EVSE: contactor, meter, lock and the wire to the vehicle. All `now` are seconds of the station's clock."""

    @property
    def vehicle(self) -> VehicleInfo | None:
        """The vehicle at the cable, None without one."""

    def supply(self, offer: Offer, now: float) -> None:
        """Let the vehicle take what is offered from now on; `NOTHING` opens the contactor."""

    def read(self, now: float) -> Reading:
        """Registers and momentary values."""

    def lock(self, connector_id: int) -> bool:
        """Lock a plug; False if the lock fails."""

    def unlock(self, connector_id: int) -> bool:
        """Unlock a plug; False if the lock fails."""


class TakesContracts(Protocol):
    """What hardware offers beside `EvseHardware` where its vehicles ask for contracts (OCPP 2.0.1 M01, M02)."""

    @property
    def certificate_request(self) -> str | None:
        """What the vehicle asks for by ISO 15118, Base64 of EXI; None if nothing. It stays until it is answered."""

    def take_certificate(self, exi: str | None) -> None:
        """Give the vehicle the answer, Base64 of EXI; None: it failed."""
