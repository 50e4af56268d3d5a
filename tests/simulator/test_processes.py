"""Fleets as jobs, in one process and in several, and on the command line."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.answering_csms import answering_csms
from voltherd.simulator import FleetError
from voltherd.simulator.job import FleetJob
from voltherd.simulator.plan import tokens
from voltherd.simulator.problems import FileError, UnknownError
from voltherd.simulator.processes import Processes
from voltherd.simulator.statistics import Latencies, Report, together

FILE = """
[fleet]
url = "ws://127.0.0.1:1/from-file"
accelerate = 5.0
ramp_per_s = 40
tokens = 7

[[group]]
prefix = "A-"
persona = "ac-11-single"
count = 4
"""


def voltherd(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voltherd", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


# Jobs ------------------------------------------------------------------------------------------


def test_the_command_line_goes_before_the_file_and_the_file_before_defaults(tmp_path: Path):
    path = tmp_path / "fleet.toml"
    path.write_text(FILE)
    fleet = FleetJob(fleet=str(path), accelerate=30.0, password="secret").build()
    assert (fleet.url, fleet.options.accelerate, fleet.options.ramp_per_s) == ("ws://127.0.0.1:1/from-file", 30.0, 40)
    assert fleet.options.meter_interval_s == 60
    assert fleet.plan.tokens == tokens(7)
    assert {one.password for one in fleet.plan.stations} == {"secret"}
    assert FleetJob(fleet=str(path), url="ws://127.0.0.1:2").build().url == "ws://127.0.0.1:2"


def test_parts_share_stations_and_cards_out_without_remainder(tmp_path: Path):
    whole = FleetJob(stations=7, cards=20).build()
    parts = [FleetJob(stations=7, cards=20, part=part, parts=3).build() for part in range(3)]
    assert sorted(identity for one in parts for identity in one.stations) == sorted(whole.stations)
    cards = [card for one in parts for card in one.plan.tokens]
    assert sorted(cards) == sorted(whole.plan.tokens)
    assert sum(one.options.ramp_per_s for one in parts) == pytest.approx(whole.options.ramp_per_s)


def test_what_a_job_cannot_do_is_said():
    with pytest.raises(UnknownError, match="no persona 'nope'"):
        FleetJob(persona="nope").build()
    with pytest.raises(FileError, match=r"v2g-dc does not speak OCPP 1.6; it speaks 2.1"):
        FleetJob(persona="v2g-dc", ocpp="1.6").build()


# Numbers ---------------------------------------------------------------------------------------


def test_percentiles_are_as_exact_as_their_classes_and_add_up():
    first, second, both = Latencies(), Latencies(), Latencies()
    for n in range(1, 1001):
        (first if n % 3 else second).add(n / 1000)
        both.add(n / 1000)
    assert both.percentile_ms(0.5) == pytest.approx(500, rel=0.03)
    assert both.percentile_ms(0.99) == pytest.approx(990, rel=0.03)
    assert Latencies().percentile_ms(0.5) == 0.0
    assert first.with_these(second.counts).counts == both.counts


async def test_numbers_of_several_processes_are_those_of_one_fleet():
    async with answering_csms() as url:
        fleets = [FleetJob(url=url, stations=6, part=part, parts=2, idle_s=5.0).build() for part in range(2)]
        for fleet in fleets:
            await fleet.start()
            await fleet.wait_accepted()
        reports = [fleet.report() for fleet in fleets]
        total = together(reports)
        assert (total.stations, total.accepted) == (6, 6)
        assert total.messages_sent == sum(report.summary.messages_sent for report in reports)
        assert 0 < total.p50_ms <= total.p99_ms
        assert isinstance(reports[0], Report)
        for fleet in fleets:
            await fleet.stop()


# Processes -------------------------------------------------------------------------------------


async def test_two_processes_charge_as_one_fleet_and_their_sessions_add_up():
    async with answering_csms() as url:
        job = FleetJob(url=url, stations=10, accelerate=60.0, duration_s=4.0, idle_s=20.0, stay_s=60.0, ramp_per_s=50)
        fleet = Processes(job, 2)
        await fleet.start()
        assert len({process.pid for process in fleet._processes}) == 2
        async with asyncio.timeout(30):
            await fleet.run()
        await fleet.stop()
        summary, before = fleet.summary(), fleet.summary_before_the_end()
        assert (before.stations, before.accepted) == (10, 10)
        assert summary.sessions_started == summary.sessions_ended > 10
        assert summary.waiting_messages == 0
        assert all(process.returncode == 0 for process in fleet._processes)


async def test_what_one_process_cannot_do_ends_all_with_its_words():
    fleet = Processes(FleetJob(url="ws://127.0.0.1:9", stations=4), 2)
    with pytest.raises(FleetError, match=r"ws://127.0.0.1:9 cannot be reached"):
        async with asyncio.timeout(60):
            await fleet.start()
    assert all(process.returncode is not None for process in fleet._processes)


# The command line ------------------------------------------------------------------------------


def test_personas_are_listed():
    done = voltherd("simulate", "--list-personas")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("ac-11-single", "dc-park", "slow-wallbox", "battery-swap"))
    table = json.loads(voltherd("simulate", "--list-personas", "--json").stdout)
    assert {"name", "title", "evse", "quirks"} <= set(table[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fleet", "/nowhere/fleet.toml"), "/nowhere/fleet.toml: "),
        (("--persona", "nope"), "There is no persona 'nope'"),
        (("--processes", "2", "--view"), "need all stations in one process"),
        (("--control", "here"), "--control is HOST:PORT"),
        (("--url", "ws://127.0.0.1:9", "--stations", "1"), "cannot be reached"),
    ],
)
def test_errors_are_one_line(arguments, said):
    done = voltherd("simulate", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("voltherd: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


async def test_a_fleet_file_runs_with_a_control_port_until_a_signal(tmp_path: Path):
    import httpx

    path = tmp_path / "fleet.toml"
    path.write_text(FILE)
    async with answering_csms() as url:
        arguments = ["simulate", "--fleet", str(path), "--url", url, "--json", "--control", "127.0.0.1:0"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "voltherd", *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        control = json.loads(await process.stdout.readline())
        async with httpx.AsyncClient(base_url=control["url"]) as client, asyncio.timeout(20):
            while (await client.get("/fleet")).json()["accepted"] < 4:
                await asyncio.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)
        summary = json.loads(await process.stdout.read())
        assert (await process.wait(), summary["stations"], summary["accepted"]) == (0, 4, 4)


async def test_several_processes_on_the_command_line_end_with_one_summary():
    async with answering_csms() as url:
        arguments = ["simulate", "--url", url, "--stations", "6", "--processes", "2", "--duration", "2", "--json"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "voltherd", *arguments, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        summary = json.loads(output)
        assert (process.returncode, summary["stations"], summary["accepted"]) == (0, 6, 6)
