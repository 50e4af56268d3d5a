"""Distributed energy resources: controls of the grid code, kept, reported and followed (OCPP 2.1 block R)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.der_control import (
    FIELD_OF,
    FOLLOWED,
    DerControl,
    DerKind,
    begin,
    control,
    in_force,
    supersede,
)
from voltherd.station.der_response import Cause, Grid, Trip, respond
from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.hardware import NOTHING, Offer
from voltherd.station.remote_control import Refusal
from voltherd.station.setting import Setting, switch, text
from voltherd.station.smart_charging.ruling import voltage_v
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "der_control"
"""Where controls are kept, by their id (R01.FR.03)."""

CONTROLS_PER_REPORT: Final = 10
LOOK_S: Final = 1.0
"""How often the grid is looked at while controls may matter."""

Outcome = Literal["Accepted", "NotSupported", "NotFound"]
NotSupported = Literal["NotSupported"]


class DerReport(Struct, frozen=True, kw_only=True):
    """One part of a report of controls."""

    request_id: int
    controls: tuple[DerControl, ...]
    more: bool


class DerStartStop(Struct, frozen=True, kw_only=True):
    """A scheduled control has started or ended."""

    control_id: str
    started: bool
    superseded: tuple[str, ...] = ()


class DerAlarm(Struct, frozen=True, kw_only=True):
    """A control makes the station deviate from what it would do, or does so no more."""

    cause: Cause
    ended: bool


class Der(Function):
    """Keeps the controls, and has the EVSEs follow them."""

    __slots__ = ("_alarm", "_causes", "_controls", "_look_timer", "_steps", "_timer", "_trips")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("der", True),
        text("der_modes", ",".join(FOLLOWED), kind="MemberList", values=FOLLOWED),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._controls: list[DerControl] | None = None
        self._timer: Timer | None = None
        self._look_timer: Timer | None = None
        self._trips: dict[int, Trip] | None = None
        self._steps: dict[int, tuple[float, float]] | None = None
        self._causes: dict[int, Cause] | None = None
        self._alarm: Cause | None = None

    def restore(self) -> None:
        """Take up what was kept (R01.FR.03)."""
        found = [msgspec.json.decode(value, type=DerControl) for value in self.core.storage.all(ROOM).values()]
        self._controls = found or None
        if self.core.is_v21:
            self.core.charging.limiters.append(self._limit)
            self._wait()

    @property
    def modes(self) -> tuple[DerKind, ...]:
        """The kinds of control that are supported."""
        if not self.core.settings.switch("der"):
            return ()
        named = self.core.settings.members("der_modes")
        return tuple(kind for kind in FOLLOWED if kind in named)

    def controls(self) -> Sequence[DerControl]:
        """All of them, also those that are superseded."""
        return self._controls or ()

    # Setting ---------------------------------------------------------------------------------

    def set(
        self, control_id: str, kind: DerKind, *, is_default: bool, settings: dict[str, Any] | None
    ) -> list[str] | Refusal | NotSupported:
        """Take in a control; gives the ids that are superseded (R04.FR.01 - FR.08)."""
        now = self._wall()
        if kind not in self.modes:
            return "NotSupported"
        if settings is None:
            return Refusal("MissingParam", f"{kind} needs the field {FIELD_OF[kind]}")
        made = control(control_id, kind, is_default=is_default, settings=settings, now=now)
        if isinstance(made, str):
            return Refusal("InvalidValue", made)
        others = [one for one in self.controls() if one.id != control_id]
        superseded = supersede(made, others, now)
        self._controls = [*others, made]
        for one in self._controls:
            if one is made or one.id in superseded:
                self.core.storage.keep(ROOM, one.id, msgspec.json.encode(one))
        self.core.afterwards(lambda: self._came(made, tuple(superseded)))
        return superseded

    def _came(self, made: DerControl, superseded: tuple[str, ...]) -> None:
        if not made.is_default and made.is_started and not made.is_superseded:
            self.core.queue(DerStartStop(control_id=made.id, started=True, superseded=superseded))
        self._wait()
        self._look()

    def clear(self, *, is_default: bool, kind: DerKind | None, control_id: str | None) -> Outcome:
        """Remove controls (R04.FR.41 - FR.45)."""
        if control_id is None and kind is not None and kind not in self.modes:
            return "NotSupported"
        gone = [one for one in self.controls() if one.is_default == is_default and _is_meant(one, kind, control_id)]
        if not gone and (kind is not None or control_id is not None):
            return "NotFound"
        self._remove(gone)
        self.core.afterwards(self._after_clearing)
        return "Accepted"

    def _after_clearing(self) -> None:
        self._wait()
        self._look()

    def _remove(self, gone: Sequence[DerControl]) -> None:
        self._controls = [one for one in self.controls() if one not in gone] or None
        for one in gone:
            self.core.storage.drop(ROOM, one.id)

    # Asking ----------------------------------------------------------------------------------

    def report(
        self, request_id: int, *, is_default: bool | None, kind: DerKind | None, control_id: str | None
    ) -> Outcome:
        """Report controls in parts, after the answer to the request in hand (R04.FR.30 - FR.36)."""
        if control_id is None and kind is not None and kind not in self.modes:
            return "NotSupported"
        found = [
            one for one in self.controls() if is_default in (None, one.is_default) and _is_meant(one, kind, control_id)
        ]
        parts = [found[i : i + CONTROLS_PER_REPORT] for i in range(0, len(found), CONTROLS_PER_REPORT)]
        for index, part in enumerate(parts):
            self.core.trigger(DerReport(request_id=request_id, controls=tuple(part), more=index < len(parts) - 1))
        return "Accepted" if found else "NotFound"

    # Schedules -------------------------------------------------------------------------------

    def _wall(self) -> float:
        return self.core.clock.wall(self.core.now).timestamp()

    def _wait(self) -> None:
        """Wait for the next start or end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._wall()
        times = [one.end if one.is_started else one.start for one in self.controls() if not one.is_default]
        if times:
            self._timer = self.core.timers.at(self.core.now + max(min(times) - now, 0.0), self._due)

    def _due(self) -> None:
        """Start and end what is due, and say so (R04.FR.10, FR.20 - FR.22)."""
        self._timer = None
        now = self._wall() + 1e-6
        for one in [one for one in self.controls() if one.end <= now]:
            self._remove([one])
            if one.is_started and not one.is_superseded:
                self.core.queue(DerStartStop(control_id=one.id, started=False))
        for one in self.controls():
            if not one.is_default and not one.is_started and one.start <= now:
                self._begin(one)
        self._wait()
        self._look()

    def _begin(self, one: DerControl) -> None:
        if one.is_superseded:
            one.is_started = True
        else:
            superseded = begin(one, self.controls())
            self.core.queue(DerStartStop(control_id=one.id, started=True, superseded=tuple(superseded)))
        for changed in self.controls():
            self.core.storage.keep(ROOM, changed.id, msgspec.json.encode(changed))

    def clock_changed(self) -> None:
        """Dates mean other moments now."""
        self._wait()

    # Following -------------------------------------------------------------------------------

    def _limit(self, evse: Evse, offer: Offer) -> Offer:
        """Narrow an offer by what is in force."""
        if self._controls is None and self._causes is None:
            return offer
        controls = in_force(self.controls(), self._wall()) if offer != NOTHING else None
        if not controls:
            self._causes = {key: one for key, one in (self._causes or {}).items() if key != evse.id} or None
            return offer
        if self._look_timer is None:
            self._look_timer = self.core.timers.at(self.core.now + LOOK_S, self._look)
        response = respond(offer, controls, self._grid(evse), self._trip(evse))
        others = {key: one for key, one in (self._causes or {}).items() if key != evse.id}
        self._causes = ({**others, evse.id: response.cause} if response.cause is not None else others) or None
        return self._ramped(evse, response.offer, controls)

    def _trip(self, evse: Evse) -> Trip:
        if self._trips is None or evse.id not in self._trips:
            self._trips = {**(self._trips or {}), evse.id: Trip()}
        return self._trips[evse.id]

    def _grid(self, evse: Evse) -> Grid:
        reading = evse.hardware.read(self.core.now)
        volts = [volt for volt in reading.voltages_v if volt > 0]
        nominal = voltage_v(evse.config)
        is_ac = not evse.config.is_dc and volts
        return Grid(
            at=self.core.now,
            frequency_hz=reading.frequency_hz,
            voltage_percent=sum(volts) / len(volts) / nominal * 100 if is_ac else 100.0,
            power_w=reading.power_w,
            most_w=evse.config.max_power_w,
        )

    def _ramped(self, evse: Evse, offer: Offer, controls: dict[DerKind, DerControl]) -> Offer:
        """Change setpoints no faster than `Gradients` allow: seconds for all of the power."""
        gradient_s = controls["Gradients"].settings["gradient"] if "Gradients" in controls else 0
        if offer.setpoint_w is None or not gradient_s:
            self._steps = {key: one for key, one in (self._steps or {}).items() if key != evse.id} or None
            return offer
        before_w, at = (self._steps or {}).get(evse.id, (0.0, self.core.now))
        most_w = evse.config.max_power_w / gradient_s * (self.core.now - at)
        setpoint_w = min(max(offer.setpoint_w, before_w - most_w), before_w + most_w)
        self._steps = {**(self._steps or {}), evse.id: (setpoint_w, self.core.now)}
        return replace(offer, setpoint_w=setpoint_w)

    def _look(self) -> None:
        """See what the grid is like, have the EVSEs follow, and tell of alarms."""
        if self._look_timer is not None:
            self._look_timer.cancel()
            self._look_timer = None
        for evse in self.core.evses.values():
            if evse.is_power_path_closed:
                self.core.charging.supply(evse)
                self.core.charging.look(evse)
        self._tell_alarm()

    def evse_changed(self, evse: Evse) -> None:
        """Without a vehicle nothing deviates."""
        if not evse.is_power_path_closed:
            self._trips = {key: one for key, one in (self._trips or {}).items() if key != evse.id} or None
            self._steps = {key: one for key, one in (self._steps or {}).items() if key != evse.id} or None
            self._causes = {key: one for key, one in (self._causes or {}).items() if key != evse.id} or None
        if self._controls is not None or self._alarm is not None:
            self._tell_alarm()

    def _tell_alarm(self) -> None:
        """Say once that a control takes over, and once that none does any more (R05)."""
        cause, before = self._cause(), self._alarm
        if cause == before:
            return
        self._alarm = cause
        if cause is not None:
            self.core.queue(DerAlarm(cause=cause, ended=False))
        elif before is not None:
            self.core.queue(DerAlarm(cause=before, ended=True))

    def _cause(self) -> Cause | None:
        """Why an EVSE deviates, the first that does."""
        if not in_force(self.controls(), self._wall()):
            self._causes = None
        return next((self._causes[evse_id] for evse_id in sorted(self._causes)), None) if self._causes else None

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The capabilities of the inverters (R01.FR.01, FR.02, R03.FR.03)."""
        if not self.core.is_v21 or not self.modes:
            return
        for evse in self.core.evses.values():
            yield from _nameplate(evse, ",".join(self.modes), self.core)


def _is_meant(one: DerControl, kind: DerKind | None, control_id: str | None) -> bool:
    return kind in (None, one.kind) and control_id in (None, one.id)


def _nameplate(evse: Evse, modes: str, core: StationCore) -> Iterator[Fact]:
    component = "DCDERCtrlr" if evse.config.is_dc else "ACDERCtrlr"
    yield Fact(component=component, variable="ModesSupported", value=modes, kind="MemberList", evse_id=evse.id)
    if not evse.config.is_dc:
        return
    power = f"{evse.config.max_power_w:g}"
    texts = {
        "InverterManufacturer": core.config.vendor,
        "InverterModel": core.config.model,
        "InverterSwVersion": core.config.firmware_version,
        "InverterHwVersion": "1",
    }
    for name, value in texts.items():
        yield Fact(component=component, variable=name, value=value, kind="string", evse_id=evse.id)
    numbers = {
        "MaxW": (power, "W"),
        "OverExcitedW": (power, "W"),
        "OverExcitedPF": ("0.9", None),
        "UnderExcitedW": (power, "W"),
        "UnderExcitedPF": ("0.9", None),
        "MaxVA": (power, "VA"),
        "MaxVar": (power, "Var"),
        "MaxVarNeg": (power, "Var"),
        "MaxChargeRateW": (power, "W"),
        "MaxChargeRateVA": (power, "VA"),
        "ReactiveSusceptance": ("0", "s"),
    }
    for name, (value, unit) in numbers.items():
        yield Fact(component=component, variable=name, value=value, kind="decimal", unit=unit, evse_id=evse.id)
