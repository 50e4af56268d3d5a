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
        ("scenario: A\nsteps: &a [*a]\n", 2, ["nested too deeply"]),
        ("scenario: A\nsteps: []\n", 2, ["no steps here"]),
        (HEAD + "  - repeat: 2\n    steps: []\n", 4, ["no steps here"]),
        (HEAD + "  - repeat: -1\n    steps: [boot]\n", 3, ["from 1 to 1000000, not -1"]),
        (HEAD + "  - state: {onlin: true}\n", 3, ["has no 'onlin'", "did you mean 'online'?"]),
        (HEAD + "  - state: {online: true}\n    evse: 1\n", 3, ["state of an EVSE has no 'online'", "plugged"]),
        (HEAD + "  - state: {settings: {heartbeat_intervall_s: 1}}\n", 3, ["'heartbeat_interval_s'"]),
        (HEAD + "  - wait: 1.0e+300\n", 3, ["no length of time here"]),
        ("scenario: A\naccelerate: 1.0e+999\nsteps: [boot]\n", 2, ["accelerate is a number above 0"]),
        ("scenario: A\naccelerate: 1" + "0" * 400 + "\nsteps: [boot]\n", 2, ["accelerate is a number above 0"]),
        ("scenario: A\nseed: " + "9" * 5000 + "\nsteps: [boot]\n", 2, ["cannot be read"]),
        ("scenario: A\nseed: !!int abc\nsteps: [boot]\n", 2, ["cannot be read"]),
        ("scenario: A\nvariables:\n  ? [a]\n  : b\nsteps: [boot]\n", 3, ["a key is a word"]),
        ("scenario: \x01\nsteps: [boot]\n", 1, ["no YAML"]),
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


ANCHORS = "scenario: A\nvariables:\n  a0: &a0 {}\n{}steps: [boot]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            ANCHORS.format("[1]", "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))),
            "comes to more than 100000 values",
        ),
        (
            ANCHORS.format(
                "{x: 1}", "".join(f"  a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9))
            ),
            "comes to more than 100000 values",
        ),
        (
            ANCHORS.format("[1]", "".join(f"  a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))),
            "nested too deeply: more than 64",
        ),
        ("scenario: A\nsteps: " + "[" * 20_000, "nested too deeply"),
        ("scenario: A\nsteps: " + "{a: " * 20_000, "nested too deeply"),
        ("scenario: A\nsteps:\n" + "- " * 20_000 + "boot", "nested too deeply"),
        ("scenario: A\nsteps:\n" + "- boot\n" * 20_001, "more than 20000 steps"),
    ],
    ids=["aliases", "merges", "deep aliases", "deep lists", "deep objects", "deep blocks", "many steps"],
)
def test_a_file_that_would_grow_without_bound_is_refused_at_once(text, words):
    assert words in problem(text)


def test_files_that_include_one_another_again_and_again_are_refused(tmp_path):
    (tmp_path / "f0.yaml").write_text("scenario: A\nsteps: [boot]\n")
    for number in range(1, 7):
        includes = f"  - include: f{number - 1}.yaml\n" * 9
        (tmp_path / f"f{number}.yaml").write_text(f"scenario: A\nsteps:\n{includes}")
    with pytest.raises(ScenarioError, match="more than 20000 steps"):
        load(tmp_path / "f6.yaml")
    for number in range(1, 100):
        (tmp_path / f"f{number}.yaml").write_text(f"scenario: A\nsteps:\n  - include: f{number - 1}.yaml\n")
    with pytest.raises(ScenarioError, match=r"f36\.yaml:3: f35\.yaml is included too deeply"):
        load(tmp_path / "f99.yaml")


@pytest.mark.parametrize("name", ["nothere.yaml", "x" * 300 + ".yaml", "a\\0b.yaml"])
def test_a_missing_file_is_told_with_the_line_that_includes_it(tmp_path, name):
    path = tmp_path / "outer.yaml"
    path.write_text(f'scenario: Outer\nsteps:\n  - boot\n  - include: "{name}"\n')
    with pytest.raises(ScenarioError, match=r"cannot be read") as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:4: ")


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
