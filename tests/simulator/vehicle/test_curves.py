"""Charging curves, batteries, and the kinds of vehicles."""

import pytest

from voltherd.simulator.vehicle import CARS, MODELS, Battery, Curve, Vehicle, constant_then_falling, model


def test_a_curve_is_a_line_through_its_points_and_flat_outside():
    curve = Curve(((0.1, 100.0), (0.5, 200.0), (0.9, 20.0)))
    assert [curve.at(x) for x in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)] == pytest.approx(
        [100, 100, 150, 200, 110, 20, 20]
    )
    assert curve.most == 200.0


@pytest.mark.parametrize("points", [(), ((0.2, 1.0), (0.2, 2.0)), ((0.5, 1.0), (0.1, 2.0))])
def test_points_must_ascend(points):
    with pytest.raises(ValueError, match="ascend"):
        Curve(points)


def test_constant_current_then_constant_voltage():
    curve = constant_then_falling(11_000.0, from_soc=0.9, cut_off=0.1)
    assert [curve.at(x) for x in (0.0, 0.5, 0.9, 0.95, 1.0)] == pytest.approx([11_000, 11_000, 11_000, 6_050, 1_100])


def test_kinds_are_told_apart_by_name_and_are_physically_possible():
    assert len(MODELS) >= 8
    assert len({kind.name for kind in MODELS}) == len(MODELS)
    for kind in MODELS:
        assert 0.8 < kind.ac_efficiency < kind.dc_efficiency < 1.0
        assert kind.ac_phases in (0, 1, 3)
        if kind.dc_curve is not None:
            hardest_c = kind.dc_curve.most / kind.battery_wh
            assert 0.5 < hardest_c < 4.5, f"{kind.name} charges at {hardest_c} C"
            assert kind.dc_curve.at(1.0) < 0.1 * kind.dc_curve.most
            assert kind.dc_curve.most <= kind.dc_max_current_a * kind.pack_voltage_v.most
        if kind.is_bidirectional:
            assert any("BPT" in mode for mode in kind.modes)


def test_an_unknown_kind_is_named_with_those_there_are():
    with pytest.raises(KeyError, match="No vehicle 'Nope'; there are Pica City"):
        model("Nope")
    assert model("pica city") is CARS[0]


def test_a_battery_cannot_hold_what_it_cannot():
    for capacity_wh, soc in ((0.0, 0.5), (1000.0, 1.1), (1000.0, -0.1)):
        with pytest.raises(ValueError, match="cannot be charged"):
            Battery(capacity_wh, soc)
    battery = Battery(1000.0, 0.5)
    battery.add(900.0)
    assert battery.soc == 1.0


def test_a_battery_takes_on_the_temperature_around_it_and_is_cooled_when_hot():
    cold, hot = Battery(60_000.0, 0.5, temperature_c=-10.0), Battery(60_000.0, 0.5, temperature_c=50.0)
    for battery in (cold, hot):
        battery.warm(0.0, 3600.0)
    assert -10.0 < cold.temperature_c < 0.0
    assert hot.temperature_c < 34.0
    hot.warm(1_000.0, 1.0)
    assert hot.temperature_c > 40.0


def test_ten_to_eighty_percent_takes_as_long_as_on_the_market():
    from voltherd.simulator.hardware import SimulatedEvse
    from voltherd.simulator.vehicle import EvseRating
    from voltherd.station.hardware import Offer

    rating = EvseRating(max_power_w=350_000.0, phases=0, max_current_a=500.0)
    minutes = {}
    for kind in CARS:
        if kind.dc_curve is None:
            continue
        vehicle = Vehicle(kind, soc=0.1, target_soc=0.8, temperature_c=25.0)
        evse = SimulatedEvse(rating)
        evse.plug(vehicle, 1, 0.0)
        evse.supply(Offer(charge_limit_w=1e6), 0.0)
        now = 0.0
        while not vehicle.is_full:
            now += 10.0
            evse.advance(now)
        minutes[kind.name] = now / 60
    assert 15 < minutes["Sirocco 800"] < 23
    assert 15 < minutes["Taurin Sport"] < 25
    assert all(15 < value < 50 for value in minutes.values()), minutes
