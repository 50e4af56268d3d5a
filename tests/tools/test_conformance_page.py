"""The list of conformance cases is what the suite holds today."""

import re
import subprocess
import sys
from pathlib import Path

from voltherd.conformance.suite import VERSIONS, ids

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "conformance.md"


def test_writing_the_page_anew_changes_nothing(tmp_path: Path) -> None:
    fresh = tmp_path / "conformance.md"
    subprocess.run([sys.executable, "tools/conformance_page.py", "--out", str(fresh)], cwd=ROOT, check=True)
    assert fresh.read_text("utf-8") == PAGE.read_text("utf-8"), "run `.venv/bin/python tools/conformance_page.py`"


def test_the_cases_of_2_1_are_those_listed_and_have_ids_of_one_shape_which_their_tests_carry() -> None:
    folder = ROOT / "tests" / "conformance" / VERSIONS["2.1"]
    of_2_1 = PAGE.read_text("utf-8").partition("\n## OCPP 2.1\n")[2]
    shown = re.findall(r"^\| (\w*_\w*) \|", of_2_1, re.MULTILINE)
    assert shown
    assert [one for one in shown if not re.fullmatch(r"TC_([A-S]_\d\d|RPC)_[1-9]\d?_V21", one)] == []
    assert sorted(shown) == sorted(ids(folder))
    tests = "".join(file.read_text("utf-8") for file in folder.glob("test_*.py"))
    for one in shown:
        assert tests.count(f'"{one}"') == 1, f"{one} is marked more than once"
        assert f"def test_{one.lower()}_" in tests, f"no test is named after {one}"
