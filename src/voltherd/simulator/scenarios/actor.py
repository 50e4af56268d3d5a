"""A station in a scenario, with what was said on its wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgspec

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.faults import LineFaults, read_faults
from voltherd.simulator.first_settings import named
from voltherd.simulator.personas import persona
from voltherd.simulator.scenarios.scenario import StationSpec
from voltherd.simulator.scenarios.wire import Wire
from voltherd.simulator.station import SimulatedStation, build_hardware
from voltherd.station import Clock, Observer, StationConfig

RECONNECT_S: Final = (0.2, 2.0)
"""First and longest wait before a new connection, in real seconds: scenarios do not wait for nothing."""

REGISTER_WH: Final = 120_000.0
"""What the meters have counted at the begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """How a station of a scenario comes into being: its spec with all that whoever runs it decides."""

    name: str
    spec: StationSpec
    url: str
    identity: str
    version: OcppVersion
    password: str | None
    settings: Mapping[str, Any]
    seed: int


class Actor(Observer):
    """One station, off at first.

    Attributes:
        password: the one it has at the begin.
        failures: attempts to connect that failed, with the HTTP status where there was one.
        losses: how often its connection went.
    """

    def __init__(self, role: Role, clock: Clock) -> None:
        self.name = role.name
        self.password = role.password
        self.wire = Wire()
        self.failures: list[tuple[str, int | None]] = []
        self.losses = 0
        kind = persona(role.spec.persona)
        if role.version not in kind.ocpp:
            raise ValueError(f"persona {kind.name} does not speak OCPP {role.version}")
        random = Random(f"{role.seed} {role.identity}")
        config = StationConfig(
            identity=role.identity,
            url=role.url,
            version=role.version,
            evses=tuple(spec.config for spec in kind.evses),
            vendor=kind.vendor,
            model=kind.model,
            serial_number=f"SN-{role.identity}"[:25],
            firmware_version=role.spec.firmware or kind.firmware[0],
            password=role.password,
            settings={**kind.settings, **named(role.settings)},
            reconnect_min_s=RECONNECT_S[0],
            reconnect_max_s=RECONNECT_S[1],
            boot_on_reconnect=role.spec.boot_on_reconnect,
            swaps_batteries=kind.swaps_batteries,
        )
        self.station = SimulatedStation(
            config,
            hardware=build_hardware(
                [spec.rating for spec in kind.evses],
                shared_power_w=kind.shared_power_w,
                registers_wh=[REGISTER_WH + 1000.0 * number for number in range(len(kind.evses))],
                random=random,
            ),
            clock=clock,
            observer=self,
            random=random,
            persona=kind.name,
            quirks=kind.behaviour,
        )
        self.line = LineFaults(self.station, seed=role.seed)
        self.line.on_wire = lambda way, data: self.wire.add("station" if way == "sent" else "csms", data, self.now)
        self._kind = kind
        self._is_on = False
        self._faults = role.spec.faults

    @property
    def version(self) -> OcppVersion:
        """What it speaks."""
        return self.station.config.version

    @property
    def now(self) -> str:
        """Its wall clock."""
        return self.station.clock.text(self.station.clock.now())

    def switch_on(self) -> None:
        """Give it power, the first time."""
        if not self._is_on:
            self._is_on = True
            for fault in read_faults(self._faults):
                self.line.add(fault)
            self.station.start()

    async def close(self) -> None:
        """Take it away."""
        self.line.close()
        if self._is_on:
            await self.station.stop()

    def vehicles(self, evse_id: int) -> tuple[Any, ...]:
        """The kinds of vehicles that fit an EVSE."""
        return self._kind.visitors(self._kind.evses[evse_id - 1])

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something holds; False if it did not in time (real seconds)."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while not holds():
            left_s = end - loop.time()
            if left_s <= 0:
                return False
            await self.wire.changed(min(left_s, 0.05))
        return True

    def state(self, evse_id: int | None = None) -> dict[str, Any]:
        """What it is like, as plain data: the picture that the control port shows, and a little more.

        Raises:
            ValueError: there is no such EVSE.
        """
        core = self.station.core
        picture: dict[str, Any] = msgspec.to_builtins(self.station.picture())
        if evse_id is None:
            return picture | {
                "registration": core.registration,
                "online": core.is_online,
                "connected": core.is_connected,
                "power": self.station.has_power,
                "settings": {one.name: core.settings.text(one.name) for one in core.settings},
            }
        if evse_id not in core.evses:
            raise ValueError(f"the station has no EVSE {evse_id}; it has {', '.join(map(str, core.evses))}")
        evse = core.evses[evse_id]
        found: dict[str, Any] = next(one for one in picture["evses"] if one["evse_id"] == evse_id)
        status = str(evse.state(evse.plugged or 1))
        return found | {"status": status, "plugged": evse.plugged, "reserved": evse.reservation is not None}

    # Observer --------------------------------------------------------------------------------

    def on_connect_failed(self, reason: str, status: int | None) -> None:
        """An attempt to connect failed."""
        self.failures.append((reason, status))
        self.wire.wake()

    def on_connected(self) -> None:
        """The connection is open."""
        self.failures.clear()
        self.wire.wake()

    def on_disconnected(self, reason: str) -> None:
        """The connection is gone."""
        self.losses += 1
        self.wire.wake()

    def on_registration(self, status: str) -> None:
        """The CSMS answered a BootNotification."""
        self.wire.wake()
