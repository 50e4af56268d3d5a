import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [text for group in project["project"]["optional-dependencies"].values() for text in group]
    return [
        Requirement(t) for t in [*project["project"]["dependencies"], *extras, *project["dependency-groups"]["dev"]]
    ]


def test_the_lock_names_no_index_and_no_path() -> None:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "://" in line or line.startswith("-") or " @ " in line] == []


def test_every_locked_version_has_hashes() -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.split("\n", 1)[1])
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("requirement", wanted(), ids=lambda r: r.name)
def test_the_lock_satisfies_what_the_project_asks_for(requirement: Requirement) -> None:
    locked = re.search(rf"^{re.escape(canonicalize_name(requirement.name))}==([^ ]+)", LOCK, re.MULTILINE)
    assert locked, "run `make lock`"
    assert requirement.specifier.contains(locked[1]), "run `make lock`"


def test_the_pages_lock_names_no_address() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "differs from the lock"),
        ("ERROR: No matching distribution found for rich==15.0.0", "a download failed"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("something else", "pip failed"),
    ],
)
def test_a_failed_installation_says_what_to_do(said: str, advice: str) -> None:
    assert advice in tool("environment").pip_advice(said)


def test_the_build_is_known_by_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = tool("dashboard")
    monkeypatch.setattr(dashboard, "WEB", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("1")
    before = dashboard.sources_digest()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("not a source")
    assert dashboard.sources_digest() == before
    (tmp_path / "src" / "main.ts").write_text("2")
    assert dashboard.sources_digest() != before


def test_a_wrong_verb_is_answered_with_the_usage() -> None:
    answer = subprocess.run(
        [sys.executable, ROOT / "tools" / "dashboard.py", "paint"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "usage:" in answer.stderr


def test_setup_can_be_read_by_every_python_3() -> None:
    source = (ROOT / "tools" / "setup.py").read_text(encoding="utf-8")
    assert not re.search(r"\bf['\"]|->|:=|from __future__", source)
