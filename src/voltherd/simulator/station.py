"""A station with simulated hardware, and what drivers do to it."""

from __future__ import annotations

from random import Random

from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle
from voltherd.station import Clock, Observer, Station, StationConfig, Storage


class SimulatedStation(Station):
    """A software station whose EVSEs are `SimulatedEvse`.

    Attributes:
        hardware: by EVSE id; it outlives the station's software, so that a new station can be given the old hardware.
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
    ) -> None:
        self.hardware = hardware or {
            number: SimulatedEvse(EvseRating.of(one), random=random) for number, one in enumerate(config.evses, 1)
        }
        super().__init__(config, self.hardware, clock=clock, storage=storage, observer=observer, random=random)
        for evse_id, evse in self.hardware.items():
            evse.on_change = lambda evse_id=evse_id: self._noticed(evse_id)

    def plug_in(self, vehicle: Vehicle | None = None, *, evse_id: int = 1, connector_id: int = 1) -> bool:
        """A driver plugs a vehicle in; False if the connector is taken or out of service."""
        hardware, now = self.hardware[evse_id], self.clock.now()
        if not hardware.plug(vehicle or Vehicle(), connector_id, now):
            return False
        if not self.plugged_in(evse_id, connector_id):
            hardware.unplug(now)
            return False
        return True

    def unplug(self, *, evse_id: int = 1) -> None:
        """A driver pulls the cable out of the vehicle."""
        self.hardware[evse_id].unplug(self.clock.now())
        self.unplugged(evse_id)

    def _noticed(self, evse_id: int) -> None:
        """The vehicle began or ceased to want power; the hardware says so in the middle of something else."""
        core = self.core
        core.timers.at(core.now, lambda: core.charging.look(core.evses[evse_id]))
