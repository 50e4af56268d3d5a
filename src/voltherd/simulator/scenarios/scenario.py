"""A scenario: stations, and what they do and expect, step by step."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios.marks import Mark, here
from voltherd.simulator.scenarios.steps import Step


class StationSpec(Struct, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One station.

    Attributes:
        persona: a shipped kind of station, see `voltherd simulate --list-personas`.
        identity: what it connects as; `--identity` goes before it.
        ocpp: the version it speaks where that is not the scenario's.
        password: for Basic authentication; `--password` goes before it.
        settings: first values, by keys of 1.6, `Component.Variable` of 2.x, or our names.
        boot-on-reconnect: it sends a BootNotification after a mere loss of connection.
        faults: in force from the begin, see the table of faults.
    """

    persona: str = "ac-22-single"
    identity: str | None = None
    ocpp: OcppVersion | None = None
    password: str | None = None
    firmware: str | None = None
    settings: dict[str, str | int | float | bool] = field(default_factory=dict)
    boot_on_reconnect: bool = False
    faults: list[dict[str, Any]] = field(default_factory=list)


class Scenario(Struct, kw_only=True):
    """What is done and expected.

    Attributes:
        ocpp: the versions in which it makes sense; it is run in each.
        variables: first values; null ones must be given by whoever runs it.
        accelerate: how many times faster than real time the stations live, unless told otherwise.
        seed: of everything that chance has a hand in.
        included: names of the other scenarios that it includes.
    """

    title: str
    steps: list[Step]
    description: str = ""
    ocpp: tuple[OcppVersion, ...] = tuple(OcppVersion)
    stations: dict[str, StationSpec] = field(default_factory=lambda: {"station": StationSpec()})
    variables: dict[str, Any] = field(default_factory=dict)
    accelerate: float = 1.0
    seed: int = 1
    name: str = ""
    where: Mark | None = None

    def __post_init__(self) -> None:
        """Note where it was written."""
        if self.where is None:
            self.where = here()

    @property
    def mark(self) -> Mark:
        """Where it stands."""
        return self.where or Mark("", 0)

    @property
    def asks(self) -> bool:
        """Whether somebody must act at the CSMS."""
        return any(step.VERB == "ask" for step in walk(self.steps))


def walk(steps: list[Step]) -> list[Step]:
    """All steps, with those inside of others."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        for name in (*step.NESTED, *(("steps",) if step.VERB == "include" else ())):
            for inner in getattr(step, name):
                found += walk(inner if isinstance(inner, list) else [inner])
    return found
