"""Scenarios: stations that do and expect what a file, or a program, says; see `docs/reference/scenarios.md`.

scenario = Scenario(title="It boots", steps=[Boot(), Expect(action="BootNotification", answer={"status": "Accepted"})])
outcome = await run(scenario, Options(url="ws://127.0.0.1:9000/ocpp"), OcppVersion.V201)
assert outcome.status == "passed", outcome.text()
"""

from voltherd.simulator.scenarios.asking import Csms, load_csms
from voltherd.simulator.scenarios.marks import Mark, ScenarioError
from voltherd.simulator.scenarios.outcome import Outcome, junit
from voltherd.simulator.scenarios.reading import load, loads, shipped
from voltherd.simulator.scenarios.runner import Options, run, run_all
from voltherd.simulator.scenarios.scenario import Scenario, StationSpec, walk
from voltherd.simulator.scenarios.steps import STEPS, VERBS, Step

__all__ = [
    "STEPS",
    "VERBS",
    "Csms",
    "Mark",
    "Options",
    "Outcome",
    "Scenario",
    "ScenarioError",
    "StationSpec",
    "Step",
    "junit",
    "load",
    "load_csms",
    "loads",
    "run",
    "run_all",
    "shipped",
    "walk",
]
