"""`voltherd simulate` as it is typed."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time

import pytest

from conformance.stations.csms import Csms
from support.foreign_csms import foreign_csms
from voltherd.ocpp.version import OcppVersion


def simulate(*arguments):
    command = [sys.executable, "-m", "voltherd", "simulate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_csms_that_is_not_there_gives_one_line():
    done = simulate("--url", "ws://127.0.0.1:9/ocpp", "--stations", "2", "--duration", "5")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("voltherd: ws://127.0.0.1:9/ocpp cannot be reached")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_csms_that_never_answers_is_told_when_the_time_is_over(processes):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/ocpp"
        began = time.monotonic()
        done = simulate("--url", url, "--stations", "2", "--duration", "1", "--processes", processes)
    assert time.monotonic() - began < 9.0  # a single try alone may take 10 s
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"voltherd: {url} cannot be reached: no answer in 1 s\n"


async def test_a_csms_that_takes_no_station_on_is_told_at_the_end():
    with_pending = Csms(OcppVersion.V16)
    with_pending.answers["BootNotification"] = {
        "status": "Pending",
        "currentTime": "2026-01-01T00:00:00Z",
        "interval": 300,
    }
    await with_pending.start()
    try:
        arguments = ("--stations", "1", "--ocpp", "1.6", "--duration", "1")
        done = await asyncio.to_thread(simulate, "--url", with_pending.url, *arguments)
    finally:
        await with_pending.stop()
    assert done.returncode == 0, done.stderr
    assert "none was taken on" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", ""], "'' is not where stations can connect"),
        (["--url", "http://127.0.0.1/"], "begins with ws:// or wss://"),
        (["--token", "A" * 21], "has 21 characters: in OCPP 1.6 it has 1 to 20"),
        (["--accelerate", "10000", "--duration", "1000000"], "more than 20 years ago"),
    ],
)
def test_what_cannot_work_is_told_without_a_try(arguments, said):
    done = simulate(*arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_number_gives_one_line():
    done = simulate("--stations", "0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


async def test_json_is_all_that_is_printed():
    async with foreign_csms() as csms:
        done = await asyncio.to_thread(
            simulate, "--url", csms.url, "--stations", "4", "--ocpp", "1.6", "--duration", "1.5", "--json"
        )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["stations"] == summary["connected"] == summary["accepted"] == 4
    assert summary["calls_failed"] == 0


async def test_refused_tokens_are_counted_with_a_hint_at_what_to_do():
    arguments = ["--stations", "2", "--ocpp", "1.6", "--duration", "3", "--accelerate", "60", "--token", "BAD"]
    async with foreign_csms() as csms:
        done = await asyncio.to_thread(simulate, "--url", csms.url, *arguments)
    assert done.returncode == 0, done.stderr
    hint = " ".join(done.stdout.split())
    assert re.search(r"Tokens refused \d+ times: create them .* --unknown-tokens accept, .* --token\.", hint)


async def test_the_summary_is_printed_for_people_too():
    async with foreign_csms() as csms:
        done = await asyncio.to_thread(
            simulate, "--url", csms.url, "--stations", "2", "--ocpp", "2.0.1", "--duration", "1"
        )
    assert done.returncode == 0, done.stderr
    assert "Messages sent" in done.stdout
    assert "2 / 2" in done.stdout
