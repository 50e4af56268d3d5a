"""Keeping to the profiles: what each EVSE may offer now, and when that changes next."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec.structs import replace

from voltherd.station.evse import Evse
from voltherd.station.hardware import Offer
from voltherd.station.smart_charging.amounts import amount, whole
from voltherd.station.smart_charging.composite import next_change, steps
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, OperationMode, Placed, RateUnit, applies
from voltherd.station.smart_charging.ruling import Ruling, narrowed, rule, shares, spread, voltage_v
from voltherd.station.smart_charging.track import Situation
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "charging_begin"
"""Where it is kept when an EVSE could first deliver energy, by its id."""

HORIZON_S: Final = 3600.0
"""How far ahead changes are looked for; then it is looked again."""

SOC_LOOK_S: Final = 60.0
"""How often the state of charge is looked at, where a limit depends on it."""

Value = TypeVar("Value")


class Execution:
    """Rules over the offers of a station's EVSEs.

    Attributes:
        begins: station time at which each EVSE that may charge could first do so (OCPP 2.x K01.FR.42).
        rulings: what holds now, by EVSE.
        modes: the operation mode last told, by EVSE (OCPP 2.1 K01.FR.110).
        offline_since: station time, None while the CSMS can be reached.
    """

    __slots__ = (
        "_applied",
        "_core",
        "_delays",
        "_is_busy",
        "_priorities",
        "_timer",
        "begins",
        "modes",
        "offline_since",
        "rulings",
    )

    def __init__(self, core: StationCore) -> None:
        self._core = core
        self._timer: Timer | None = None
        self._delays: dict[tuple[int, int], tuple[int, ...]] | None = None
        self._is_busy = False
        self._applied: dict[int, Ruling] | None = None
        self._priorities: dict[int, int] | None = None
        self.begins: dict[int, float] | None = None
        self.rulings: dict[int, Ruling] | None = None
        self.modes: dict[int, OperationMode] | None = None
        self.offline_since: float | None = core.now

    # What holds ------------------------------------------------------------------------------

    def narrow(self, evse: Evse, offer: Offer) -> Offer:
        """Narrow what an EVSE may offer; called when its power path is closed."""
        if self.begins is None or evse.id not in self.begins:
            self.begins = {**(self.begins or {}), evse.id: self._begin(evse)}
            self.rulings = None
            self.keep_begin(evse)
        if not self._core.smart_charging.is_in_force:
            return offer
        if self.rulings is None or evse.id not in self.rulings:
            self._rule()
        ruling = (self.rulings or {}).get(evse.id)
        return offer if ruling is None else narrowed(offer, ruling.offer)

    def _begin(self, evse: Evse) -> float:
        """When an EVSE could first deliver energy; a transaction that goes on after a power cut had begun before it."""
        core, key = self._core, str(evse.id)
        kept = core.storage.all(ROOM).get(key) if self._may_resume else None
        if kept is not None and evse.transaction is not None:
            transaction_id, at = msgspec.json.decode(kept, type=tuple[str, float])
            if transaction_id == evse.transaction.id:
                return core.now - (self.wall() - at)
        return core.now

    @property
    def _may_resume(self) -> bool:
        return self._core.is_v21 and self._core.settings.number("resume_within_s") > 0

    def keep_begin(self, evse: Evse) -> None:
        """Remember when an EVSE could first deliver energy, where transactions outlive a power cut."""
        at, running = (self.begins or {}).get(evse.id), evse.transaction
        if at is not None and running is not None and self._may_resume:
            self._core.storage.keep(ROOM, str(evse.id), msgspec.json.encode((running.id, self.wall(at))))

    def forget(self, evse: Evse) -> None:
        """The EVSE does not charge any more: what hung on that is forgotten."""
        self.begins = _without(self.begins, evse.id)
        self.rulings = _without(self.rulings, evse.id)
        self._applied = _without(self._applied, evse.id)

    def forget_transaction(self, evse: Evse) -> None:
        """Delays and modes are those of one transaction."""
        if self._delays is not None:
            self._delays = {key: value for key, value in self._delays.items() if key[0] != evse.id} or None
        self.modes = _without(self.modes, evse.id)
        self._priorities = _without(self._priorities, evse.id)

    def set_priority(self, evse: Evse, priority: int) -> bool:
        """Serve an EVSE before others, or after them; whether that is news."""
        if priority == (self._priorities or {}).get(evse.id, 0):
            return False
        others = _without(self._priorities, evse.id) or {}
        self._priorities = ({**others, evse.id: priority} if priority else others) or None
        return True

    def forget_profile(self, profile_id: int) -> None:
        """A new profile of an id has delays of its own (OCPP 2.1 K01.FR.93)."""
        if self._delays is not None:
            self._delays = {key: value for key, value in self._delays.items() if key[1] != profile_id} or None

    def wall(self, now: float | None = None) -> float:
        """Seconds since 1970 by the station's wall clock."""
        return self._core.clock.wall(self._core.now if now is None else now).timestamp()

    # Who has a say ---------------------------------------------------------------------------

    def own(self, evse: Evse) -> list[Placed]:
        """The profiles that limit one EVSE, without those that it shares with others."""
        return [placed for placed in self.all_of(evse) if not _is_shared(placed)]

    def all_of(self, evse: Evse) -> list[Placed]:
        """The profiles that have a say about one EVSE."""
        smart, running = self._core.smart_charging, evse.transaction
        transaction_id = None if running is None else running.id
        found = [placed for placed in smart.profiles if applies(placed, evse.id, transaction_id)]
        if running is not None:
            found = [self._delayed(placed, evse) for placed in found]
        return found

    def of_station(self) -> list[Placed]:
        """The profiles that all EVSEs share."""
        return [placed for placed in self._core.smart_charging.profiles if applies(placed, 0, None)]

    def _delayed(self, placed: Placed, evse: Evse) -> Placed:
        """Give a profile with the delays of this transaction (OCPP 2.1 K01.FR.92, K01.FR.93)."""
        most_s = placed.schedule.randomized_delay
        if not most_s:
            return placed
        key = (evse.id, placed.profile.id)
        if self._delays is None or key not in self._delays:
            count = len(placed.schedule.charging_schedule_period)
            drawn = (0, *(self._core.random.randint(0, most_s) for _ in range(count - 1)))
            self._delays = {**(self._delays or {}), key: drawn}
        return replace(placed, delays_s=self._delays[key])

    def situation(self, evse: Evse, *, most_w: float | None = None) -> Situation:
        """What the meaning of profiles depends on, at one EVSE now."""
        core, begin = self._core, (self.begins or {}).get(evse.id)
        needs_soc = any(placed.schedule.limit_at_soc is not None for placed in core.smart_charging.profiles)
        return Situation(
            begin=None if begin is None else self.wall(begin),
            priority=core.priority_charging.is_on(evse),
            voltage_v=voltage_v(evse.config),
            phases=evse.config.phases,
            soc_percent=evse.hardware.read(core.now).soc_percent if needs_soc else None,
            offline_since=None if self.offline_since is None else self.wall(self.offline_since),
            zone=core.smart_charging.zone,
            most_w=most_w,
            own_setpoint_first=core.settings.text("setpoint_priority") == "CSMS",
        )

    def station_situation(self, *, most_w: float | None = None) -> Situation:
        """The same for the station as a whole."""
        core = self._core
        return Situation(
            phases=max((evse.config.phases for evse in core.evses.values()), default=3) or 3,
            offline_since=None if self.offline_since is None else self.wall(self.offline_since),
            zone=core.smart_charging.zone,
            most_w=most_w,
        )

    # Ruling ----------------------------------------------------------------------------------

    def refresh(self, *, tell: bool = False) -> None:
        """Work out anew what holds and have the EVSEs keep to it.

        `tell` says that somebody else than the CSMS has changed something, so that it hears of changed rates.
        """
        if self._is_busy:
            return
        self._rule()
        self._is_busy = True
        try:
            for evse in self._core.evses.values():
                if evse.is_power_path_closed:
                    self._apply(evse, tell=tell)
        finally:
            self._is_busy = False

    def _apply(self, evse: Evse, *, tell: bool) -> None:
        """Have one EVSE keep to what holds, and tell what is to be told (OCPP 2.x K11.FR.04, SC.02)."""
        charging, old = self._core.charging, evse.offer
        before, after = (self._applied or {}).get(evse.id), (self.rulings or {}).get(evse.id)
        charging.supply(evse)
        charging.look(evse)
        if after != before:
            self._applied = (
                {**(self._applied or {}), evse.id: after} if after is not None else _without(self._applied, evse.id)
            )
        tell = tell or self._core.charging_needs.is_settled(evse)  # a renegotiation (certification cases K 57, 58)
        by_sharing = any(one is not None and one.is_shared for one in (before, after))
        if (tell or by_sharing) and self._is_significant(old, evse.offer):
            charging.updated(evse, "ChargingRateChanged")
        self._tell_mode(evse, after)

    def _is_significant(self, old: Offer, new: Offer) -> bool:
        """Whether a change of rate is to be told (OCPP 2.x SC.03, LimitChangeSignificance)."""
        least = self._core.settings.decimal("limit_change_significance") / 100
        return any(
            abs(a - b) > least * max(abs(a), abs(b))
            for a, b in (
                (old.charge_limit_w, new.charge_limit_w),
                (old.discharge_limit_w, new.discharge_limit_w),
                (old.setpoint_w or 0.0, new.setpoint_w or 0.0),
            )
        )

    def mode_of(self, evse: Evse) -> OperationMode:
        """The operation mode that holds at an EVSE."""
        ruling = (self.rulings or {}).get(evse.id)
        return (ruling.period.operation_mode if ruling is not None else None) or "ChargingOnly"

    def sleeps(self, evse: Evse) -> bool:
        """Whether the electronics of an EVSE are switched off to save energy (OCPP 2.1 Q10.FR.03)."""
        ruling = (self.rulings or {}).get(evse.id)
        return ruling is not None and ruling.period.operation_mode == "Idle" and bool(ruling.period.evse_sleep)

    def _tell_mode(self, evse: Evse, after: Ruling | None) -> None:
        """Tell a new operation mode (OCPP 2.1 K01.FR.110)."""
        mode = (after.period.operation_mode if after is not None else None) or "ChargingOnly"
        if evse.transaction is None or mode == (self.modes or {}).get(evse.id, "ChargingOnly"):
            return
        self.modes = {**(self.modes or {}), evse.id: mode}
        if self._core.is_v21:
            self._core.charging.updated(evse, "OperationModeChanged")

    def _rule(self) -> None:
        core, now = self._core, self.wall()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        active = [evse for evse in core.evses.values() if evse.is_power_path_closed]
        if not active or not core.smart_charging.is_in_force:
            self.rulings = None
            return
        own, until = self._own_periods(active, now)
        given, shared_until = self._shares(active, own, now)
        self.rulings = {evse.id: self._rule_one(evse, own[evse.id], given.get(evse.id)) for evse in active}
        self._timer = core.timers.at(core.now + min(until, shared_until, now + HORIZON_S) - now, self._due)

    def _rule_one(self, evse: Evse, period: ChargingSchedulePeriod, share_w: float | None) -> Ruling:
        v2x = self._core.v2x
        setpoint_w = v2x.setpoint_w(evse, period)
        return rule(evse.config, period, share_w, setpoint_w, may_discharge=v2x.may_discharge(evse))

    def _own_periods(self, active: list[Evse], now: float) -> tuple[dict[int, ChargingSchedulePeriod], float]:
        """What holds for each EVSE by itself, in watts, and until when."""
        until, own = inf, dict[int, ChargingSchedulePeriod]()
        for evse in active:
            placed = self.own(evse)
            found = steps(placed, now, now + HORIZON_S, "W", self.situation(evse))
            until = min(until, next_change(found))
            if any(one.schedule.limit_at_soc is not None for one in placed):
                until = min(until, now + SOC_LOOK_S)
            own[evse.id] = found[0].period
        return own, until

    def _due(self) -> None:
        self._timer = None
        self.refresh()

    def _shares(
        self, active: list[Evse], own: dict[int, ChargingSchedulePeriod], now: float
    ) -> tuple[dict[int, float], float]:
        """Share the station's limits, given in watts or in amperes; and say until when they hold."""
        placed, until, given = self.of_station(), inf, dict[int, float]()
        grid_w = self._core.settings.number("grid_limit_w")
        units: list[RateUnit] = ["W"] if placed or grid_w else []
        if any(one.schedule.charging_rate_unit == "A" for one in placed):
            units.append("A")
        for unit in units:
            found = steps(placed, now, now + HORIZON_S, unit, self.station_situation(most_w=grid_w or None))
            until, period = min(until, next_change(found)), found[0].period
            if unit == "W":
                for evse in active:
                    own[evse.id] = spread(own[evse.id], period, len(active))
            limit = amount(period.limit, period.limit_l2, period.limit_l3)
            if limit is None:
                continue
            number = min(limit) if isinstance(limit, tuple) and unit == "A" else whole(limit, unit)
            first = self._priorities or {}
            claims = [(evse.config, own[evse.id], _wants(evse), first.get(evse.id, 0)) for evse in active]
            for evse, share_w in zip(active, shares(number, unit, claims), strict=True):
                given[evse.id] = min(given.get(evse.id, inf), share_w)
        return given, until


def _wants(evse: Evse) -> bool:
    return evse.vehicle is not None and evse.vehicle.wants_power


def _is_shared(placed: Placed) -> bool:
    """Whether all EVSEs share what it limits; local generation adds to each, and to all (OCPP 2.1, K 3.6)."""
    purpose = placed.profile.charging_profile_purpose
    return purpose == "ChargingStationMaxProfile" or (
        purpose == "ChargingStationExternalConstraints" and placed.evse_id == 0
    )


def _without(values: dict[int, Value] | None, key: int) -> dict[int, Value] | None:
    return values if values is None or key not in values else {k: v for k, v in values.items() if k != key} or None
