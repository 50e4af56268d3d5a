"""Fleet files: what they say, and what is said of those that are wrong."""

import pytest

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.fleet import Fleet
from voltherd.simulator.fleet_file import identities, read_fleet
from voltherd.simulator.plan import FleetPlan
from voltherd.simulator.problems import FileError

WHOLE = """
[fleet]
url = "ws://127.0.0.1:9000/ocpp"
accelerate = 10.0
tokens = ["A", "B"]

[personas.mine]
like = "ac-22-dual"
model = "Mine 22"

[habits.office]
by_hour = "commuters"
stay_s = 28800

[[group]]
name = "office"
prefix = "OFF-"
persona = "mine"
count = 3
ocpp = ["1.6", "2.0.1"]
habits = "office"

[[group]]
prefix = "STREET-"
count = 2
ocpp = "2.1"
faults = [{ kind = "delay", most-s = 2.0, what = "answers" }]

[[group]]
prefix = "GARAGE-"
persona = "ac-11-single"
count = 1
sessions = "garage.csv"

[[incident]]
kind = "outage"
group = "office"
share = 0.5
at_s = 600
every_s = 3600
for_s = 120
"""


def write(tmp_path, text):
    (tmp_path / "garage.csv").write_text("arrival,departure,kwh,station\n0,10,3.5,A\n")
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    return path


def test_a_file_says_groups_personas_habits_sessions_and_incidents(tmp_path):
    fleet = read_fleet(write(tmp_path, WHOLE))
    office, street, garage = fleet.groups
    assert identities(office) == ["OFF-0001", "OFF-0002", "OFF-0003"]
    assert (fleet.persona(office).model, fleet.persona(office).vendor) == ("Mine 22", "Lumera")
    assert fleet.persona(street) is None
    assert fleet.habits_of(office).stay_s == 28_800
    assert fleet.habits_of(street).stay_s == 3600
    assert (street.name, street.ocpp) == ("STREET-", OcppVersion.V21)
    assert fleet.sessions[garage.name][0].energy_wh == 3500
    assert fleet.incidents[0].for_s == 120
    assert [fault.KIND for fault in fleet.faults["STREET-"]] == ["delay"]
    assert fleet.options.tokens == ("A", "B")


def test_first_settings_go_by_any_of_their_names_and_by_plain_values(tmp_path):
    text = WHOLE.replace("count = 2", "count = 2\nsettings = { 'TxCtrlr.StopTxOnInvalidId' = false }")
    text = text.replace('model = "Mine 22"', 'model = "Mine 22"\nsettings = { HeartbeatInterval = 60 }')
    fleet = read_fleet(write(tmp_path, text))
    plan = FleetPlan.of_file(fleet)
    assert plan.stations[0].persona.settings == {"heartbeat_interval_s": "60"}
    (inner,) = plan.stations[3].settings.items()
    assert inner[1] == "false"
    assert Fleet("ws://127.0.0.1:9/", plan=plan).station("STREET-0001").core.settings.text(inner[0]) == "false"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("count = 3", "count = 0", "group[0] (office): count is at least 1"),
        ("count = 3", "count = 99999999999", "a fleet has at most 100000 stations: count = 99999999999"),
        ("count = 3", "count = 99999", "a fleet has at most 100000 stations: the groups have 100002 together"),
        ("count = 3", 'count = "three"', "Expected `int`, got `str` - at `$.group[0].count`"),
        ("count = 3", "", "missing required field `count` - at `$.group[0]`"),
        ('persona = "mine"', 'persona = "yours"', "there is no persona 'yours'"),
        ('habits = "office"', 'habits = "holiday"', "there are no habits 'holiday'"),
        ('like = "ac-22-dual"', 'like = "nope"', "personas.mine: There is no persona 'nope'"),
        ('by_hour = "commuters"', 'by_hour = "nightly"', "by_hour 'nightly' is unknown"),
        ("share = 0.5", "share = 2", "share is above 0"),
        ("for_s = 120", "", "outage needs for_s"),
        ('kind = "outage"', 'kind = "flood"', "Invalid enum value 'flood'"),
        ('group = "office"', 'group = "nowhere"', "incident[0]: there is no group 'nowhere'"),
        ('prefix = "STREET-"', 'prefix = "OFF-"\nname = "b"', "group[1] (b): OFF-0001 is in office already"),
        ('sessions = "garage.csv"', 'sessions = "gone.csv"', "gone.csv"),
        ('ocpp = "2.1"', 'ocpp = "3.0"', "Invalid"),
        ('persona = "ac-11-single"', 'persona = "v2g-dc"\nocpp = "1.6"', "v2g-dc does not speak OCPP 1.6"),
        ('kind = "delay"', 'kind = "dilly"', "group STREET-: There is no fault 'dilly'"),
        ("count = 3", "count = 3\nsettings = { nope = 1 }", "group[0] (office): settings: there is no setting 'nope'"),
        (
            "count = 3",
            "count = 3\nsettings = { HeartbeatInterval = 'soon' }",
            "group[0] (office): settings: HeartbeatInterval cannot be 'soon': not a number of the kind integer",
        ),
        (
            'model = "Mine 22"',
            'model = "Mine 22"\nsettings = { heartbeet_interval_s = 60 }',
            "personas.mine: there is no setting 'heartbeet_interval_s'; close to it are heartbeat_interval_s",
        ),
        (
            'model = "Mine 22"',
            'model = "Mine 22"\nevse = [{ max_power_w = 11000, count = 99999999999 }]',
            "personas.mine: a station has at most 1000 EVSEs, not 99999999999",
        ),
        ("accelerate = 10.0", "accelerate = 0", "accelerate is above 0"),
        ("accelerate = 10.0", "duration_s = -1", "duration_s is above 0"),
        ("accelerate = 10.0", "ramp_per_s = 0", "ramp_per_s is above 0"),
        ("accelerate = 10.0", "ramp_per_s = inf", "inf is not a number"),
        ("accelerate = 10.0", "meter_interval_s = 0", "meter_interval_s is at least 1"),
        ('tokens = ["A", "B"]', "tokens = 99999999999", "tokens are 1 to 1000000"),
        ("at_s = 600", "at_s = nan", "nan is not a number"),
        ("at_s = 600", "at_s = " + "[" * 5000, "nested too deeply"),
        ("count = 3", "count = " + "9" * 5000, "fleet.toml: "),
        ("accelerate = 10.0", "accelerate = 1" + "0" * 400, "fleet.toml: "),
        ("[fleet]", "[flotilla]", "unknown field `flotilla`"),
        ("[fleet]", "[fleet", "fleet.toml: "),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(tmp_path, old, new, said):
    assert old in WHOLE
    with pytest.raises(FileError) as error:
        read_fleet(write(tmp_path, WHOLE.replace(old, new, 1)))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_file_that_is_not_there_and_one_without_stations(tmp_path):
    with pytest.raises(FileError, match=r"none\.toml"):
        read_fleet(tmp_path / "none.toml")
    with pytest.raises(FileError, match=r"no \[\[group\]\]"):
        read_fleet(write(tmp_path, "[fleet]\nseed = 3\n"))
