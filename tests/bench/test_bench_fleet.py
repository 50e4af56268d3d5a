"""`voltherd bench fleet`: small, but the whole way; and its arithmetic."""

import json
import subprocess
import sys

import pytest

from voltherd.bench.fleet import cost, measure
from voltherd.bench.fleet_process import Figures, FleetLoad
from voltherd.bench.process import BenchError


def test_cost_is_per_station_and_per_message():
    figures = Figures(
        stations=100,
        charging=99,
        kb_before=40_000.0,
        kb_after=43_000.0,
        cpu_s=0.5,
        seconds=10.0,
        messages_sent=1000,
        calls_failed=0,
        errors={},
    )
    found = cost(figures)
    assert (found.kb_per_station, found.cpu_percent, found.cpu_us_per_message) == (30.0, 5.0, 500.0)
    assert (found.messages_per_s, found.charging) == (100.0, 99)


def test_a_fleet_that_cannot_be_is_said_in_one_line():
    with pytest.raises(BenchError, match="no persona 'nope'"):
        measure(FleetLoad(url="", stations=5, persona="nope"))


@pytest.mark.slow
def test_stations_that_charge_are_measured_in_a_process_of_their_own():
    command = [sys.executable, "-m", "voltherd", "bench", "fleet", "--stations", "300", "--seconds", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["stations"], figures["charging"], figures["errors"]) == (300, 300, {})
    assert 5.0 < figures["kb_per_station"] < figures["limit_kb"]
