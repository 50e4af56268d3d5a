"""`voltherd scenario`: what it prints, and how it exits."""

import json
from xml.etree import ElementTree

import pytest

from support.server import ServerProcess
from voltherd.cli import main
from voltherd.simulator.scenarios import shipped

GOOD = (
    "scenario: It boots\nocpp: 2.0.1\nsteps:\n  - boot\n  - expect: BootNotification\n    answer: {status: Accepted}\n"
)
BAD = GOOD.replace("status: Accepted", "status: Rejected") + "    within: 0.2\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server") / "data", unknown_stations="accept") as running:
        yield running


def exit_code(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(["scenario", *map(str, arguments)])
    return caught.value.code


def run_it(server, *arguments):
    return exit_code("run", *arguments, "--url", server.ocpp)


def test_the_list_names_all_that_are_shipped(capsys):
    assert exit_code("list", "--json") == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == list(shipped())
    assert exit_code("list") == 0
    assert "power-cut" in capsys.readouterr().out


def test_a_shipped_one_can_be_copied_and_is_good(capsys, tmp_path):
    assert exit_code("show", "power-cut") == 0
    copy = tmp_path / "mine.yaml"
    copy.write_text(capsys.readouterr().out)
    assert exit_code("check", copy) == 0


def test_check_tells_every_file_that_is_wrong_and_exits_with_2(capsys, tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD.replace("- boot", "- boott"))
    (tmp_path / "c.yaml").write_text("steps: []\n")
    assert exit_code("check", tmp_path) == 2
    told = capsys.readouterr()
    assert f"{tmp_path}/b.yaml:4: there is no step 'boott' (did you mean 'boot'?)" in told.err
    assert f"{tmp_path}/c.yaml:1: 'scenario' is missing" in told.err
    assert "It boots: 2 steps, OCPP 2.0.1" in told.out


def test_all_shipped_ones_are_good():
    assert exit_code("check", "all") == 0


def test_what_passes_exits_with_0(server, capsys, tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD)
    assert run_it(server, tmp_path / "good.yaml", "--identity", "CLI-1") == 0
    out = capsys.readouterr().out
    assert "passed  good [OCPP 2.0.1]" in out
    assert "1 passed, 0 failed" in out


def test_what_fails_exits_with_1_and_names_file_line_expected_and_seen(server, capsys, tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD)
    assert run_it(server, tmp_path / "bad.yaml", "--identity", "CLI-2", "--frames") == 1
    out = capsys.readouterr().out
    assert f"{tmp_path}/bad.yaml:5: expected BootNotification answered {{'status': 'Rejected'}} within 0.2 s" in out
    assert "answer.status: expected 'Rejected', was 'Accepted'" in out
    assert '"BootNotification"' in out, "the frames"


def test_junit_and_json(server, capsys, tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    report = tmp_path / "report.xml"
    assert run_it(server, tmp_path, "--identity", "CLI-3", "--junit", report, "--json") == 1
    outcomes = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["status"]) for one in outcomes] == [("bad", "failed"), ("good", "passed")]
    assert outcomes[0]["line"] == 5
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_only_one_version_and_none_for_it(server, tmp_path, capsys):
    (tmp_path / "good.yaml").write_text(GOOD)
    assert run_it(server, tmp_path / "good.yaml", "--ocpp", "1.6") == 1
    assert "no scenario is for this version" in capsys.readouterr().out


def test_left_out_where_nobody_can_act(server, capsys):
    assert run_it(server, "remote-start-stop", "--ocpp", "2.1") == 0
    assert "left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml:1: cannot be read"),
        (["run", "power-cutt"], "did you mean power-cut?"),
        (["run", "power-cut", "--set", "token"], "--set wants name=value"),
        (["run", "power-cut", "--csms", "nobody.yaml"], "nobody.yaml:1: cannot be read"),
        (["show", "nothing"], "there is no shipped scenario 'nothing'"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_with_2(arguments, told, capsys):
    assert exit_code(*arguments) == 2
    err = capsys.readouterr().err
    assert told in err
    assert len(err.strip().splitlines()) == 1
