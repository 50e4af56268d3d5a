"""Bidirectional power transfer: modes, setpoints, curves, signals (block Q)."""

from random import Random

import pytest

from support.charging_profiles import ProfileLine
from support.station_line import V21, V201
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle, model
from voltherd.station import EvseConfig
from voltherd.station.smart_charging.profile import ScheduleUpdate
from voltherd.station.v2x import interpolated

DC = EvseConfig(max_power_w=22_000.0, phases=0, connectors=("cCCS2",))
CURVE = [
    {"frequency": 49.8, "power": -10000.0},
    {"frequency": 49.99, "power": 0.0},
    {"frequency": 50.01, "power": 0.0},
    {"frequency": 50.2, "power": 10000.0},
]
SIGNALS = [{"signal": -1, "power": -2000.0}, {"signal": 0, "power": 0.0}, {"signal": 1, "power": 2000.0}]


@pytest.fixture
def line():
    """A bidirectional vehicle in a transaction in which it may give power."""
    hardware = {1: SimulatedEvse(EvseRating.of(DC, iso15118=True, max_discharge_w=20_000.0), random=Random(1))}
    line = ProfileLine(V21, evses=(DC,), hardware=hardware)
    line.plug(Vehicle(model("Rondo V2G"), soc=0.6, floor_soc=0.2))
    line.present()
    allow(line, "DC_BPT")
    line.wait(60)
    return line


def allow(line, *modes):
    wanted = {"transactionId": line.transaction_id(), "allowedEnergyTransfer": list(modes)}
    assert line.ask("NotifyAllowedEnergyTransfer", wanted)["status"] == "Accepted"


def offer(line):
    return line.core.evses[1].offer


def power(line):
    line.wait(30)
    return line.hardware[1].read(line.now).power_w


def follow_frequency(line, **more):
    period = {"startPeriod": 0, "operationMode": "LocalFrequency", "v2xBaseline": 1000.0, "v2xFreqWattCurve": CURVE}
    line.install(period | more, unit="W")


def test_q03_fr_01_a_setpoint_of_the_csms_is_followed_both_ways(line):
    central = {"operationMode": "CentralSetpoint"}
    line.install(
        {"startPeriod": 0, "setpoint": 5000.0, **central},
        {"startPeriod": 600, "setpoint": -4000.0, **central},
        unit="W",
    )
    assert offer(line).setpoint_w == 5000
    assert power(line) == pytest.approx(5000, rel=0.01)
    line.wait(600)
    assert offer(line).setpoint_w == -4000
    assert power(line) == pytest.approx(-4000, rel=0.01)
    assert line.hardware[1].read(line.now).energy_export_wh > 0


def test_v2x_03_and_04_setpoints_stay_within_limits(line):
    line.install((0, 3000.0), unit="W", evse_id=0, purpose="ChargingStationMaxProfile", id=9)
    period = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": 5000.0}
    line.install(period, unit="W")
    assert offer(line).setpoint_w == 3000
    line.install(period | {"setpoint": -2000.0, "dischargeLimit": -2000.0}, unit="W", kind="Dynamic")
    assert (offer(line).setpoint_w, offer(line).discharge_limit_w) == (-2000, 2000)


def test_q04_a_dynamic_setpoint_is_updated_by_the_csms(line):
    period = {"startPeriod": 0, "operationMode": "CentralFrequency", "setpoint": 0.0}
    line.install(period, unit="W", kind="Dynamic")
    for setpoint in (-3000.0, 4500.0):
        wanted = {"chargingProfileId": 1, "scheduleUpdate": {"setpoint": setpoint}}
        assert line.ask("UpdateDynamicSchedule", wanted)["status"] == "Accepted"
        assert offer(line).setpoint_w == setpoint


def test_q05_fr_01_and_05_an_external_setpoint_goes_into_the_profile_of_the_csms(line):
    line.install({"startPeriod": 0, "operationMode": "ExternalSetpoint"}, unit="W", kind="Dynamic")
    assert line.core.external_limits.set(ScheduleUpdate(setpoint=-2500.0), now=line.now, evse_id=1)
    assert offer(line).setpoint_w == -2500
    line.core.external_limits.set(ScheduleUpdate(setpoint=2500.0), now=line.now, evse_id=1)
    assert offer(line).setpoint_w == 2500


def test_q06_fr_20_to_22_who_comes_first_is_a_setting(line):
    line.install({"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": 4000.0}, unit="W")
    line.core.external_limits.set(ScheduleUpdate(setpoint=-1000.0), now=line.now, evse_id=1)
    assert offer(line).setpoint_w == -1000
    line.set_variable("SetpointPriority", "CSMS")
    assert offer(line).setpoint_w == 4000


def test_q06_fr_31_a_setpoint_of_the_station_is_that_of_its_vehicles_together(line):
    line.core.external_limits.set(ScheduleUpdate(setpoint=-3000.0), now=line.now)
    assert offer(line).setpoint_w == -3000


def test_charging_only_never_gives_power(line):
    line.install((0, 9000.0), unit="W")
    assert (offer(line).discharge_limit_w, offer(line).setpoint_w) == (0, None)


def test_q02_without_permission_a_vehicle_does_not_give_power(line):
    allow(line, "DC")
    line.install({"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -4000.0}, unit="W")
    assert (offer(line).discharge_limit_w, offer(line).setpoint_w) == (0, 0)


def test_k01_fr_115_a_station_that_only_charges_has_no_other_modes():
    line = ProfileLine(V21, evses=(EvseConfig(max_discharge_w=0.0), EvseConfig(max_discharge_w=0.0)))
    setpoint = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -5000.0}
    answer = line.ask("SetChargingProfile", {"evseId": 1, "chargingProfile": line.profile(setpoint, unit="W")})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidOperationMode")
    named = {"component": {"name": "V2XChargingCtrlr"}, "variable": {"name": "SupportedOperationModes"}}
    told = line.ask("GetVariables", {"getVariableData": [named]})["getVariableResult"][0]
    assert told["attributeStatus"] == "UnknownComponent"


def test_v2x_can_be_switched_off(line):
    line.install({"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -4000.0}, unit="W")
    line.set_variable("Enabled", "false", component="V2XChargingCtrlr")
    assert offer(line).setpoint_w == 0


def test_q08_fr_06_the_setpoint_follows_the_frequency_of_the_grid(line):
    line.hardware[1].frequency_hz = 50.1
    follow_frequency(line)
    assert offer(line).setpoint_w == pytest.approx(1000 + 10000 * 0.09 / 0.19)


def test_q08_fr_07_it_is_worked_out_anew_when_the_frequency_moves_enough(line):
    follow_frequency(line)
    assert offer(line).setpoint_w == 1000
    line.hardware[1].frequency_hz = 50.009
    line.wait(2)
    assert offer(line).setpoint_w == 1000
    line.hardware[1].frequency_hz = 49.9
    line.wait(2)
    assert offer(line).setpoint_w == pytest.approx(1000 - 10000 * 0.09 / 0.19)
    line.hardware[1].frequency_hz = 49.905
    line.wait(2)
    assert offer(line).setpoint_w == pytest.approx(1000 - 10000 * 0.09 / 0.19)  # less than 10 mHz
    line.hardware[1].frequency_hz = 49.91
    line.wait(2)
    assert offer(line).setpoint_w == pytest.approx(1000 - 10000 * 0.08 / 0.19)


def test_q08_the_frequency_is_not_looked_at_when_nobody_follows_it(line):
    follow_frequency(line)
    line.clear(id=1)
    line.wait(2)
    assert line.core.v2x._timer is None


def test_q08_fr_10_a_signal_of_the_grid_operator_adds_to_the_setpoint_at_its_time(line):
    follow_frequency(line, v2xSignalWattCurve=SIGNALS)
    assert line.ask("AFRRSignal", {"timestamp": line.at(20), "signal": 1})["status"] == "Accepted"
    assert offer(line).setpoint_w == 1000
    line.wait(21)
    assert offer(line).setpoint_w == 3000
    assert line.ask("AFRRSignal", {"timestamp": line.at(0), "signal": -1})["status"] == "Accepted"
    line.wait(1)
    assert offer(line).setpoint_w == -1000


def test_q08_fr_11_a_signal_without_a_curve_is_refused(line):
    for prepare in (lambda: None, lambda: follow_frequency(line)):
        prepare()
        answer = line.ask("AFRRSignal", {"timestamp": line.at(0), "signal": 1})
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NoSignalWattCurve")


def test_q08_fr_03_a_missing_curve_is_refused_with_the_period_that_lacks_it(line):
    answer = line.send(line.profile({"startPeriod": 0, "operationMode": "LocalFrequency"}, unit="W", id=4))
    assert answer["statusInfo"]["reasonCode"] == "NoFreqWattCurve"
    assert "Schedule 4, period 0" in answer["statusInfo"]["additionalInfo"]


def balance(line):
    for instance, value in (("UpperThreshold", "10000"), ("LowerThreshold", "-5000"), ("UpperOffset", "-500"),
                            ("LowerOffset", "0")):  # fmt: skip
        line.set_variable("LocalLoadBalancing", value, component="V2XChargingCtrlr", instance=instance)


def test_q09_fr_02_load_balancing_needs_its_thresholds(line):
    period = {"startPeriod": 0, "operationMode": "LocalLoadBalancing"}
    assert line.refusal_of(period, unit="W") == "MissingDevModelInfo"
    balance(line)
    line.install(period, unit="W")


def test_q09_fr_04_the_load_of_the_building_is_kept_between_the_thresholds(line):
    balance(line)
    line.install({"startPeriod": 0, "operationMode": "LocalLoadBalancing"}, unit="W")
    assert offer(line).setpoint_w == 0
    line.core.v2x.load_measured(12_000.0, line.now)
    assert offer(line).setpoint_w == -2500
    line.core.v2x.load_measured(9_500.0, line.now)
    assert offer(line).setpoint_w == -2500
    line.core.v2x.load_measured(-8_000.0, line.now)
    assert offer(line).setpoint_w == 500


def test_q09_fr_05_load_balancing_stays_within_the_limits_beside_it(line):
    balance(line)
    period = {"startPeriod": 0, "operationMode": "LocalLoadBalancing", "dischargeLimit": -1000.0, "limit": 2000.0}
    line.install(period, unit="W")
    line.core.v2x.load_measured(40_000.0, line.now)
    assert offer(line).setpoint_w == -1000
    line.core.v2x.load_measured(-40_000.0, line.now)
    assert offer(line).setpoint_w == 2000


def test_q10_idle_takes_and_gives_nothing(line):
    line.install({"startPeriod": 0, "operationMode": "Idle"}, {"startPeriod": 60, "limit": 5000.0}, unit="W")
    assert (offer(line).charge_limit_w, offer(line).discharge_limit_w) == (0, 0)
    assert line.state() == "SuspendedEVSE"
    line.wait(61)
    assert line.state() == "Charging"


def test_q10_fr_03_and_04_an_evse_that_sleeps_says_so():
    hardware = {1: SimulatedEvse(EvseRating.of(DC), random=Random(1))}
    line = ProfileLine(V21, evses=(DC,), hardware=hardware, settings={"supports_evse_sleep": "true"})
    line.charge(0.0)
    line.heard.clear()
    line.install({"startPeriod": 0, "operationMode": "Idle", "evseSleep": True}, unit="W")
    assert line.of("TransactionEvent")[-1]["evseSleep"] is True


def test_q11_and_q12_offline_the_fallback_counts_until_the_csms_is_back(line):
    central = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -4000.0}
    line.install((0, 6000.0), unit="W")
    line.install(central, unit="W", id=2, level=1, maxOfflineDuration=120)
    line.lose()
    line.wait(119)
    assert offer(line).setpoint_w == -4000
    line.wait(2)
    assert (offer(line).setpoint_w, offer(line).charge_limit_w) == (None, 6000)
    line.connect()
    assert offer(line).setpoint_w == -4000


def test_q01_fr_30_and_32_modes_are_told(line):
    wanted = [
        {"component": {"name": "V2XChargingCtrlr"}, "variable": {"name": name}}
        for name in ("SupportedOperationModes", "SupportedEnergyTransferModes")
    ]
    modes, transfers = (r["attributeValue"] for r in line.ask("GetVariables", {"getVariableData": wanted})[
        "getVariableResult"])  # fmt: skip
    assert {"ChargingOnly", "CentralSetpoint", "CentralFrequency"} <= set(modes.split(","))  # Q01.FR.31
    assert "DC_BPT" in transfers.split(",")


def measured(line):
    line.heard.clear()
    line.core.charging.updated(line.core.evses[1], "Trigger", line.core.metering.sample(line.core.evses[1], "Trigger"))
    line.pump()
    (value,) = line.of("TransactionEvent")[0]["meterValue"]
    return {one["measurand"]: one["value"] for one in value["sampledValue"]}


def test_q01_fr_35_an_operation_mode_has_measurands_of_its_own(line):
    more = "Power.Active.Setpoint,Power.Active.Residual,Power.Export.Offered"
    line.set_variable("TxUpdatedMeasurands", more, component="V2XChargingCtrlr", instance="CentralSetpoint")
    assert "Power.Active.Setpoint" not in measured(line)
    line.install({"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -4000.0}, unit="W")
    line.wait(30)
    values = measured(line)
    assert values["Power.Active.Setpoint"] == -4000
    assert abs(values["Power.Active.Residual"]) < 50
    assert values["Power.Export.Offered"] == 22_000


def test_measurands_of_2_1_are_not_for_older_versions():
    for version, taken in ((V21, "Accepted"), (V201, "Rejected")):
        old = ProfileLine(version, evses=(DC,))
        name = {"component": {"name": "SampledDataCtrlr"}, "variable": {"name": "TxUpdatedMeasurands"}}
        wanted = {**name, "attributeValue": "Power.Active.Setpoint"}
        answer = old.ask("SetVariables", {"setVariableData": [wanted]})
        assert answer["setVariableResult"][0]["attributeStatus"] == taken


def test_a_curve_is_level_beyond_its_ends():
    curve = [(1.0, 10.0), (2.0, 20.0), (4.0, 0.0)]
    assert [interpolated(curve, x) for x in (0, 1, 1.5, 2, 3, 4, 9)] == [10, 10, 15, 20, 10, 0, 0]
