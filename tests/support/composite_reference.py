"""A composite schedule as slow and as obvious as it gets: what holds at one second, looked up anew each time.

It shares nothing with the station but the data types: no events, no merging, no cursors, no amounts.
"""

from datetime import UTC, datetime, timedelta

from voltherd.station.smart_charging.profile import RECURRENCE_S

PHASES = (0, 1, 2)


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def naive_seconds(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def elapsed(placed, t, start, situation):
    """How far into its schedule a profile is at t; None where it does not run."""
    profile, schedule = placed.profile, placed.profile.charging_schedule[placed.selected]
    if profile.valid_from is not None and t < seconds(profile.valid_from):
        return None
    if profile.valid_to is not None and t >= seconds(profile.valid_to):
        return None
    offline_s = None if situation.offline_since is None else t - situation.offline_since
    if offline_s is not None and profile.max_offline_duration is not None and offline_s >= profile.max_offline_duration:
        return None
    if profile.charging_profile_kind == "Dynamic":
        told, lasting = profile.dyn_update_time, schedule.duration
        return None if told is not None and lasting is not None and t >= seconds(told) + lasting else 0
    if profile.charging_profile_kind == "Relative" or schedule.start_schedule is None:
        passed = t - (situation.begin if situation.begin is not None else start)
    elif schedule.use_local_time:
        offset = datetime.fromtimestamp(t, situation.zone).utcoffset() or timedelta()
        passed = t + offset.total_seconds() - naive_seconds(schedule.start_schedule)
    else:
        passed = t - seconds(schedule.start_schedule)
    if passed < 0:
        return None
    if profile.charging_profile_kind == "Recurring":
        passed %= RECURRENCE_S[profile.recurrency_kind]
    if schedule.duration is not None and passed >= schedule.duration:
        return None
    return passed


def period_at(placed, t, start, situation):
    passed = elapsed(placed, t, start, situation)
    if passed is None:
        return None
    active, begins = None, 0
    for index, period in enumerate(placed.profile.charging_schedule[placed.selected].charging_schedule_period):
        delay = placed.delays_s[index] if index < len(placed.delays_s) else 0
        begins = max(begins, period.start_period + delay)
        if passed >= begins:
            active = period
    return active


def on_top(profiles, t, start, situation):
    """The period of the highest stack level that says something, with its schedule."""
    for placed in sorted(profiles, key=lambda one: (-one.profile.stack_level, -one.evse_id)):
        period = period_at(placed, t, start, situation)
        if period is not None:
            return period, placed.profile.charging_schedule[placed.selected]
    return None


def leads_at(profiles, t, start, situation):
    def of(purpose, evse=None):
        return [p for p in profiles if p.profile.charging_profile_purpose == purpose and evse in (None, p.evse_id)]

    transaction = None
    for purpose in ("PriorityCharging", "TxProfile", "TxDefaultProfile"):
        if purpose == "PriorityCharging" and not situation.priority:
            continue
        transaction = transaction or on_top(of(purpose), t, start, situation)
    caps = [on_top(of("ChargingStationMaxProfile"), t, start, situation)]
    caps += [on_top(of("ChargingStationExternalConstraints", evse), t, start, situation) for evse in (0, 1)]
    added = [on_top(of("LocalGeneration", evse), t, start, situation) for evse in (0, 1)]
    return transaction, [c for c in caps if c], [a for a in added if a]


def limit_at(profiles, t, start, unit, situation):
    """What may flow at t: None, one number, or three."""
    transaction, caps, added = leads_at(profiles, t, start, situation)
    counting = ([transaction] if transaction else []) + caps
    usable = situation.phases or 1
    for period, _ in counting:
        if situation.phases and period.number_phases:
            usable = min(usable, period.number_phases)

    def in_unit(value, period, schedule, *, one_phase):
        if schedule.charging_rate_unit == unit:
            return value
        meant = 1
        if situation.phases and not one_phase:
            meant = period.number_phases or situation.phases
        if unit == "A":
            return value / (situation.voltage_v * meant)
        return value * situation.voltage_v * (1 if one_phase else usable)

    def said(period, schedule):
        cap = None
        at_soc, soc = schedule.limit_at_soc, situation.soc_percent
        if at_soc is not None and soc is not None and soc >= at_soc.soc:
            cap = in_unit(at_soc.limit, period, schedule, one_phase=False)
        if period.limit_l2 is not None:
            three = [period.limit, period.limit_l2, period.limit_l3]
            return [in_unit(value, period, schedule, one_phase=True) for value in three], cap
        return None if period.limit is None else in_unit(period.limit, period, schedule, one_phase=False), cap

    numbers, threes = [], []
    for period, schedule in counting:
        value, cap = said(period, schedule)
        if isinstance(value, list):
            threes.append(value)
        elif value is not None:
            numbers.append(value)
        if cap is not None:
            numbers.append(cap)
    if not numbers and not threes:
        return hardware_at(None, unit, situation)
    result = shrink(numbers, threes, unit)
    for period, schedule in added:
        value, cap = said(period, schedule)
        if value is None and cap is None:
            continue
        more = shrink(
            ([] if cap is None else [cap]) + ([] if isinstance(value, list) or value is None else [value]),
            [value] if isinstance(value, list) else [],
            unit,
        )
        result = add(result, more, unit)
    return hardware_at(result, unit, situation)


def hardware_at(value, unit, situation):
    if situation.most_w is None:
        return value
    most = situation.most_w if unit == "W" else situation.most_w / (situation.voltage_v * (situation.phases or 1))
    if value is None:
        return most
    return shrink([most], [value], unit) if isinstance(value, list) else min(most, value)


def shrink(numbers, threes, unit):
    """On no phase more than anybody says, and in watts not more than that in total."""
    if not threes:
        return min(numbers)
    each = [min(three[phase] for three in threes) for phase in PHASES]
    if not numbers:
        return each
    if unit == "A":
        return [min(value, *numbers) for value in each]
    while sum(each) > min(numbers) * (1 + 1e-12):
        each = [value * min(numbers) / sum(each) for value in each]
    return each


def add(one, other, unit):
    if not isinstance(one, list) and not isinstance(other, list):
        return one + other
    share = 1 if unit == "A" else 3
    one = one if isinstance(one, list) else [one / share] * 3
    other = other if isinstance(other, list) else [other / share] * 3
    return [one[phase] + other[phase] for phase in PHASES]
