"""The benchmark runs, small; nothing is said about time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from voltherd.bench.idle import IdlePlan
from voltherd.bench.load import LoadPlan, LoadResult
from voltherd.bench.mix import VERSIONS
from voltherd.bench.process import (
    BenchError,
    ServerProcess,
    cpu_s,
    python_module,
    resident_kb,
    station_url,
    voltherd_command,
)
from voltherd.bench.report import Report
from voltherd.bench.run import BenchOptions, IdleHerd, check
from voltherd.cli import main

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")


def load(server: ServerProcess, version: str, *, echo: bool = False) -> LoadResult:
    plan = LoadPlan(
        url=server.url, pid=server.pid, version=version, connections=5, warmup_s=0.2, window_s=0.5, echo=echo
    )
    command = python_module("voltherd.bench.load", msgspec.json.encode(plan).decode())
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return msgspec.json.decode(done.stdout, type=LoadResult)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_ocpp_baseline_answers_every_frame_of_the_mix(version: str, tmp_path: Path) -> None:
    command = python_module("voltherd.bench.ocpp_server", version)
    with ServerProcess("baseline", command, {}, tmp_path / "log") as server:
        result = load(server, version)
    assert result.errors == 0, result.first_error
    assert result.messages > 30
    assert result.server_cpu_s > 0


def test_the_echo_answers_and_its_idle_connections_are_held(tmp_path: Path) -> None:
    command = python_module("voltherd.bench.echo_server")
    with ServerProcess("echo", command, {}, tmp_path / "log") as server:
        assert load(server, "1.6", echo=True).messages > 100
        assert resident_kb(server.pid) > 1000
        plan = IdlePlan(url=server.url, version="2.0.1", connections=20)
        with IdleHerd(plan) as herd:
            assert herd.held() == 20


def test_cpu_time_grows_with_work() -> None:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        while cpu_s(process.pid) < 0.05:
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_a_server_that_does_not_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    server = ServerProcess("broken", [sys.executable, "-c", "raise SystemExit('no such thing')"], {}, tmp_path / "log")
    with pytest.raises(BenchError, match="broken ended before it was ready: no such thing"), server:
        pass


@pytest.mark.parametrize(
    ("ready", "url"),
    [
        ({"ocpp": "ws://127.0.0.1:1/ocpp"}, "ws://127.0.0.1:1/ocpp"),
        ({"event": "ready", "http": "http://x", "ocpp": "127.0.0.1:9000"}, "ws://127.0.0.1:9000/ocpp"),
    ],
)
def test_the_address_is_found_in_the_line_of_readiness(ready: dict[str, Any], url: str) -> None:
    assert station_url(ready) == url


def test_a_line_of_readiness_without_address_is_an_error() -> None:
    with pytest.raises(BenchError, match="no ws://"):
        station_url({"http": "http://127.0.0.1:1"})


def test_missing_packages_are_named_with_the_way_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BenchError, match=r"ocpp and websockets: pip install 'voltherd\[bench\]'"):
        check(BenchOptions())


@pytest.mark.parametrize("versions", [["1.5"], []])
def test_a_wrong_version_is_named(versions: list[str]) -> None:
    with pytest.raises(BenchError, match=r"versions are 1\.6 and 2\.0\.1"):
        check(BenchOptions(versions=versions))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seconds", "0"), "voltherd: a measurement takes more than 0 seconds, not 0"),
        (("--seconds", "nan"), "voltherd: a measurement takes more than 0 seconds, not nan"),
        (("--connections", "0"), "voltherd: at least 1 connection is needed for the load, not 0"),
        (("--idle", "-1"), "voltherd: idle connections are 0 or more, not -1"),
    ],
)
def test_a_number_that_measures_nothing_is_one_clear_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "ocpp", *arguments])
    assert ended.value.code == 1
    assert capsys.readouterr().err.strip() == said


@pytest.mark.slow
def test_the_whole_benchmark_runs_small_and_prints_json() -> None:
    command = [*voltherd_command("bench", "ocpp", "--json"), "--connections", "4", "--seconds", "0.5", "--idle", "20"]
    done = subprocess.run(command, capture_output=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr.decode()
    report = msgspec.json.decode(done.stdout, type=Report)
    assert report.errors == 0, done.stderr.decode()
    assert report.idle_connections_held == 20
    assert set(report.versions) == set(VERSIONS)
    assert report.ratio_to_baseline > 0


def test_a_wrong_version_is_one_clear_line() -> None:
    command = [*voltherd_command("bench", "ocpp", "--versions", "1.5")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "voltherd: versions are 1.6 and 2.0.1, not 1.5"
