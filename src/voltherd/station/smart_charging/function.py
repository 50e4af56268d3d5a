"""The charging profiles of a station: taking them in, reporting them, working out what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Final, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.remote_control import Refusal
from voltherd.station.setting import Setting
from voltherd.station.smart_charging.book import Book, Filter
from voltherd.station.smart_charging.composite import composite, composite_of_station
from voltherd.station.smart_charging.execution import Execution
from voltherd.station.smart_charging.installing import Abilities, Running, refusal, replaced
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedulePeriod,
    OperationMode,
    Placed,
    Purpose,
    RateUnit,
)
from voltherd.station.smart_charging.settings import SMART_CHARGING
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

PROFILES_PER_REPORT: Final = 4
"""Profiles in one ReportChargingProfiles."""

_STARTING: Final = "starting"
"""Stands for the id of a transaction that is to begin."""

_ADDITIONAL: Final[tuple[Purpose, ...]] = ("PriorityCharging", "LocalGeneration")
CSMS: Final = "CSO"
"""The source of what the CSMS has set (ChargingLimitSource)."""


class ProfileReport(Struct, frozen=True, kw_only=True):
    """One part of a report of profiles: those of one EVSE and one source."""

    request_id: int
    evse_id: int
    source: str
    profiles: tuple[ChargingProfile, ...]
    more: bool


class Composite(Struct, frozen=True, kw_only=True):
    """A composite schedule from `start` (station time) on; `least` is the lowest rate that makes sense, if told."""

    evse_id: int
    start: float
    duration_s: int
    unit: RateUnit
    periods: tuple[ChargingSchedulePeriod, ...]
    least: float | None = None


class SmartCharging(Function):
    """Holds the profiles and has the EVSEs keep to them.

    Attributes:
        book: the profiles.
        execution: what holds now.
    """

    __slots__ = ("book", "execution")

    SETTINGS: ClassVar[tuple[Setting, ...]] = SMART_CHARGING

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.book = Book(core.storage)
        self.execution = Execution(core)

    def restore(self) -> None:
        """Take up what was kept; TxProfiles only with their transaction (OCPP 2.x K01.FR.27, K02.FR.05)."""
        settings = self.core.settings
        units = [{"A": "Current", "W": "Power"}[unit] for unit in settings.members("rate_units")]
        settings.fix("rate_units_16", ",".join(units))
        self.book.restore(self._goes_on)
        self.core.charging.limiters.append(self.execution.narrow)
        self.core.remote_control.on_remote_start = self._check_remote
        for evse in self.core.evses.values():
            if evse.is_power_path_closed:
                self.core.charging.supply(evse)

    def _goes_on(self, placed: Placed) -> bool:
        if placed.profile.charging_profile_purpose != "TxProfile":
            return True
        running = next((one for one in self.core.transactions.open() if one.evse_id == placed.evse_id), None)
        return running is not None and running.id == placed.profile.transaction_id

    # What it can -----------------------------------------------------------------------------

    @property
    def is_offered(self) -> bool:
        """Whether the station does smart charging at all."""
        return self.core.settings.switch("smart_charging_available") and self.core.settings.switch("smart_charging")

    @property
    def profiles(self) -> Sequence[Placed]:
        """The profiles that count; none while smart charging is switched off."""
        return self.book.all() if len(self.book) > 0 and self.is_offered else ()

    @property
    def is_in_force(self) -> bool:
        """Whether anything limits the EVSEs."""
        return bool(self.profiles) or self.core.settings.number("grid_limit_w") > 0

    @property
    def zone(self) -> tzinfo:
        """The zone of the local clock (OCPP 2.1 K01.FR.90)."""
        name = self.core.settings.text("time_zone")
        return ZoneInfo(name) if name else self.core.clock_control.local(self.core.now).tzinfo or UTC

    def abilities(self) -> Abilities:
        """What can be done with profiles here, and in this version."""
        settings, v21 = self.core.settings, self.core.is_v21
        modes: tuple[OperationMode, ...] = ("ChargingOnly",)
        return Abilities(
            phases=tuple(evse.config.phases for evse in self.core.evses.values()),
            units=tuple(unit for unit in get_args(RateUnit) if unit in settings.members("rate_units")),
            max_level=settings.number("profile_stack_level"),
            max_periods=settings.number("schedule_periods"),
            max_profiles=settings.number("max_profiles"),
            replaces_levels=self.core.dialect.family == "1.6",
            purposes=tuple(one for one in _ADDITIONAL if one in settings.members("additional_purposes")),
            modes=self.core.v2x.modes() if v21 else modes,
            dynamic=settings.switch("supports_dynamic"),
            local_time=settings.switch("supports_local_time"),
            randomized_delay=settings.switch("supports_randomized_delay"),
            limit_at_soc=settings.switch("supports_limit_at_soc"),
            evse_sleep=settings.switch("supports_evse_sleep"),
            switches_phases=settings.switch("phases_3_to_1"),
            chooses_phase=settings.switch("phase_switching"),
            balances_load=v21 and self.core.v2x.balances_load(),
            highest_external_id=settings.number("max_external_id") if v21 else None,
        )

    # Taking in -------------------------------------------------------------------------------

    def install(self, evse_id: int, profile: ChargingProfile) -> Refusal | None:
        """Take in a profile of the CSMS; gives why not, if so (OCPP 2.x K01; OCPP 1.6, 5.16)."""
        placed, can = Placed(profile=profile, evse_id=evse_id), self.abilities()
        evse = self.core.evses.get(evse_id)
        running = None if evse is None or evse.transaction is None else self._running(evse, evse.transaction)
        problem = refusal(placed, self.book.all(), can, running)
        if problem is not None:
            return problem
        if profile.charging_profile_purpose == "TxProfile" and running is not None:
            profile.transaction_id = running.transaction_id
        self.put(placed, can)
        self.core.afterwards(self.execution.refresh)
        return None

    def _running(self, evse: Evse, transaction: Transaction) -> Running:
        return Running(transaction.id, self.core.charging_needs.are_told(evse))

    def put(self, placed: Placed, can: Abilities | None = None) -> None:
        """Take in a profile that may be; the execution is to be refreshed then."""
        if placed.profile.charging_profile_kind == "Dynamic" and placed.profile.dyn_update_time is None:
            placed.profile.dyn_update_time = self.core.clock.text(self.core.now)  # K28.FR.05
        self.book.put(placed, replaced(placed, self.book, can or self.abilities()))
        self.execution.forget_profile(placed.profile.id)
        self.core.dynamic_schedules.profile_came(placed)
        self.core.charging_needs.profile_came(placed)

    def clear(self, wanted: Filter) -> bool:
        """Remove profiles of the CSMS; whether there were any (OCPP 2.x K10; OCPP 1.6, 5.5)."""
        spared = () if self.core.dialect.family == "1.6" else ("ChargingStationExternalConstraints", "LocalGeneration")
        gone = [
            placed
            for placed in self.book
            if wanted.matches(placed)
            and placed.source == CSMS
            and placed.profile.charging_profile_purpose not in spared
        ]
        self.book.remove(gone)
        self.core.afterwards(self.execution.refresh)
        return bool(gone)

    def prioritise(self, evse: Evse, priority: int) -> None:
        """The CSMS says how important the one is who charges at an EVSE (OCPP 2.x K03.FR.04 - FR.06)."""
        if self.execution.set_priority(evse, priority) and self.is_in_force:
            self.execution.refresh()

    # With a remote start ---------------------------------------------------------------------

    def _check_remote(self, evse: Evse, wire: Any) -> Refusal | None:
        """Say why a profile cannot come with a remote start (OCPP 2.x F01.FR.26, K05; OCPP 1.6, 5.16.2)."""
        if not self.is_offered:  # ignored (F01.FR.12)
            return None
        profile: ChargingProfile = self.core.dialect.read(self.core, "ChargingProfile", wire)
        if profile.charging_profile_purpose != "TxProfile":  # K05.FR.02
            return Refusal("InvalidProfile", "A profile that comes with a start is a TxProfile")
        if profile.transaction_id is not None:  # F01.FR.11
            return Refusal("InvalidProfile", "The transaction of a profile that comes with a start is not known yet")
        profile.transaction_id = _STARTING
        others = [one for one in self.book if one.profile.transaction_id is None]
        placed = Placed(profile=profile, evse_id=evse.id)
        return refusal(placed, others, self.abilities(), Running(_STARTING))

    def _take_remote(self, evse: Evse) -> None:
        """Use the profile of a remote start for the transaction that it began or authorised (OCPP 2.x F01.FR.10)."""
        permission, running = evse.permission, evse.transaction
        if permission is None or permission.profile is None or running is None or not self.is_offered:
            return
        profile: ChargingProfile = self.core.dialect.read(self.core, "ChargingProfile", permission.profile)
        profile.transaction_id = running.id
        evse.permission = replace(permission, profile=None)
        self.put(Placed(profile=profile, evse_id=evse.id))

    # Asking ----------------------------------------------------------------------------------

    def find(self, wanted: Filter) -> list[Placed]:
        """The profiles that match."""
        return [placed for placed in self.book if wanted.matches(placed)]

    def report(self, request_id: int, found: Sequence[Placed]) -> None:
        """Report profiles in parts, after the answer to the request in hand (OCPP 2.x K09)."""
        groups: dict[tuple[int, str], list[ChargingProfile]] = {}
        for placed in found:
            groups.setdefault((placed.evse_id, placed.source), []).append(placed.profile)
        parts = [
            (place, profiles[i : i + PROFILES_PER_REPORT])
            for place, profiles in groups.items()
            for i in range(0, len(profiles), PROFILES_PER_REPORT)
        ]
        for index, ((evse_id, source), profiles) in enumerate(parts):
            self.core.trigger(
                ProfileReport(
                    request_id=request_id,
                    evse_id=evse_id,
                    source=source,
                    profiles=tuple(profiles),
                    more=index < len(parts) - 1,
                )
            )

    def composite(self, evse_id: int, duration_s: int, unit: RateUnit | None) -> Composite | None:
        """Work out the composite schedule from now on; None if it cannot be told (OCPP 2.x K08; OCPP 1.6, 5.7).

        A schedule has one period at least, and lasts as long.
        """
        core, units = self.core, self.core.settings.members("rate_units")
        chosen: RateUnit = unit or ("A" if "A" in units else "W")
        if chosen not in units or (evse_id != 0 and evse_id not in core.evses) or duration_s <= 0:
            return None
        found = self._composite(evse_id, self.execution.wall(), duration_s, chosen)
        return Composite(
            evse_id=evse_id,
            start=core.now,
            duration_s=duration_s,
            unit=chosen,
            periods=tuple(found),
            least=self._least(evse_id, chosen),
        )

    def _composite(self, evse_id: int, start: float, duration_s: int, unit: RateUnit) -> list[ChargingSchedulePeriod]:
        rules, grid_w = self.execution, self.core.settings.number("grid_limit_w")
        if evse_id != 0:
            evse = self.core.evses[evse_id]
            most_w = min(evse.config.max_power_w, grid_w or evse.config.max_power_w)
            planned = self.core.charging_needs.planned(evse)
            return composite(
                [*rules.all_of(evse), *planned], start, duration_s, unit, rules.situation(evse, most_w=most_w)
            )
        evses = [
            (
                [*rules.own(evse), *self.core.charging_needs.planned(evse)],
                rules.situation(evse, most_w=evse.config.max_power_w),
            )
            for evse in self.core.evses.values()
        ]
        station = rules.station_situation(most_w=grid_w or None)
        return composite_of_station(rules.of_station(), evses, start, duration_s, unit, station)

    def _least(self, evse_id: int, unit: RateUnit) -> float | None:
        """The rate below which charging makes no sense, where a profile in that unit tells it."""
        evse = self.core.evses.get(evse_id)
        told = [
            placed.schedule.min_charging_rate
            for placed in (self.execution.all_of(evse) if evse is not None else ())
            if placed.schedule.min_charging_rate is not None and placed.schedule.charging_rate_unit == unit
        ]
        return max(told, default=None)

    # What happens ----------------------------------------------------------------------------

    def accepted(self) -> None:
        """The CSMS is back: what was not valid offline is again, or never more (OCPP 2.1 K01.FR.102)."""
        since = self.execution.offline_since
        if since is None:
            return
        offline_s = self.core.now - since
        self.execution.offline_since = None
        ended = [placed for placed in self.book if _ended_offline(placed, offline_s)]
        self.book.remove(ended)
        if ended or any(placed.profile.max_offline_duration is not None for placed in self.book):
            self.execution.refresh()

    def disconnected(self) -> None:
        """Some profiles do not hold for long without the CSMS (OCPP 2.1 K01.FR.101)."""
        if self.execution.offline_since is None:
            self.execution.offline_since = self.core.now
            if any(placed.profile.max_offline_duration is not None for placed in self.book):
                self.execution.refresh()

    def clock_changed(self) -> None:
        """Dates mean other moments now."""
        if self.is_in_force:
            self.execution.refresh()

    def setting_changed(self, name: str) -> None:
        """Smart charging is switched on or off, or the local clock is set."""
        if name in ("smart_charging", "time_zone", "time_offset", "setpoint_priority"):
            self.execution.refresh()

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """A profile may have come with the remote start."""
        self._take_remote(evse)
        self.execution.keep_begin(evse)

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Its profiles go (OCPP 2.x K02.FR.05; OCPP 1.6, 3.13.1)."""
        self.book.remove([placed for placed in self.book if placed.profile.transaction_id == transaction.id])
        self.execution.forget_transaction(evse)

    def evse_changed(self, evse: Evse) -> None:
        """The number of those that charge may be another."""
        self._take_remote(evse)
        if not evse.is_power_path_closed:
            self.execution.forget(evse)
        if self.is_in_force:
            self.execution.refresh()

    def facts(self) -> Iterator[Fact]:
        """How many profiles there are."""
        yield Fact(
            component="SmartChargingCtrlr",
            variable="Entries",
            instance="ChargingProfiles",
            value=str(len(self.book)),
            kind="integer",
            most=self.core.settings.number("max_profiles"),
        )


def _ended_offline(placed: Placed, offline_s: float) -> bool:
    most_s = placed.profile.max_offline_duration
    return bool(placed.profile.invalid_after_offline_duration) and most_s is not None and offline_s > most_s
