"""`voltherd conformance` counts what a suite says; here a small one."""

import importlib.util
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from voltherd.cli import main
from voltherd.conformance import run as running
from voltherd.conformance.report import show, summarise
from voltherd.conformance.run import Target, run
from voltherd.conformance.suite import NOT_WRITTEN, Case, ConformanceError, natural

TESTS = """
import os
import pytest


def case(number, **more):
    return pytest.mark.case(id=f"TC_{number}_CSMS", title=f"case {number}", version="1.6", block="Core", **more)


@case(1)
@pytest.mark.parametrize("number", [1, 2])
def test_tc_1_csms_holds(number):
    assert number


@case(2)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_tc_2_csms_fails_in_part(number):
    assert number != 2, "two it is"


@case(3)
def test_tc_3_csms_where_a_server_was_given():
    if "VOLTHERD_CONFORMANCE_OCPP" not in os.environ:
        pytest.skip("needs a server")


@pytest.fixture
def broken():
    yield
    raise RuntimeError("found in the end")


@case(4)
def test_tc_4_csms_broken_in_the_end(broken):
    pass


def test_of_no_case():
    assert False
"""
PENDING = '[[case]]\nid = "TC_10_CSMS"\ntitle = "case 10"\nreason = "needs more"\nblock = "Security"\n'


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "v16"
    folder.mkdir()
    (folder / "test_core.py").write_text(TESTS)
    (folder / "pending.toml").write_text(PENDING)
    (folder / "ids.txt").write_text("# all\nTC_1_CSMS\nTC_9_CSMS\nTC_10_CSMS\n")
    return tmp_path


def test_a_case_holds_when_all_of_its_tests_passed(suite: Path) -> None:
    cases = run(["1.6"], suite=suite)
    assert [(case.id, case.state, case.reason) for case in cases] == [
        ("TC_1_CSMS", "passed", ""),
        ("TC_2_CSMS", "failed", "AssertionError: two it is"),
        ("TC_3_CSMS", "pending", "needs a server"),
        ("TC_4_CSMS", "failed", "teardown: RuntimeError: found in the end"),
        ("TC_9_CSMS", "pending", NOT_WRITTEN),
        ("TC_10_CSMS", "pending", "needs more"),
    ]
    report = summarise(cases)
    assert (report.total, report.passed, report.failed, report.pending) == (6, 1, 2, 3)
    assert list(report.by_block) == ["1.6 Core", "1.6 Other", "1.6 Security"]
    assert report.by_block["1.6 Core"].failed == 2
    assert report.by_version["1.6"].total == 6

    out = io.StringIO()
    show(report, Console(file=out, width=100))
    assert "two it is" in out.getvalue()
    assert "TC_10_CSMS: needs more" in out.getvalue()


def test_a_given_server_is_told_to_the_tests(suite: Path) -> None:
    target = Target(ocpp="ws://there:9000/ocpp", api="http://there:8080/", api_key="vh_key")
    found = {case.id: case.state for case in run(["1.6"], target, suite=suite)}
    assert found["TC_3_CSMS"] == "passed"


def test_a_version_without_cases_has_none(suite: Path) -> None:
    assert run(["2.1"], suite=suite) == []
    assert {case.version for case in run(["1.6", "2.1"], suite=suite)} == {"1.6"}


def test_a_case_that_waits_and_has_a_test_is_refused(suite: Path) -> None:
    (suite / "v16" / "pending_more.toml").write_text(PENDING.replace("TC_10", "TC_1"))
    with pytest.raises(ConformanceError, match="TC_1_CSMS"):
        run(["1.6"], suite=suite)


def test_a_suite_that_cannot_be_read_is_told(suite: Path) -> None:
    (suite / "v16" / "test_core.py").write_text("import nothing_of_the_kind\n")
    with pytest.raises(ConformanceError, match="nothing_of_the_kind"):
        run(["1.6"], suite=suite)
    (suite / "v16" / "pending.toml").write_text("case = 1")
    (suite / "v16" / "test_core.py").write_text("")
    with pytest.raises(ConformanceError, match=r"pending\.toml"):
        run(["1.6"], suite=suite)


def test_without_sources_or_development_packages_it_says_so(
    tmp_path: Path, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConformanceError, match="source checkout"):
        run(["1.6"], suite=tmp_path / "nowhere")
    monkeypatch.setattr(running, "NEEDED", ("pytest", "no_such_package"))
    assert importlib.util.find_spec("no_such_package") is None
    with pytest.raises(ConformanceError, match="development packages; missing: no_such_package"):
        run(["1.6"], suite=suite)


def test_the_outcome_is_printed_as_json_and_a_failure_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = [Case(id="TC_1_CSMS", version="1.6", block="Core", state="failed", reason="no")]
    monkeypatch.setattr("voltherd.cli.conformance.run", lambda versions, target: outcome)
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--json", "--versions", "1.6"])
    assert ended.value.code == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["total"], printed["failed"]) == (1, 1)
    assert printed["by_block"] == {"1.6 Core": {"total": 1, "passed": 0, "failed": 1, "pending": 0}}


@pytest.mark.parametrize("arguments", [["--versions", "3.0"], ["--versions", ","], ["--api-key", "k"]])
def test_wrong_arguments_are_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["conformance", *arguments])
    assert ended.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("voltherd: ")


def test_ids_are_ordered_as_people_do() -> None:
    ids = ["TC_010_CSMS", "TC_9_CSMS", "TC_B_02_CSMS", "TC_A_11_CSMS", "TC_A_2_CSMS", "TC_9_1_CSMS"]
    assert sorted(ids, key=natural) == [
        "TC_A_2_CSMS", "TC_A_11_CSMS", "TC_B_02_CSMS", "TC_9_CSMS", "TC_9_1_CSMS", "TC_010_CSMS",
    ]  # fmt: skip
