"""DER controls: setting, superseding, starting, reporting, clearing, following (block R)."""

from random import Random

import pytest

from support.charging_profiles import ProfileLine
from support.station_line import V21, V201
from voltherd.ocpp.frames import CallError
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle, model
from voltherd.station import EvseConfig
from voltherd.station.storage import MemoryStorage

AC = EvseConfig(max_power_w=11_000.0)


class DerLine(ProfileLine):
    """A station whose vehicle may give power."""

    def __init__(self, **config):
        hardware = {1: SimulatedEvse(EvseRating.of(AC, iso15118=True, max_discharge_w=11_000.0), random=Random(1))}
        super().__init__(V21, evses=(AC,), hardware=hardware, **config)

    def discharge(self, setpoint_w=-8000.0):
        """Plug a vehicle in that follows a setpoint of the CSMS."""
        self.plug(Vehicle(model("Rondo V2G"), soc=0.7, floor_soc=0.2))
        self.present()
        wanted = {"transactionId": self.transaction_id(), "allowedEnergyTransfer": ["AC_BPT"]}
        assert self.ask("NotifyAllowedEnergyTransfer", wanted)["status"] == "Accepted"
        period = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": setpoint_w}
        self.install(period, unit="W")
        self.heard.clear()

    def set(self, control_id, kind, *, default=True, start=None, duration=None, **settings):
        """Set a control; gives the answer."""
        field = {"FreqDroop": "freqDroop", "FixedVar": "fixedVar", "LimitMaxDischarge": "limitMaxDischarge",
                 "Gradients": "gradient", "EnterService": "enterService", "FixedPFInject": "fixedPFInject",
                 "FixedPFAbsorb": "fixedPFAbsorb"}.get(kind, "curve")  # fmt: skip
        if field == "curve":
            settings.setdefault("yUnit", "PctMaxW")
            settings["curveData"] = [{"x": x, "y": y} for x, y in settings.pop("points")]
        settings.setdefault("priority", 1)
        if start is not None:
            settings |= {"startTime": self.at(start), "duration": duration}
        wanted = {"isDefault": default, "controlId": control_id, "controlType": kind, field: settings}
        return self.ask("SetDERControl", wanted)

    def accepted(self, *args, **more):
        """Set a control, which must be taken; gives the ids that it supersedes."""
        answer = self.set(*args, **more)
        assert answer["status"] == "Accepted", answer
        return answer.get("supersededIds", [])

    def reported(self, **criteria):
        """What GetDERControl reports: the controls by their id."""
        self.heard.clear()
        status = self.ask("GetDERControl", {"requestId": 4, **criteria})["status"]
        parts = self.of("ReportDERControl")
        assert (status == "Accepted") is bool(parts)
        assert all(part["requestId"] == 4 for part in parts)
        assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
        fields = [value for part in parts for value in part.values() if isinstance(value, list)]
        return {entry["id"]: entry for entries in fields for entry in entries}

    @property
    def offer(self):
        return self.core.evses[1].offer


@pytest.fixture
def line():
    return DerLine()


def fixed_var(line, control_id, **more):
    return line.accepted(control_id, "FixedVar", setpoint=10.0, unit="PctMaxVar", **more)


# Setting and superseding -----------------------------------------------------------------------


def test_r04_fr_01_an_unsupported_kind_is_refused(line):
    assert line.set("a", "WattPF", points=[(0, 1)])["status"] == "NotSupported"
    without = DerLine(settings={"der": "false"})
    assert without.set("a", "VoltVar", points=[(0, 1)])["status"] == "NotSupported"


def test_a_control_without_its_settings_is_refused(line):
    answer = line.ask("SetDERControl", {"isDefault": True, "controlId": "a", "controlType": "FreqDroop"})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "MissingParam")


def test_a_scheduled_control_needs_its_time_and_some_are_defaults_only(line):
    assert line.set("a", "FixedVar", default=False, setpoint=1.0, unit="PctMaxVar")["status"] == "Rejected"
    gone = line.set("a", "FixedVar", default=False, setpoint=1.0, unit="PctMaxVar", start=-100, duration=50)
    assert gone["status"] == "Rejected"
    ramp = line.set("a", "Gradients", default=False, gradient=10.0, softGradient=10.0)
    assert ramp["status"] == "Rejected"


def test_r04_fr_02_and_03_a_default_of_higher_priority_supersedes(line):
    assert fixed_var(line, "a", priority=3) == []
    assert fixed_var(line, "b", priority=1) == ["a"]
    found = line.reported(controlType="FixedVar")
    assert (found["a"]["isSuperseded"], found["b"]["isSuperseded"]) == (True, False)


def test_a_default_of_lower_priority_is_superseded_at_once(line):
    fixed_var(line, "a", priority=1)
    assert fixed_var(line, "b", priority=3) == ["b"]


def test_r04_fr_04_a_new_default_leaves_a_schedule_that_runs(line):
    line.discharge()
    fixed_var(line, "s", default=False, start=-1, duration=100)
    assert line.accepted("d", "FixedVar", setpoint=50.0, unit="PctMaxVar", priority=0) == []
    assert line.offer.setpoint_var == 1100
    line.wait(101)
    assert line.offer.setpoint_var == 5500  # R04.FR.11


def test_r04_fr_05_and_06_a_scheduled_control_supersedes_those_that_have_not_started(line):
    assert fixed_var(line, "a", default=False, priority=5, start=100, duration=100) == []
    assert fixed_var(line, "b", default=False, priority=1, start=5000, duration=100) == ["a"]
    line.wait(150)
    assert line.of("NotifyDERStartStop") == []  # R04.FR.09


def test_r04_fr_07_and_21_one_that_runs_goes_on_until_the_new_one_starts(line):
    fixed_var(line, "b", default=False, priority=5, start=10, duration=1000)
    line.wait(11)
    assert fixed_var(line, "a", default=False, priority=1, start=100, duration=100) == []
    assert line.reported(controlId="b")["b"]["isSuperseded"] is False
    line.heard.clear()
    line.wait(101)
    (told,) = line.of("NotifyDERStartStop")
    assert (told["controlId"], told["started"], told["supersededIds"]) == ("a", True, ["b"])
    assert line.reported(controlId="b")["b"]["isSuperseded"] is True


def test_r04_fr_08_a_new_one_of_lower_priority_is_superseded_by_one_that_runs(line):
    fixed_var(line, "b", default=False, priority=1, start=-10, duration=1000)
    assert fixed_var(line, "a", default=False, priority=5, start=100, duration=100) == ["a"]
    assert line.reported(controlId="b")["b"]["isSuperseded"] is False


def test_r04_fr_10_20_and_22_starts_and_ends_are_told_and_ended_ones_forgotten(line):
    fixed_var(line, "a", default=False, start=60, duration=30)
    line.wait(61)
    line.wait(31)
    told = [(one["controlId"], one["started"]) for one in line.of("NotifyDERStartStop")]
    assert told == [("a", True), ("a", False)]
    assert line.reported() == {}


def test_r04_fr_20_a_start_without_the_csms_is_told_later(line):
    fixed_var(line, "a", default=False, start=60, duration=300)
    line.lose()
    line.wait(61)
    line.connect()
    assert [(one["controlId"], one["started"]) for one in line.of("NotifyDERStartStop")] == [("a", True)]


def test_r04_fr_10_a_superseded_one_is_forgotten_in_silence(line):
    fixed_var(line, "a", default=False, priority=5, start=10, duration=30)
    fixed_var(line, "b", default=False, priority=1, start=500, duration=30)
    assert set(line.reported()) == {"a", "b"}
    line.wait(41)
    assert set(line.reported()) == {"b"}


def test_r01_fr_03_controls_survive_a_power_cut():
    storage = MemoryStorage()
    first = DerLine(storage=storage)
    fixed_var(first, "a", priority=3)
    fixed_var(first, "b", priority=1)
    line = DerLine(storage=storage)
    found = line.reported()
    assert (found["a"]["isSuperseded"], found["b"]["isSuperseded"]) == (True, False)
    line.discharge()
    assert line.offer.setpoint_var == 1100


# Asking and clearing ---------------------------------------------------------------------------


def test_r04_fr_30_to_36_controls_are_reported_as_they_came(line):
    assert line.reported() == {}
    assert line.ask("GetDERControl", {"requestId": 1, "controlType": "WattPF"})["status"] == "NotSupported"
    line.accepted("d", "FreqDroop", overFreq=50.2, underFreq=49.8, overDroop=0.05, underDroop=0.05, responseTime=1.0)
    line.accepted("v", "VoltWatt", points=[(90, 100), (110, 0)])
    line.accepted("p", "FixedPFInject", displacement=0.95, excitation=True)
    line.accepted("e", "EnterService", highVoltage=105.0, lowVoltage=95.0, highFreq=50.1, lowFreq=49.9)
    line.accepted("g", "Gradients", gradient=10.0, softGradient=20.0)
    fixed_var(line, "s", default=False, start=100, duration=60)
    found = line.reported()
    assert set(found) == {"d", "v", "p", "e", "g", "s"}
    assert found["v"]["curveType"] == "VoltWatt"
    assert found["p"]["fixedPF"]["displacement"] == 0.95
    assert found["d"]["freqDroop"]["overDroop"] == 0.05
    assert set(line.reported(isDefault=False)) == {"s"}
    assert set(line.reported(controlType="VoltWatt")) == {"v"}
    assert set(line.reported(controlId="p", isDefault=True)) == {"p"}
    assert line.reported(controlId="p", isDefault=False) == {}


def test_r04_fr_32_many_controls_come_in_parts(line):
    for number in range(23):
        fixed_var(line, f"c{number}", default=False, start=100 + number, duration=10)
    assert len(line.reported()) == 23
    assert len(line.of("ReportDERControl")) == 3


def test_r04_fr_41_to_45_clearing(line):
    def clear(**criteria):
        return line.ask("ClearDERControl", criteria)["status"]

    assert clear(isDefault=True, controlType="FixedVar") == "NotFound"  # R04.FR.41
    assert clear(isDefault=True, controlId="a") == "NotFound"  # R04.FR.42
    assert clear(isDefault=True, controlType="WattPF") == "NotSupported"  # R04.FR.43
    assert clear(isDefault=True) == "Accepted"  # R04.FR.44
    fixed_var(line, "a")
    fixed_var(line, "s", default=False, start=100, duration=60)
    line.accepted("v", "VoltWatt", points=[(90, 100), (110, 0)])
    assert clear(isDefault=False, controlId="a") == "NotFound"
    assert clear(isDefault=True, controlType="FixedVar") == "Accepted"  # R04.FR.45
    assert set(line.reported()) == {"s", "v"}
    assert clear(isDefault=True, controlId="v") == "Accepted"
    assert clear(isDefault=False) == "Accepted"
    assert line.reported() == {}


def test_2_0_1_knows_no_der_controls():
    line = ProfileLine(V201)
    answer = line.ask("GetDERControl", {"requestId": 1})
    assert isinstance(answer, CallError)
    assert answer.code in ("NotImplemented", "NotSupported")


# Following -------------------------------------------------------------------------------------


def test_r01_discharging_is_limited_to_a_part_of_the_rated_power(line):
    line.discharge(-8000.0)
    assert line.offer.setpoint_w == -8000
    line.accepted("l", "LimitMaxDischarge", pctMaxDischargePower=50.0)
    assert (line.offer.setpoint_w, line.offer.discharge_limit_w) == (-5500, 5500)
    (alarm,) = line.of("NotifyDERAlarm")
    assert alarm["controlType"] == "LimitMaxDischarge"
    line.ask("ClearDERControl", {"isDefault": True})
    assert line.offer.setpoint_w == -8000
    assert line.of("NotifyDERAlarm")[1]["alarmEnded"] is True


def test_r04_frequency_droop_shifts_power_with_the_frequency(line):
    line.discharge(-5000.0)
    line.accepted("d", "FreqDroop", overFreq=50.1, underFreq=49.9, overDroop=0.05, underDroop=0.05, responseTime=1.0)
    line.wait(5)
    assert line.offer.setpoint_w == -5000
    assert line.of("NotifyDERAlarm") == []
    line.hardware[1].frequency_hz = 50.35
    line.wait(2)
    assert line.offer.setpoint_w == pytest.approx(-5000 + 0.25 / 50 / 0.05 * 11_000)
    line.hardware[1].frequency_hz = 49.65
    line.wait(2)
    assert line.offer.setpoint_w == pytest.approx(-5000 - 0.25 / 50 / 0.05 * 11_000)
    line.hardware[1].frequency_hz = 50.0
    line.wait(2)
    assert line.offer.setpoint_w == -5000


def test_r05_fr_01_to_04_alarms_are_told_once_and_taken_over(line):
    line.discharge(-8000.0)
    line.accepted("d", "FreqDroop", overFreq=50.1, underFreq=49.9, overDroop=0.05, underDroop=0.05, responseTime=1.0)
    line.accepted("v", "VoltWatt", points=[(100, 100), (110, 0)])
    line.hardware[1].grid_v = (247.25, 247.25, 247.25)  # 107.5 %
    line.wait(10)
    assert line.offer.setpoint_w == pytest.approx(-2750)
    line.hardware[1].frequency_hz = 50.2
    line.wait(10)
    line.hardware[1].frequency_hz = 50.0
    line.wait(10)
    line.hardware[1].grid_v = (230.0, 230.0, 230.0)
    line.wait(10)
    told = [(a["controlType"], a["gridEventFault"], a.get("alarmEnded", False)) for a in line.of("NotifyDERAlarm")]
    assert told == [
        ("VoltWatt", "OverVoltage", False),
        ("FreqDroop", "OverFrequency", False),
        ("VoltWatt", "OverVoltage", False),
        ("VoltWatt", "OverVoltage", True),
    ]
    assert line.offer.setpoint_w == -8000


def test_charging_only_is_reduced_when_the_frequency_falls(line):
    line.charge(0.0)
    line.accepted("d", "FreqDroop", overFreq=50.1, underFreq=49.9, overDroop=0.05, underDroop=0.05, responseTime=1.0)
    line.hardware[1].frequency_hz = 49.4
    line.wait(2)
    assert line.offer.charge_limit_w == pytest.approx(11_000 - 0.5 / 50 / 0.05 * 11_000)


def test_a_trip_curve_disconnects_after_its_time_and_enter_service_connects_again(line):
    line.discharge(-5000.0)
    line.accepted("t", "HFMustTrip", points=[(51.5, 2), (52.5, 0.1)], yUnit="Not_Applicable")
    line.accepted("e", "EnterService", highVoltage=105.0, lowVoltage=90.0, highFreq=50.1, lowFreq=49.9, delay=30.0)
    line.hardware[1].frequency_hz = 51.6
    line.wait(1.5)
    assert line.offer.setpoint_w == -5000
    line.wait(3)
    assert line.offer.discharge_limit_w == 0
    assert line.state() == "SuspendedEVSE"
    assert line.of("NotifyDERAlarm")[0]["gridEventFault"] == "OverFrequency"
    line.hardware[1].frequency_hz = 50.3
    line.wait(60)
    assert line.state() == "SuspendedEVSE"
    line.hardware[1].frequency_hz = 50.0
    line.wait(28)
    assert line.state() == "SuspendedEVSE"
    line.wait(5)
    assert line.offer.setpoint_w == -5000
    assert line.of("NotifyDERAlarm")[-1]["alarmEnded"] is True


def test_a_short_excursion_does_not_trip(line):
    line.discharge(-5000.0)
    line.accepted("t", "LFMustTrip", points=[(47.5, 5)], yUnit="Not_Applicable")
    for _ in range(4):
        line.hardware[1].frequency_hz = 47.0
        line.wait(3)
        line.hardware[1].frequency_hz = 50.0
        line.wait(3)
    assert line.offer.setpoint_w == -5000


def test_reactive_power_is_fixed_or_follows_voltage_or_power_factor(line):
    line.discharge(-5000.0)
    line.wait(30)
    line.accepted("w", "VoltVar", points=[(90, 44), (98, 0), (102, 0), (110, -44)], yUnit="PctMaxVar")
    line.hardware[1].grid_v = (243.8, 243.8, 243.8)  # 106 %
    line.wait(2)
    assert line.offer.setpoint_var == pytest.approx(-0.22 * 11_000)
    line.accepted("p", "FixedPFInject", displacement=0.9, excitation=True)
    line.wait(2)
    power_w = abs(line.hardware[1].read(line.now).power_w)
    assert line.offer.setpoint_var == pytest.approx(power_w * 0.4843, rel=0.01)
    line.accepted("f", "FixedVar", setpoint=-20.0, unit="PctMaxVar")
    assert line.offer.setpoint_var == -2200
    assert line.of("NotifyDERAlarm") == []


def test_a_gradient_bounds_how_fast_the_setpoint_moves(line):
    line.accepted("g", "Gradients", gradient=110.0, softGradient=110.0)
    line.discharge(-5000.0)
    line.wait(10)
    assert line.offer.setpoint_w == pytest.approx(-1000, abs=120)
    line.wait(60)
    assert line.offer.setpoint_w == -5000


def test_r01_fr_01_and_r03_fr_03_capabilities_are_told_for_each_evse(line):
    wanted = {"component": {"name": "ACDERCtrlr", "evse": {"id": 1}}, "variable": {"name": "ModesSupported"}}
    result = line.ask("GetVariables", {"getVariableData": [wanted]})["getVariableResult"][0]
    assert "FreqDroop" in result["attributeValue"].split(",")
    dc = ProfileLine(V21, evses=(EvseConfig(max_power_w=22_000.0, phases=0, connectors=("cCCS2",)),))
    wanted = {"component": {"name": "DCDERCtrlr", "evse": {"id": 1}}, "variable": {"name": "MaxW"}}
    assert dc.ask("GetVariables", {"getVariableData": [wanted]})["getVariableResult"][0]["attributeValue"] == "22000"


def test_without_controls_the_grid_is_not_looked_at(line):
    line.discharge()
    line.wait(60)
    assert line.core.der._look_timer is None
