"""Runs the suite as a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from voltherd.conformance.suite import OPTION, VERSIONS, Case, ConformanceError, Side, complete

ROOT = Path(__file__).resolve().parents[3]
SUITE = ROOT / "tests" / "conformance"
SUITES: dict[Side, Path] = {"csms": SUITE, "station": SUITE / "stations"}
"""Where the cases of each side are."""
NEEDED = ("cryptography", "httpx", "jsonschema", "ocpp", "pytest", "pytest_asyncio", "pytest_timeout", "websockets")
"""Modules that the suite imports and that are no run-time dependencies."""
GIVEN = "VOLTHERD_CONFORMANCE"
"""Begin of the variables that tell the tests which server was given."""
_TAIL_LINES = 15


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server that runs already."""

    ocpp: str
    """Where stations connect, without their identity: `ws://host:9000/ocpp`."""
    api: str
    """Where dashboard and API are: `http://host:8080`."""
    api_key: str

    def environment(self) -> dict[str, str]:
        """Write down for the tests where the server is."""
        return {
            f"{GIVEN}_OCPP": self.ocpp.rstrip("/"),
            f"{GIVEN}_API": self.api.rstrip("/"),
            f"{GIVEN}_API_KEY": self.api_key,
        }


def run(versions: Sequence[str], target: Target | None = None, *, suite: Path = SUITE) -> list[Case]:
    """Run the cases of some versions, against a server of their own or a given one.

    Raises:
        ConformanceError: there is no suite here, or it could not be run.
    """
    environment = {} if target is None else target.environment()
    return complete(suite, _pytest(suite, versions, [], environment), versions)


def collect(suite: Path = SUITE) -> list[Case]:
    """Give all cases of all versions without running them; a case that has a test is pending `not run`."""
    versions = list(VERSIONS)
    return complete(suite, _pytest(suite, versions, ["--collect-only"], {}), versions)


def _pytest(suite: Path, versions: Sequence[str], more: Sequence[str], environment: dict[str, str]) -> list[Case]:
    _check(suite)
    folders = [str(suite / VERSIONS[version]) for version in versions if (suite / VERSIONS[version]).is_dir()]
    if not folders:
        return []
    with tempfile.TemporaryDirectory(prefix="voltherd-conformance-") as folder:
        results = Path(folder, "results.json")
        command = [
            *(sys.executable, "-m", "pytest", "-p", "voltherd.conformance.plugin", OPTION, str(results)),
            *("-q", "--no-header", "--tb=short", *more),
            *folders,
        ]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith((GIVEN, "PYTEST_"))}
        done = subprocess.run(
            command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 1, 5) or not results.exists():
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_TAIL_LINES:])
            raise ConformanceError(f"pytest could not run the suite (exit code {done.returncode}):\n{tail}")
        return msgspec.json.decode(results.read_bytes(), type=list[Case])


def _check(suite: Path) -> None:
    if not suite.is_dir():
        raise ConformanceError(
            "The conformance suite is part of the source checkout (tests/conformance), which is not here. Get the "
            "sources, run `make setup`, and start .venv/bin/voltherd conformance there."
        )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConformanceError(
            f"The conformance suite needs the development packages; missing: {', '.join(missing)}. Run `make setup`."
        )
