"""Simulated hardware: an EVSE with contactor, meter and lock, and a vehicle at its cable."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, inf, sqrt
from random import Random
from typing import TYPE_CHECKING, Final

from voltherd.simulator.vehicle import EvseRating, Vehicle, needs, plan
from voltherd.station.hardware import NOTHING, Offer, Reading, VehicleInfo

if TYPE_CHECKING:
    from voltherd.simulator.dc_park import DcPark

LOOK_AGAIN_S: Final = 10.0
"""Least time between two looks at a vehicle that is getting full."""

RESUME_DELAY_S: Final = 2.0
"""From the contactor that closes again to current, for a vehicle that has charged in this session."""


class SimulatedEvse:
    """Implements `voltherd.station.hardware.EvseHardware`; faults set its public attributes.

    The meter's registers belong to the hardware: they outlive the station's software and its power. All `now` are
    seconds of the station's clock; times before the last one are taken as the last one.

    Attributes:
        rating: the nameplate.
        energy_import_wh, energy_export_wh: the registers, to and from the vehicle.
        grid_v: voltage of each phase (AC); a fault may change it.
        frequency_hz: of the grid.
        temperature_c: inside.
        lock_fails: the lock does not move.
        meter_stands: the registers count no more, though energy flows.
        has_power: False while the station is without power: the contactor is open whatever is offered.
        available_w: what a shared supply leaves to it; set by `DcPark`.
        on_change: called when the vehicle begins or ceases to want power.
    """

    __slots__ = (
        "_flows_at",
        "_has_charged",
        "_info",
        "_locked",
        "_now",
        "_offer",
        "_wanted",
        "available_w",
        "car",
        "connector_id",
        "energy_export_wh",
        "energy_import_wh",
        "frequency_hz",
        "grid_v",
        "has_power",
        "lock_fails",
        "meter_stands",
        "on_change",
        "park",
        "rating",
        "temperature_c",
    )

    def __init__(self, rating: EvseRating, *, energy_import_wh: float = 0.0, random: Random | None = None) -> None:
        self.rating = rating
        self.energy_import_wh = energy_import_wh
        self.energy_export_wh = 0.0
        self.grid_v = _grid(rating, random)
        self.frequency_hz = 50.0
        self.temperature_c = 25.0
        self.lock_fails = False
        self.meter_stands = False
        self.has_power = True
        self.available_w = inf
        self.park: DcPark | None = None
        self.on_change: Callable[[], None] | None = None
        self.car: Vehicle | None = None
        self.connector_id: int | None = None
        self._now = 0.0
        self._offer = NOTHING
        self._flows_at = inf
        self._has_charged = False
        self._locked = 0
        self._info: VehicleInfo | None = None
        self._wanted = False

    # The port --------------------------------------------------------------------------------

    @property
    def vehicle(self) -> VehicleInfo | None:
        """What is known of the vehicle at the cable."""
        car = self.car
        if car is None:
            return None
        wants_power = car.wants_power(self.rating)
        if self._info is None or self._info.wants_power is not wants_power:
            self._info = self._look_at(car, wants_power)
        return self._info

    def supply(self, offer: Offer, now: float) -> None:
        """Let the vehicle take what is offered from now on."""
        if offer == self._offer:
            return
        self.advance(now)
        if offer == NOTHING:
            self._flows_at = inf
        elif self._offer == NOTHING:
            self._flows_at = self._now + self._start_delay_s()
        self._offer = offer
        self._info = None
        self._share()

    def read(self, now: float) -> Reading:
        """Registers and momentary values; reading twice tells the same."""
        self.advance(now)
        power_w = self.power_w
        reactive_var = self._reactive_var(power_w)
        voltages = self._voltages_v()
        car = self.car
        tells_soc = car is not None and (self.rating.is_dc or bool(car.modes(self.rating)))
        return Reading(
            energy_import_wh=self.energy_import_wh,
            energy_export_wh=self.energy_export_wh,
            power_w=power_w,
            reactive_power_var=reactive_var,
            currents_a=self._currents_a(hypot(power_w, reactive_var), voltages),
            voltages_v=voltages,
            frequency_hz=self.frequency_hz,
            soc_percent=round(car.soc * 100, 1) if car is not None and tells_soc else None,
            temperature_c=self.temperature_c + 20.0 * abs(power_w) / self.rating.max_power_w,
        )

    def lock(self, connector_id: int) -> bool:
        """Lock a plug."""
        if not self.lock_fails:
            self._locked |= 1 << connector_id
        return not self.lock_fails

    def unlock(self, connector_id: int) -> bool:
        """Unlock a plug."""
        if not self.lock_fails:
            self._locked &= ~(1 << connector_id)
        return not self.lock_fails

    # What happens to it ----------------------------------------------------------------------

    def is_locked(self, connector_id: int) -> bool:
        """Whether a plug is locked."""
        return bool(self._locked & 1 << connector_id)

    def plug(self, vehicle: Vehicle, connector_id: int, now: float) -> bool:
        """A driver plugs in; False if there is a vehicle already."""
        if self.car is not None:
            return False
        self.advance(now)
        self.car, self.connector_id = vehicle, connector_id
        self._info, self._has_charged = None, False
        self._wanted = vehicle.wants_power(self.rating)
        if self._offer != NOTHING:
            self._flows_at = self._now + self._start_delay_s()
        self._share()
        return True

    def unplug(self, now: float) -> bool:
        """The driver pulls the cable out of the vehicle, whatever holds its other end; False if there is none."""
        if self.car is None:
            return False
        self.advance(now)
        self.car, self.connector_id, self._info = None, None, None
        self._flows_at = inf
        self._share()
        return True

    def pause(self, paused: bool, now: float) -> None:
        """The vehicle stops taking power by its own timer, or goes on."""
        if self.car is not None:
            self.advance(now)
            self.car.is_paused = paused
            self.notice()
            self._share()

    @property
    def certificate_request(self) -> str | None:
        """What the vehicle asks for by ISO 15118, Base64 of EXI."""
        return self.car.certificate_request if self.car is not None and self.rating.iso15118 else None

    def take_certificate(self, exi: str | None) -> None:
        """Give the vehicle the answer; it asks no more."""
        if self.car is not None:
            self.car.certificate_request, self.car.certificate_answer = None, exi

    def ask_again(self) -> None:
        """The vehicle tells its needs anew (renegotiation of ISO 15118)."""
        self._info = None
        if self.on_change is not None:
            self.on_change()

    def power_cut(self, now: float) -> None:
        """The station loses its power: the contactor falls open; registers stay."""
        self.advance(now)
        self.has_power, self._offer, self._flows_at, self._locked = False, NOTHING, inf, 0
        self._info = None
        self._share()

    def power_back(self, now: float) -> None:
        """The station has power again; nothing is offered before its software says so."""
        self.advance(now)
        self.has_power = True

    def reset_meter(self, now: float, *, energy_import_wh: float = 0.0, energy_export_wh: float = 0.0) -> None:
        """The meter forgets, or jumps: its registers are set."""
        self.advance(now)
        self.energy_import_wh, self.energy_export_wh = energy_import_wh, energy_export_wh

    # Power and time --------------------------------------------------------------------------

    @property
    def power_w(self) -> float:
        """The power at the meter as of the last time told."""
        if self.car is None or not self.is_flowing:
            return 0.0
        wanted_w = self.demand_w
        return min(wanted_w, self.available_w) if wanted_w > 0 else wanted_w

    @property
    def demand_w(self) -> float:
        """The power its vehicle would take, or give, under the offer alone."""
        if self.car is None or not self.is_flowing:
            return 0.0
        return self.car.power_w(self.rating, self._offer, self.grid_v)

    @property
    def is_flowing(self) -> bool:
        """Whether the contactor is closed and the vehicle has started."""
        return self.has_power and self._now >= self._flows_at

    @property
    def offer(self) -> Offer:
        """What is offered."""
        return self._offer

    def next_change(self, now: float) -> float | None:
        """When to look at the vehicle again, as its wish for power may change by then; None: not by itself."""
        self.advance(now)
        if self.car is None or self._flows_at is inf:
            return None
        if self._now < self._flows_at:
            return self._flows_at
        power_w = self.power_w
        if power_w == 0.0:
            return None
        return self._now + max(self._seconds_left(self.car, power_w), LOOK_AGAIN_S)

    def advance(self, now: float) -> None:
        """Let time pass: energy flows, registers count."""
        if self.park is not None:
            self.park.advance(now)
            return
        while self._now < now:
            self.step(self.step_end(now))
        self.notice()

    def step_end(self, now: float) -> float:
        """How far towards `now` it may go in one step."""
        if self.car is None or self._flows_at is inf:
            return now
        if self._now < self._flows_at:
            return min(self._flows_at, now)
        return min(self._now + self.car.step_s(self.power_w), now)

    def step(self, until: float) -> None:
        """Let time pass in one step, with the power of its middle."""
        car, seconds = self.car, until - self._now
        if car is not None:
            energy_wh = car.live(seconds, self._middle_w(car, seconds), self.rating)
            if energy_wh:
                self._count(energy_wh)
        self._now = until

    # Inside ----------------------------------------------------------------------------------

    def _middle_w(self, car: Vehicle, seconds: float) -> float:
        """The power halfway through a step, seen from its begin."""
        power_w = self.power_w
        if power_w == 0.0:
            return 0.0
        before = car.battery.energy_wh
        efficiency = car.efficiency(self.rating)
        car.battery.add(power_w * seconds / 7200 * (efficiency if power_w > 0 else 1 / efficiency))
        middle_w = self.power_w
        car.battery.energy_wh = before
        return middle_w if middle_w != 0.0 else power_w

    def _count(self, energy_wh: float) -> None:
        self._has_charged = True
        if self.meter_stands:
            return
        if energy_wh > 0:
            self.energy_import_wh += energy_wh
        else:
            self.energy_export_wh -= energy_wh

    def _seconds_left(self, car: Vehicle, power_w: float) -> float:
        """Until it is full, or empty, if the power stayed."""
        capacity_wh, efficiency = car.battery.capacity_wh, car.efficiency(self.rating)
        if power_w > 0:
            through_w, to_go_wh = power_w * efficiency, car.target_soc * capacity_wh - car.battery.energy_wh
        else:
            through_w = -power_w / efficiency
            to_go_wh = car.battery.energy_wh - (car.floor_soc or 0.0) * capacity_wh
        return to_go_wh / through_w * 3600

    def notice(self) -> None:
        """Tell if the vehicle has begun, or ceased, to want power."""
        wants = self.car is not None and self.car.wants_power(self.rating)
        if wants is not self._wanted:
            self._wanted = wants
            if self.on_change is not None:
                self.on_change()

    def _share(self) -> None:
        if self.park is not None:
            self.park.share()

    def _start_delay_s(self) -> float:
        if self.car is None:
            return inf
        if self._has_charged:
            return RESUME_DELAY_S
        return self.car.model.start_delay_s[1 if self.rating.is_dc else 0]

    def _look_at(self, car: Vehicle, wants_power: bool) -> VehicleInfo:
        asked = needs(car, self.rating, self._now)
        speaks = asked is not None
        return VehicleInfo(
            wants_power=wants_power,
            evcc_id=car.evcc_id if self.rating.iso15118 else None,
            emaid=car.emaid if speaks else None,
            contract_chain_pem=car.contract_chain_pem if speaks else None,
            needs=asked,
            schedule_w=plan(car, self.rating, self._offer) if speaks and self._offer.charge_limit_w > 0 else None,
        )

    def _voltages_v(self) -> tuple[float, ...]:
        if not self.rating.is_dc:
            return self.grid_v if self.has_power else (0.0,) * self.rating.phases
        return (round(self.car.pack_v(), 1),) if self.car is not None and self.is_flowing else (0.0,)

    def _currents_a(self, apparent_va: float, voltages_v: tuple[float, ...]) -> tuple[float, ...]:
        if self.rating.is_dc:
            return (self.power_w / voltages_v[0] if voltages_v[0] else 0.0,)
        weights = self.car.weights(self.rating, self._offer) if self.car is not None and apparent_va else []
        total_v = sum(weight * volts for weight, volts in zip(weights, voltages_v, strict=False)) or 1.0
        weights += [0.0] * (self.rating.phases - len(weights))
        return tuple(apparent_va * weight / total_v for weight in weights)

    def _reactive_var(self, power_w: float) -> float:
        """Reactive power as asked for, as far as inverter and apparent power allow."""
        asked_var = self._offer.setpoint_var
        if asked_var is None or self.car is None or not self.is_flowing:
            return 0.0
        if not any("DER" in mode or mode == "DC_BPT" for mode in self.car.modes(self.rating)):
            return 0.0
        room_var = sqrt(max(self.rating.max_power_w**2 - power_w**2, 0.0))
        return max(min(asked_var, room_var), -room_var)


def _grid(rating: EvseRating, random: Random | None) -> tuple[float, ...]:
    """Voltages a little below nominal, so that a limit in amperes and one in watts hold together."""
    if random is None:
        return (rating.voltage_v,) * rating.phases
    return tuple(round(rating.voltage_v * random.uniform(0.982, 1.0), 1) for _ in range(rating.phases))
