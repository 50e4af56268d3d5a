"""Runs the servers one after the other under the same load, and measures each."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from voltherd.bench.idle import IdlePlan
from voltherd.bench.load import LoadPlan, LoadResult
from voltherd.bench.mix import VERSIONS, mix
from voltherd.bench.process import (
    BenchError,
    ServerProcess,
    allow_open_files,
    python_module,
    resident_kb,
    voltherd_command,
)
from voltherd.bench.report import DURABLE, ECHO, MEMORY, NAMES, OCPP, Cost, Idle, Report, summarise

SPARE_FILES = 200
SETTLE_S = 1.0
_OPEN_SERVER = {"VOLTHERD_UNKNOWN_STATIONS": "accept", "VOLTHERD_UNKNOWN_TOKENS": "accept"}

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """What to measure."""

    connections: int = 200
    seconds: float = 5.0
    warmup_s: float = 1.0
    versions: Sequence[str] = VERSIONS
    idle_connections: int = 10_000
    say: Say = field(default=lambda _: None)


def run(options: BenchOptions) -> Report:
    """The whole benchmark.

    Raises:
        BenchError: something needed is missing, or a server did not start.
    """
    check(options)
    allow_open_files(max(options.idle_connections, options.connections) + SPARE_FILES)
    with tempfile.TemporaryDirectory(prefix="voltherd-bench-") as folder:
        bench = Bench(options, Path(folder))
        versions = {version: bench.measure_version(version) for version in options.versions}
        idle = bench.measure_idle() if options.idle_connections else None
    return summarise(
        versions,
        idle,
        connections=options.connections,
        seconds=options.seconds,
        mean_request_bytes={version: round(mix(version).mean_bytes, 1) for version in options.versions},
    )


def check(options: BenchOptions) -> None:
    """Says what is wrong or missing before anything is started. Raises BenchError."""
    _check_numbers(options)
    if not Path("/proc/self/stat").exists():
        raise BenchError("CPU time and memory are read from /proc: this benchmark needs Linux")
    missing = [name for name in ("ocpp", "websockets") if importlib.util.find_spec(name) is None]
    if missing:
        raise BenchError(
            f"the baseline needs the Python package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}: "
            "pip install 'voltherd[bench]'"
        )
    unknown = [version for version in options.versions if version not in VERSIONS]
    if unknown or not options.versions:
        raise BenchError(f"versions are {' and '.join(VERSIONS)}, not {', '.join(unknown) or 'none'}")


def _check_numbers(options: BenchOptions) -> None:
    if options.connections < 1:
        raise BenchError(f"at least 1 connection is needed for the load, not {options.connections}")
    if not (math.isfinite(options.seconds) and options.seconds > 0):
        raise BenchError(f"a measurement takes more than 0 seconds, not {options.seconds:g}")
    if options.idle_connections < 0:
        raise BenchError(f"idle connections are 0 or more, not {options.idle_connections}")


class Bench:
    """One run's servers and their files."""

    def __init__(self, options: BenchOptions, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._runs = 0

    def measure_version(self, version: str) -> dict[str, Cost]:
        """All four servers under the same load."""
        servers: dict[str, Callable[[], ServerProcess]] = {
            DURABLE: lambda: self.voltherd("commit"),
            MEMORY: lambda: self.voltherd("none"),
            OCPP: lambda: self._server(OCPP, python_module("voltherd.bench.ocpp_server", version)),
            ECHO: lambda: self._server(ECHO, python_module("voltherd.bench.echo_server")),
        }
        costs = {}
        for name, start in servers.items():
            self._options.say(f"OCPP {version}: {NAMES[name]} ...")
            with start() as server:
                costs[name] = Cost.of(self._load(server, version, echo=name == ECHO))
        return costs

    def measure_idle(self) -> Idle:
        """Resident memory of a fresh server before and with its idle connections."""
        wanted = self._options.idle_connections
        count = min(wanted, allow_open_files(wanted + SPARE_FILES) - SPARE_FILES)
        self._options.say(f"{count:,} idle connections ...")
        plan_version = self._options.versions[0]
        with self.voltherd("commit") as server:
            time.sleep(SETTLE_S)
            before_kb = resident_kb(server.pid)
            with IdleHerd(IdlePlan(url=server.url, version=plan_version, connections=count)) as herd:
                held = herd.held()
                time.sleep(SETTLE_S)
                connected_kb = resident_kb(server.pid)
                herd.boot()
                time.sleep(SETTLE_S)
                booted_kb = resident_kb(server.pid)
        return Idle(
            held=held,
            kb_per_connection=round((connected_kb - before_kb) / max(held, 1), 2),
            kb_per_booted_station=round((booted_kb - before_kb) / max(held, 1), 2),
        )

    def voltherd(self, durability: str) -> ServerProcess:
        """A fresh server on an empty store."""
        folder = self._folder / f"data-{self._runs}"
        command = voltherd_command(
            "serve", "--http", "127.0.0.1:0", "--ocpp", "127.0.0.1:0", "--data", str(folder), "--ready-json"
        )
        return self._server("voltherd serve", command, {**_OPEN_SERVER, "VOLTHERD_DURABILITY": durability})

    def _server(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> ServerProcess:
        self._runs += 1
        return ServerProcess(name, command, environment or {}, self._folder / f"server-{self._runs}.log")

    def _load(self, server: ServerProcess, version: str, *, echo: bool) -> LoadResult:
        options = self._options
        plan = LoadPlan(
            url=server.url,
            pid=server.pid,
            version=version,
            connections=options.connections,
            warmup_s=options.warmup_s,
            window_s=options.seconds,
            echo=echo,
        )
        command = python_module("voltherd.bench.load", msgspec.json.encode(plan).decode())
        done = subprocess.run(
            command, capture_output=True, timeout=options.seconds + options.warmup_s + 180, check=False
        )
        if done.returncode:
            raise BenchError(f"load on {server.name} failed: {_last_line(done.stderr)}")
        result = msgspec.json.decode(done.stdout, type=LoadResult)
        if not result.messages:
            raise BenchError(f"{server.name} answered nothing: {result.first_error or 'no error was given'}")
        if result.errors:
            options.say(f"  {result.errors} errors, the first: {result.first_error}")
        return result


class IdleHerd:
    """The process that holds idle connections."""

    def __init__(self, plan: IdlePlan) -> None:
        command = python_module("voltherd.bench.idle", msgspec.json.encode(plan).decode())
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> IdleHerd:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def held(self) -> int:
        """Waits until the connections are open; their number."""
        return int(self._line()["held"])

    def boot(self) -> None:
        """Lets every station boot, and waits for the answers."""
        commands: IO[bytes] | None = self._process.stdin
        assert commands is not None
        commands.write(b"boot\n")
        commands.flush()
        self._line()

    def _line(self) -> dict[str, int]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"idle connections failed: {_last_line(self._process.stderr.read())}")
        facts: dict[str, int] = json.loads(line)
        return facts


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "without a message"
