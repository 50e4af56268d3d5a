"""Where steps happen: the stations, the variables, and how far the expectations have come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios.actor import Actor
from voltherd.simulator.scenarios.durations import Duration, seconds
from voltherd.simulator.scenarios.marks import Mark
from voltherd.simulator.scenarios.outcome import StepDone
from voltherd.simulator.scenarios.steps import Step
from voltherd.simulator.scenarios.variables import fill

if TYPE_CHECKING:
    from voltherd.simulator.scenarios.runner import Options


class Failed(Exception):
    """A scenario failed: where, what was expected and what was seen."""

    def __init__(self, mark: Mark, text: str) -> None:
        super().__init__(f"{mark}: {text}")
        self.mark = mark
        self.text = text


class Stage:
    """One run of one scenario."""

    def __init__(
        self,
        *,
        actors: dict[str, Actor],
        variables: dict[str, Any],
        version: OcppVersion,
        options: Options,
        factor: float,
        done: list[StepDone],
        perform: Callable[[Step, Scope], Awaitable[None]],
    ) -> None:
        self.actors = actors
        self.variables = variables
        self.version = version
        self.options = options
        self.factor = factor
        self.done = done
        self.perform = perform
        self.troubles: list[tuple[Mark, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def scope(self, own: dict[str, Any] | None = None) -> Scope:
        """A view from the begin; with `own` variables it has them for itself."""
        return Scope(self, {}, self.variables if own is None else self.variables | own)

    def behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the steps."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def trouble(self, mark: Mark, text: str) -> None:
        """Something beside the steps went wrong: no need to wait for what it was to bring about."""
        self.troubles.append((mark, text))
        for actor in self.actors.values():
            actor.wire.wake()

    async def finish(self) -> None:
        """Wait for what is done beside the steps.

        Raises:
            Failed: something of it went wrong.
        """
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=30.0)
        for mark, text in self.troubles:
            raise Failed(mark, text)

    async def close(self) -> None:
        """Switch everything off."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(actor.close() for actor in self.actors.values()))

    def real_s(self, within: float) -> float:
        """How long an expectation waits in real seconds: accelerated, but not less than patience asks for."""
        return max(within / self.factor, min(within, self.options.patience_s)) if self.factor > 1.0 else within


class Scope:
    """What a run of steps sees: variables, and per station the number of the last message that was expected."""

    def __init__(self, stage: Stage, seen: dict[str, int], variables: dict[str, Any]) -> None:
        self.stage = stage
        self.seen = seen
        self.variables = variables

    def actor(self, step: Step) -> Actor:
        """The station that a step is about."""
        actors = self.stage.actors
        if step.station is None:
            return next(iter(actors.values()))
        if step.station not in actors:
            raise Failed(step.mark, f"there is no station {step.station!r}; there are {', '.join(actors)}")
        return actors[step.station]

    def fill(self, value: Any) -> Any:
        """A value with its variables in place."""
        return fill(value, self.variables)

    def seconds(self, value: Duration) -> float:
        """A length of time of the station's clock."""
        return seconds(self.fill(value))

    def branch(self) -> Scope:
        """A view of its own, with the same variables."""
        return Scope(self.stage, dict(self.seen), self.variables)

    def join(self, branches: list[Scope]) -> None:
        """What branches have seen is seen."""
        for one in branches:
            for name, number in one.seen.items():
                self.seen[name] = max(self.seen.get(name, 0), number)
