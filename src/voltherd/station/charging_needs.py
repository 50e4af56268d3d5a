"""What vehicles ask for by ISO 15118, and the charging they plan in answer (OCPP 2.x K15 - K20, Q01, Q02)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from voltherd.ocpp.errors import OcppError
from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.hardware import ChargingNeeds, EnergyTransferMode
from voltherd.station.smart_charging.composite import composite
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Placed,
)
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

PROFILE_WITHIN_S: Final = 60.0
"""How long a vehicle waits for the schedule of the CSMS (OCPP 2.x K15.FR.08)."""

PLAN_S: Final = 86_400
"""How far a plan reaches where the vehicle does not say."""

VEHICLE: Final = -1
"""Stands for an EVSE id where a plan of a vehicle counts beside profiles."""

NeedsOutcome = Literal["Accepted", "Processing", "Rejected", "NoChargingProfile"]

_CHARGING_ONLY: Final[dict[EnergyTransferMode, EnergyTransferMode]] = {
    "AC_BPT": "AC_three_phase",
    "AC_BPT_DER": "AC_three_phase",
    "AC_DER": "AC_three_phase",
    "DC_BPT": "DC",
    "DC_ACDP_BPT": "DC_ACDP",
}
"""The same transfer without giving power."""


class EvNeeds(Struct, frozen=True, kw_only=True):
    """What a vehicle asks for; the answer is a `NeedsOutcome`.

    Attributes:
        requested: how it and the EVSE agreed to transfer energy.
        at: station time at which it told, given where that is not now.
    """

    evse_id: int
    needs: ChargingNeeds
    requested: EnergyTransferMode
    max_periods: int
    at: float
    is_late: bool


class EvSchedule(Struct, frozen=True, kw_only=True):
    """The charging that a vehicle plans, from `at` (station time) on; the answer is whether it is within limits."""

    evse_id: int
    at: float
    schedule: ChargingSchedule
    selected: int | None = None


class _Told(Struct):
    """The needs of one transaction, and when they came.

    Attributes:
        is_sent: the CSMS was reached.
        is_settled: the vehicle has planned by them once.
        timer: waits for a profile, or for the next plan.
        plan: what the vehicle plans, as a limit.
    """

    transaction_id: str
    needs: ChargingNeeds
    at: float
    is_sent: bool = False
    is_settled: bool = False
    timer: Timer | None = None
    plan: Placed | None = None


def charging_only(mode: EnergyTransferMode) -> EnergyTransferMode:
    """Give the way to transfer energy that only charges."""
    return _CHARGING_ONLY.get(mode, mode)


class ChargingNeedsTold(Function):
    """Tells needs, waits for a profile, tells the plan."""

    __slots__ = ("_allowed", "_told")

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._told: dict[int, _Told] | None = None
        self._allowed: dict[int, tuple[str, ...]] | None = None

    # Needs -----------------------------------------------------------------------------------

    def are_told(self, evse: Evse) -> bool:
        """Whether the CSMS knows what the vehicle of an EVSE asks for."""
        told = (self._told or {}).get(evse.id)
        return told is not None and told.is_sent

    def is_settled(self, evse: Evse) -> bool:
        """Whether the vehicle of an EVSE has planned, so that a new limit means that it is to plan anew."""
        told = (self._told or {}).get(evse.id)
        return told is not None and told.is_settled

    def evse_changed(self, evse: Evse) -> None:
        """A vehicle that may charge tells its needs once (K15.FR.01, K18.FR.01)."""
        running, vehicle = evse.transaction, evse.vehicle
        if running is None and evse.permission is None and evse.asking is None:
            self._allow(evse, None)
        if running is None or vehicle is None or vehicle.needs is None or not evse.is_power_path_closed:
            return
        told = (self._told or {}).get(evse.id)
        if told is None or told.transaction_id != running.id:
            self._tell(evse, running, vehicle.needs)

    def look(self, evse: Evse) -> None:
        """See whether the vehicle asks for something else than it told (K17.FR.01)."""
        told, vehicle = (self._told or {}).get(evse.id), evse.vehicle
        needs = None if vehicle is None else vehicle.needs
        if told is not None and needs is not None and _differ(told, needs, self.core.now):
            self.renegotiate(evse.id, self.core.now)

    def renegotiate(self, evse_id: int, now: float) -> bool:
        """A vehicle tells new needs (K17, K20); False where none charges that could."""
        self.core.now = now
        evse = self.core.evses[evse_id]
        vehicle, running = evse.vehicle, evse.transaction
        if vehicle is None or vehicle.needs is None or running is None:
            return False
        self._tell(evse, running, vehicle.needs)
        return True

    def _tell(self, evse: Evse, running: Transaction, needs: ChargingNeeds) -> None:
        if self.core.dialect.family == "1.6":
            return
        settled = self.is_settled(evse)
        self._forget(evse.id)
        told = _Told(running.id, needs, self.core.now, is_settled=settled)
        self._told = {**(self._told or {}), evse.id: told}
        self._send(evse, told)

    def _send(self, evse: Evse, told: _Told) -> None:
        core = self.core
        if not core.is_online:  # told later, with the time (K15.FR.20); meanwhile defaults count (K15.FR.15)
            self._negotiate_soon(evse, told)
            return
        told.is_sent = True
        report = EvNeeds(
            evse_id=evse.id,
            needs=told.needs,
            requested=self.agreed(evse),
            max_periods=core.settings.number("schedule_periods"),
            at=told.at,
            is_late=core.now > told.at,
        )
        core.say(report, lambda outcome, error: self._answered(evse, told, outcome, error))

    def accepted(self) -> None:
        """Needs that could not be told before are told now."""
        for evse_id, told in (self._told or {}).items():
            evse = self.core.evses[evse_id]
            if not told.is_sent and evse.transaction is not None:
                self._send(evse, told)

    def _answered(self, evse: Evse, told: _Told, outcome: NeedsOutcome | None, error: OcppError | None) -> None:
        if (self._told or {}).get(evse.id) is not told:
            return
        if error is None and outcome in ("Accepted", "Processing"):
            if told.timer is None:
                until = self.core.now + PROFILE_WITHIN_S
                told.timer = self.core.timers.at(until, lambda: self._waited(evse, told))
        elif outcome == "Rejected" and self.core.is_v21 and told.needs.control is not None:
            self.core.charging.stop(evse, "AbnormalCondition", "ReqEnergyTransferRejected")  # K18.FR.23, Q01.FR.06
        else:  # K15.FR.04, K17.FR.15
            self._negotiate_soon(evse, told)

    def _waited(self, evse: Evse, told: _Told) -> None:
        told.timer = None
        self._negotiate(evse, told)

    # The plan --------------------------------------------------------------------------------

    def profile_came(self, placed: Placed) -> None:
        """A profile for the transaction: the vehicle is to plan by it, or anew (K15.FR.07, K16.FR.02)."""
        told = (self._told or {}).get(placed.evse_id)
        evse = self.core.evses.get(placed.evse_id)
        if told is None or evse is None or placed.profile.transaction_id != told.transaction_id:
            return
        self._stop_timer(told)
        told.plan = None
        self._negotiate_soon(evse, told)

    def _negotiate_soon(self, evse: Evse, told: _Told) -> None:
        """Let the new limits be offered first."""
        self._stop_timer(told)
        told.timer = self.core.timers.at(self.core.now, lambda: self._waited(evse, told))

    def _negotiate(self, evse: Evse, told: _Told) -> None:
        """Tell the plan of the vehicle, or the schedule that it is made to follow (K15.FR.10, FR.19; K19.FR.10)."""
        if evse.transaction is None or (self._told or {}).get(evse.id) is not told:
            return
        told.is_settled = True
        core, vehicle = self.core, evse.vehicle
        planned = None if vehicle is None or told.needs.control == "DynamicControl" else vehicle.schedule_w
        limits = self._followed(evse)
        periods = within(_planned(planned), limits) if planned else limits
        periods = periods[: core.settings.number("schedule_periods")]
        own = next((p for p in core.smart_charging.book if p.profile.transaction_id == told.transaction_id), None)
        schedule = ChargingSchedule(
            id=1 if own is None else own.schedule.id, charging_rate_unit="W", charging_schedule_period=periods
        )
        report = EvSchedule(
            evse_id=evse.id, at=core.now, schedule=schedule, selected=None if own is None else own.schedule.id
        )
        plan = self._plan(evse, schedule) if planned else None

        def answered(is_within: bool | None, error: OcppError | None) -> None:
            if error is None and is_within and (self._told or {}).get(evse.id) is told:
                told.plan = plan  # K15.FR.14

        core.say(report, answered)

    def _followed(self, evse: Evse) -> list[ChargingSchedulePeriod]:
        """The composite schedule, as limits alone."""
        rules = self.core.smart_charging.execution
        situation = rules.situation(evse, most_w=evse.config.max_power_w)
        found = composite(rules.all_of(evse), rules.wall(), PLAN_S, "W", situation)
        return [ChargingSchedulePeriod(start_period=one.start_period, limit=one.limit) for one in found]

    def _plan(self, evse: Evse, schedule: ChargingSchedule) -> Placed:
        """Write a plan as a limit, so that it counts in composite schedules."""
        profile = ChargingProfile(
            id=0,
            stack_level=0,
            charging_profile_purpose="ChargingStationExternalConstraints",
            charging_profile_kind="Absolute",
            charging_schedule=[replace(schedule, start_schedule=self.core.clock.text(self.core.now))],
        )
        return Placed(profile=profile, evse_id=VEHICLE, source="EV")

    def planned(self, evse: Evse) -> tuple[Placed, ...]:
        """What the vehicle of an EVSE plans, as a limit (SC.04)."""
        told = (self._told or {}).get(evse.id)
        return () if told is None or told.plan is None else (told.plan,)

    # Allowed transfers -----------------------------------------------------------------------

    def authorized(self, evse: Evse, modes: tuple[str, ...] | None) -> None:
        """The CSMS says with the authorisation how energy may be transferred (Q01.FR.01)."""
        self._allow(evse, modes)

    def _allow(self, evse: Evse, modes: tuple[str, ...] | None) -> None:
        if modes is None and self._allowed is None:
            return
        others = {key: value for key, value in (self._allowed or {}).items() if key != evse.id}
        self._allowed = (others if modes is None else {**others, evse.id: modes}) or None

    def allow(self, transaction_id: str, modes: tuple[str, ...]) -> bool:
        """The CSMS says how a transaction may transfer energy: the service is negotiated anew (Q02.FR.06, FR.07)."""
        evse = self.core.charging.find(transaction_id)
        if evse is None or evse.transaction is None:
            return False
        self._allow(evse, modes)

        def again() -> None:
            self.core.smart_charging.execution.refresh()
            if evse.transaction is not None:
                self.renegotiate(evse.id, self.core.now)

        self.core.afterwards(again)
        return True

    def agreed(self, evse: Evse) -> EnergyTransferMode:
        """How the vehicle and the EVSE transfer energy: what it likes best of what is allowed.

        As long as the CSMS has said nothing it only charges (Q01.FR.09, Q02.FR.04).
        """
        needs = evse.vehicle.needs if evse.vehicle is not None else None
        if needs is None:
            return "DC" if evse.config.is_dc else ("AC_three_phase" if evse.config.phases == 3 else "AC_single_phase")
        allowed = (self._allowed or {}).get(evse.id)
        liked = (needs.mode, *needs.other_modes)
        if allowed is None:
            return next((mode for mode in liked if charging_only(mode) == mode), charging_only(needs.mode))
        return next((mode for mode in liked if mode in allowed), charging_only(needs.mode))

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The vehicles that say who they are and what they want (Q01.FR.36; OCPP 2.1 part 2, 2.17.1)."""
        if self.core.is_v21:
            for evse in self.core.evses.values():
                yield from _connected(evse, self.core.clock.text, self.core.now)

    # Ends ------------------------------------------------------------------------------------

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Needs and permissions are those of one transaction."""
        self._forget(evse.id)
        self._allow(evse, None)

    def _forget(self, evse_id: int) -> None:
        if self._told is not None and evse_id in self._told:
            self._stop_timer(self._told[evse_id])
            self._told = {key: value for key, value in self._told.items() if key != evse_id} or None

    def _stop_timer(self, told: _Told) -> None:
        if told.timer is not None:
            told.timer.cancel()
            told.timer = None


def _differ(told: _Told, needs: ChargingNeeds, now: float) -> bool:
    """Whether needs changed in more than by time and by what was charged since: departure, target, modes."""
    before, leaves, left = told.needs, needs.departure_in_s, told.needs.departure_in_s
    if (leaves is None) != (left is None):
        return True
    moved = leaves is not None and left is not None and leaves > 0 and abs(now + leaves - told.at - left) > 60
    same = (before.mode, before.other_modes, before.full_soc_percent) == (
        needs.mode,
        needs.other_modes,
        needs.full_soc_percent,
    )
    return moved or not same


def _connected(evse: Evse, clock: Callable[[float], str], now: float) -> Iterator[Fact]:
    """One vehicle of ISO 15118; without one there is only the place for it."""
    vehicle = evse.vehicle
    needs = None if vehicle is None else vehicle.needs
    base = Fact(component="ConnectedEV", evse_id=evse.id, variable="", value="", kind="string")
    yield replace(base, variable="Available", value="true" if needs is not None else "false", kind="boolean")
    yield replace(base, variable="VehicleId", value=(vehicle.evcc_id or "") if vehicle is not None else "")
    protocol = "" if needs is None else _protocol(needs)
    yield replace(base, variable="ProtocolAgreed", value=protocol)
    yield replace(base, variable="ProtocolSupportedByEV", instance="1", value=protocol)
    if needs is not None and needs.departure_in_s is not None:
        leaves = clock(now + needs.departure_in_s)
        yield replace(base, variable="DepartureTime", value=leaves, kind="dateTime")


def _protocol(needs: ChargingNeeds) -> str:
    if needs.control is None:
        return "urn:iso:15118:2:2013:MsgDef,2,0"
    return f"urn:iso:std:iso:15118:-20:{'DC' if needs.mode.startswith('DC') else 'AC'},1,0"


def within(
    plan: Sequence[ChargingSchedulePeriod], limits: Sequence[ChargingSchedulePeriod]
) -> list[ChargingSchedulePeriod]:
    """Give a plan as it is within limits that may change on the way (K15.FR.09); both start at second 0."""
    starts = sorted({period.start_period for period in (*plan, *limits)})
    found: list[ChargingSchedulePeriod] = []
    for start in starts:
        limit = min(_at(plan, start), _at(limits, start))
        if not found or found[-1].limit != limit:
            found.append(ChargingSchedulePeriod(start_period=start, limit=limit))
    return found


def _at(periods: Sequence[ChargingSchedulePeriod], second: int) -> float:
    limit = next(period.limit for period in reversed(periods) if period.start_period <= second)
    return inf if limit is None else limit


def _planned(plan: tuple[tuple[float, float], ...]) -> list[ChargingSchedulePeriod]:
    """Write a plan as periods; the first one starts at 0."""
    periods = {round(at_s) if index else 0: power_w for index, (at_s, power_w) in enumerate(plan)}
    return [ChargingSchedulePeriod(start_period=at_s, limit=power_w) for at_s, power_w in periods.items()]
