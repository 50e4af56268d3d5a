"""Server processes under measurement: start, CPU time, memory, end. Needs Linux's /proc."""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from voltherd.domain.errors import VoltherdError

_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class BenchError(VoltherdError):
    """The benchmark cannot go on; the text says why, in one line."""


def cpu_s(pid: int) -> float:
    """CPU time of a process, all its threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_kb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


def allow_open_files(wanted: int) -> int:
    """Raises this process's limit (children inherit it); gives what is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(soft, allowed)


class ServerProcess:
    """A server that prints one line of JSON once it listens; ends with the `with` block."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, ready_timeout_s: float = 60
    ) -> None:
        self.name = name
        self._log_path = log
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **environment},
        )
        self.ready: dict[str, Any] = {}
        self._ready_timeout_s = ready_timeout_s

    def __enter__(self) -> ServerProcess:
        try:
            self.ready = self._await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def url(self) -> str:
        """`ws://...` for stations, from the line it printed."""
        return station_url(self.ready)

    def stop(self) -> None:
        """Ends the process, gently first."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def _await_ready(self) -> dict[str, Any]:
        output = self._process.stdout
        assert output is not None
        deadline_s = time.monotonic() + self._ready_timeout_s
        while time.monotonic() < deadline_s:
            if not select.select([output], [], [], 0.5)[0]:
                continue
            line = output.readline()
            if not line:
                raise BenchError(f"{self.name} ended before it was ready: {self._last_words()}")
            if line.startswith(b"{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise BenchError(f"{self.name} was not ready within {self._ready_timeout_s:g} s: {self._last_words()}")

    def _last_words(self) -> str:
        self._log.flush()
        lines = self._log_path.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def station_url(ready: Mapping[str, Any]) -> str:
    """The `ws://` address in a line of readiness; its key is `ocpp` or `ocpp_url`."""
    for key in ("ocpp", "ocpp_url"):
        value = ready.get(key)
        if isinstance(value, str) and value.startswith("ws://"):
            return value
        if isinstance(value, str) and ":" in value:
            return f"ws://{value}/ocpp"
    raise BenchError(f"no ws:// address for stations in {dict(ready)}")


def python_module(module: str, *arguments: str) -> list[str]:
    """Command that runs a module of this package with this Python."""
    return [sys.executable, "-m", module, *arguments]


def voltherd_command(*arguments: str) -> list[str]:
    """Command that runs `voltherd` with this Python, whether or not its script is on the path."""
    return [sys.executable, "-c", "from voltherd.cli import main; main()", *arguments]
