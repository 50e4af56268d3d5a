"""The frame of the station's cases: nothing that is wrong goes unseen, and every official case is accounted for."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conformance.stations import v2, v16_words
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.matching import fits
from support.peer import Peer, dial
from voltherd.cli import main
from voltherd.conformance.report import summarise
from voltherd.conformance.run import ROOT, SUITES, collect
from voltherd.conformance.suite import VERSIONS, Case, block_of, ids, listed, pending

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "reference" / "conformance-station.md"
BOOT = {"reason": "PowerUp", "chargingStation": {"model": "One", "vendorName": "Acme"}}


async def _connected(csms: Csms) -> Peer:
    return await dial(csms.url, "CS-9", csms.version.subprotocol)


async def test_a_bad_frame_of_a_station_is_noted(csms: Csms) -> None:
    peer = await _connected(csms)
    await peer.call("BootNotification", BOOT)
    assert csms.violations == []
    await peer.call("BootNotification", BOOT | {"colour": "red"})
    await peer.call("Heartbeat", {}, "x" * 37)
    await peer.send('[3,"nobody-asked",{}]')
    await peer.call("Heartbeat", {})
    await peer.close()
    assert [found.split(" ")[0:3] for found in csms.violations] == [
        ["the", "station's", "BootNotificationRequest"],
        ["the", "station's", "message"],
        ["an", "answer", "to"],
    ]
    csms.violations.clear()


async def test_a_second_call_before_the_answer_to_the_first_is_noted(csms: Csms) -> None:
    csms.answers["BootNotification"] = None
    peer = await _connected(csms)
    await peer.send(json.dumps([2, "1", "BootNotification", BOOT]))
    await peer.send(json.dumps([2, "2", "Heartbeat", {}]))
    await csms.expect("Heartbeat")
    await peer.close()
    assert csms.violations == ["the station sent Heartbeat while BootNotification was not answered"]
    csms.violations.clear()


async def test_a_bad_answer_of_a_station_and_a_bad_call_of_a_case_are_noted(csms: Csms) -> None:
    peer = await _connected(csms)
    peer.answers["Reset"] = {"status": "Perhaps"}
    await csms.call("Reset", type="OnIdle", colour="red")
    await peer.close()
    assert [found.partition(" $")[0] for found in csms.violations] == [
        "the case's ResetRequest",
        "the station's ResetResponse",
    ]
    csms.violations.clear()


async def test_what_does_not_come_and_what_comes_unasked_fails_a_case(csms: Csms, station: Hand) -> None:
    csms_wait = "conformance.stations.csms.WAIT_S"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csms_wait, 0.05)
        with pytest.raises(AssertionError, match=r"FirmwareStatusNotification .* did not come"):
            await csms.expect("FirmwareStatusNotification", status="Idle")
    station.plug()
    with pytest.raises(AssertionError, match=r"came unasked: .*StatusNotification"):
        await csms.none("StatusNotification")


async def test_time_passes_for_the_station_without_waiting(csms: Csms, station: Hand) -> None:
    await v2.configure(csms, OCPPCommCtrlr__HeartbeatInterval=600)
    csms.forget()
    await station.pass_time(3 * 600 + 5)
    beats = [came.at for came in csms.untaken("Heartbeat")]
    assert len(beats) == 3
    assert all(abs(after - before - 600) < 2 for before, after in pairwise(beats))


@pytest.mark.parametrize(
    ("found", "wanted", "is_fitting"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ({"a": 1, "b": 2}, {"b": None}, False),
        ({"a": 1}, {"a": ...}, True),
        ({}, {"a": ...}, False),
        ({"a": 1}, {"a": {1, 2}}, True),
        ({}, {"a": {None, 2}}, True),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}]}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, False),
        ({"a": 5}, {"a": lambda value: value > 4}, True),
    ],
)
def test_how_a_payload_is_wanted(found: dict[str, Any], wanted: dict[str, Any], is_fitting: bool) -> None:
    assert fits(found, wanted) is is_fitting


def _event(number: int, kind: str, **more: Any) -> Came:
    info = {"transactionId": "T"} | more.pop("transactionInfo", {})
    payload = {"eventType": kind, "seqNo": number, "timestamp": f"2026-01-01T00:00:{number:02}Z"}
    return Came(number, "TransactionEvent", payload | {"transactionInfo": info} | more, 1, 0.0)


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([_event(0, "Started"), _event(2, "Ended")], "gaps"),
        ([_event(0, "Updated"), _event(1, "Ended")], "the events are"),
        ([_event(0, "Started"), _event(1, "Ended"), _event(2, "Updated")], "the events are"),
        ([_event(0, "Started"), _event(1, "Ended", timestamp="2025-01-01T00:00:00Z")], "go back"),
        ([_event(0, "Started", transactionInfo={"stoppedReason": "Local"})], "before the end"),
        ([_event(0, "Started", transactionInfo={"chargingState": "Charging"}, idToken={})], "no event tells the conn"),
        ([_event(0, "Started"), _event(0, "Ended")], "used twice"),
    ],
)
def test_a_broken_transaction_is_seen(events: list[Came], problem: str) -> None:
    assert any(problem in found for found in v2.broken_transactions(events))
    assert v2.broken_transactions([_event(0, "Started"), _event(1, "Updated"), _event(2, "Ended")]) == []


def test_a_broken_transaction_of_1_6_is_seen() -> None:
    stop = {"transactionId": 7, "meterStop": 5, "timestamp": "2026-01-01T00:00:00Z"}
    assert v16_words.broken_transactions([Came(1, "StopTransaction", stop, 1, 0.0)])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_waiting_case_is_an_official_one_and_has_a_reason(version: str) -> None:
    folder = HERE / VERSIONS[version]
    official, waiting = ids(folder), pending(folder, version)
    assert len(set(official)) == len(official)
    for one in waiting:
        assert one.title, one.id
        assert one.reason, one.id
        assert one.id in official, one.id


def test_every_case_with_a_test_is_an_official_one_and_none_is_forgotten() -> None:
    cases = collect(SUITES["station"])
    for version, folder in VERSIONS.items():
        official = ids(HERE / folder)
        tested = {case.id for case in cases if case.version == version and case.test}
        assert tested <= set(official), tested - set(official)
        assert len([case for case in cases if case.version == version]) == len(official)
    assert [case.id for case in cases if case.version == "2.0.1" and not case.block[0].isupper()] == []


def test_profiles_tell_what_certification_asks_for() -> None:
    found = listed(HERE / "v201")
    core = [weight for profiles in found.values() for name, weight in profiles.items() if name == "Core"]
    assert (core.count("mandatory"), core.count("conditional")) == (104, 118)
    cases = [
        Case(id=name, version="2.0.1", block=block_of(name), state="passed", profiles=profiles)
        for name, profiles in found.items()
    ]
    counts = summarise(cases).by_profile["2.0.1 Core"]
    assert (counts["mandatory"].total, counts["mandatory"].passed) == (104, 104)
    assert counts["conditional"].total == 118


def test_the_command_runs_the_cases_of_a_station(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Path] = []

    def run(_versions: list[str], *, suite: Path) -> list[Case]:
        asked.append(suite)
        return [Case(id="TC_B_01_CS", version="2.0.1", block="B", state="passed", profiles={"Core": "mandatory"})]

    monkeypatch.setattr("voltherd.cli.conformance.run", run)
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--side", "station", "--json"])
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert asked == [HERE]
    assert printed["by_profile"] == {"2.0.1 Core": {"mandatory": {"total": 1, "passed": 1, "failed": 0, "pending": 0}}}


def test_no_server_takes_part_in_the_cases_of_a_station(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["conformance", "--side", "station", "--against", "ws://h", "--api", "http://h", "--api-key", "k"])
    assert "--side station" in capsys.readouterr().err


def test_writing_the_page_anew_changes_nothing(tmp_path: Path) -> None:
    fresh = tmp_path / "page.md"
    command = [sys.executable, "tools/conformance_page.py", "--side", "station", "--out", str(fresh)]
    subprocess.run(command, cwd=ROOT, check=True)
    assert fresh.read_text("utf-8") == PAGE.read_text("utf-8"), "run `.venv/bin/python tools/conformance_page.py`"
