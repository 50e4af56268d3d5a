"""One vehicle: what it takes and gives, and what then is in its battery."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from msgspec.structs import replace

from voltherd.simulator.vehicle.battery import Battery
from voltherd.simulator.vehicle.curve import TEMPERATURE
from voltherd.simulator.vehicle.models import CARS, VehicleModel
from voltherd.simulator.vehicle.rating import EvseRating
from voltherd.station.hardware import EnergyTransferMode, Offer

STEP_SOC: Final = 0.005
"""Most that the state of charge changes in one step of the integration."""

STEP_S: Final = 60.0
"""Longest step of the integration."""

BATTERY_LOSS: Final = 0.03
"""Share of the energy through the battery that warms it."""

_FULL: Final = 1e-9


class Vehicle:
    """An electric vehicle.

    Attributes:
        target_soc: it takes nothing from here on, 0 to 1.
        floor_soc: it gives energy back down to here; None: it gives none, whatever its model can.
        departure_at: when its driver wants to leave, in station time; None is not known.
        is_paused: it takes nothing for now, by its own timer.
        evcc_id: its identity on the powerline.
        emaid: the contract that it offers by plug and charge.
        contract_chain_pem: the contract's certificates, leaf first.
        certificate_request: a contract that it asks for by ISO 15118, Base64 of EXI; None when it asks for none.
        certificate_answer: what it was given for that, None where it failed.
    """

    __slots__ = (
        "battery",
        "certificate_answer",
        "certificate_request",
        "contract_chain_pem",
        "departure_at",
        "emaid",
        "evcc_id",
        "floor_soc",
        "is_paused",
        "model",
        "target_soc",
    )

    def __init__(
        self,
        model: VehicleModel = CARS[3],
        *,
        soc: float = 0.3,
        target_soc: float = 1.0,
        floor_soc: float | None = None,
        departure_at: float | None = None,
        evcc_id: str | None = None,
        emaid: str | None = None,
        contract_chain_pem: str | None = None,
        certificate_request: str | None = None,
        temperature_c: float = 20.0,
        ambient_c: float = 20.0,
    ) -> None:
        self.model = model
        self.battery = Battery(model.battery_wh, soc, temperature_c=temperature_c, ambient_c=ambient_c)
        self.target_soc = target_soc
        self.floor_soc = floor_soc
        self.departure_at = departure_at
        self.is_paused = False
        self.evcc_id = evcc_id
        self.emaid = emaid
        self.contract_chain_pem = contract_chain_pem
        self.certificate_request = certificate_request
        self.certificate_answer: str | None = None

    @property
    def soc(self) -> float:
        """State of charge, 0 to 1."""
        return self.battery.soc

    @property
    def is_full(self) -> bool:
        """Whether it has what it wants."""
        return self.soc >= self.target_soc - _FULL

    def fits(self, rating: EvseRating) -> bool:
        """Whether it can charge there at all."""
        if rating.is_dc:
            return self.model.dc_curve is not None and self.pack_v() <= rating.max_voltage_v
        return self.model.ac_phases > 0

    def wants_power(self, rating: EvseRating) -> bool:
        """Whether it would take power, or give it, if offered."""
        return not self.is_paused and self.fits(rating) and (not self.is_full or self.gives(rating))

    def gives(self, rating: EvseRating) -> bool:
        """Whether it would give energy back here now."""
        return self.most_discharge_w(rating) > 0 and self.floor_soc is not None and self.soc > self.floor_soc + _FULL

    def most_discharge_w(self, rating: EvseRating) -> float:
        """The most power that vehicle and EVSE together can give back."""
        theirs = self.model.dc_discharge_w if rating.is_dc else self.model.ac_discharge_w
        return min(theirs, rating.max_discharge_w) if rating.iso15118 and self.floor_soc is not None else 0.0

    def modes(self, rating: EvseRating) -> tuple[EnergyTransferMode, ...]:
        """The modes of energy transfer it can use here, dearest first; none without ISO 15118 on both sides."""
        if not rating.iso15118:
            return ()
        return tuple(mode for mode in self.model.modes if self._can(mode, rating))

    def _can(self, mode: EnergyTransferMode, rating: EvseRating) -> bool:
        if mode.startswith("DC") is not rating.is_dc or ("BPT" in mode and self.most_discharge_w(rating) <= 0):
            return False
        return mode not in ("AC_three_phase", "AC_two_phase") or rating.phases > 1

    def pack_v(self) -> float:
        """Voltage of the battery."""
        return self.model.pack_voltage_v.at(self.soc)

    def efficiency(self, rating: EvseRating) -> float:
        """Share of the metered energy that reaches the battery, and of the battery's that reaches the meter."""
        return self.model.dc_efficiency if rating.is_dc else self.model.ac_efficiency

    # Power -----------------------------------------------------------------------------------

    def power_w(self, rating: EvseRating, offer: Offer, voltages_v: Sequence[float] = ()) -> float:
        """The power at the meter under an offer: positive to the vehicle, negative from it.

        `voltages_v` are those of the phases (AC), nominal ones if not given.
        """
        if self.is_paused or not self.fits(rating):
            return 0.0
        if offer.setpoint_w is None:
            return self._most_w(rating, offer, voltages_v)
        if offer.setpoint_w <= 0:
            return -min(-offer.setpoint_w, self._most_back_w(rating, offer))
        return self._most_w(
            rating, replace(offer, charge_limit_w=min(offer.setpoint_w, offer.charge_limit_w)), voltages_v
        )

    def phases(self, rating: EvseRating, offer: Offer) -> int:
        """How many phases it uses."""
        return min(rating.phases, self.model.ac_phases, offer.phases or rating.phases)

    def _most_w(self, rating: EvseRating, offer: Offer, voltages_v: Sequence[float]) -> float:
        if self.is_full or offer.charge_limit_w <= 0:
            return 0.0
        most = min(offer.charge_limit_w, rating.max_power_w)
        if rating.is_dc:
            assert self.model.dc_curve is not None
            cable_w = min(rating.max_current_a, self.model.dc_max_current_a) * self.pack_v()
            return min(most, cable_w, self.model.dc_curve.at(self.soc) * self._derating())
        return min(most, self._most_ac_w(rating, offer, voltages_v))

    def _most_ac_w(self, rating: EvseRating, offer: Offer, voltages_v: Sequence[float]) -> float:
        """What the currents allow; between none and the minimum current there is nothing (IEC 61851-1)."""
        currents_a = self._pilot_a(rating, offer)
        if not currents_a or min(currents_a) < self.model.ac_min_current_a - 1e-6:
            return 0.0
        volts = voltages_v or (rating.voltage_v,) * rating.phases
        most = sum(min(a, self.model.ac_max_current_a) * v for a, v in zip(currents_a, volts, strict=False))
        return min(most, self.model.ac_curve.at(self.soc) * self._derating())

    def _pilot_a(self, rating: EvseRating, offer: Offer) -> list[float]:
        """The current allowed on each phase it uses; the pilot signal knows one for all of them."""
        used = self.phases(rating, offer)
        if offer.phase_limits_w is not None:
            allowed = [watts / rating.voltage_v for watts in offer.phase_limits_w[:used]]
            if not self.modes(rating):
                allowed = [min(allowed, default=0.0)] * used
        else:
            allowed = [offer.charge_limit_w / ((offer.phases or rating.phases) * rating.voltage_v)] * used
        return [min(a, rating.max_current_a) for a in allowed]

    def weights(self, rating: EvseRating, offer: Offer) -> list[float]:
        """In which proportion the phases it uses carry current (AC)."""
        if offer.phase_limits_w is None:
            return [1.0] * self.phases(rating, offer)
        return [min(a, self.model.ac_max_current_a) or 1e-9 for a in self._pilot_a(rating, offer)]

    def _most_back_w(self, rating: EvseRating, offer: Offer) -> float:
        if not self.gives(rating):
            return 0.0
        return min(offer.discharge_limit_w, self.most_discharge_w(rating))

    def _derating(self) -> float:
        return TEMPERATURE.at(self.battery.temperature_c)

    # Time ------------------------------------------------------------------------------------

    def step_s(self, power_w: float) -> float:
        """The longest step over which this power may be taken as constant."""
        if power_w == 0.0:
            return inf
        return min(STEP_S, STEP_SOC * self.battery.capacity_wh * 3600 / abs(power_w))

    def live(self, seconds: float, power_w: float, rating: EvseRating) -> float:
        """Charge, or discharge, with a power for so long; gives the energy that the meter counts.

        It takes no more than up to its target and gives no more than down to its floor.
        """
        efficiency = self.efficiency(rating)
        energy_wh = power_w * seconds / 3600
        if energy_wh > 0:
            room_wh = max(self.target_soc * self.battery.capacity_wh - self.battery.energy_wh, 0.0)
            energy_wh = min(energy_wh, room_wh / efficiency)
            through_wh = energy_wh * efficiency
        elif energy_wh < 0:
            stock_wh = max(self.battery.energy_wh - (self.floor_soc or 0.0) * self.battery.capacity_wh, 0.0)
            energy_wh = -min(-energy_wh, stock_wh * efficiency)
            through_wh = energy_wh / efficiency
        else:
            through_wh = 0.0
        self.battery.add(through_wh)
        self.battery.warm(abs(through_wh) * BATTERY_LOSS, seconds)
        return energy_wh

    def copy(self) -> Vehicle:
        """The same vehicle once more, to try what would be."""
        twin = Vehicle(self.model, soc=self.soc, target_soc=self.target_soc, floor_soc=self.floor_soc)
        twin.battery.temperature_c, twin.battery.ambient_c = self.battery.temperature_c, self.battery.ambient_c
        twin.is_paused = self.is_paused
        return twin
