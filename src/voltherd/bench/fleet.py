"""What a simulated station costs: memory and CPU of thousands that charge, against a trivially cheap CSMS."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from voltherd.bench.fleet_process import Figures, FleetLoad
from voltherd.bench.process import BenchError, ServerProcess, allow_open_files, python_module

SPARE_FILES: Final = 200

LIMIT_KB: Final = 60.0
"""What a station may take at most, its connection included."""


class FleetCost(Struct, frozen=True, kw_only=True):
    """Per station and per message, of stations that all charge; CPU is that of their process alone."""

    stations: int
    charging: int
    kb_per_station: float
    process_mb: float
    cpu_percent: float
    cpu_us_per_message: float
    messages_per_s: float
    calls_failed: int
    errors: dict[str, int]
    limit_kb: float = LIMIT_KB


def measure(load: FleetLoad, say: Callable[[str], None] = lambda _: None) -> FleetCost:
    """Run the stations in one process, the CSMS in another.

    Raises:
        BenchError: no Linux, too few open files allowed, or a process failed.
    """
    if not Path("/proc/self/stat").exists():
        raise BenchError("memory is read from /proc: this benchmark needs Linux")
    if allow_open_files(load.stations + SPARE_FILES) < load.stations + SPARE_FILES:
        raise BenchError(f"{load.stations} stations need as many open files: raise the limit (ulimit -n)")
    with tempfile.TemporaryDirectory(prefix="voltherd-bench-") as folder:
        command = python_module("voltherd.bench.answering_server")
        with ServerProcess("the CSMS", command, {}, Path(folder) / "csms.log") as csms:
            say(f"{load.stations} stations switch on, charge, and are watched for {load.seconds:g} s")
            return cost(_run(msgspec.structs.replace(load, url=csms.url)))


def _run(load: FleetLoad) -> Figures:
    command = python_module("voltherd.bench.fleet_process", msgspec.json.encode(load).decode())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise BenchError(f"the fleet failed: {said[-1] if said else 'it said nothing'}")
    return msgspec.convert(json.loads(done.stdout.splitlines()[-1]), Figures)


def cost(figures: Figures) -> FleetCost:
    """What one station and one message cost."""
    sent = max(figures.messages_sent, 1)
    return FleetCost(
        stations=figures.stations,
        charging=figures.charging,
        kb_per_station=round((figures.kb_after - figures.kb_before) / max(figures.stations, 1), 1),
        process_mb=round(figures.kb_after / 1024, 1),
        cpu_percent=round(100 * figures.cpu_s / figures.seconds, 1),
        cpu_us_per_message=round(figures.cpu_s / sent * 1e6, 1),
        messages_per_s=round(figures.messages_sent / figures.seconds, 1),
        calls_failed=figures.calls_failed,
        errors=figures.errors,
    )


def show(found: FleetCost, console: Console) -> None:
    """The figures as a table."""
    table = Table.grid(padding=(0, 3))
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, value in (
        ("Stations that charge", f"{found.charging:,} of {found.stations:,}"),
        ("Memory per station", f"{found.kb_per_station:.1f} KB (limit {found.limit_kb:.0f} KB)"),
        ("The whole process", f"{found.process_mb:.1f} MB"),
        ("CPU of one core", f"{found.cpu_percent:.1f} %"),
        ("Messages sent per second", f"{found.messages_per_s:,.1f}"),
        ("CPU per message, all told", f"{found.cpu_us_per_message:.1f} µs"),
        ("Calls failed", str(found.calls_failed)),
    ):
        table.add_row(name, value)
    console.print(table)
