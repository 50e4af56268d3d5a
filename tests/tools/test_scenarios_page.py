"""The reference of scenarios is what the code says, and its examples are good."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from voltherd.simulator.faults import KINDS
from voltherd.simulator.scenarios import VERBS, load_csms, loads, shipped
from voltherd.simulator.scenarios.patterns import OPERATORS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "scenarios.md"
TEXT = PAGE.read_text("utf-8")
YAML = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_writing_the_page_anew_changes_nothing(tmp_path):
    fresh = tmp_path / "scenarios.md"
    subprocess.run([sys.executable, "tools/scenarios_page.py", "--out", str(fresh)], cwd=ROOT, check=True)
    assert fresh.read_text("utf-8") == TEXT, "run `.venv/bin/python tools/scenarios_page.py`"


def test_every_step_operator_fault_and_shipped_scenario_is_on_the_page():
    for name in (*VERBS, *OPERATORS, *KINDS, *shipped()):
        assert f"`{name}" in TEXT or f"{{{name}" in TEXT, name


@pytest.mark.parametrize("example", YAML, ids=range(len(YAML)))
def test_the_examples_are_good(example, tmp_path):
    if example.startswith("csms:"):
        (tmp_path / "csms.yaml").write_text(example)
        assert load_csms(str(tmp_path / "csms.yaml")).requests.keys() == {"remote-start", "reset"}
    else:
        assert loads(example if example.startswith("scenario:") else f"scenario: Example\n{example}").steps


def test_the_python_example_compiles():
    (example,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    compile(example, "example.py", "exec")
    exec(example.split("async def")[0], {})
