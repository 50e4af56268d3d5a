"""Simulated hardware: what the meter counts is in the battery, and no limit is ever exceeded."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voltherd.simulator.dc_park import DcPark
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import CARS, MODELS, EvseRating, Vehicle, model
from voltherd.station.hardware import NOTHING, EvseHardware, Offer

AC_11 = EvseRating(max_power_w=11_040.0, max_current_a=16.0)
AC_22 = EvseRating(max_power_w=22_080.0, max_current_a=32.0, iso15118=True, max_discharge_w=22_080.0)
AC_7 = EvseRating(max_power_w=7_360.0, phases=1, max_current_a=32.0)
DC_150 = EvseRating(max_power_w=150_000.0, phases=0, max_current_a=375.0)
DC_V2G = EvseRating(max_power_w=50_000.0, max_discharge_w=20_000.0, phases=0, max_current_a=125.0, iso15118=True)
DC_500_V = EvseRating(max_power_w=50_000.0, phases=0, max_current_a=125.0, max_voltage_v=500.0)
ALL_OF_IT = Offer(charge_limit_w=1e6)


def plugged(rating: EvseRating, vehicle: Vehicle, offer: Offer = ALL_OF_IT, at: float = 0.0) -> SimulatedEvse:
    evse = SimulatedEvse(rating)
    assert evse.plug(vehicle, 1, at)
    evse.supply(offer, at)
    return evse


def in_steps(evse: SimulatedEvse, until: float, step_s: float) -> None:
    at = 0.0
    while at < until:
        at = min(at + step_s, until)
        evse.read(at)


def test_it_is_the_hardware_that_a_station_asks_for():
    port: EvseHardware = SimulatedEvse(AC_11)
    assert port.vehicle is None
    assert port.read(0.0).energy_import_wh == 0.0


# Energy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("rating", [AC_11, AC_22, AC_7, DC_150], ids=["11 kW", "22 kW", "7.4 kW", "150 kW"])
def test_what_the_meter_says_times_efficiency_is_in_the_battery(kind, rating):
    vehicle = Vehicle(kind, soc=0.1)
    before_wh = vehicle.battery.energy_wh
    evse = plugged(rating, vehicle)
    reading = evse.read(3 * 3600.0)
    gained_wh = vehicle.battery.energy_wh - before_wh
    assert gained_wh == pytest.approx(reading.energy_import_wh * vehicle.efficiency(rating), rel=1e-9, abs=1e-6)
    assert (gained_wh > 1000.0) is vehicle.fits(rating)
    assert reading.energy_export_wh == 0.0


def test_what_the_battery_gave_times_efficiency_is_on_the_meter():
    vehicle = Vehicle(model("Rondo V2G"), soc=0.8, floor_soc=0.3)
    before_wh = vehicle.battery.energy_wh
    evse = plugged(DC_V2G, vehicle, Offer(discharge_limit_w=10_000.0, setpoint_w=-10_000.0))
    reading = evse.read(1822.0)
    assert reading.energy_export_wh == pytest.approx(5_000.0)
    assert before_wh - vehicle.battery.energy_wh == pytest.approx(5_000.0 / 0.96)
    assert (reading.energy_import_wh, reading.power_w) == (0.0, -10_000.0)


powers = st.floats(-25_000.0, 60_000.0)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.floats(0.0, 4000.0), powers), min_size=1, max_size=12),
    st.floats(0.0, 1.0),
    st.sampled_from([AC_22, DC_V2G]),
)
def test_energy_is_conserved_whatever_is_asked_in_whatever_order(orders, soc, rating):
    vehicle = Vehicle(model("Rondo V2G"), soc=soc, floor_soc=0.25, target_soc=0.9)
    before_wh, now = vehicle.battery.energy_wh, 0.0
    evse = plugged(rating, vehicle, NOTHING)
    for seconds, power_w in orders:
        evse.supply(
            Offer(charge_limit_w=max(power_w, 0.0), discharge_limit_w=max(-power_w, 0.0), setpoint_w=power_w), now
        )
        now += seconds
        assert abs(evse.read(now).power_w) <= abs(power_w) + 1e-6
    reading, efficiency = evse.read(now), vehicle.efficiency(rating)
    expected_wh = before_wh + reading.energy_import_wh * efficiency - reading.energy_export_wh / efficiency
    assert vehicle.battery.energy_wh == pytest.approx(expected_wh, rel=1e-9)
    assert min(soc, 0.25) - 1e-6 <= vehicle.soc <= max(soc, 0.9) + 1e-6


def test_reading_twice_tells_the_same_and_reading_often_changes_nothing_of_weight():
    seldom, often = (plugged(DC_150, Vehicle(CARS[4], soc=0.1)) for _ in range(2))
    in_steps(often, 2400.0, 1.0)
    assert often.read(2400.0) == often.read(2400.0)
    assert seldom.read(2400.0).energy_import_wh == pytest.approx(often.read(2400.0).energy_import_wh, rel=2e-4)


def test_a_constant_power_is_counted_exactly():
    evse = plugged(AC_11, Vehicle(CARS[3], soc=0.1))
    assert evse.read(4.0 + 3600.0).energy_import_wh == pytest.approx(11_000.0)
    assert evse.read(4.0 + 3600.0).power_w == pytest.approx(11_000.0)


def test_it_ends_at_its_target_to_the_watt_hour():
    vehicle = Vehicle(CARS[2], soc=0.5, target_soc=0.8)
    evse = plugged(AC_11, vehicle)
    assert evse.read(20 * 3600.0).energy_import_wh == pytest.approx(0.3 * 46_000.0 / 0.9)
    assert vehicle.soc == pytest.approx(0.8)
    assert not evse.vehicle.wants_power
    assert evse.read(20 * 3600.0).power_w == 0.0


def test_it_tells_that_the_vehicle_became_full_and_when_to_look():
    told = []
    evse = plugged(AC_11, Vehicle(CARS[2], soc=0.9))
    evse.on_change = lambda: told.append(evse.vehicle.wants_power)
    now, looks = 0.0, 0
    while (again := evse.next_change(now)) is not None:
        assert again > now
        now, looks = again, looks + 1
        evse.advance(now)
    assert told == [False]
    assert looks < 60


# Limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rating", "power_w"),
    [
        ("Pica City", AC_22, 16 * 230.0),
        ("Falk Estate", AC_22, 11_000.0),
        ("Porter Van", AC_22, 22_000.0),
        ("Porter Van", AC_11, 11_040.0),
        ("Falk Estate", AC_7, 16 * 230.0),
    ],
)
def test_ac_power_is_what_cable_phases_and_on_board_charger_allow(name, rating, power_w):
    assert plugged(rating, Vehicle(model(name), soc=0.2)).read(60.0).power_w == pytest.approx(power_w)


def test_one_phase_vehicle_draws_on_one_phase():
    reading = plugged(AC_22, Vehicle(model("Pica City"), soc=0.2)).read(60.0)
    assert reading.currents_a == pytest.approx((16.0, 0.0, 0.0))
    assert reading.voltages_v == (230.0, 230.0, 230.0)


def test_an_offer_of_one_phase_is_kept():
    reading = plugged(AC_22, Vehicle(CARS[3], soc=0.2), Offer(charge_limit_w=3_680.0, phases=1)).read(60.0)
    assert reading.currents_a == pytest.approx((16.0, 0.0, 0.0))


def test_limits_of_phases_bind_all_phases_over_the_pilot_and_each_by_iso_15118():
    limits = Offer(charge_limit_w=1e6, phase_limits_w=(3_680.0, 2_300.0, 1_840.0))
    pilot = plugged(AC_22, Vehicle(model("Lind Hatch"), soc=0.2), limits).read(60.0)
    spoken = plugged(AC_22, Vehicle(model("Falk Estate"), soc=0.2), limits).read(60.0)
    assert pilot.currents_a == pytest.approx((8.0, 8.0, 8.0))
    assert spoken.currents_a == pytest.approx((16.0, 10.0, 8.0))


def test_below_the_minimum_current_nothing_flows_and_the_vehicle_still_wants():
    vehicle = Vehicle(CARS[3], soc=0.2)
    evse = plugged(AC_11, vehicle, Offer(charge_limit_w=3 * 230.0 * 5.99))
    assert evse.read(600.0).energy_import_wh == 0.0
    assert evse.vehicle.wants_power
    evse.supply(Offer(charge_limit_w=3 * 230.0 * 6.0), 600.0)
    assert evse.read(700.0).power_w == pytest.approx(4_140.0)


def test_the_smallest_of_all_voltages_holds_limits_in_watts_and_amperes_alike():
    evse = SimulatedEvse(AC_11, random=Random(5))
    evse.plug(Vehicle(CARS[5], soc=0.1), 1, 0.0)
    evse.supply(Offer(charge_limit_w=6_900.0), 0.0)
    reading = evse.read(60.0)
    assert all(current_a <= 10.0 + 1e-9 for current_a in reading.currents_a)
    assert 6_700.0 < reading.power_w <= 6_900.0
    assert reading.power_w == pytest.approx(
        sum(u * i for u, i in zip(reading.voltages_v, reading.currents_a, strict=True))
    )


@pytest.mark.parametrize("kind", [kind for kind in MODELS if kind.dc_curve], ids=lambda kind: kind.name)
def test_dc_power_never_exceeds_curve_cable_and_nameplate(kind):
    vehicle = Vehicle(kind, soc=0.05, temperature_c=25.0)
    evse = plugged(DC_150, vehicle)
    for now in range(0, 4800, 30):
        reading = evse.read(float(now))
        assert reading.power_w <= min(150_000.0, kind.dc_curve.at(vehicle.soc)) + 1e-6
        assert reading.currents_a[0] <= min(375.0, kind.dc_max_current_a) + 1.0
        assert reading.soc_percent == pytest.approx(vehicle.soc * 100, abs=0.06)
    assert vehicle.soc > 0.4


def test_the_voltage_of_dc_rises_with_the_state_of_charge():
    low, high = (plugged(DC_150, Vehicle(CARS[4], soc=soc)).read(60.0).voltages_v[0] for soc in (0.1, 0.7))
    assert 650 < low < high < 800


def test_a_vehicle_of_800_volts_gets_nothing_from_500():
    evse = plugged(DC_500_V, Vehicle(CARS[4], soc=0.2))
    assert evse.read(600.0).energy_import_wh == 0.0
    assert not evse.vehicle.wants_power


def test_a_cold_battery_takes_less_and_warms_up():
    cold, warm = Vehicle(CARS[4], soc=0.1, temperature_c=-5.0, ambient_c=-5.0), Vehicle(CARS[4], soc=0.1)
    cold_w, warm_w = plugged(DC_150, cold).read(20.0).power_w, plugged(DC_150, warm).read(20.0).power_w
    assert cold_w < 0.5 * warm_w
    evse = plugged(DC_150, cold)
    evse.read(1200.0)
    assert cold.battery.temperature_c > 0.0
    assert evse.read(1200.0).power_w > cold_w


def test_current_flows_only_after_the_start_of_the_vehicle_and_sooner_the_second_time():
    evse = plugged(DC_150, Vehicle(CARS[3], soc=0.2))
    assert evse.read(21.9).energy_import_wh == 0.0
    assert evse.read(23.0).energy_import_wh > 0.0
    evse.supply(NOTHING, 60.0)
    counted_wh = evse.read(60.0).energy_import_wh
    assert evse.read(100.0).energy_import_wh == counted_wh
    evse.supply(ALL_OF_IT, 100.0)
    assert evse.read(101.9).energy_import_wh == counted_wh
    assert evse.read(102.5).energy_import_wh > counted_wh


def test_a_paused_vehicle_takes_nothing_and_says_so():
    told = []
    evse = plugged(AC_11, Vehicle(CARS[3], soc=0.2))
    evse.on_change = lambda: told.append(evse.vehicle.wants_power)
    evse.pause(True, 100.0)
    counted_wh = evse.read(100.0).energy_import_wh
    assert evse.read(200.0).energy_import_wh == counted_wh
    evse.pause(False, 200.0)
    assert evse.read(300.0).energy_import_wh > counted_wh
    assert told == [False, True]


# Discharge -------------------------------------------------------------------------------------


def test_it_gives_back_down_to_its_floor_and_no_further():
    vehicle = Vehicle(model("Rondo V2G"), soc=0.4, floor_soc=0.3)
    evse = plugged(DC_V2G, vehicle, Offer(discharge_limit_w=50_000.0, setpoint_w=-50_000.0))
    assert evse.read(100.0).power_w == -20_000.0
    assert evse.read(7200.0).power_w == 0.0
    assert vehicle.soc == pytest.approx(0.3)
    assert evse.read(7200.0).energy_export_wh == pytest.approx(0.1 * 77_000.0 * 0.96)


@pytest.mark.parametrize(
    ("rating", "vehicle"),
    [
        (DC_V2G, Vehicle(model("Rondo V2G"), soc=0.8)),
        (DC_V2G, Vehicle(CARS[3], soc=0.8, floor_soc=0.2)),
        (DC_150, Vehicle(model("Rondo V2G"), soc=0.8, floor_soc=0.2)),
    ],
    ids=["driver unwilling", "vehicle cannot", "EVSE cannot"],
)
def test_nothing_is_given_back_unless_driver_vehicle_and_evse_can(rating, vehicle):
    evse = plugged(rating, vehicle, Offer(charge_limit_w=0.0, discharge_limit_w=9_000.0, setpoint_w=-9_000.0))
    assert evse.read(900.0).energy_export_wh == 0.0


def test_a_setpoint_is_kept_to_the_watt():
    evse = plugged(
        DC_V2G, Vehicle(model("Rondo V2G"), soc=0.5, floor_soc=0.2), Offer(charge_limit_w=1e5, setpoint_w=7_321.0)
    )
    assert evse.read(100.0).power_w == 7_321.0


def test_reactive_power_is_given_by_vehicles_with_an_inverter_only():
    offer = Offer(charge_limit_w=5_000.0, setpoint_w=5_000.0, setpoint_var=1_500.0)
    der = plugged(AC_22, Vehicle(model("Rondo Grid"), soc=0.5, floor_soc=0.2), offer).read(60.0)
    plain = plugged(AC_22, Vehicle(CARS[3], soc=0.5), offer).read(60.0)
    assert (der.reactive_power_var, plain.reactive_power_var) == (1_500.0, 0.0)


# What it tells ---------------------------------------------------------------------------------


def test_needs_by_iso_15118_of_dc():
    vehicle = Vehicle(model("Falk Estate"), soc=0.2, target_soc=0.8, departure_at=3600.0)
    needs = plugged(DC_V2G, vehicle).vehicle.needs
    assert (needs.mode, needs.soc_percent, needs.full_soc_percent) == ("DC", 20.0, 80.0)
    assert needs.energy_wh == pytest.approx(0.6 * 58_000.0 / 0.97, abs=0.1)
    assert needs.departure_in_s == 3600.0
    assert needs.max_discharge_power_w is None


def test_needs_of_a_bidirectional_vehicle_and_of_one_with_the_pilot_signal_only():
    willing = plugged(DC_V2G, Vehicle(model("Rondo V2G"), soc=0.5, floor_soc=0.3)).vehicle.needs
    assert (willing.mode, willing.max_discharge_power_w, willing.control) == ("DC_BPT", 20_000.0, "DynamicControl")
    assert plugged(DC_V2G, Vehicle(model("Rondo V2G"), soc=0.5)).vehicle.needs.mode == "DC"
    assert plugged(AC_22, Vehicle(model("Lind Hatch"))).vehicle.needs is None
    assert plugged(AC_11, Vehicle(model("Falk Estate"))).vehicle.needs is None


def test_the_schedule_it_plans_is_the_charging_it_does():
    vehicle = Vehicle(model("Sirocco 800"), soc=0.3, target_soc=0.9)
    evse = plugged(DC_V2G, vehicle, Offer(charge_limit_w=40_000.0))
    schedule = evse.vehicle.schedule_w
    assert schedule[0] == (0.0, 40_000.0)
    assert schedule[-1][1] == 0.0
    evse.advance(schedule[-1][0] + 60.0)
    assert vehicle.is_full
    assert 2 <= len(schedule) <= 24


def test_contract_and_identity_are_told_over_iso_15118_only():
    vehicle = Vehicle(model("Falk Estate"), evcc_id="AA:BB:CC:00:11:22", emaid="DEVLTC00000011")
    spoken, pilot = plugged(AC_22, vehicle).vehicle, plugged(AC_11, vehicle).vehicle
    assert (spoken.evcc_id, spoken.emaid) == ("AA:BB:CC:00:11:22", "DEVLTC00000011")
    assert (pilot.evcc_id, pilot.emaid) == (None, None)


# Faults and the cable --------------------------------------------------------------------------


def test_a_stuck_lock_stays_as_it_is():
    evse = plugged(AC_11, Vehicle())
    assert evse.lock(1)
    evse.lock_fails = True
    assert not evse.unlock(1)
    assert evse.is_locked(1)
    evse.lock_fails = False
    assert evse.unlock(1)
    assert not evse.is_locked(1)


def test_the_cable_comes_out_of_the_vehicle_whatever_holds_its_other_end():
    evse = plugged(AC_11, Vehicle())
    evse.lock(1)
    assert evse.unplug(60.0)
    assert evse.vehicle is None
    assert not evse.unplug(61.0)


def test_one_cable_holds_one_vehicle():
    assert not plugged(AC_11, Vehicle()).plug(Vehicle(), 1, 10.0)


def test_registers_survive_a_power_cut_and_nothing_flows_before_a_new_offer():
    evse = plugged(AC_11, Vehicle(CARS[3], soc=0.1))
    evse.power_cut(1804.0)
    counted_wh = evse.read(1804.0).energy_import_wh
    assert counted_wh == pytest.approx(5_500.0)
    evse.supply(ALL_OF_IT, 1900.0)
    assert evse.read(2000.0).energy_import_wh == counted_wh
    evse.power_back(2000.0)
    evse.supply(NOTHING, 2000.0)
    evse.supply(ALL_OF_IT, 2000.0)
    assert evse.read(2100.0).energy_import_wh > counted_wh


def test_a_meter_that_stands_counts_nothing_while_the_battery_fills():
    vehicle = Vehicle(CARS[3], soc=0.1)
    evse = plugged(AC_11, vehicle)
    evse.meter_stands = True
    assert evse.read(1800.0).energy_import_wh == 0.0
    assert vehicle.soc > 0.15


def test_a_meter_that_was_reset_counts_on_from_there():
    evse = plugged(AC_11, Vehicle(CARS[3], soc=0.1))
    evse.reset_meter(1804.0, energy_import_wh=7.0)
    assert evse.read(1804.0).energy_import_wh == 7.0
    assert evse.read(1804.0 + 360.0).energy_import_wh == pytest.approx(1_107.0)


# Shared power ----------------------------------------------------------------------------------


def test_a_park_never_gives_more_than_it_has_and_uses_all_of_it():
    evses = [SimulatedEvse(DC_150) for _ in range(4)]
    park = DcPark(200_000.0, evses)
    for evse, kind in zip(evses, (CARS[3], CARS[4], CARS[5], CARS[6]), strict=True):
        evse.plug(Vehicle(kind, soc=0.1), 1, 0.0)
        evse.supply(ALL_OF_IT, 0.0)
    for now in range(60, 1800, 60):
        total_w = sum(evse.read(float(now)).power_w for evse in evses)
        assert total_w <= park.total_w + 1e-3
        if now == 60:
            assert total_w == pytest.approx(200_000.0)


def test_who_asks_for_little_gets_it_and_the_others_share_the_rest():
    small, large, larger = (SimulatedEvse(DC_150) for _ in range(3))
    DcPark(130_000.0, [small, large, larger])
    for evse, limit_w in ((small, 20_000.0), (large, 1e6), (larger, 1e6)):
        evse.plug(Vehicle(CARS[4], soc=0.2), 1, 0.0)
        evse.supply(Offer(charge_limit_w=limit_w), 0.0)
    powers_w = [evse.read(100.0).power_w for evse in (small, large, larger)]
    assert powers_w == pytest.approx([20_000.0, 55_000.0, 55_000.0])


def test_power_of_a_park_that_gets_free_goes_to_the_others_at_that_moment():
    first, second = SimulatedEvse(DC_150), SimulatedEvse(DC_150)
    DcPark(100_000.0, [first, second])
    for evse in (first, second):
        evse.plug(Vehicle(CARS[4], soc=0.1), 1, 0.0)
        evse.supply(ALL_OF_IT, 0.0)
    first.supply(NOTHING, 18.0 + 360.0)
    assert second.read(18.0 + 360.0).energy_import_wh == pytest.approx(5_000.0)
    assert second.read(18.0 + 720.0).energy_import_wh == pytest.approx(15_000.0)
    assert first.read(18.0 + 720.0).energy_import_wh == pytest.approx(5_000.0)


def test_what_one_vehicle_gives_another_of_the_park_may_take():
    giver, taker = SimulatedEvse(DC_V2G), SimulatedEvse(DC_V2G)
    DcPark(10_000.0, [giver, taker])
    giver.plug(Vehicle(model("Rondo V2G"), soc=0.9, floor_soc=0.2), 1, 0.0)
    taker.plug(Vehicle(CARS[3], soc=0.1), 1, 0.0)
    giver.supply(Offer(discharge_limit_w=15_000.0, setpoint_w=-15_000.0), 0.0)
    taker.supply(ALL_OF_IT, 0.0)
    assert taker.read(60.0).power_w == pytest.approx(25_000.0)
