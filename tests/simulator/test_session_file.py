"""Sessions of a CSV file, in steps or instants."""

import pytest

from voltherd.simulator.problems import FileError
from voltherd.simulator.session_file import by_place, read_sessions
from voltherd.simulator.vehicle import EvseRating

AC = EvseRating(max_power_w=11_000.0, max_current_a=16.0)


def write(tmp_path, text):
    path = tmp_path / "sessions.csv"
    path.write_text(text)
    return path


def test_steps_are_five_minutes_unless_told_otherwise(tmp_path):
    path = write(tmp_path, "arrival,departure,kwh,station,phase\n76,92,4.216,CA-315,150\n12,20,1,CA-1,30\n")
    first, second = read_sessions(path)
    assert (first.arrival_s, first.departure_s, first.energy_wh, first.station) == (3600.0, 6000.0, 1000.0, "CA-1")
    assert second.arrival_s == 76 * 300
    assert read_sessions(path, step_s=60.0)[1].arrival_s == 76 * 60


def test_instants_count_from_the_first_arrival(tmp_path):
    text = (
        "station,arrival,departure,kwh,token,vehicle\nA,2026-03-01T08:00:00Z,2026-03-01T10:00:00Z,7,CARD,Lind Hatch\n"
    )
    text += "B,2026-03-01T08:30:00+01:00,2026-03-01T09:00:00+01:00,2,,\n"
    first, second = read_sessions(write(tmp_path, text))
    assert (first.station, first.arrival_s, first.departure_s, first.token) == ("B", 0.0, 1800.0, None)
    assert (second.station, second.arrival_s, second.token, second.vehicle) == ("A", 1800.0, "CARD", "Lind Hatch")


def test_the_vehicle_asks_for_the_energy_of_the_file(tmp_path):
    text = "arrival,departure,kwh,station\n0,50,6.5,A\n0,50,70,B\n0,50,0,C\n"
    for session in read_sessions(write(tmp_path, text)):
        car = session.car(AC)
        wanted_wh = (car.target_soc - car.soc) * car.battery.capacity_wh / car.efficiency(AC)
        assert wanted_wh == pytest.approx(session.energy_wh, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column arrival, departure, kwh, station"),
        ("arrival,departure,kwh,station\n", "no session"),
        ("arrival,departure,station\n1,2,A\n", "no column kwh"),
        ("arrival,departure,kwh,station\n1,2,3,A\n5,4,3,A\n", "sessions.csv:3: departure is not after arrival"),
        ("arrival,departure,kwh,station\n1,2,much,A\n", "sessions.csv:2: could not convert string to float: 'much'"),
        ("arrival,departure,kwh,station\nnow,2,1,A\n", "sessions.csv:2: Invalid isoformat string: 'now'"),
        ("arrival,departure,kwh,station\n1,2,1,\n", "station is not empty"),
        ("arrival,departure,kwh,station,vehicle\n1,2,1,A,Nope\n", "sessions.csv:2: No vehicle 'Nope'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, said):
    with pytest.raises(FileError) as error:
        read_sessions(write(tmp_path, text))
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"none\.csv"):
        read_sessions(tmp_path / "none.csv")


def test_names_are_dealt_out_and_sessions_at_one_place_do_not_overlap(tmp_path):
    text = "arrival,departure,kwh,station\n0,10,1,A\n5,15,1,B\n12,20,1,A\n13,19,1,C\n20,22,1,C\n"
    first, second = by_place(read_sessions(write(tmp_path, text)), 2)
    assert [(one.station, one.arrival_s) for one in first] == [("A", 0.0), ("A", 3600.0), ("C", 6000.0)]
    assert [one.station for one in second] == ["B"]
