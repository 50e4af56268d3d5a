"""Sets the project up: `.venv`, the locked packages, Voltherd itself and the dashboard.

Run by every `make` target through `tools/setup.py`. What is done is remembered by content hashes in `.venv`,
so that a second run only compares them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "lock.txt"
STAMP = VENV / "voltherd-setup.json"


class SetupError(Exception):
    """Something the person at the keyboard has to put right; its text says what."""


def main() -> int:
    """Set up what is missing; 0 when everything is in place, 1 with one line of reason."""
    parser = argparse.ArgumentParser(description="Set up Voltherd for development.")
    parser.add_argument("--no-dashboard", action="store_true", help="leave the dashboard unbuilt")
    arguments = parser.parse_args()
    skip = arguments.no_dashboard or bool(os.environ.get("VOLTHERD_SKIP_DASHBOARD"))
    try:
        set_up(dashboard=not skip)
    except SetupError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        return 1
    return 0


def set_up(dashboard: bool) -> None:
    """Do the steps whose inputs changed since the last time."""
    done = read_stamp()
    make_venv()
    interpreter = "{}.{}".format(*sys.version_info)
    locked = digest(LOCK, extra=interpreter)
    if done.get("locked") != locked:
        say("installing the locked packages (a minute or two the first time)")
        pip("install", "--require-hashes", "--requirement", str(LOCK))
        done["locked"] = locked
        write_stamp(done)
    package = digest(ROOT / "pyproject.toml", ROOT / "hatch_build.py", extra=interpreter)
    if done.get("package") != package:
        say("installing voltherd, editable")
        pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        done["package"] = package
        write_stamp(done)
    if dashboard:
        build_dashboard()


def make_venv() -> None:
    """Create `.venv` unless a working one is there."""
    if works(venv_python()):
        return
    say("creating .venv with Python {}.{}.{}".format(*sys.version_info))
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if result.returncode or not works(venv_python()):
        raise SetupError(
            "this Python cannot create a virtual environment. Install its venv module "
            "(Debian, Ubuntu: apt install python3-venv), then run make again."
        )
    STAMP.unlink(missing_ok=True)


def works(python: Path) -> bool:
    """Whether that interpreter starts and has pip (a moved or half-made environment has not)."""
    if not python.exists():
        return False
    if Path(sys.prefix) == VENV:
        return True
    probe = [str(python), "-c", "import pip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def pip(*arguments: str) -> None:
    """Run pip inside `.venv`, quietly; its own words are shown when it fails."""
    command = [str(venv_python()), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return
    print(result.stdout + result.stderr, file=sys.stderr)
    raise SetupError(pip_advice(result.stderr))


def pip_advice(output: str) -> str:
    """What to do about a failed pip run, told from what it printed."""
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "a package differs from the lock (requirements/lock.txt), so it was not installed. "
            "Do not work around this; report it."
        )
    if any(word in output for word in ("Connection", "Temporary failure", "timed out", "No matching distribution")):
        return (
            "a download failed. Check the network and the proxy (HTTPS_PROXY) or the index (PIP_INDEX_URL); "
            "then run make again, it goes on where it stopped."
        )
    if "No space left" in output:
        return "the disk is full: about 700 MB are needed. Free some, then run make again."
    return "pip failed (its words are above). Run make again; if that does not help, remove .venv first."


def build_dashboard() -> None:
    """Build the dashboard when its sources changed since the last build."""
    result = subprocess.run([str(venv_python()), str(ROOT / "tools" / "dashboard.py"), "build"], cwd=ROOT, check=False)
    if result.returncode:
        raise SetupError(
            "the dashboard was not built (the reason is above). To go on without the pages: "
            "VOLTHERD_SKIP_DASHBOARD=1 make ..."
        )


def venv_python() -> Path:
    """The interpreter inside `.venv`."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def digest(*files: Path, extra: str = "") -> str:
    """One hash over the contents of those files."""
    total = hashlib.sha256(extra.encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def read_stamp() -> dict[str, str]:
    """What was set up before; nothing when there is no readable stamp."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def write_stamp(done: dict[str, str]) -> None:
    """Remember what is set up, so that an interrupted run goes on where it stopped."""
    STAMP.write_text(json.dumps(done, indent=1), encoding="utf-8")


def say(text: str) -> None:
    """Tell the person what takes time."""
    print(f"voltherd: {text}", flush=True)
