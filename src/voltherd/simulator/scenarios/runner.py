"""Runs a scenario: its stations against a CSMS, step by step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.problems import SimulatorError
from voltherd.simulator.scenarios import doing, expecting
from voltherd.simulator.scenarios.actor import Actor, Role
from voltherd.simulator.scenarios.asking import Csms
from voltherd.simulator.scenarios.durations import LONGEST_S, seconds
from voltherd.simulator.scenarios.marks import Mark, ScenarioError
from voltherd.simulator.scenarios.outcome import Outcome, Status, StepDone
from voltherd.simulator.scenarios.patterns import PatternError
from voltherd.simulator.scenarios.scenario import Scenario, StationSpec, walk
from voltherd.simulator.scenarios.scope import Failed, Scope, Stage
from voltherd.simulator.scenarios.steps import Step
from voltherd.simulator.scenarios.variables import UnknownVariableError
from voltherd.station import Clock

LAST_FRAMES: Final = 30
"""How many frames a failure shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How scenarios are run.

    Attributes:
        url: where stations connect, without their identity.
        identities: of the stations, in order; those of the scenario where there are none left.
        password: for Basic authentication, of all stations that have none of their own.
        variables: go before those of the scenario.
        accelerate: how many times faster than real time; None: as the scenario says.
        patience_s: real seconds that an expectation waits at least where time is accelerated.
        csms: how the CSMS is asked; `person` is told what to do where that is None.
        seed: None: as the scenario says.
    """

    url: str
    identities: tuple[str, ...] = ()
    password: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    accelerate: float | None = None
    patience_s: float = 5.0
    csms: Csms | None = None
    person: Callable[[str], None] | None = None
    seed: int | None = None


async def run(scenario: Scenario, options: Options, version: OcppVersion | None = None) -> Outcome:
    """Run a scenario in one version, the first of its own unless told; what goes wrong is in the outcome."""
    chosen = version or scenario.ocpp[0]
    began = time.monotonic()
    stage: Stage | None = None
    steps: list[StepDone] = []
    failure: Failed | None = None
    skipped = _why_not(scenario, options)
    if skipped is None:
        try:
            stage = _stage(scenario, options, chosen, steps)
            await _act(stage, scenario)
        except Failed as failed:
            failure = failed
        finally:
            if stage is not None:
                await stage.close()
    status: Status = "skipped" if skipped else "failed" if failure else "passed"
    mark = failure.mark if failure is not None else scenario.mark
    return Outcome(
        name=scenario.name or scenario.title,
        title=scenario.title,
        ocpp=str(chosen),
        status=status,
        seconds=round(time.monotonic() - began, 3),
        problem=skipped or (failure.text if failure is not None else ""),
        file=mark.file if status == "failed" else "",
        line=mark.line if status == "failed" else 0,
        steps=steps,
        frames=_frames(stage) if failure is not None and stage is not None else [],
    )


async def run_all(scenarios: Iterable[Scenario], options: Options, only: OcppVersion | None = None) -> list[Outcome]:
    """Run scenarios one after the other, each in each of its versions, or in one only."""
    return [
        await run(scenario, options, version)
        for scenario in scenarios
        for version in scenario.ocpp
        if only in (None, version)
    ]


def _why_not(scenario: Scenario, options: Options) -> str | None:
    if not scenario.asks:
        return None
    if options.csms is None:
        if options.person is None:
            return "somebody must act at the CSMS: give --csms, or run it at a terminal with --person"
        return None
    for step in walk(scenario.steps):
        if step.VERB == "ask" and step.request not in options.csms.requests:  # type: ignore[attr-defined]
            return f"{options.csms.where.file} has no request {step.request!r}"  # type: ignore[attr-defined]
    return None


def _frames(stage: Stage) -> list[tuple[str, str, str]]:
    many = len(stage.actors) > 1
    frames = [
        (at, f"{actor.name}/{who}" if many else who, text)
        for actor in stage.actors.values()
        for at, who, text in actor.wire.frames
    ]
    return sorted(frames, key=lambda one: one[0])[-LAST_FRAMES:] if many else frames[-LAST_FRAMES:]


# Setting the stage -------------------------------------------------------------------------------


def _stage(scenario: Scenario, options: Options, version: OcppVersion, steps: list[StepDone]) -> Stage:
    factor = options.accelerate or scenario.accelerate
    wall = _first_wall(scenario, factor)
    actors: dict[str, Actor] = {}
    variables: dict[str, Any] = dict(options.csms.variables) if options.csms is not None else {}
    variables |= scenario.variables | dict(options.variables)
    for place, (name, spec) in enumerate(scenario.stations.items()):
        role = _role(scenario, options, version, place, name, spec)
        try:
            actors[name] = Actor(role, Clock(factor=factor, wall=wall))
        except (ValueError, SimulatorError) as error:
            raise Failed(scenario.mark, f"station {name}: {error}") from None
        variables[f"identity.{name}"] = role.identity
    first = next(iter(actors.values()))
    variables |= {
        "identity": first.station.config.identity,
        "password": first.station.config.password,
        "ocpp": str(version),
        "url": options.url,
        "now": lambda: first.now,
    }
    for name, value in variables.items():
        if value is None and name != "password":
            raise Failed(scenario.mark, f"the variable {name!r} must be given: --set {name}=...")
    return Stage(
        actors=actors, variables=variables, version=version, options=options, factor=factor, done=steps, perform=perform
    )


def _role(scenario: Scenario, options: Options, version: OcppVersion, place: int, name: str, spec: StationSpec) -> Role:
    given = options.identities
    identity = given[place] if place < len(given) else spec.identity or f"SCENARIO-{place + 1}"
    return Role(
        name=name,
        spec=spec,
        url=options.url,
        identity=identity,
        version=spec.ocpp or version,
        password=options.password or spec.password,
        settings=spec.settings,
        seed=options.seed if options.seed is not None else scenario.seed,
    )


def _first_wall(scenario: Scenario, factor: float) -> datetime | None:
    """Accelerated time begins in the past, so that it does not run ahead of real time."""
    if factor <= 1.0:
        return None
    length_s = min(_length_s(scenario.steps), LONGEST_S)
    return datetime.now(UTC) - timedelta(seconds=length_s * (1.0 - 1.0 / factor))


def _length_s(steps: list[Step]) -> float:
    """How much time its steps let pass at least, as far as they tell."""
    total_s = 0.0
    for step in steps:
        for name in step.TIMES:
            value = getattr(step, name, 0.0)
            if name == "for_" and not (isinstance(value, str) and "${" in value):
                total_s += seconds(value)
        for name in (*step.NESTED, *(("steps",) if step.VERB == "include" else ())):
            inner = getattr(step, name)
            if name == "branches":
                total_s += max((_length_s(branch) for branch in inner), default=0.0)
            else:
                total_s += _length_s(inner) * getattr(step, "times", 1)
    return total_s


# Acting ------------------------------------------------------------------------------------------


async def _act(stage: Stage, scenario: Scenario) -> None:
    csms = stage.options.csms
    if csms is not None:
        for actor in stage.actors.values():
            config = actor.station.config
            own = {"identity": config.identity, "password": config.password}
            await _steps(csms.prepare, stage.scope(own))
    await _steps(scenario.steps, stage.scope())
    await stage.finish()


async def _steps(steps: list[Step], scope: Scope) -> None:
    for step in steps:
        await perform(step, scope)


async def perform(step: Step, scope: Scope) -> None:
    """Do one step.

    Raises:
        Failed: it could not be done, or what was expected did not come.
    """
    actor = scope.actor(step)
    if not step.holds_in(actor.version):
        return
    began = time.monotonic()
    try:
        await _DOING[step.VERB](step, scope)
    except Failed as failed:
        if not failed.text.startswith(step.VERB) and failed.mark == step.mark:
            failed.text = f"{step.title()}: {failed.text}"
        raise
    except UnknownVariableError as error:
        raise Failed(step.mark, f"{error}; there are {', '.join(sorted(scope.variables))}") from None
    except (SimulatorError, PatternError, ValueError) as error:
        raise Failed(step.mark, f"{step.title()}: {error}") from None
    scope.stage.done.append(
        StepDone(
            step=step.title(),
            file=step.mark.file,
            line=step.mark.line,
            seconds=round(time.monotonic() - began, 3),
            note=step.note,
        )
    )


async def _repeat(step: Any, scope: Scope) -> None:
    for number in range(1, step.times + 1):
        scope.variables["round"] = number
        await _steps(step.steps, scope)


async def _include(step: Any, scope: Scope) -> None:
    for name, value in step.variables.items():
        scope.variables[name] = scope.fill(value)
    await _steps(step.steps, scope)


async def _parallel(step: Any, scope: Scope) -> None:
    branches = [scope.branch() for _ in step.branches]
    work = [asyncio.create_task(_steps(steps, one)) for steps, one in zip(step.branches, branches, strict=True)]
    try:
        await asyncio.gather(*work)
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    scope.join(branches)


_DOING: Final = {
    **doing.DOING,
    **expecting.DOING,
    "repeat": _repeat,
    "include": _include,
    "parallel": _parallel,
}

__all__ = ["Mark", "Options", "Outcome", "ScenarioError", "perform", "run", "run_all"]
