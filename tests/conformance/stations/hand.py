"""The station under test and the test's hand on it: plugs, cards, faults, power and time.

What the software station's API is called is said here and nowhere else in the suite.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from conformance.stations.csms import Came, Csms
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import CARS, EvseRating, Vehicle
from voltherd.station import Clock, EvseConfig, SqliteStorage, StationConfig, Token
from voltherd.station.smart_charging.profile import ScheduleUpdate

STEPS = 3_000
REAL_TRIES = 1_000
"""How often an attempt to connect is looked at, 2 ms apart."""
T = TypeVar("T")


SILENT = next(model for model in CARS if not model.modes and model.ac_phases == 3)
"""A vehicle with three phases that speaks no ISO 15118."""
TALKING = next(model for model in CARS if "AC_three_phase" in model.modes)
"""One that does."""


class HandClock(Clock):
    """A clock that a case can turn on; who sleeps by it wakes when it is turned past the end."""

    def __init__(self) -> None:
        super().__init__()
        self.sleepers: list[float] = []
        """When those who sleep want to wake."""
        self._turned = asyncio.Event()

    def skip(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._start -= seconds
        self._turned.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds of this clock."""
        until = self.now() + seconds
        self.sleepers.append(until)
        try:
            while (left := until - self.now()) > 0:
                self._turned.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._turned.wait(), left)
        finally:
            self.sleepers.remove(until)


class _Station(SimulatedStation):
    """Waits before it connects again by its own clock."""

    async def pause(self, seconds: float) -> None:
        """Wait in the station's time."""
        await self.clock.sleep(seconds)


class Hand:
    """The station under test: an EVSE of 22 kW with a socket that locks, one with a cable, and a storage."""

    def __init__(self, csms: Csms, folder: Path, **config: Any) -> None:
        self.csms = csms
        self.clock = HandClock()
        csms.now = self.clock.now
        csms.time = self.time
        self._file = folder / "station.sqlite"
        self._storage: SqliteStorage | None = None
        self._hardware: dict[int, SimulatedEvse] | None = None
        self._tasks: set[asyncio.Task[bool]] = set()
        self._station: SimulatedStation | None = None
        self.config = StationConfig(
            **{
                "identity": "CS-1",
                "url": csms.url,
                "version": csms.version,
                "evses": (EvseConfig(connectors=("sType2",)), EvseConfig()),
                "serial_number": "SN-0001",
                "password": "DefaultPassword1234",
                "reboot_s": 3.0,
                "reconnect_min_s": 1.0,
                "reconnect_max_s": 10.0,
            }
            | config
        )

    @property
    def running(self) -> SimulatedStation:
        """The station, which must be switched on."""
        assert self._station is not None, "the station is switched off"
        return self._station

    def follow(self, csms: Csms) -> None:
        """Another CSMS is the one that the station talks to now."""
        self.csms = csms

    def time(self, later_s: float = 0.0) -> str:
        """The date and time of the station's clock, or so many seconds later."""
        return self.clock.text(self.clock.now() + later_s)

    # -- power ----------------------------------------------------------------------------------------------------

    def power_on(self, **config: Any) -> None:
        """Switch on; `config` changes what the station was built with."""
        assert self._station is None, "the station is on"
        self.config = replace(self.config, **config)
        self._storage = SqliteStorage(self._file)
        for hardware in (self._hardware or {}).values():
            hardware.power_back(self.clock.now())
        self._hardware = self._hardware or {
            number: SimulatedEvse(EvseRating.of(one, iso15118=True), random=Random(1))
            for number, one in enumerate(self.config.evses, 1)
        }
        self._station = _Station(
            self.config, hardware=self._hardware, clock=self.clock, storage=self._storage, random=Random(1)
        )
        self._station.start()

    async def power_off(self) -> None:
        """Cut the power: nothing more is said, the connection is gone, what is in the storage stays."""
        station, self._station = self._station, None
        if station is None:
            return
        if self.csms.line is not None:
            self.csms.drop()
        await station.stop()
        for task in self._tasks:
            task.cancel()
        for hardware in station.hardware.values():
            hardware.power_cut(self.clock.now())
        assert self._storage is not None
        self._storage.close()

    async def power_cut(self) -> None:
        """Cut the power and bring it back."""
        await self.power_off()
        self.power_on()

    async def close(self) -> None:
        """The end."""
        await self.power_off()

    async def booted(self, **config: Any) -> Came:
        """Switch on and wait until the station is up; what it said is taken, the boot is given."""
        self.power_on(**config)
        boot = await self.csms.expect("BootNotification")
        await self.csms.settle()
        self.csms.forget()
        return boot

    # -- time -----------------------------------------------------------------------------------------------------

    async def pass_time(self, seconds: float) -> None:
        """Let the station's time pass, from one of its timers to the next, without waiting."""
        end = self.clock.now() + seconds
        for _ in range(STEPS):
            await self._settle()
            station, now = self._station, self.clock.now()
            due = [] if station is None else [station.core.next_wakeup(), *self.clock.sleepers]
            at = min((one for one in due if one is not None), default=None)
            if now >= end and (at is None or at > now):
                break
            until = end if at is None else min(max(at, now), end)
            self.clock.skip(max(until - now, 0.0) + 0.001)
            if station is not None:
                station.wake()
            await asyncio.sleep(0)
        else:
            raise AssertionError("the station's timers never rest")
        await self._settle()

    async def _settle(self) -> None:
        """Wait until nothing is under way: no frame, no attempt to connect."""
        for _ in range(REAL_TRIES):
            station = self._station
            if station is None or station.core.is_connected or self.clock.sleepers:
                break
            await asyncio.sleep(0.002)
        await self.csms.settle()

    async def meanwhile(self, awaited: Coroutine[Any, Any, T], step_s: float = 5.0) -> T:
        """Let time pass until something came: restarts, waits before a new connection."""
        task = asyncio.create_task(awaited)
        while not task.done():
            await asyncio.wait([task], timeout=0.01)
            if not task.done():
                await self.pass_time(step_s)
        return task.result()

    async def cut_off(self) -> None:
        """The CSMS closes the connection and takes no new one; the station has noticed."""
        await self.csms.go_offline()
        await self.until_offline()

    async def back_online(self) -> None:
        """The CSMS takes connections again; the station is back, and has said what it had to say."""
        self.csms.go_online()
        await self.meanwhile(self.csms.connected(self.csms.lines + 1))
        await self.csms.settle()

    # -- the driver -----------------------------------------------------------------------------------------------

    def plug(self, evse_id: int = 1, vehicle: Vehicle | None = None) -> None:
        """Connect a vehicle."""
        car = vehicle or Vehicle(SILENT)
        assert self.running.plug_in(car, evse_id=evse_id), "the vehicle could not be plugged in"

    def unplug(self, evse_id: int = 1) -> None:
        """Pull the cable at the vehicle."""
        self.running.unplug(evse_id=evse_id)

    def present(self, token: str = "04A1B2C3D4", evse_id: int = 1, kind: str = "ISO14443") -> None:
        """Hold a card to the reader."""
        task = asyncio.create_task(self.running.present(Token(token, kind), evse_id=evse_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def full_vehicle() -> Vehicle:
        """Give a vehicle that wants nothing."""
        return Vehicle(SILENT, soc=1.0)

    def vehicle_full(self, evse_id: int = 1) -> None:
        """The vehicle takes no more."""
        self.running.hardware[evse_id].pause(True, self.clock.now())
        self.running.wake()

    def vehicle_wants(self, evse_id: int = 1) -> None:
        """The vehicle goes on."""
        self.running.hardware[evse_id].pause(False, self.clock.now())
        self.running.wake()

    def vehicle_ends_session(self, evse_id: int = 1) -> None:
        """The vehicle ends its ISO 15118 session."""
        self.running.core.charging.vehicle_stopped(evse_id, self.clock.now())
        self.running.pump()

    def parked(self, is_taken: bool, evse_id: int = 1) -> None:
        """The parking bay is taken, or free."""
        self.running.core.charging.parked(evse_id, is_taken, self.clock.now())
        self.running.pump()

    # -- the hardware ---------------------------------------------------------------------------------------------

    def fault(self, evse_id: int = 1, code: str = "GroundFailure") -> None:
        """An EVSE breaks."""
        self.running.fault(code, evse_id=evse_id)

    def repair(self, evse_id: int = 1) -> None:
        """An EVSE is whole again."""
        self.running.fault(None, evse_id=evse_id)

    def lock_fails(self, evse_id: int = 1) -> None:
        """From now on the plug does not lock."""
        self.running.hardware[evse_id].lock_fails = True

    def is_locked(self, evse_id: int = 1) -> bool:
        """Whether the plug is locked."""
        return self.running.hardware[evse_id].is_locked(1)

    def external_limit(self, limit_a: float) -> None:
        """Somebody else than the CSMS limits the station."""
        limits, now = self.running.core.external_limits, self.clock.now()
        assert limits.set(ScheduleUpdate(limit=limit_a), now=now, unit="A"), "the station takes no external limit"
        self.running.pump()

    @staticmethod
    def talking_vehicle() -> Vehicle:
        """Give a vehicle that speaks ISO 15118 and tells its needs."""
        return Vehicle(TALKING, evcc_id="02:00:00:00:00:01")

    def vehicle_renegotiates(self, evse_id: int = 1) -> None:
        """The vehicle wants to leave in an hour, and tells its needs anew."""
        hardware = self.running.hardware[evse_id]
        assert hardware.car is not None
        hardware.car.departure_at = self.clock.now() + 3600
        hardware.ask_again()
        self.running.wake()

    @staticmethod
    def contract_vehicle(emaid: str, chain_pem: str) -> Vehicle:
        """Give a vehicle that pays by its contract."""
        return Vehicle(TALKING, evcc_id="02:00:00:00:00:02", emaid=emaid, contract_chain_pem=chain_pem)

    def vehicle_asks_for_contract(self, action: Literal["Install", "Update"]) -> list[str | None]:
        """The vehicle at the cable asks for a contract; gives the list into which the answers come."""
        answers: list[str | None] = []
        self.running.core.now = self.clock.now()
        self.running.core.ev_certificates.pass_on(
            "RVhJ", lambda answer: answers.append(answer.exi if answer and answer.is_accepted else None), action=action
        )
        self.running.pump()
        return answers

    # -- looking on -----------------------------------------------------------------------------------------------

    async def until_offline(self) -> None:
        """Wait until the station has noticed that the connection is gone."""
        with contextlib.suppress(TimeoutError):
            await self.running.wait_until(lambda core: not core.is_connected, 5.0)
        assert not self.running.core.is_connected

    def power_w(self, evse_id: int = 1) -> float:
        """The power at the meter of an EVSE."""
        return self.running.hardware[evse_id].read(self.clock.now()).power_w

    def shown(self, evse_id: int = 1) -> str:
        """All that the display of an EVSE shows by now, in turn, as one text."""
        return " | ".join(str(one) for one in self.running.core.display.shown(evse_id))
