"""A station with simulated hardware, and what drivers, electricians and the weather do to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from random import Random
from typing import Final, cast

from msgspec.structs import replace

from voltherd.simulator.cards import token_problem
from voltherd.simulator.dc_park import DcPark
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.picture import LineState, StationPicture, picture_of
from voltherd.simulator.problems import ImpossibleError, SimulatorError, UnknownError
from voltherd.simulator.quirks import Quirks, QuirkyAnswers, SlowConnection
from voltherd.simulator.vehicle import EvseRating, Vehicle
from voltherd.station import (
    Clock,
    ConnectorState,
    Observer,
    Station,
    StationConfig,
    StationCore,
    Storage,
    Token,
    Transaction,
)
from voltherd.station.battery_swap import Battery
from voltherd.station.evse import Evse
from voltherd.station.hardware import Offer
from voltherd.station.smart_charging.profile import ScheduleUpdate
from voltherd.websocket import ConnectFailed, Connection

PLUGGABLE: Final = (ConnectorState.AVAILABLE, ConnectorState.PREPARING, ConnectorState.RESERVED)


class SimulatedStation(Station):
    """A software station whose EVSEs are `SimulatedEvse`.

    Attributes:
        hardware: by EVSE id; it outlives the station's software, so that a new station can be given the old hardware.
        persona: the kind of station, by name.
        quirks: what it does differently.
        has_power: False between `power_cut` and `power_back`.
        has_network: False while its network is gone.
        limit_w: the most that its EVSEs may draw together, set from outside; None: no such limit.
        on_vehicle: called with the EVSE id when a vehicle begins or ceases to want power.
    """

    def __init__(
        self,
        config: StationConfig,
        *,
        hardware: dict[int, SimulatedEvse] | None = None,
        clock: Clock | None = None,
        storage: Storage | None = None,
        observer: Observer | None = None,
        random: Random | None = None,
        persona: str = "",
        quirks: Quirks | None = None,
    ) -> None:
        self.hardware = hardware or {
            number: SimulatedEvse(EvseRating.of(one), random=random) for number, one in enumerate(config.evses, 1)
        }
        super().__init__(config, self.hardware, clock=clock, storage=storage, observer=observer, random=random)
        self.persona = persona
        self.quirks = quirks
        self.has_power = True
        self.has_network = True
        self.limit_w: float | None = None
        self.on_vehicle: Callable[[int], None] | None = None
        self._set_up()
        for evse_id, evse in self.hardware.items():
            evse.on_change = lambda evse_id=evse_id: self._noticed(evse_id)

    def _set_up(self) -> None:
        """Give new software what it has from outside."""
        if self.quirks is not None and (self.quirks.changes_calls or self.quirks.answers_itself):
            self.core.override = QuirkyAnswers(self.quirks)

    # What drivers do -------------------------------------------------------------------------

    def plug_in(self, vehicle: Vehicle | None = None, *, evse_id: int = 1, connector_id: int = 1) -> bool:
        """A driver plugs a vehicle in; False if the connector is taken or out of service."""
        hardware, now = self.evse(evse_id), self.clock.now()
        if not self.has_power or not hardware.plug(vehicle or Vehicle(), connector_id, now):
            return False
        if not self.plugged_in(evse_id, connector_id):
            hardware.unplug(now)
            return False
        return True

    def plug(self, evse_id: int, vehicle: Vehicle, connector_id: int | None = None) -> int:
        """A driver plugs a vehicle in, at the first connector that works unless told; gives the connector.

        Raises:
            ImpossibleError: taken, out of service, or without power.
            UnknownError: there is no such EVSE or connector.
        """
        self._need_power()
        state, hardware = self._state(evse_id), self.evse(evse_id)
        if hardware.car is not None:
            raise ImpossibleError(f"A vehicle is plugged in at EVSE {evse_id} already")
        if connector_id is not None and connector_id not in state.connector_ids:
            raise UnknownError(f"EVSE {evse_id} has no connector {connector_id}")
        for place in state.connector_ids if connector_id is None else (connector_id,):
            if state.state(place) in PLUGGABLE and self.plug_in(vehicle, evse_id=evse_id, connector_id=place):
                return place
        raise ImpossibleError(f"EVSE {evse_id} takes no vehicle: it is {state.state(connector_id or 1)}")

    def unplug(self, evse_id: int = 1) -> None:
        """A driver pulls the cable out of the vehicle; without one nothing happens."""
        if self.evse(evse_id).unplug(self.clock.now()) and self.has_power:
            self.unplugged(evse_id)

    def tap(self, evse_id: int, token: Token, on_answer: Callable[[bool], None] | None = None) -> None:
        """A driver holds a card to the reader; `on_answer` hears whether it may charge, or stopped its transaction.

        Raises:
            ImpossibleError: without power.
            UnknownError: there is no such EVSE.
            SimulatorError: the version that it speaks has no such token.
        """
        self._need_power()
        self._state(evse_id)
        problem = token_problem(token, self.config.version)
        if problem is not None:
            raise SimulatorError(problem)
        self.core.charging.presented(evse_id, token, self.clock.now(), on_answer)
        self.pump()

    def pause_vehicle(self, evse_id: int, paused: bool) -> None:
        """The vehicle takes no more power by its own will, or goes on; without one nothing happens."""
        self.core.now = self.clock.now()
        self.evse(evse_id).pause(paused, self.core.now)
        self.wake()

    def is_free(self, evse_id: int) -> bool:
        """Whether somebody may come to charge."""
        state = self.core.evses[evse_id]
        if not self.has_power or self.hardware[evse_id].car is not None or state.permission is not None:
            return False
        return any(state.state(connector_id) in PLUGGABLE for connector_id in state.connector_ids)

    def is_charging(self, evse_id: int) -> bool:
        """Whether a transaction goes on there."""
        return self.has_power and self.core.evses[evse_id].transaction is not None

    # Battery swaps ---------------------------------------------------------------------------

    def present_for_swap(self, token: Token) -> None:
        """A rider holds a card to the reader of a swap station.

        Raises:
            ImpossibleError: without power, or it swaps no batteries.
        """
        self._need_power()
        self._need_slots()
        self.core.battery_swap.presented(token, self.clock.now())
        self.pump()

    def insert_battery(self, slot: int, battery: Vehicle, serial_number: str) -> None:
        """A rider puts a battery into a slot.

        Raises:
            ImpossibleError: it is taken, without power, or the station swaps no batteries.
        """
        self._need_power()
        self._need_slots()
        now, hardware = self.clock.now(), self.evse(slot)
        if not hardware.plug(battery, 1, now):
            raise ImpossibleError(f"There is a battery in slot {slot} already")
        put_in = Battery(serial_number=serial_number, soc_percent=round(battery.soc * 100, 1))
        if not self.core.battery_swap.inserted({slot: put_in}, now):
            hardware.unplug(now)
            raise ImpossibleError(f"There is a battery in slot {slot} already")
        self.pump()

    def remove_battery(self, slot: int) -> None:
        """A rider takes the battery out of a slot.

        Raises:
            ImpossibleError: there is none, or the station is without power.
        """
        self._need_power()
        if slot not in self.core.battery_swap.batteries:
            raise ImpossibleError(f"There is no battery in slot {slot}")
        self.core.battery_swap.removed(slot, self.clock.now())
        self.evse(slot).unplug(self.clock.now())
        self.pump()

    def _need_slots(self) -> None:
        if not self.core.battery_swap.is_offered:
            raise ImpossibleError(f"{self.config.identity} swaps no batteries")

    # What else befalls it --------------------------------------------------------------------

    def break_evse(self, evse_id: int, code: str | None) -> None:
        """An EVSE breaks (with an error code of 1.6) or is repaired (None).

        Raises:
            UnknownError: there is no such EVSE.
        """
        self._state(evse_id)
        if self.has_power:
            self.fault(code, evse_id=evse_id)

    def set_limit(self, limit_w: float | None) -> None:
        """An energy management system bounds what its EVSEs draw together; None: no such bound.

        The station tells the CSMS of it (OCPP 2.x K12, K13); where it may take no limit from other systems, the limit
        is that of its fuse.
        """
        self.limit_w = limit_w
        if self.has_power:
            self._apply_limit()

    def _apply_limit(self) -> None:
        core, now = self.core, self.clock.now()
        if self._fuse in core.charging.limiters:
            core.charging.limiters.remove(self._fuse)
        if self.limit_w is None:
            core.external_limits.release(now=now)
        elif not core.external_limits.set(ScheduleUpdate(limit=self.limit_w), now=now):
            core.charging.limiters.append(self._fuse)
        core.now = now
        for evse in core.evses.values():
            core.charging.supply(evse)
            core.charging.look(evse)
        self.pump()

    def _fuse(self, evse: Evse, offer: Offer) -> Offer:
        """Every EVSE that may charge has an equal share."""
        assert self.limit_w is not None
        busy = sum(one.is_power_path_closed for one in self.core.evses.values())
        share_w = self.limit_w / max(busy, 1)
        if offer.charge_limit_w <= share_w and offer.discharge_limit_w <= share_w:
            return offer
        return replace(
            offer,
            charge_limit_w=min(offer.charge_limit_w, share_w),
            discharge_limit_w=min(offer.discharge_limit_w, share_w),
        )

    def drop(self, *, at_once: bool = False) -> None:
        """The connection breaks without a word; it comes back as the station's rules say, or `at_once`."""
        if self._connection is not None:
            self.core.must_reconnect = at_once
            self._connection.abort()

    def set_network(self, up: bool) -> None:
        """Its network is gone: the connection breaks, none can be made; or the network is back."""
        self.has_network = up
        if not up:
            self.drop()

    async def power_cut(self) -> None:
        """The power goes: software and connection are gone in the middle of anything; storage and registers stay."""
        if not self.has_power:
            return
        self.has_power = False
        self._switch_off()
        for evse in self.hardware.values():
            evse.power_cut(self.clock.now())
        if self._connection is not None:
            self._connection.abort()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._gone.wait()
        self._observer.on_disconnected("power cut")

    def _switch_off(self) -> None:
        task, self._task = self._task, None
        for one in (task, *self._jobs):
            if one is not None:
                one.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def power_back(self) -> None:
        """The power is back: the software begins anew with what its storage kept."""
        if self.has_power:
            return
        self.has_power, self._restarting, now = True, False, self.clock.now()
        for evse in self.hardware.values():
            evse.power_back(now)
        before, self.core = self.core, self._software()
        self._set_up()
        for evse_id, evse in self.hardware.items():
            self._take_up(before.evses[evse_id].transaction, evse_id)
            if evse.connector_id is not None and not self.config.swaps_batteries:
                self.core.charging.plugged_in(evse_id, evse.connector_id, now)
        if self.limit_w is not None:
            self._apply_limit()
        self.start()
        self.pump()

    def _software(self) -> StationCore:
        return StationCore(
            self.config,
            self.hardware,
            clock=self.clock,
            storage=self.core.storage,
            observer=self._observer,
            random=self._random,
        )

    def _take_up(self, cut_off: Transaction | None, evse_id: int) -> None:
        """Tell who watches that a transaction ended by the power cut, unless it goes on."""
        goes_on = self.core.evses[evse_id].transaction
        if cut_off is not None and (goes_on is None or goes_on.id != cut_off.id):
            energy_wh = round(self.hardware[evse_id].energy_import_wh) - cut_off.meter_start_wh
            self._observer.on_transaction_ended(cut_off, energy_wh, "PowerLoss")

    # The line --------------------------------------------------------------------------------

    async def _connect(self) -> None:
        if not self.has_network:
            raise ConnectFailed("no network")
        await super()._connect()

    def opened(self, connection: Connection) -> None:
        """The connection is open."""
        if self.quirks is not None and self.quirks.answer_delay_s > 0:
            delay_s = self.quirks.answer_delay_s / self.clock.factor
            connection = cast("Connection", SlowConnection(connection, delay_s))
        super().opened(connection)

    def closed(self, reason: str) -> None:
        """The connection is gone; software without power does not notice."""
        if self.has_power:
            super().closed(reason)
        else:
            self._connection = None
            self._gone.set()

    def wake(self) -> None:
        """Do what is due now; without power nothing is."""
        if self.has_power:
            super().wake()

    # What it is ------------------------------------------------------------------------------

    def evse(self, evse_id: int) -> SimulatedEvse:
        """The hardware of an EVSE.

        Raises:
            UnknownError: there is no such EVSE.
        """
        try:
            return self.hardware[evse_id]
        except KeyError:
            raise UnknownError(f"{self.config.identity} has no EVSE {evse_id}") from None

    @property
    def line(self) -> LineState:
        """How it stands with the connection."""
        if not self.has_power or self._task is None:
            return "off"
        if self.core.is_connected:
            return "accepted" if self.core.is_online else "connected"
        return "connecting" if self.has_network else "no-network"

    @property
    def power_w(self) -> float:
        """The power of all its EVSEs; positive to the vehicles."""
        now, power_w = self.clock.now(), 0.0
        for evse in self.hardware.values():
            if evse.car is not None:
                evse.advance(now)
                power_w += evse.power_w
        return power_w

    def picture(self) -> StationPicture:
        """All of it as it is now."""
        return picture_of(self)

    # Inside ----------------------------------------------------------------------------------

    def _state(self, evse_id: int) -> Evse:
        self.evse(evse_id)
        return self.core.evses[evse_id]

    def _need_power(self) -> None:
        if not self.has_power:
            raise ImpossibleError(f"{self.config.identity} is without power")

    def _noticed(self, evse_id: int) -> None:
        """The vehicle wants power, none, or something else; the hardware says so in the middle of something."""
        core = self.core
        core.timers.at(core.now, lambda: self._look(core, evse_id))
        with contextlib.suppress(RuntimeError):  # without a loop its owner wakes it
            asyncio.get_running_loop().call_soon(self.wake)

    def _look(self, core: StationCore, evse_id: int) -> None:
        core.charging.look(core.evses[evse_id])
        core.charging_needs.look(core.evses[evse_id])
        if self.on_vehicle is not None:
            self.on_vehicle(evse_id)


def build_hardware(
    ratings: list[EvseRating], *, shared_power_w: float | None, registers_wh: list[float], random: Random
) -> dict[int, SimulatedEvse]:
    """The EVSEs of a new station, with what their meters have counted so far, on a cabinet of shared power if any."""
    evses = [
        SimulatedEvse(one, energy_import_wh=wh, random=random) for one, wh in zip(ratings, registers_wh, strict=True)
    ]
    if shared_power_w is not None:
        DcPark(shared_power_w, evses)
    return dict(enumerate(evses, 1))
