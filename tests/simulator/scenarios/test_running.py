"""How scenarios run and fail: against a CSMS by hand, which answers as the test says."""

import asyncio
import contextlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.stations.csms import Csms, Error
from support.foreign_csms import foreign_csms
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios import Options, Scenario, StationSpec, junit, load, loads, run, steps

V16, V201, V21 = OcppVersion


@contextlib.asynccontextmanager
async def csms(version=V201):
    hand = Csms(version)
    await hand.start()
    try:
        yield hand
    finally:
        await hand.stop()


async def play(text, version=V201, prepare=None, **options):
    """Run the steps of a text; gives the outcome and the CSMS."""
    async with csms(version) as hand:
        if prepare is not None:
            prepare(hand)
        scenario = loads(text if text.startswith("scenario:") else f"scenario: T\nsteps:\n{text}", "t.yaml")
        outcome = await run(scenario, Options(url=hand.url, **options), version)
        assert hand.violations == []
        return outcome, hand


@pytest.mark.parametrize("version", list(OcppVersion))
async def test_a_failure_names_file_line_what_was_expected_and_what_was_seen(version):
    def refuse(hand):
        boot = {"status": "Rejected", "currentTime": "2026-01-01T00:00:00Z", "interval": 300}
        hand.will_answer("BootNotification", boot)

    text = """\
  - connect
  - expect: BootNotification
    answer: {status: Accepted}
    within: 0.3
"""
    outcome, _ = await play(text, version, refuse)
    assert outcome.status == "failed"
    told = outcome.text()
    assert told.startswith("t.yaml:4: expected BootNotification answered {'status': 'Accepted'} within 0.3 s")
    assert "seen #1 BootNotification of the station at 20" in told
    assert "answer.status: expected 'Accepted', was 'Rejected'" in told
    assert (outcome.file, outcome.line) == ("t.yaml", 4)
    assert any("BootNotification" in frame for _, _, frame in outcome.frames)


async def test_near_misses_come_with_the_nearest_first_and_the_rest_by_name():
    text = """\
  - boot
  - plug: 1
  - expect: StatusNotification
    with: {evseId: 2, connectorStatus: Occupied}
    within: 0.3
"""
    outcome, _ = await play(text)
    near = outcome.text().splitlines()[1:]
    assert "evseId: expected 2, was 1" in near[0]
    assert "connectorStatus" not in near[0], "the one that differs in one thing only is nearest"
    assert "connectorStatus: expected 'Occupied', was 'Available'" in near[1]
    assert "otherwise seen since: #1 BootNotification of the station" in near[-1]


async def test_expectations_are_in_order_and_a_message_before_the_last_one_does_not_count():
    text = """\
  - boot
  - expect: StatusNotification
  - expect: BootNotification
    within: 0.3
"""
    outcome, _ = await play(text)
    assert outcome.line == 5
    assert "would have fitted, but came before what was expected last" in outcome.text()


async def test_in_any_order_it_does_and_each_message_counts_once():
    text = """\
  - boot
  - any-order:
      - expect: StatusNotification
      - expect: BootNotification
"""
    outcome, _ = await play(text)
    assert outcome.status == "passed", outcome.text()
    twice = text + "      - expect: BootNotification\n        within: 0.3\n"
    outcome, _ = await play(twice)
    assert (outcome.status, outcome.line) == ("failed", 7)


async def test_what_must_never_come_fails_the_moment_it_comes():
    text = """\
  - boot
  - plug: 1
  - never: StatusNotification
    with: {connectorStatus: Occupied}
    for: 30
"""
    started = asyncio.get_running_loop().time()
    outcome, _ = await play(text)
    assert (outcome.status, outcome.line) == ("failed", 5)
    assert "expected no StatusNotification" in outcome.text()
    assert asyncio.get_running_loop().time() - started < 10


async def test_captured_values_are_used_again():
    text = """\
  - boot
  - send: DataTransfer
    payload: {vendorId: x, messageId: "${identity}"}
    answer: {status: {$capture: word}}
  - expect: DataTransfer
    with: {vendorId: "${word}"}
    within: 0.2
"""
    outcome, hand = await play(text, identities=("ME",))
    assert "expected DataTransfer with {'vendorId': 'Accepted'}" in outcome.text()
    assert [c["messageId"] for c in hand.calls if c.action == "DataTransfer"] == ["ME"]


async def test_a_call_of_the_csms_and_the_stations_answer_are_seen_too():
    async with csms() as hand:
        scenario = loads(
            "scenario: T\nsteps:\n  - boot\n"
            "  - expect: ChangeAvailability\n    from: csms\n    answer: {status: Accepted}\n"
        )
        task = asyncio.create_task(run(scenario, Options(url=hand.url), V201))
        await hand.expect("BootNotification")
        await hand.settle()
        await hand.call("ChangeAvailability", operationalStatus="Inoperative")
        outcome = await task
    assert outcome.status == "passed", outcome.text()


@pytest.mark.parametrize(
    ("override", "seen"),
    [
        ("answer: {status: Rejected, statusInfo: {reasonCode: Busy}}", {"status": "Rejected"}),
        ("error: SecurityError", "SecurityError"),
        ("delay: 0.3", {"status": "Accepted"}),
        ("silence: true", None),
    ],
)
async def test_any_answer_of_the_station_can_be_another(override, seen):
    async with csms() as hand:
        text = f"scenario: T\nsteps:\n  - override: ClearCache\n    {override}\n  - boot\n  - wait: 1.2\n"
        task = asyncio.create_task(run(loads(text), Options(url=hand.url), V201))
        await hand.expect("BootNotification")
        await hand.settle()
        began = asyncio.get_running_loop().time()
        future = await hand.begin("ClearCache", {})
        if seen is None:
            with pytest.raises((TimeoutError, ConnectionError)):
                await asyncio.wait_for(future, 0.6)
        elif isinstance(seen, str):
            with pytest.raises(Exception, match=seen):
                await future
        else:
            answer = await future
            assert answer.items() >= seen.items()
            assert ("delay" in override) is (asyncio.get_running_loop().time() - began > 0.29)
        assert (await task).status == "passed"


async def test_what_the_station_says_can_be_another():
    text = """\
  - alter: BootNotification
    set: {chargingStation.model: Changed, reason: Watchdog}
    remove: [chargingStation.serialNumber]
  - boot
"""
    outcome, hand = await play(text)
    assert outcome.status == "passed", outcome.text()
    (boot,) = [c for c in hand.calls if c.action == "BootNotification"]
    assert (boot["chargingStation"]["model"], boot["reason"]) == ("Changed", "Watchdog")
    assert "serialNumber" not in boot["chargingStation"]


async def test_steps_repeat_and_count():
    text = """\
  - boot
  - repeat: 3
    steps:
      - send: DataTransfer
        payload: {vendorId: "round ${round}"}
"""
    _, hand = await play(text)
    assert [c["vendorId"] for c in hand.calls if c.action == "DataTransfer"] == ["round 1", "round 2", "round 3"]


async def test_branches_run_at_the_same_time_and_one_that_fails_ends_all():
    text = """\
  - boot
  - parallel:
      - - wait: 60
      - - expect: Nonsense${round}
"""
    began = asyncio.get_running_loop().time()
    outcome, _ = await play(text.replace("Nonsense${round}", "Authorize\n          within: 0.2"))
    assert (outcome.status, outcome.line) == ("failed", 6)
    assert asyncio.get_running_loop().time() - began < 10


async def test_several_stations_have_their_own_wire_and_identity():
    scenario = Scenario(
        title="Two",
        stations={"a": StationSpec(), "b": StationSpec(persona="dc-150")},
        steps=[
            steps.Boot(),
            steps.Boot(station="b"),
            steps.Expect(
                station="b", action="BootNotification", with_={"chargingStation": {"model": "HP-150 Transit"}}
            ),
            steps.Never(action="BootNotification", with_={"chargingStation": {"model": "HP-150 Transit"}}, for_=0.1),
        ],
    )
    async with csms() as hand:
        outcome = await run(scenario, Options(url=hand.url, identities=("ONE", "TWO")), V201)
        paths = [attempt.path for attempt in hand.attempts]
    assert outcome.status == "passed", outcome.text()
    assert sorted(paths) == ["/ocpp/ONE", "/ocpp/TWO"]


async def test_a_python_scenario_fails_with_the_line_of_its_step():
    step = steps.Expect(action="Authorize", within=0.1)
    async with csms() as hand:
        outcome = await run(Scenario(title="P", steps=[steps.Boot(), step]), Options(url=hand.url), V201)
    assert outcome.text().startswith(f"{Path(__file__)}:{step.mark.line}: expected Authorize")


async def test_the_error_of_the_csms_is_told():
    def refuse(hand):
        def broken(_):
            raise Error("InternalError", "disk full")

        hand.answers["Authorize"] = broken

    text = """\
  - boot
  - present: "04AA"
  - expect: Authorize
    answer: {idTokenInfo: {status: Accepted}}
    within: 0.3
"""
    outcome, _ = await play(text, V201, refuse)
    assert "expected a CALLRESULT, was CALLERROR InternalError: disk full" in outcome.text()


async def test_a_payload_that_breaks_the_schema_is_not_sent_unless_asked_for():
    text = "  - boot\n  - send: Authorize\n    payload: {idTag: x}\n"
    outcome, hand = await play(text)
    assert "the payload is not valid in OCPP 2.0.1" in outcome.text()
    assert not [c for c in hand.calls if c.action == "Authorize"]


async def test_nobody_listens_there():
    outcome = await run(loads("scenario: T\nsteps:\n  - connect:\n    within: 0.5\n"), Options(url="ws://127.0.0.1:9"))
    assert outcome.status == "failed"
    assert "expected a connection to ws://127.0.0.1:9" in outcome.text()


async def test_accelerated_time_brings_what_takes_long_at_once():
    text = """\
scenario: T
accelerate: 200
steps:
  - boot
  - set: {HeartbeatInterval: 120}
  - boot
  - wait: 5 min
  - expect: Heartbeat
"""

    def slow(hand):
        hand.answers["BootNotification"] = {
            "status": "Accepted",
            "currentTime": "2026-01-01T00:00:00Z",
            "interval": 120,
        }

    began = asyncio.get_running_loop().time()
    outcome, _ = await play(text, V201, slow)
    assert outcome.status == "passed", outcome.text()
    assert asyncio.get_running_loop().time() - began < 15


async def test_a_variable_without_a_value_must_be_given():
    text = "scenario: T\nvariables: {place: null}\nsteps:\n  - boot\n"
    outcome, _ = await play(text)
    assert "the variable 'place' must be given: --set place=..." in outcome.text()
    outcome, _ = await play(text, variables={"place": "here"})
    assert outcome.status == "passed"


async def test_without_a_hand_on_the_csms_a_scenario_that_needs_one_is_left_out_and_with_a_person_it_is_told():
    scenario = loads("scenario: T\nsteps:\n  - boot\n  - ask: remote-start\n    text: Start ${identity}!\n")
    async with csms() as hand:
        left_out = await run(scenario, Options(url=hand.url), V201)
        told = []
        done = await run(scenario, Options(url=hand.url, person=told.append, identities=("X",)), V201)
    assert left_out.status == "skipped"
    assert "--csms" in left_out.problem
    assert done.status == "passed"
    assert told == ["Start X!"]


async def test_junit_has_a_case_per_scenario_and_version_with_the_failure_in_it():
    failed, _ = await play("  - boot\n  - expect: Authorize\n    within: 0.1\n")
    passed, _ = await play("  - boot\n")
    suite = ElementTree.fromstring(junit([failed, passed])).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    first, second = suite.findall("testcase")
    assert first.get("name") == "T [OCPP 2.0.1]"
    assert (first.get("file"), first.get("line")) == ("t.yaml", "4")
    assert "t.yaml:4: expected Authorize" in first.find("failure").get("message")
    assert "BootNotification" in first.find("failure").text
    assert second.find("failure") is None
    assert "t.yaml:3 boot" in second.find("system-out").text


async def test_characters_that_xml_cannot_hold_do_not_spoil_the_report():
    outcome, _ = await play(
        '  - boot\n  - send-raw: "\\x01\\uFFFE\\x1b"\n  - expect: Authorize\n    within: 0.1\n', V16
    )
    ElementTree.fromstring(junit([outcome]))


@pytest.mark.parametrize(("name", "version"), [("happy-path-1.6", V16), ("happy-path-2.x", V201), ("power-cut", V201)])
async def test_shipped_scenarios_run_against_a_csms_that_we_did_not_write(monkeypatch, name, version):
    import support.foreign_csms as foreign

    monkeypatch.setitem(foreign.TOKENS, "04A1B2C3D4E5F6", "Accepted")
    async with foreign_csms() as other:
        options = Options(url=other.url, accelerate=10.0, patience_s=15.0)
        outcome = await run(load(name), options, version)
    assert outcome.status == "passed", outcome.text()


async def test_a_boot_that_fails_tells_the_answer_that_came():
    def refuse(_payload):
        raise Error("InternalError", "no")

    outcome, _ = await play(
        "  - boot:\n    within: 1\n", prepare=lambda hand: hand.answers.update(BootNotification=refuse)
    )
    assert outcome.status == "failed"
    assert "the last answer to its BootNotification was CALLERROR InternalError: no" in outcome.problem
