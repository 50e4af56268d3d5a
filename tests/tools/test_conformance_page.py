"""The list of conformance cases is what the suite holds today."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_writing_the_page_anew_changes_nothing(tmp_path: Path) -> None:
    fresh = tmp_path / "conformance.md"
    subprocess.run([sys.executable, "tools/conformance_page.py", "--out", str(fresh)], cwd=ROOT, check=True)
    committed = (ROOT / "docs" / "reference" / "conformance.md").read_text("utf-8")
    assert fresh.read_text("utf-8") == committed, "run `.venv/bin/python tools/conformance_page.py`"
