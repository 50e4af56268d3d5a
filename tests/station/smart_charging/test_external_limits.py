"""Limits and setpoints of other systems than the CSMS (K11, K12, K13, K27, K29, Q05, Q06)."""

import pytest

from support.charging_profiles import ProfileLine
from support.station_line import V16, V21, V201
from voltherd.station.smart_charging.profile import ChargingSchedulePeriod, ScheduleUpdate


@pytest.fixture(params=[V201, V21])
def line(request):
    return ProfileLine(request.param)


@pytest.fixture
def line21():
    return ProfileLine(V21)


def set_limit(line, limit_w, **more):
    done = line.core.external_limits.set(ScheduleUpdate(limit=limit_w), now=line.now, **more)
    line.pump()
    return done


def release(line, **more):
    done = line.core.external_limits.release(now=line.now, **more)
    line.pump()
    return done


def test_k11_fr_01_02_and_04_a_limit_during_a_transaction_is_kept_to_and_told(line):
    line.charge(0.0)
    line.heard.clear()
    assert set_limit(line, 6900.0)
    assert line.offered_a() == 10
    assert line.of("NotifyChargingLimit") == [{"chargingLimit": {"chargingLimitSource": "EMS"}}]  # K11.FR.05: not CSO
    assert len(line.events("ChargingRateChanged")) == 1


def test_k11_fr_02_and_sc_03_small_changes_are_kept_to_but_not_told(line):
    line.charge(0.0)
    set_limit(line, 6900.0)
    line.set_variable("LimitChangeSignificance", "10")
    line.heard.clear()
    set_limit(line, 6500.0)
    assert line.core.evses[1].offer.charge_limit_w == 6500
    assert line.of("NotifyChargingLimit") == []
    assert line.events("ChargingRateChanged") == []
    set_limit(line, 5000.0)
    assert len(line.of("NotifyChargingLimit")) == 1
    assert len(line.events("ChargingRateChanged")) == 1


def test_k11_fr_03_the_schedule_is_told_where_the_csms_wants_it(line):
    line.set_variable("NotifyChargingLimitWithSchedules", "true")
    set_limit(line, 6900.0, evse_id=1)
    (told,) = line.of("NotifyChargingLimit")
    assert told["evseId"] == 1
    (schedule,) = told["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "W"
    assert schedule["chargingSchedulePeriod"][0]["limit"] == 6900.0


def test_k11_fr_06_and_k12_fr_05_it_is_reported_as_external_constraint(line):
    set_limit(line, 6900.0)
    ((evse_id, source, profile),) = line.found(chargingProfilePurpose="ChargingStationExternalConstraints")
    assert (evse_id, source) == (0, "EMS")
    assert profile["id"] < 0
    assert profile["chargingProfileKind"] == ("Dynamic" if line.version is V21 else "Absolute")  # K29.FR.04
    assert len(line.found(chargingLimitSource=["EMS"])) == 1


def test_k12_fr_01_without_a_transaction_it_limits_all_evses_together(line):
    set_limit(line, 13_800.0)
    line.charge(0.0)
    line.charge(1.0, evse_id=2)
    assert (line.offered_a(1), line.offered_a(2)) == (10, 10)
    assert line.composite(0) == [(0, 20)]


def test_k13_a_limit_that_is_released_limits_no_more_and_that_is_told(line):
    line.charge(0.0)
    set_limit(line, 6900.0)
    line.heard.clear()
    assert release(line)
    assert line.offered_a() == 32  # K13.FR.01
    assert line.of("ClearedChargingLimit") == [{"chargingLimitSource": "EMS"}]  # K13.FR.02
    assert len(line.events("ChargingRateChanged")) == 1  # K13.FR.03
    assert not release(line)


def test_k10_fr_08_and_09_the_csms_cannot_clear_it(line):
    set_limit(line, 6900.0)
    ((_, _, profile),) = line.found(chargingLimitSource=["EMS"])
    assert line.clear(id=profile["id"]) == "Unknown"
    assert line.clear(evse_id=0) == "Unknown"
    assert line.clear() == "Unknown"
    assert len(line.found(chargingLimitSource=["EMS"])) == 1


def test_sc_02_what_happened_while_the_csms_was_away_is_told_when_it_is_back(line):
    line.charge(0.0)
    line.lose(5.0)
    set_limit(line, 6900.0)
    assert line.offered_a() == 10
    line.heard.clear()
    line.connect(10.0)
    assert len(line.of("NotifyChargingLimit")) == 1


def test_external_signals_can_be_switched_off(line):
    line.set_variable("ExternalControlSignalsEnabled", "false")
    line.charge(0.0)
    assert not set_limit(line, 6900.0)
    assert line.offered_a() == 32


def test_k11_fr_07_and_q06_fr_08_external_profiles_can_be_disallowed(line21):
    line21.charge(0.0)
    line21.set_variable("ExternalConstraintsProfileDisallowed", "true")
    line21.heard.clear()
    assert not set_limit(line21, 6900.0)
    assert (line21.offered_a(), line21.of("NotifyChargingLimit")) == (32, [])


def test_k27_fr_01_local_generation_comes_on_top(line21):
    line21.charge(0.0)
    line21.install((0, 10.0))
    set_limit(line21, 2760.0, local_generation=True)
    assert line21.offered_a() == 14
    assert line21.of("NotifyChargingLimit")[0]["chargingLimit"]["isLocalGeneration"] is True
    ((_, _, profile),) = line21.found(chargingProfilePurpose="LocalGeneration")
    assert profile["id"] < 0
    assert release(line21, local_generation=True)
    assert line21.offered_a() == 10


def test_k27_local_generation_adds_to_the_station_maximum(line21):
    line21.charge(0.0)
    line21.install((0, 10.0), evse_id=0, purpose="ChargingStationMaxProfile")
    set_limit(line21, 2760.0, local_generation=True)
    assert line21.offered_a() == 14


def test_k29_fr_03_values_go_into_the_profile_of_the_csms_that_leaves_room_for_them(line21):
    line21.charge(0.0)
    period = {"startPeriod": 0, "operationMode": "ExternalLimits"}
    line21.install(period, kind="Dynamic", unit="W")
    line21.set_variable("ExternalConstraintsProfileDisallowed", "true")
    line21.now = 30.0
    assert set_limit(line21, 6900.0, evse_id=1)
    assert line21.offered_a() == 10
    ((_, source, profile),) = line21.found(chargingProfileId=[1])
    assert (source, profile["dynUpdateTime"]) == ("CSO", line21.at(0))  # Q05.FR.06
    assert profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 6900.0
    assert line21.found(chargingProfilePurpose="ChargingStationExternalConstraints") == []


def test_q06_fr_01_a_schedule_of_an_external_system_is_absolute(line21):
    line21.charge(0.0)
    periods = [
        ChargingSchedulePeriod(start_period=0, limit=6900.0, operation_mode="ExternalLimits"),
        ChargingSchedulePeriod(start_period=60, limit=13800.0, operation_mode="ExternalLimits"),
    ]
    assert line21.core.external_limits.set_schedule(periods, now=line21.now, duration_s=120)
    line21.pump()
    ((_, _, profile),) = line21.found(chargingLimitSource=["EMS"])
    assert profile["chargingProfileKind"] == "Absolute"
    seen = []
    for _ in range(3):
        seen.append(line21.offered_a())
        line21.wait(60.5)
    assert seen == [10, 20, 32]


def test_q06_fr_07_and_12_a_value_that_changes_keeps_its_profile(line21):
    set_limit(line21, 6900.0)
    before = line21.found(chargingLimitSource=["EMS"])[0][2]
    line21.now = 10.0
    set_limit(line21, 9000.0)
    after = line21.found(chargingLimitSource=["EMS"])[0][2]
    assert after["id"] == before["id"]
    assert after["dynUpdateTime"] == line21.at(0)


def test_1_6_external_limits_are_kept_to_in_silence():
    line = ProfileLine(V16)
    line.charge(0.0)
    line.heard.clear()
    assert set_limit(line, 6900.0)
    assert line.offered_a() == 10
    assert line.composite() == [(0, 10)]
    assert release(line)
    assert line.offered_a() == 32
    assert line.heard == []
