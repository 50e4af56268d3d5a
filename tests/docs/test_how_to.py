"""The how-to pages work as they are written: their commands are run, in their order, by a shell."""

import asyncio
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import API_KEY, ServerProcess
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import StationConfig

DOCS = Path(__file__).parents[2] / "docs"
pytestmark = pytest.mark.slow


def blocks(page, language):
    text = (DOCS / "how-to" / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def files(page):
    """What the page says to save, by name."""
    text = (DOCS / "how-to" / page).read_text("utf-8")
    pattern = re.compile(r"[Ss]ave (?:it|this) as `([\w.-]+)`:?\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return dict(pattern.findall(text))


def commands(page):
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line.strip()]


def served(line):
    """The settings of a line that starts a server."""
    words = shlex.split(line)
    flags = words[words.index("serve") + 1 :]
    settings = dict(zip(flags[::2], flags[1::2], strict=True))
    return {flag[2:].replace("-", "_"): value for flag, value in settings.items() if flag != "--ocpp"}


class Shell:
    """Runs lines in a folder, against one server, with our `voltherd` on the path."""

    def __init__(self, folder, server):
        self.folder = folder
        self.server = server
        (folder / "bin").mkdir()
        voltherd = folder / "bin" / "voltherd"
        voltherd.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m voltherd "$@"\n')
        voltherd.chmod(voltherd.stat().st_mode | stat.S_IXUSR)

    def run(self, line):
        places = {
            "ws://127.0.0.1:9000/ocpp": self.server.ocpp,
            "http://127.0.0.1:8080": self.server.http,
            "vh_your-key": API_KEY,
        }
        if line.startswith(("voltherd scenario run", "voltherd simulate")) and "--url" not in line:
            line = (
                line.replace(" ||", " --url ws://127.0.0.1:9000/ocpp ||")
                if " ||" in line
                else f"{line} --url ws://127.0.0.1:9000/ocpp"
            )
        for written, here in places.items():
            line = line.replace(written, here)
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture
def shell(request, tmp_path):
    """A server as the page starts it."""
    (line,) = [one for one in commands(request.param) if " serve " in f"{one} "]
    with ServerProcess(tmp_path / "data", **served(line)) as server:
        yield Shell(tmp_path, server)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shell", ["test-your-csms.md"], indirect=True)
def test_test_your_csms_works_as_written(shell):
    for name, text in files("test-your-csms.md").items():
        (shell.folder / name).write_text(text)
    lines = [line for line in commands("test-your-csms.md") if " serve " not in line]
    assert len(lines) >= 7
    told = {line: shell.run(line) for line in lines}
    summary = json.loads(told["voltherd simulate --fleet rough.toml --json"])
    sessions = [one for one in shell.server.all("/transactions") if one["station_id"].startswith("ROUGH-")]
    started = summary["sessions_started"]
    assert 0 < started - summary["waiting_messages"] <= len(sessions) <= started
    assert "<testsuite" in (shell.folder / "report.xml").read_text()
    late = [one for one in shell.server.all("/transactions") if one["station_id"].startswith("SCENARIO-1")]
    assert late
    assert not any(one["active"] for one in late)


@pytest.mark.parametrize("shell", ["test-your-charger.md"], indirect=True)
async def test_test_your_charger_works_as_written(shell):
    lines = [line for line in commands("test-your-charger.md") if " serve " not in line]
    assert len(lines) >= 10
    create, rest = lines[0], lines[1:]
    await asyncio.to_thread(shell.run, create)
    config = StationConfig(
        identity="CP-1",
        url=shell.server.ocpp,
        version=OcppVersion.V201,
        password="a-long-password",
        reconnect_min_s=0.1,
    )
    charger = SimulatedStation(config)
    charger.start()
    try:
        await charger.wait_accepted()
        assert charger.plug_in(Vehicle())
        for line in rest:
            if "simulate" in line:
                shell.server.put("/stations/CP-0001", {"security_profile": 1, "password": "a-long-password"})
                line = line.replace("--duration 60", "--duration 2")
            if "MODEL-1" in line:
                shell.server.put("/stations/MODEL-1", {"security_profile": 1, "password": "a-long-password"})
            told = await asyncio.to_thread(shell.run, line)
            if "calls/GetVariables" in line:
                assert json.loads(told)["result"]["getVariableResult"][0]["attributeStatus"] == "Accepted"
            if "commands/" in line:
                assert json.loads(told)["state"] in ("accepted", "effect_seen"), told
            if "Sideways" in line:
                assert json.loads(told)["type"].endswith("call-refused"), told
        assert charger.core.is_online
    finally:
        await charger.stop()


@pytest.mark.parametrize("page", ["test-your-csms.md", "test-your-charger.md"])
def test_links_of_the_pages_lead_somewhere(page):
    text = (DOCS / "how-to" / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", text):
        assert (DOCS / "how-to" / target).exists(), target
