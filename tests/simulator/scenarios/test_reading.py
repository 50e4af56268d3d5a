"""Scenario files that are wrong: file, line, what is wrong, what is allowed."""

import pytest

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios import Scenario, ScenarioError, load, loads, steps

HEAD = "scenario: Something\nsteps:\n"


def problem(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        loads(text, "some.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + "  - boot\n  - expct: BootNotification\n", 4, ["no step 'expct'", "did you mean 'expect'?"]),
        (HEAD + "  - expect: BootNotificaton\n", 3, ["no action", "did you mean 'BootNotification'?"]),
        (HEAD + "  - expect: Heartbeat\n    whith: {}\n", 4, ["expect has no 'whith'", "did you mean 'with'?"]),
        (HEAD + "  - expect: Heartbeat\n    within: soon\n", 3, ["'soon' is no length of time", "5 min"]),
        (HEAD + "  - expect: Heartbeat\n    within: [1]\n", 4, ["within", "expected"]),
        (HEAD + "  - expect: Heartbeat\n    with: {a: {$regx: x}}\n", 3, ["no operator '$regx'", "$regex"]),
        (HEAD + "  - expect: Heartbeat\n    with: {a: {$regex: '('}}\n", 3, ["no regular expression"]),
        (HEAD + "  - expect: Heartbeat\n    with: {a: {$range: 3}}\n", 3, ["$range wants a list of two numbers"]),
        (HEAD + "  - expect: Heartbeat\n    with: {a: {$any: true, b: 1}}\n", 3, ["side by side"]),
        (HEAD + "  - plug: one\n", 3, ["plug", "expected `int`"]),
        (HEAD + "  - plug: 1\n    vehicle: Spaceship\n", 4, ["no vehicle 'Spaceship'", "Lind Hatch"]),
        (HEAD + "  - boot: 3\n", 3, ["boot has no value"]),
        (HEAD + "  - present:\n", 3, ["present wants a value"]),
        (HEAD + "  - present: ${tokn}\nvariables: {token: x}\n", 3, ["no variable 'tokn'", "did you mean 'token'?"]),
        (HEAD + "  - boot:\n    station: third\n", 4, ["no station 'third'"]),
        (HEAD + "  - faults: [{kind: dely}]\n", 3, ["no fault 'dely'", "delay"]),
        (HEAD + "  - faults:\n      - kind: lose\n      - {kind: delay}\n", 5, ["most-s"]),
        (HEAD + "  - override: Reset\n", 3, ["exactly one of answer, error, silence, delay"]),
        (HEAD + "  - any-order:\n      - wait: 3\n", 4, ["any-order holds expect and state only"]),
        (HEAD + "  - include: nowhere\n", 3, ["no shipped scenario 'nowhere'"]),
        (HEAD + "  - wait: 1\n    only: '1.7'\n", 4, ["only", "1.7"]),
        ("scenario: A\nocpp: '3.0'\nsteps: []\n", 2, ["no OCPP '3.0'", "1.6, 2.0.1, 2.1"]),
        ("scenario: A\nstation: {persona: ghost}\nsteps: []\n", 2, ["no persona 'ghost'", "ac-22-single"]),
        ("scenario: A\nstation:\n  settings:\n    A: 1\nsteps: []\n", 4, ["no setting 'A'"]),
        ("scenario: A\nstation:\n  settings:\n    HeartbeatInterval: x\nsteps: []\n", 4, ["cannot be 'x'", "integer"]),
        ("scenario: A\nstations:\n  a: {settings: {heartbeat: 1}}\nsteps: []\n", 3, ["close to it are", "heartbeat"]),
        ("scenario: A\nstation: {colour: red}\nsteps: []\n", 2, ["colour"]),
        ("scenario: A\nstep: []\n", 2, ["no 'step' here", "did you mean 'steps'?"]),
        ("scenario: A\n", 1, ["'steps' is missing"]),
        ("scenario: A\nsteps: {}\n", 2, ["steps are a list"]),
        ("scenario: A\nscenario: B\nsteps: []\n", 2, ["'scenario' stands here twice"]),
        ("scenario: A\nsteps:\n  - [\n", 4, ["no YAML"]),
        ("scenario: A\nsteps: &a [*a]\n", 1, ["nested too deeply"]),
        ("- boot\n", 1, ["a scenario is an object"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, line, words):
    told = problem(text)
    assert told.startswith(f"some.yaml:{line}: "), told
    for word in words:
        assert word in told


def test_an_action_of_another_version_is_unknown_where_the_step_is_not_done_in_it():
    assert "no action 'StartTransaction' in OCPP 2.0.1" in problem(
        "scenario: A\nocpp: ['1.6', 2.0.1]\nsteps:\n  - expect: StartTransaction\n    only: 2.0.1\n"
    )


def test_words_of_old_yaml_are_text_and_versions_may_stand_without_quotes():
    scenario = loads("scenario: on\nocpp: [1.6, 2.1]\nvariables: {a: no, b: 2026-01-01, c: true}\nsteps: [boot]\n")
    assert scenario.title == "on"
    assert scenario.ocpp == (OcppVersion.V16, OcppVersion.V21)
    assert scenario.variables == {"a": "no", "b": "2026-01-01", "c": True}


def test_steps_of_included_files_keep_their_own_lines(tmp_path):
    (tmp_path / "inner.yaml").write_text("scenario: Inner\nvariables: {x: 1}\nsteps:\n  - boot\n  - wait: ${x}\n")
    (tmp_path / "outer.yaml").write_text("scenario: Outer\nsteps:\n  - include: inner.yaml\n    variables: {x: 2}\n")
    (include,) = load(tmp_path / "outer.yaml").steps
    assert [str(step.mark) for step in include.steps] == [f"{tmp_path}/inner.yaml:4", f"{tmp_path}/inner.yaml:5"]
    assert include.variables == {"x": 2}


def test_a_file_that_includes_itself_is_refused(tmp_path):
    (tmp_path / "loop.yaml").write_text("scenario: Loop\nsteps:\n  - include: loop.yaml\n")
    with pytest.raises(ScenarioError, match=r"loop\.yaml:3: loop\.yaml includes itself"):
        load(tmp_path / "loop.yaml")


def test_a_wrong_name_of_a_shipped_scenario_is_told_with_the_right_one():
    with pytest.raises(ScenarioError, match="did you mean power-cut"):
        load("power-cutt")


def test_python_steps_know_the_line_they_were_written_in():
    step = steps.Expect(action="BootNotification")
    assert step.mark.file == __file__
    assert Scenario(title="In Python", steps=[step]).mark.line == step.mark.line + 2


def test_python_steps_are_checked_as_those_of_files():
    with pytest.raises(ValueError, match="no operator"):
        steps.Expect(action="Heartbeat", with_={"a": {"$nothing": 1}})
