"""Which profiles are taken, requirement by requirement. Frames are tried in `test_smart_charging.py`."""

import pytest
from msgspec.structs import replace

from voltherd.station.smart_charging.installing import Abilities, Running, refusal, replaced
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    CurvePoint,
    LimitAtSoC,
    Placed,
)

START = "2026-03-01T12:00:00Z"
V2X = ("ChargingOnly", "CentralSetpoint", "LocalFrequency", "LocalLoadBalancing", "Idle", "ExternalLimits")
CAN = Abilities(phases=(3, 3), modes=V2X)
V16 = Abilities(phases=(3, 3), replaces_levels=True)
RUNNING = Running("tx-1")
CURVE = [CurvePoint(frequency=49.8, power=-5000), CurvePoint(frequency=50.2, power=5000)]


def profile(*periods, evse=1, purpose="TxDefaultProfile", kind="Absolute", level=0, id=1, unit="A", **more):  # noqa: A002
    of_schedule = {key: more.pop(key) for key in list(more) if key in ChargingSchedule.__struct_fields__}
    if kind in ("Absolute", "Recurring"):
        of_schedule.setdefault("start_schedule", START)
    periods = periods or ({},)
    made = [ChargingSchedulePeriod(**{"start_period": 0, "limit": 16, **period}) for period in periods]
    schedule = ChargingSchedule(id=1, charging_rate_unit=unit, charging_schedule_period=made, **of_schedule)
    if purpose == "TxProfile":
        more.setdefault("transaction_id", "tx-1")
    return Placed(
        profile=ChargingProfile(
            id=id,
            stack_level=level,
            charging_profile_purpose=purpose,
            charging_profile_kind=kind,
            charging_schedule=[schedule],
            **more,
        ),
        evse_id=evse,
    )


def reason(placed, *book, can=CAN, running=RUNNING):
    found = refusal(placed, book, can, running)
    return None if found is None else found.reason


def test_plain_profiles_are_taken():
    assert reason(profile()) is None
    assert reason(profile(purpose="TxProfile", kind="Relative")) is None
    assert reason(profile(purpose="ChargingStationMaxProfile", evse=0)) is None
    assert reason(profile(kind="Recurring", recurrency_kind="Daily", duration=3600)) is None
    assert reason(profile(purpose="PriorityCharging", kind="Relative", evse=0)) is None


def test_k01_fr_28_an_unknown_evse():
    assert reason(profile(evse=3)) == "UnknownEvse"
    assert reason(profile(evse=-1)) == "UnknownEvse"


def test_k01_fr_09_a_transactions_profile_without_one():
    assert reason(profile(purpose="TxProfile"), running=None) == "TxNotFound"


def test_k01_fr_33_a_transactions_profile_with_another_one():
    assert reason(profile(purpose="TxProfile", transaction_id="else")) == "TxNotFound"


def test_k01_fr_03_a_transactions_profile_that_does_not_say_which():
    assert reason(profile(purpose="TxProfile", transaction_id=None)) == "InvalidProfile"
    assert reason(profile(purpose="TxProfile", transaction_id=None), can=V16) is None


def test_k01_fr_16_a_transactions_profile_for_the_station():
    assert reason(profile(purpose="TxProfile", evse=0)) == "InvalidProfile"


def test_k01_fr_22_limits_of_external_systems_do_not_come_from_the_csms():
    assert reason(profile(purpose="ChargingStationExternalConstraints")) == "InvalidProfile"


def test_k04_fr_03_and_k01_fr_38_the_station_maximum_is_for_evse_0_and_not_relative():
    assert reason(profile(purpose="ChargingStationMaxProfile")) == "InvalidProfile"
    assert reason(profile(purpose="ChargingStationMaxProfile", evse=0, kind="Relative")) == "InvalidProfile"


def test_stack_levels_up_to_the_highest_one():
    assert reason(profile(level=9)) is None
    assert reason(profile(level=10)) == "InvalidStackLevel"
    assert reason(profile(level=-1)) == "InvalidStackLevel"


def test_k01_fr_26_a_unit_that_is_not_supported():
    assert reason(profile(unit="W"), can=Abilities(phases=(3,), units=("A",))) == "UnsupportedRateUnit"


def test_more_periods_than_there_is_room_for():
    periods = [{"start_period": n} for n in range(25)]
    assert reason(profile(*periods)) == "TooManyElements"
    assert reason(profile(*periods[:24])) is None


def test_more_profiles_than_there_is_room_for():
    few = Abilities(phases=(3,), max_profiles=2)
    book = (profile(id=2, level=2), profile(id=3, level=3))
    assert reason(profile(id=1, level=1), *book, can=few) == "TooManyElements"
    assert reason(profile(id=3, level=1), *book, can=few) is None


def test_k01_fr_31_the_first_period_starts_at_0():
    assert reason(profile({"start_period": 5})) == "InvalidSchedule"


def test_k01_fr_35_periods_are_in_order():
    assert reason(profile({}, {"start_period": 60}, {"start_period": 30})) == "InvalidSchedule"
    assert reason(profile({}, {"start_period": 60}, {"start_period": 60})) == "InvalidSchedule"


def test_k01_fr_34_several_schedules_need_a_vehicle_that_told_its_needs():
    placed = profile(purpose="TxProfile")
    placed.profile.charging_schedule = placed.profile.charging_schedule * 3
    assert reason(placed) == "InvalidSchedule"
    assert reason(placed, running=Running("tx-1", told_needs=True)) is None


def test_k01_fr_40_and_41_a_start_where_one_belongs():
    assert reason(profile(start_schedule=None)) == "InvalidSchedule"
    assert reason(profile(kind="Recurring", recurrency_kind="Daily", start_schedule=None)) == "InvalidSchedule"
    assert reason(profile(kind="Relative", start_schedule=START)) == "InvalidSchedule"
    assert reason(profile(start_schedule=None), can=V16) is None
    assert reason(profile(kind="Relative", start_schedule=START), can=V16) is None
    assert reason(profile(kind="Recurring", recurrency_kind="Daily", start_schedule=None), can=V16) == "InvalidSchedule"


def test_a_recurring_profile_says_how_often():
    assert reason(profile(kind="Recurring")) == "InvalidProfile"


def test_k01_fr_43_fewer_phases_than_can_be_kept_to():
    fixed = Abilities(phases=(3,), switches_phases=False)
    assert reason(profile({"number_phases": 1}), can=fixed) == "InvalidSchedule"
    assert reason(profile({"number_phases": 3}), can=fixed) is None
    assert reason(profile({"number_phases": 1})) is None


def test_k01_fr_45_more_phases_than_there_are_is_taken():
    assert reason(profile({"number_phases": 3}), can=Abilities(phases=(1,))) is None


def test_k01_fr_44_phases_are_not_for_dc():
    dc = Abilities(phases=(0,))
    assert reason(profile({"number_phases": 3}), can=dc) == "NoPhaseForDC"
    assert reason(profile({"number_phases": 3}), can=replace(dc, replaces_levels=True)) is None


def test_k01_fr_19_and_48_choosing_a_phase():
    assert reason(profile({"number_phases": 3, "phase_to_use": 1})) == "InvalidSchedule"
    assert reason(profile({"number_phases": 1, "phase_to_use": 2})) == "InvalidSchedule"
    assert reason(profile({"number_phases": 1, "phase_to_use": 1})) is None
    assert reason(profile({"number_phases": 1, "phase_to_use": 2}), can=replace(CAN, chooses_phase=True)) is None


def test_k_3_8_profiles_that_choose_several_phases():
    can = replace(CAN, chooses_phase=True)
    station = profile({"number_phases": 1, "phase_to_use": 1}, purpose="ChargingStationMaxProfile", evse=0, id=7)
    assert reason(profile({"number_phases": 1, "phase_to_use": 3}), station, can=can) == "InvalidSchedule"
    assert reason(profile({"number_phases": 1, "phase_to_use": 1}), station, can=can) is None


def test_k01_fr_06_two_profiles_of_a_level_that_could_hold_at_once():
    assert reason(profile(id=2), profile(id=1)) == "DuplicateProfile"
    assert reason(profile(id=2, level=1), profile(id=1)) is None
    assert reason(profile(id=2), profile(id=1, evse=2)) is None
    early, late = {"valid_to": "2026-03-01T00:00:00Z"}, {"valid_from": "2026-03-01T00:00:00Z"}
    assert reason(profile(id=2, **late), profile(id=1, **early)) is None
    assert reason(profile(id=2, valid_from="2026-02-28T23:59:59Z"), profile(id=1, **early)) == "DuplicateProfile"


def test_k01_fr_39_two_profiles_of_a_level_for_a_transaction():
    assert reason(profile(id=2, purpose="TxProfile"), profile(id=1, purpose="TxProfile")) == "DuplicateProfile"


def test_k01_fr_52_and_53_a_default_of_the_station_beside_one_of_an_evse():
    assert reason(profile(id=2, evse=0), profile(id=1, evse=1)) == "DuplicateProfile"
    assert reason(profile(id=2, evse=1), profile(id=1, evse=0)) == "DuplicateProfile"
    assert reason(profile(id=1, evse=0), profile(id=1, evse=1)) is None
    assert reason(profile(id=2, evse=1, level=1), profile(id=1, evse=0)) is None


def test_k01_fr_05_the_profile_of_the_same_id_is_replaced_but_not_an_external_one():
    old, other = profile(id=1, level=5), profile(id=2)
    assert replaced(profile(id=1), [old, other], CAN) == [old]
    external = profile(id=1, purpose="ChargingStationExternalConstraints", level=5)
    external.source = "EMS"
    assert reason(profile(id=1), external) == "InvalidProfileId"


def test_1_6_5_16_3_the_profile_of_the_same_purpose_and_level_is_replaced():
    old, elsewhere = profile(id=1), profile(id=2, evse=0)
    assert reason(profile(id=3), old, elsewhere, can=V16) is None
    assert replaced(profile(id=3), [old, elsewhere], V16) == [old]


def test_k01_fr_81_ids_of_external_limits_are_kept_free():
    can = replace(CAN, highest_external_id=100)
    assert reason(profile(id=100), can=can) == "InvalidProfileId"
    assert reason(profile(id=101), can=can) is None


def test_k01_fr_70_and_71_priority_charging_lasts_and_charges_only():
    priority = {"purpose": "PriorityCharging", "kind": "Relative"}
    assert reason(profile(duration=60, **priority)) == "InvalidSchedule"
    idle = {"operation_mode": "Idle", "limit": None}
    assert reason(profile(idle, **priority)) == "InvalidSchedule"


def test_k01_fr_120_to_126_what_is_not_supported_is_refused():
    less = Abilities(
        phases=(3,), purposes=(), dynamic=False, local_time=False, randomized_delay=False, limit_at_soc=False
    )
    assert reason(profile(purpose="PriorityCharging", kind="Relative"), can=less) == "UnsupportedPurpose"
    assert reason(profile(purpose="LocalGeneration"), can=less) == "UnsupportedPurpose"
    assert reason(profile(kind="Dynamic"), can=less) == "UnsupportedKind"
    assert reason(profile(use_local_time=True), can=less) == "InvalidSchedule"
    assert reason(profile(randomized_delay=30), can=less) == "InvalidSchedule"
    assert reason(profile(limit_at_soc=LimitAtSoC(soc=80, limit=6)), can=less) == "InvalidSchedule"
    assert reason(profile({"evse_sleep": True}), can=less) == "InvalidSchedule"
    assert reason(profile(dyn_update_interval=30), can=less) == "InvalidProfile"
    assert reason(profile(use_local_time=True, randomized_delay=30, limit_at_soc=LimitAtSoC(soc=80, limit=6))) is None


def test_k01_fr_95_delays_are_for_transactions():
    assert reason(profile(purpose="ChargingStationMaxProfile", evse=0, randomized_delay=9)) == "InvalidSchedule"


def test_k28_fr_03_a_dynamic_profile_has_one_period():
    assert reason(profile(kind="Dynamic")) is None
    assert reason(profile({}, {"start_period": 9}, kind="Dynamic")) == "InvalidSchedule"
    assert reason(profile({"start_period": 9}, kind="Dynamic")) == "InvalidSchedule"


def test_v2x_05_a_setpoint_beyond_its_limits():
    period = {"operation_mode": "CentralSetpoint", "limit": 1000, "discharge_limit": -500}
    assert reason(profile(period | {"setpoint": -750}, unit="W")) == "InvalidSchedule"
    assert reason(profile(period | {"setpoint": 1001}, unit="W")) == "InvalidSchedule"
    assert reason(profile(period | {"setpoint": -500}, unit="W")) is None


def test_k01_fr_115_a_mode_that_is_not_supported():
    period = {"operation_mode": "CentralSetpoint", "setpoint": 5}
    assert reason(profile(period), can=Abilities(phases=(3,))) == "InvalidOperationMode"


def test_a_profile_or_schedule_that_never_holds():
    early, late = "2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z"
    assert reason(profile(valid_from=early, valid_to=late)) is None
    assert reason(profile(valid_from=late, valid_to=early)) == "InvalidProfile"
    assert reason(profile(valid_from=early, valid_to=early)) == "InvalidProfile"
    assert reason(profile(duration=0)) == "InvalidSchedule"


@pytest.mark.parametrize(
    ("period", "unit", "expected"),
    [
        ({"v2x_baseline": 0, "v2x_freq_watt_curve": CURVE}, "W", None),
        ({"v2x_freq_watt_curve": CURVE}, "W", "NoFreqWattCurve"),
        ({"v2x_baseline": 0, "v2x_freq_watt_curve": CURVE[:1]}, "W", "NoFreqWattCurve"),
        ({"v2x_baseline": 0, "v2x_freq_watt_curve": CURVE}, "A", "InvalidSchedule"),
        ({"v2x_baseline": 0, "v2x_freq_watt_curve": CURVE, "limit": 5}, "W", "InvalidSchedule"),
    ],
)
def test_q08_fr_03_to_05_local_frequency_needs_a_curve_in_watts(period, unit, expected):
    assert reason(profile({"operation_mode": "LocalFrequency", "limit": None} | period, unit=unit)) == expected


def test_q09_fr_01_and_02_load_balancing_needs_thresholds():
    period = {"operation_mode": "LocalLoadBalancing", "limit": None}
    assert reason(profile(period), can=Abilities(phases=(3,))) == "UnsupportedParam"
    assert reason(profile(period)) == "MissingDevModelInfo"
    assert reason(profile(period), can=replace(CAN, balances_load=True)) is None


def test_q10_fr_02_idle_has_no_limits():
    assert reason(profile({"operation_mode": "Idle", "limit": 0})) == "InvalidSchedule"
    assert reason(profile({"operation_mode": "Idle", "limit": None})) is None


def test_a_negative_limit_and_a_missing_one():
    assert reason(profile({"limit": -1})) == "InvalidSchedule"
    assert reason(profile({"limit": None})) == "InvalidSchedule"
