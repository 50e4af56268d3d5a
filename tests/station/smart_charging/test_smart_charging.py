"""Charging profiles over a core: frames in, frames and offers out (block K; OCPP 1.6, 3.13, 5.5, 5.7, 5.16)."""

import pytest

from support.charging_profiles import AC22, ProfileLine
from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig, Token
from voltherd.station.storage import MemoryStorage


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return ProfileLine(request.param)


@pytest.fixture(params=[V201, V21])
def line2(request):
    return ProfileLine(request.param)


# Installing ------------------------------------------------------------------------------------


def test_k01_fr_07_a_default_profile_is_in_force_at_once(line):
    line.charge(10.0)
    assert line.offered_a() == 32
    line.install((0, 10.0))
    assert line.offered_a() == 10
    assert line.state() == "Charging"


def test_k01_fr_15_a_default_of_one_evse_leaves_the_other_alone(line):
    line.charge(10.0)
    line.charge(11.0, evse_id=2)
    line.install((0, 10.0), evse_id=2)
    assert (line.offered_a(1), line.offered_a(2)) == (32, 10)


def test_k01_fr_14_a_default_of_the_station_is_for_each_evse(line):
    line.charge(10.0)
    line.charge(11.0, evse_id=2)
    line.install((0, 10.0), evse_id=0)
    assert (line.offered_a(1), line.offered_a(2)) == (10, 10)


def test_k01_fr_04_a_transactions_profile_is_for_it(line):
    line.charge(10.0)
    line.install((0, 10.0))
    line.install((0, 12.0), id=2, purpose="TxProfile", transactionId=line.transaction_id())
    assert line.offered_a() == 12


def test_k01_fr_09_and_33_a_transactions_profile_needs_its_transaction(line):
    unknown = 99 if line.is_v16 else "unknown"
    assert line.refusal_of(purpose="TxProfile", transactionId=unknown) in ("TxNotFound", None)
    line.charge(10.0)
    assert line.refusal_of(purpose="TxProfile", transactionId=unknown) in ("TxNotFound", None)


def test_k01_fr_16_a_transactions_profile_is_not_for_the_station(line):
    line.charge(10.0)
    line.refusal_of(purpose="TxProfile", transactionId=line.transaction_id(), evse_id=0)


def test_k01_fr_28_an_unknown_evse_is_refused(line):
    answer = line.send(line.profile(), evse_id=3)
    if line.is_v16:  # errata 3.39
        assert isinstance(answer, CallError)
        assert answer.code == "PropertyConstraintViolation"
    else:
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")


def test_k01_fr_29_a_station_without_smart_charging_says_so(line):
    without = ProfileLine(line.version, settings={"smart_charging_available": "false"})
    answer = without.send(without.profile())
    assert isinstance(answer, CallError)
    assert answer.code == "NotSupported"
    assert without.composite_answer().code == "NotSupported"


def test_smart_charging_can_be_switched_off_and_on(line2):
    line2.charge(10.0)
    line2.install((0, 10.0))
    line2.set_variable("Enabled", "false")
    assert line2.offered_a() == 32
    line2.set_variable("Enabled", "true")
    assert line2.offered_a() == 10


def test_k01_fr_05_the_profile_of_the_same_id_is_replaced(line):
    line.charge(10.0)
    line.install((0, 10.0))
    line.install((0, 20.0), level=3)
    assert line.offered_a() == 20
    assert line.clear(id=1) == "Accepted"
    assert line.offered_a() == 32


def test_k01_fr_06_a_second_profile_of_a_level_is_a_conflict_in_2_x_and_replaces_in_1_6(line):
    line.install((0, 10.0))
    if line.is_v16:
        line.install((0, 20.0), id=2)
        line.charge(10.0)
        assert line.offered_a() == 20
        assert line.clear(id=1) == "Unknown"
    else:
        assert line.refusal_of((0, 20.0), id=2) == "DuplicateProfile"


def test_1_6_3_13_1_a_default_of_a_connector_takes_the_place_of_that_of_the_station_there():
    line = ProfileLine(V16)
    line.install((0, 10.0), evse_id=0)
    line.install((0, 20.0), id=2, evse_id=1)
    line.charge(10.0)
    line.charge(11.0, evse_id=2)
    assert (line.offered_a(1), line.offered_a(2)) == (20, 10)


def test_k01_fr_32_a_running_transaction_changes_over_to_a_new_default(line):
    line.install((0, 10.0))
    line.charge(10.0)
    line.install((0, 14.0))
    assert line.offered_a() == 14
    assert line.state() == "Charging"


def test_k01_fr_26_and_k08_fr_07_a_unit_that_is_not_supported_is_refused(line):
    amperes = ProfileLine(line.version, settings={"rate_units": "A"})
    assert amperes.refusal_of((0, 6000.0), unit="W") in ("UnsupportedRateUnit", None)
    assert amperes.composite_answer(unit="W")["status"] == "Rejected"
    if amperes.is_v16:
        answer = amperes.ask("GetConfiguration", {"key": ["ChargingScheduleAllowedChargingRateUnit"]})
        assert answer["configurationKey"][0]["value"] == "Current"


def test_the_limits_of_profiles_are_told(line):
    if line.is_v16:
        keys = ["ChargeProfileMaxStackLevel", "ChargingScheduleMaxPeriods", "MaxChargingProfilesInstalled"]
        answer = line.ask("GetConfiguration", {"key": [*keys, "SupportedFeatureProfiles"]})
        values = [entry["value"] for entry in answer["configurationKey"]]
        assert values[:3] == ["9", "24", "20"]
        assert "SmartCharging" in values[3].split(",")
    else:
        names = ("ProfileStackLevel", "PeriodsPerSchedule", "RateUnit")
        wanted = [{"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": name}} for name in names]
        wanted.append(
            {
                "component": {"name": "SmartChargingCtrlr"},
                "variable": {"name": "Entries", "instance": "ChargingProfiles"},
            }
        )
        line.install()
        results = line.ask("GetVariables", {"getVariableData": wanted})["getVariableResult"]
        assert [result["attributeValue"] for result in results] == ["9", "24", "A,W", "1"]
    assert line.refusal_of(*((n, 6.0) for n in range(25))) in ("TooManyElements", None)
    assert line.refusal_of(level=10) in ("InvalidStackLevel", None)


def test_k01_fr_27_profiles_survive_a_power_cut(line):
    storage = MemoryStorage()
    first = ProfileLine(line.version, storage=storage)
    first.install((0, 10.0), evse_id=0)
    first.install((0, 40.0), id=2, evse_id=0, purpose="ChargingStationMaxProfile")
    after = ProfileLine(line.version, storage=storage)
    after.charge(10.0)
    assert after.offered_a() == 10
    assert after.clear(id=2) == "Accepted"
    assert ProfileLine(line.version, storage=storage).clear(id=2) == "Unknown"


def test_k02_fr_05_the_profile_of_a_transaction_ends_with_it(line):
    line.charge(10.0)
    line.install((0, 12.0), purpose="TxProfile", transactionId=line.transaction_id())
    line.present()
    assert line.clear(id=1) == "Unknown"
    line.unplug()
    line.charge(20.0)
    assert line.offered_a() == 32


def test_profiles_of_a_transaction_that_outlives_a_power_cut_go_on_where_they_were():
    storage, settings = MemoryStorage(), {"resume_within_s": "600"}
    first = ProfileLine(V21, storage=storage, settings=settings)
    first.core.clock.jump(-155)  # the second one begins 155 s later by the wall clock
    first.charge(0.0)
    periods = ((0, 16.0), (100, 10.0), (200, 20.0))
    first.install(*periods, purpose="TxProfile", kind="Relative", transactionId=first.transaction_id())
    first.wait(150)
    hardware = first.hardware
    for evse in hardware.values():
        evse.power_cut(first.now)
        evse.power_back(first.now)
    after = ProfileLine(V21, storage=storage, settings=settings, hardware=hardware)
    assert after.core.evses[1].transaction.id == first.core.evses[1].transaction.id
    assert after.offered_a() == 10
    after.wait(46)
    assert after.offered_a() == 20


def test_the_profile_of_a_transaction_that_ends_with_a_power_cut_is_forgotten(line):
    storage = MemoryStorage()
    first = ProfileLine(line.version, storage=storage)
    first.charge(0.0)
    first.install((0, 12.0), purpose="TxProfile", transactionId=first.transaction_id())
    after = ProfileLine(line.version, storage=storage, hardware=first.hardware)
    assert after.clear(id=1) == "Unknown"


def test_a_broken_profile_is_an_error_of_its_caller(line):
    wrong = line.profile() | {"chargingProfileKind": "Sometimes"}
    assert isinstance(line.send(wrong), CallError)


# Executing -------------------------------------------------------------------------------------


def test_periods_take_effect_when_they_begin_and_end(line):
    line.install((0, 16.0), (100, 10.0), (200, 20.0), duration=300)
    line.charge(0.0)
    seen = []
    for now in range(350):
        line.core.advance(float(now))
        line.pump(float(now))
        if not seen or seen[-1][1] != line.offered_a():
            seen.append((now, line.offered_a()))
    assert seen == [(0, 16), (100, 10), (200, 20), (300, 32)]


def test_k01_fr_30_and_recurring_profiles_limit_from_their_start_on_each_day(line):
    line.install((0, 10.0), kind="Recurring", recurrencyKind="Daily", start=600, duration=3600)
    line.charge(0.0)
    assert line.offered_a() == 32
    line.wait(601)
    assert line.offered_a() == 10
    line.wait(3600)
    assert line.offered_a() == 32
    line.wait(86400 - 3600)
    assert line.offered_a() == 10


def test_k01_fr_36_and_37_profiles_hold_while_they_are_valid(line):
    line.install((0, 10.0), start=-100, validFrom=line.at(50), validTo=line.at(150))
    line.charge(0.0)
    assert line.offered_a() == 32
    line.wait(51)
    assert line.offered_a() == 10
    line.wait(100)
    assert line.offered_a() == 32


def test_k01_fr_42_a_relative_profile_counts_from_the_moment_energy_could_flow(line):
    line.charge(0.0)
    line.wait(100)
    line.install((0, 16.0), (150, 10.0), kind="Relative")
    assert line.offered_a() == 16
    line.wait(51)
    assert line.offered_a() == 10


def test_below_the_least_current_charging_is_suspended_by_the_evse_and_told(line):
    line.charge(0.0)
    line.heard.clear()
    line.install((0, 5.9))
    assert (line.offered_a(), line.state()) == (0, "SuspendedEVSE")
    if line.is_v16:
        assert line.of("StatusNotification")[-1]["status"] == "SuspendedEVSE"
    else:
        assert line.of("TransactionEvent")[-1]["transactionInfo"]["chargingState"] == "SuspendedEVSE"
        assert line.of("TransactionEvent")[-1]["triggerReason"] == "ChargingStateChanged"
    line.install((0, 6.0))
    assert (line.offered_a(), line.state()) == (6, "Charging")


def test_a_limit_of_nothing_before_the_start_keeps_the_transaction_suspended(line):
    line.install((0, 0.0))
    line.charge(0.0)
    assert line.core.evses[1].transaction is not None
    assert line.state() == "SuspendedEVSE"
    assert line.clear(purpose="TxDefaultProfile") == "Accepted"
    assert line.state() == "Charging"


def test_k01_fr_50_watts_are_the_sum_of_all_phases(line):
    line.charge(0.0)
    line.install((0, 6900.0), unit="W")
    assert line.core.evses[1].offer.charge_limit_w == 6900
    assert line.composite() == [(0, 10)]


def test_fewer_phases_are_offered_where_a_profile_says_so(line):
    line.charge(0.0)
    line.install({"startPeriod": 0, "limit": 10.0, "numberPhases": 1})
    offer = line.core.evses[1].offer
    assert (offer.phases, offer.charge_limit_w) == (1, 2300)


def test_the_vehicle_keeps_to_it(line):
    line.charge(0.0)
    line.install((0, 3000.0), unit="W")
    assert line.state() == "SuspendedEVSE"
    line.install((0, 6000.0), unit="W")
    line.wait(3600)
    before = line.hardware[1].read(line.now).energy_import_wh
    line.wait(3600)
    assert line.hardware[1].read(line.now).energy_import_wh - before == pytest.approx(6000, rel=0.01)


def test_k04_fr_05_the_station_maximum_is_shared_by_those_that_charge(line):
    line.install((0, 20.0), evse_id=0, purpose="ChargingStationMaxProfile")
    line.charge(0.0)
    assert line.offered_a(1) == 20
    line.heard.clear()
    line.charge(10.0, evse_id=2)
    assert (line.offered_a(1), line.offered_a(2)) == (10, 10)
    if not line.is_v16:  # SC.02, mechanism 4
        assert line.events("ChargingRateChanged")
    line.unplug(evse_id=2)
    assert line.offered_a(1) == 20


def test_a_station_maximum_too_small_for_two_serves_one(line):
    line.install((0, 10.0), evse_id=0, purpose="ChargingStationMaxProfile")
    line.charge(0.0)
    line.charge(10.0, evse_id=2)
    assert (line.offered_a(1), line.offered_a(2)) == (10, 0)
    assert line.state(2) == "SuspendedEVSE"
    line.unplug()
    assert line.offered_a(2) == 10
    assert line.state(2) == "Charging"


def test_k03_fr_04_to_06_a_higher_priority_is_served_first(line2):
    line2.install((0, 22.0), evse_id=0, purpose="ChargingStationMaxProfile")
    line2.charge(0.0)
    line2.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted", "chargingPriority": 5}}
    line2.plug(evse_id=2)
    line2.present(Token("HASTY"), evse_id=2)
    assert (line2.offered_a(1), line2.offered_a(2)) == (6, 16)
    line2.replies["TransactionEvent"] = lambda event: {"chargingPriority": 9} if event["evse"]["id"] == 1 else {}
    line2.core.charging.updated(line2.core.evses[1], "Trigger")
    line2.pump()
    assert (line2.offered_a(1), line2.offered_a(2)) == (16, 6)  # K03.FR.05
    line2.replies.pop("TransactionEvent")
    line2.replies.pop("Authorize")
    line2.present()
    line2.unplug()
    line2.charge()
    assert (line2.offered_a(1), line2.offered_a(2)) == (6, 16)


def test_k04_fr_02_a_fixed_limit_of_the_grid_is_shared_without_any_profile(line):
    fixed = ProfileLine(line.version, settings={"grid_limit_w": "13800"})
    fixed.charge(0.0)
    fixed.charge(1.0, evse_id=2)
    assert (fixed.offered_a(1), fixed.offered_a(2)) == (10, 10)
    assert fixed.composite(0) == [(0, 20)]
    if not fixed.is_v16:
        fixed.install((0, 7.0), evse_id=0)
        fixed.set_variable("Enabled", "false")
        assert (fixed.offered_a(1), fixed.offered_a(2)) == (10, 10)


def test_k06_fr_01_and_k07_fr_01_profiles_count_without_the_csms(line):
    line.charge(0.0)
    line.install((0, 12.0), (100, 9.0), purpose="TxProfile", transactionId=line.transaction_id())
    line.install((0, 7.0), id=2, evse_id=2)
    line.lose(10.0)
    line.wait(100)
    assert line.offered_a() == 9
    line.plug(evse_id=2)
    line.core.charging.permit(line.core.evses[2], line.core.evses[1].transaction.token)
    assert line.offered_a(2) == 7


def test_a_clock_that_is_set_moves_what_hangs_on_dates(line):
    line.install((0, 10.0), start=1000)
    line.charge(0.0)
    assert line.offered_a() == 32
    line.core.clock.jump(1000)
    line.core.smart_charging.clock_changed()
    assert line.offered_a() == 10


def test_nothing_is_timed_without_profiles(line):
    line.charge(0.0)
    assert line.core.smart_charging.execution.rulings is None
    line.install((0, 10.0))
    line.clear(id=1)
    assert line.core.smart_charging.execution.rulings is None


# Composite schedules ---------------------------------------------------------------------------


def test_k08_fr_02_the_composite_schedule_of_an_evse(line):
    """As certification case TC_K_41 has it."""
    line.charge(0.0)
    line.install((0, 10.0), id=1, evse_id=0, purpose="ChargingStationMaxProfile", duration=86400)
    line.install((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0), id=2, duration=300)
    line.install(
        *((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0)),
        id=3,
        purpose="TxProfile",
        transactionId=line.transaction_id(),
        duration=260,
    )
    expected = [(0, 8), (50, 10), (200, 6), (240, 10), (260, 8), (300, 10)]
    assert line.composite(duration=400) == expected
    line.wait(30)
    assert line.composite(duration=200) == [(0, 8), (20, 10), (170, 6)]


def test_k08_fr_03_the_composite_schedule_of_the_station(line):
    line.install((0, 6.0), evse_id=0)
    assert line.composite(0) == [(0, 12)]
    line.install((0, 10.0), id=2, evse_id=0, purpose="ChargingStationMaxProfile")
    assert line.composite(0) == [(0, 10)]


def test_k08_fr_05_an_unknown_evse_has_no_composite_schedule(line):
    answer = line.composite_answer(3)
    assert answer["status"] == "Rejected"
    assert not {"schedule", "chargingSchedule"} & set(answer)


@pytest.mark.parametrize("evse_id", [0, 1])
def test_k08_a_composite_schedule_of_no_time_would_have_no_period(line, evse_id):
    answer = line.composite_answer(evse_id, duration=0)
    assert answer["status"] == "Rejected"
    assert not {"schedule", "chargingSchedule"} & set(answer)


def test_without_profiles_the_composite_schedule_is_the_local_limit(line):
    assert line.composite() == [(0, 32)]
    assert line.composite(unit="W") == [(0, 22080)]


def test_1_6_limits_have_one_decimal_and_are_not_rounded_up():
    line = ProfileLine(V16)
    line.install((0, 10000.0), unit="W")
    assert line.composite() == [(0, 14.4)]


def test_1_6_the_least_rate_of_a_profile_is_in_its_composite_schedule():
    line = ProfileLine(V16)
    line.install((0, 10.0), minChargingRate=6.5)
    assert line.composite_answer()["chargingSchedule"]["minChargingRate"] == 6.5


# Asking and clearing ---------------------------------------------------------------------------


def test_k09_profiles_are_reported_as_they_came(line2):
    one = line2.profile((0, 10.0), (60, 16.0), duration=300)
    two = line2.profile((0, 40.0), id=2, purpose="ChargingStationMaxProfile")
    three = line2.profile((0, 8.0), id=3, level=2) | {"customData": {"vendorId": "x", "more": [1]}}
    assert [line2.send(one)["status"], line2.send(two, 0)["status"], line2.send(three)["status"]] == ["Accepted"] * 3
    assert line2.found(evseId=1) == [(1, "CSO", one), (1, "CSO", three)]  # K09.FR.04
    assert line2.found(evseId=0) == [(0, "CSO", two)]  # K09.FR.05
    assert len(line2.found(stackLevel=0)) == 2  # K09.FR.06
    assert (
        line2.found(chargingProfileId=[3, 2]) == [(0, "CSO", two), (1, "CSO", three)]
        or len(line2.found(chargingProfileId=[3, 2])) == 2
    )
    assert [p["id"] for _, _, p in line2.found(chargingProfilePurpose="TxDefaultProfile", stackLevel=2)] == [3]
    assert len(line2.found(chargingLimitSource=["CSO"], evseId=1)) == 2
    assert line2.found(chargingLimitSource=["EMS"], evseId=1) == []
    assert line2.found(chargingProfileId=[99]) == []


def test_k09_fr_02_many_profiles_come_in_parts(line2):
    for number in range(9):
        line2.install(id=number + 1, level=number)
    assert len(line2.found(chargingProfilePurpose="TxDefaultProfile")) == 9
    assert len(line2.of("ReportChargingProfiles")) == 3


def test_k10_fr_01_and_03_clearing_one(line):
    assert line.clear(id=1) == "Unknown"
    line.install()
    assert line.clear(id=1) == "Accepted"
    assert line.clear(id=1) == "Unknown"


def test_k10_fr_04_and_errata_1_6_3_25_clearing_those_that_match_all_that_is_said(line):
    line.install(id=1, level=1)
    line.install(id=2, level=2)
    line.install(id=3, level=1, evse_id=2)
    assert line.clear(level=1, evse_id=2, purpose="TxDefaultProfile") == "Accepted"
    assert line.clear(id=3) == "Unknown"
    assert line.clear(level=3) == "Unknown"
    assert line.clear(purpose="TxDefaultProfile") == "Accepted"
    assert line.clear() == "Unknown"


def test_k10_fr_05_and_07_clearing_frees_what_goes_on(line):
    line.install((0, 6.0))
    line.charge(0.0)
    assert line.clear(purpose="TxDefaultProfile") == "Accepted"
    assert line.offered_a() == 32


# With a remote start ---------------------------------------------------------------------------


def remote_start(line, profile, evse_id=1):
    if line.is_v16:
        wanted = {"idTag": "GOOD", "connectorId": evse_id, "chargingProfile": profile}
        return line.ask("RemoteStartTransaction", wanted)
    token = {"idToken": "GOOD", "type": "ISO14443"}
    wanted = {"idToken": token, "remoteStartId": 5, "evseId": evse_id, "chargingProfile": profile}
    return line.ask("RequestStartTransaction", wanted)


def test_k05_fr_03_a_profile_comes_with_a_remote_start(line):
    assert remote_start(line, line.profile((0, 9.0), purpose="TxProfile", kind="Relative"))["status"] == "Accepted"
    line.plug()
    assert line.core.evses[1].transaction is not None
    assert line.offered_a() == 9
    if not line.is_v16:
        ((evse_id, _, found),) = line.found(chargingProfileId=[1])
        assert (evse_id, found["transactionId"]) == (1, line.transaction_id())
    line.present()
    assert line.clear(id=1) == "Unknown"


def test_f01_fr_10_a_vehicle_that_waits_gets_the_profile_of_a_remote_start(line):
    line.plug()
    assert remote_start(line, line.profile((0, 9.0), purpose="TxProfile", kind="Relative"))["status"] == "Accepted"
    assert line.offered_a() == 9


def test_f01_fr_10_a_transaction_that_goes_on_gets_the_profile_of_a_remote_start():
    line = ProfileLine(V201, settings={"tx_start_point": "EVConnected", "tx_stop_point": "EVConnected"})
    line.plug()
    answer = remote_start(line, line.profile((0, 9.0), purpose="TxProfile", kind="Relative"))
    assert answer == {"status": "Accepted", "transactionId": line.transaction_id()}
    assert line.offered_a() == 9
    assert line.found(chargingProfileId=[1])[0][2]["transactionId"] == line.transaction_id()


def test_k05_fr_05_an_invalid_profile_makes_a_remote_start_fail(line):
    assert remote_start(line, line.profile())["status"] == "Rejected"  # not a TxProfile (K05.FR.02)
    wrong = line.profile((5, 9.0), purpose="TxProfile", kind="Relative")
    answer = remote_start(line, wrong)
    assert answer["status"] == "Rejected"
    if not line.is_v16:
        assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"


def test_k05_fr_04_a_station_without_smart_charging_ignores_the_profile(line):
    without = ProfileLine(line.version, settings={"smart_charging_available": "false"})
    assert remote_start(without, without.profile((0, 9.0), purpose="TxProfile"))["status"] == "Accepted"
    without.plug()
    assert without.offered_a() == 32


def test_1_6_5_16_2_a_profile_of_the_same_level_takes_the_place_of_that_of_the_remote_start():
    line = ProfileLine(V16)
    remote_start(line, line.profile((0, 9.0), purpose="TxProfile", kind="Relative"))
    line.plug()
    line.install((0, 11.0), id=2, purpose="TxProfile", kind="Relative", transactionId=17)
    assert line.offered_a() == 11
    assert line.clear(id=1) == "Unknown"


# DC --------------------------------------------------------------------------------------------


def test_dc_is_limited_in_watts_and_has_no_least_current(line):
    dc = ProfileLine(line.version, evses=(EvseConfig(max_power_w=150_000.0, phases=0, connectors=("cCCS2",)),))
    dc.charge(0.0)
    dc.install((0, 1500.0), unit="W")
    assert dc.core.evses[1].offer.charge_limit_w == 1500
    assert dc.state() == "Charging"
    if not dc.is_v16:  # K01.FR.44
        assert dc.refusal_of({"startPeriod": 0, "limit": 9.0, "numberPhases": 3}, level=2, id=2) == "NoPhaseForDC"


# 2.1 -------------------------------------------------------------------------------------------


@pytest.fixture
def line21():
    return ProfileLine(V21)


def test_k21_priority_charging_overrules_the_transactions_profile(line21):
    line21.charge(0.0)
    line21.install((0, 8.0), purpose="TxProfile", transactionId=line21.transaction_id())
    wanted = {"transactionId": line21.transaction_id(), "activate": True}
    answer = line21.ask("UsePriorityCharging", wanted)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("NoProfile", "NotFound")  # K21.FR.01
    line21.install((0, 32.0), id=2, purpose="PriorityCharging", kind="Relative", evse_id=0)
    line21.install((0, 25.0), id=3, purpose="ChargingStationMaxProfile", evse_id=0)
    assert line21.offered_a() == 8
    assert line21.ask("UsePriorityCharging", wanted)["status"] == "Accepted"  # K21.FR.03
    assert line21.offered_a() == 25  # K21.FR.04
    told = {"transactionId": line21.transaction_id(), "activated": True}
    assert line21.of("NotifyPriorityCharging") == [told]  # K21.FR.05
    assert line21.ask("UsePriorityCharging", wanted | {"activate": False})["status"] == "Accepted"  # K21.FR.06
    assert line21.offered_a() == 8  # K21.FR.07
    assert line21.of("NotifyPriorityCharging")[1:] == [told | {"activated": False}]  # K21.FR.08


def test_k21_fr_02_priority_charging_of_an_unknown_transaction(line21):
    answer = line21.ask("UsePriorityCharging", {"transactionId": "nobody's", "activate": True})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")


def test_k22_a_driver_asks_for_priority_at_the_station(line21):
    line21.charge(0.0)
    assert not line21.core.priority_charging.use_here(1, activate=True, now=1.0)  # K22.FR.01
    line21.install((0, 8.0))
    line21.install((0, 32.0), id=2, purpose="PriorityCharging", kind="Relative", evse_id=1)
    assert line21.core.priority_charging.use_here(1, activate=True, now=2.0)
    line21.pump()
    assert line21.offered_a() == 32  # K22.FR.02
    assert line21.of("NotifyPriorityCharging")[0]["activated"] is True  # K22.FR.03
    line21.core.priority_charging.use_here(1, activate=False, now=3.0)
    line21.pump()
    assert (line21.offered_a(), line21.of("NotifyPriorityCharging")[1]["activated"]) == (8, False)  # K22.FR.04, FR.05


def test_k22_fr_03_what_a_driver_did_offline_is_told_later(line21):
    line21.charge(0.0)
    line21.install((0, 32.0), purpose="PriorityCharging", kind="Relative", evse_id=0)
    line21.lose()
    assert line21.core.priority_charging.use_here(1, activate=True, now=5.0)
    line21.connect(10.0)
    assert [told["activated"] for told in line21.of("NotifyPriorityCharging")] == [True]


def test_k28_fr_06_and_09_values_of_a_dynamic_profile_are_updated(line21):
    line21.charge(0.0)
    line21.install((0, 8.0), kind="Dynamic")
    assert line21.offered_a() == 8
    assert line21.found(chargingProfileId=[1])[0][2]["dynUpdateTime"] == line21.at(0)  # K28.FR.05
    line21.now = 50.0
    wanted = {"chargingProfileId": 1, "scheduleUpdate": {"limit": 12.0}}
    assert line21.ask("UpdateDynamicSchedule", wanted)["status"] == "Accepted"
    assert line21.offered_a() == 12
    found = line21.found(chargingProfileId=[1])[0][2]
    assert found["dynUpdateTime"] == line21.at(0)
    assert found["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 12.0


def test_k28_fr_11_only_dynamic_profiles_are_updated(line21):
    line21.install()
    answer = line21.ask("UpdateDynamicSchedule", {"chargingProfileId": 1, "scheduleUpdate": {"limit": 12.0}})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidProfile")
    answer = line21.ask("UpdateDynamicSchedule", {"chargingProfileId": 9, "scheduleUpdate": {"limit": 12.0}})
    assert answer["status"] == "Rejected"


def test_k28_fr_08_and_10_the_station_asks_for_values_at_the_interval(line21):
    line21.charge(0.0)
    line21.replies["PullDynamicScheduleUpdate"] = {"status": "Accepted", "scheduleUpdate": {"limit": 11.0}}
    line21.install((0, 8.0), kind="Dynamic", dynUpdateInterval=30)
    line21.wait(29)
    assert line21.of("PullDynamicScheduleUpdate") == []
    line21.wait(2)
    assert line21.of("PullDynamicScheduleUpdate") == [{"chargingProfileId": 1}]
    assert line21.offered_a() == 11
    line21.replies["PullDynamicScheduleUpdate"] = {"status": "Rejected"}
    line21.wait(30)
    assert len(line21.of("PullDynamicScheduleUpdate")) == 2
    assert line21.offered_a() == 11
    line21.clear(id=1)
    line21.wait(100)
    assert len(line21.of("PullDynamicScheduleUpdate")) == 2


def test_k28_fr_10_the_station_goes_on_asking_after_a_restart(line21):
    storage = MemoryStorage()
    ProfileLine(V21, storage=storage).install((0, 8.0), kind="Dynamic", dynUpdateInterval=30)
    after = ProfileLine(V21, storage=storage)
    after.wait(31)
    assert len(after.of("PullDynamicScheduleUpdate")) == 1


def test_q05_fr_07_a_dynamic_profile_that_is_not_refreshed_ends(line21):
    line21.charge(0.0)
    line21.install((0, 20.0))
    line21.install((0, 8.0), id=2, level=1, kind="Dynamic", duration=60)
    line21.wait(50)
    line21.ask("UpdateDynamicSchedule", {"chargingProfileId": 2, "scheduleUpdate": {"limit": 9.0}})
    line21.wait(50)
    assert line21.offered_a() == 9
    line21.wait(11)
    assert line21.offered_a() == 20


def test_k01_fr_101_to_103_profiles_that_do_not_hold_for_long_offline(line21):
    line21.charge(0.0)
    line21.install((0, 6.0))
    line21.install((0, 20.0), id=2, level=1, maxOfflineDuration=60)
    line21.install((0, 25.0), id=3, level=2, maxOfflineDuration=60, invalidAfterOfflineDuration=True)
    assert line21.offered_a() == 25
    line21.lose(10.0)
    line21.wait(59)
    assert line21.offered_a() == 25
    line21.wait(2)
    assert line21.offered_a() == 6
    line21.connect()
    assert line21.offered_a() == 20
    assert line21.clear(id=3) == "Unknown"


def test_k01_fr_93_delays_are_drawn_once_for_a_transaction(line21):
    line21.install((0, 16.0), (100, 10.0), randomizedDelay=50)
    assert line21.composite() == [(0, 16), (100, 10)]  # K08.FR.06
    line21.charge(0.0)
    first = line21.composite()
    assert 100 < first[1][0] <= 150
    assert line21.composite() == first
    line21.wait(first[1][0] - 1)
    assert line21.offered_a() == 16
    line21.wait(2)
    assert line21.offered_a() == 10


def test_k01_fr_90_a_local_schedule_follows_the_zone_of_the_station(line21):
    line21.set_variable("TimeOffset", "+02:00", component="ClockCtrlr")
    hour = line21.core.clock.wall(7200.0 + 100.0).replace(tzinfo=None).isoformat()
    profile = line21.profile((0, 10.0), useLocalTime=True)
    profile["chargingSchedule"][0]["startSchedule"] = f"{hour}Z"
    assert line21.send(profile)["status"] == "Accepted"
    assert line21.composite() == [(0, 32), (100, 10)]


def test_k01_fr_100_a_fuller_vehicle_gets_less():
    line = ProfileLine(V21, evses=(EvseConfig(max_power_w=50_000.0, phases=0, connectors=("cCCS2",)),))
    line.charge(0.0)
    line.install((0, 40_000.0), unit="W", limitAtSoC={"soc": 60, "limit": 5_000.0})
    offers = []
    for _ in range(120):
        line.wait(60)
        offers.append((line.hardware[1].read(line.now).soc_percent, line.core.evses[1].offer.charge_limit_w))
    assert offers[0][1] == 40_000
    assert offers[-1][1] == 5_000
    assert all(limit == 5_000 for soc, limit in offers if soc > 62)
    assert all(limit == 40_000 for soc, limit in offers if soc < 60)


def test_k01_fr_110_a_new_operation_mode_is_told(line21):
    line21.charge(0.0)
    line21.heard.clear()
    period = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": 6900.0}
    line21.install(period, {"startPeriod": 60, "limit": 9000.0}, unit="W")
    (event,) = line21.events("OperationModeChanged")
    assert event["transactionInfo"]["operationMode"] == "CentralSetpoint"
    line21.wait(61)
    assert line21.events("OperationModeChanged")[1]["transactionInfo"]["operationMode"] == "ChargingOnly"


def test_k01_fr_120_to_126_what_is_not_supported_is_refused_on_the_wire(line21):
    assert line21.refusal_of({"startPeriod": 0, "limit": 5.0, "evseSleep": True}) == "InvalidSchedule"
    assert line21.refusal_of(dynUpdateInterval=5) == "InvalidProfile"
    assert line21.refusal_of(id=-1) == "InvalidProfileId"  # K01.FR.81


def test_limits_by_phase_are_offered_by_phase(line21):
    line21.charge(0.0)
    line21.install({"startPeriod": 0, "limit": 10.0, "limit_L2": 16.0, "limit_L3": 5.0})
    offer = line21.core.evses[1].offer
    assert offer.phase_limits_w == (2300.0, 3680.0, 0.0)


def test_a_small_station_of_one_phase():
    line = ProfileLine(V201, evses=(EvseConfig(max_power_w=7_360.0, phases=1),))
    line.charge(0.0)
    line.install((0, 10.0))
    assert line.core.evses[1].offer.charge_limit_w == 2300
    line.install((0, 3680.0), unit="W")
    assert line.composite() == [(0, 16)]


def test_a_plain_line_still_charges_without_any_profile():
    plain = Line(V201, evses=(AC22,))
    plain.connect()
    plain.charge(0.0)
    assert plain.core.evses[1].offer.charge_limit_w == 22_080
