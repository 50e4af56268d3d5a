"""The steps of scenarios, as data: what files say and what the Python API builds.

In a file a step is an object whose first key is the verb; the value of the verb is the step's main value, its other
keys are the other fields. In Python a step is an instance: `Expect(action="BootNotification", within=10)`.
"""

from __future__ import annotations

from typing import Final

from voltherd.simulator.scenarios.step import Step
from voltherd.simulator.scenarios.steps_doing import (
    Boot,
    Connect,
    Drop,
    Fault,
    Offline,
    Online,
    Plug,
    PowerCut,
    Present,
    Repair,
    Restart,
    Set,
    Unplug,
    Vehicle,
)
from voltherd.simulator.scenarios.steps_order import (
    AnyOrder,
    Ask,
    Http,
    Include,
    Let,
    Parallel,
    Repeat,
    Say,
    Wait,
)
from voltherd.simulator.scenarios.steps_saying import (
    Alter,
    Expect,
    Faults,
    Heal,
    Never,
    Override,
    Send,
    SendRaw,
    State,
)

STEPS: Final[tuple[type[Step], ...]] = (
    Connect,
    Boot,
    Plug,
    Unplug,
    Present,
    Vehicle,
    Fault,
    Repair,
    Wait,
    Expect,
    Never,
    State,
    AnyOrder,
    Parallel,
    Repeat,
    Include,
    Send,
    SendRaw,
    Override,
    Alter,
    Faults,
    Heal,
    Drop,
    Offline,
    Online,
    PowerCut,
    Restart,
    Set,
    Let,
    Say,
    Ask,
    Http,
)
"""All kinds of steps, in the order of the reference."""

VERBS: Final = {step.VERB: step for step in STEPS}

__all__ = [
    "STEPS",
    "VERBS",
    "Alter",
    "AnyOrder",
    "Ask",
    "Boot",
    "Connect",
    "Drop",
    "Expect",
    "Fault",
    "Faults",
    "Heal",
    "Http",
    "Include",
    "Let",
    "Never",
    "Offline",
    "Online",
    "Override",
    "Parallel",
    "Plug",
    "PowerCut",
    "Present",
    "Repair",
    "Repeat",
    "Restart",
    "Say",
    "Send",
    "SendRaw",
    "Set",
    "State",
    "Step",
    "Unplug",
    "Vehicle",
    "Wait",
]
