"""`voltherd simulate` as it is typed."""

import asyncio
import json
import re
import subprocess
import sys

from support.foreign_csms import foreign_csms


def simulate(*arguments):
    command = [sys.executable, "-m", "voltherd", "simulate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_csms_that_is_not_there_gives_one_line():
    done = simulate("--url", "ws://127.0.0.1:9/ocpp", "--stations", "2", "--duration", "5")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("voltherd: ws://127.0.0.1:9/ocpp cannot be reached")


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
