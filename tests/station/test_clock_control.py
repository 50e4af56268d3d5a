"""The clock of a station and its settings (ClockCtrlr)."""

import pytest

from support.station_line import TIME, V21, V201, Line
from voltherd.station import Clock


def path(variable, instance=None):
    return {
        "component": {"name": "ClockCtrlr"},
        "variable": {"name": variable} | ({"instance": instance} if instance else {}),
    }


def put(line, value, variable, instance=None):
    data = {**path(variable, instance), "attributeValue": value}
    return line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"]


def get(line, variable, instance=None):
    asked = {"getVariableData": [path(variable, instance)]}
    return line.ask("GetVariables", asked)["getVariableResult"][0]["attributeValue"]


@pytest.fixture
def line():
    line = Line(V201)
    line.connect()
    return line


def real(**more):
    """A station whose clock runs as fast as the real one, and follows the CSMS."""
    line = Line(V201, **more)
    line.core.clock = Clock()
    return line


def test_the_date_and_time_are_those_of_the_clock(line):
    line.wait(100.0)
    assert get(line, "DateTime") == line.core.clock.text(line.now)


def test_b01_fr_06_g02_fr_06_the_time_follows_the_csms():
    line = real()
    line.connect(5.0)
    assert line.core.clock.text(5.0)[:19] + "Z" == TIME
    line.replies["Heartbeat"] = {"currentTime": "2030-01-01T00:00:00Z"}
    line.wait(301.0)
    assert get(line, "DateTime").startswith("2030-01-01T00:00:0")


def test_another_source_of_time_ends_that():
    line = real(settings={"time_source": "RealTimeClock"})
    line.connect(5.0)
    assert not line.core.clock.text(5.0).startswith(TIME[:10])


def test_a_source_must_be_known_and_there_must_be_one(line):
    assert put(line, "RealTimeClock,Heartbeat", "TimeSource") == "Accepted"
    assert put(line, "Sundial", "TimeSource") == "Rejected"
    assert put(line, "", "TimeSource") == "Rejected"


def test_the_local_time_goes_by_the_offset_or_the_zone(line):
    utc = line.core.clock.wall(line.now)
    assert line.core.clock_control.local(line.now).utcoffset().total_seconds() == 0
    assert put(line, "-05:30", "TimeOffset") == "Accepted"
    assert line.core.clock_control.local(line.now).utcoffset().total_seconds() == -5.5 * 3600
    assert put(line, "Asia/Tokyo", "TimeZone") == "Accepted"
    local = line.core.clock_control.local(line.now)
    assert local.utcoffset().total_seconds() == 9 * 3600
    assert local == utc


@pytest.mark.parametrize("value", ["5", "+5:00", "+25:00", "01:00"])
def test_an_offset_is_written_with_sign_hours_and_minutes(line, value):
    assert put(line, value, "TimeOffset") == "Rejected"


def test_an_unknown_zone_is_rejected(line):
    assert put(line, "Mars/Olympus", "TimeZone") == "Rejected"


def test_the_offset_changes_when_it_was_announced_to():
    line = Line(V21)
    line.connect()
    put(line, "+01:00", "TimeOffset")
    assert put(line, "+02:00", "TimeOffset", "NextTransition") == "Accepted"
    assert put(line, line.core.clock.text(line.now + 100), "NextTimeOffsetTransitionDateTime") == "Accepted"
    line.wait(99.0)
    assert get(line, "TimeOffset") == "+01:00"
    line.wait(2.0)
    assert get(line, "TimeOffset") == "+02:00"
    assert get(line, "NextTimeOffsetTransitionDateTime") == ""


def test_a_jump_of_the_clock_brings_the_announced_change_nearer():
    line = real()
    line.connect()
    put(line, "+02:00", "TimeOffset", "NextTransition")
    put(line, "2030-01-01T01:00:00Z", "NextTimeOffsetTransitionDateTime")
    line.replies["Heartbeat"] = {"currentTime": "2030-01-01T02:00:00Z"}
    line.wait(302.0)
    assert get(line, "TimeOffset") == "+02:00"
