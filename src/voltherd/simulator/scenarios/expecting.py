"""Steps that look: at the wire, at the station; and how a failure is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from voltherd.simulator.scenarios.actor import Actor
from voltherd.simulator.scenarios.patterns import differences
from voltherd.simulator.scenarios.scope import Failed, Scope
from voltherd.simulator.scenarios.steps import AnyOrder, Expect, Never, State, Step
from voltherd.simulator.scenarios.wire import Message

NEAR_MISSES: Final = 4
"""How many messages that nearly fitted a failure tells."""

DIFFERENCES: Final = 4
"""How many differences it tells of each."""


class Wanted:
    """A message that is looked for: a step with its variables in place."""

    def __init__(self, step: Expect | Never, scope: Scope) -> None:
        self.action = str(scope.fill(step.action))
        self.who = step.from_
        self.payload = scope.fill(step.with_)
        self.answer = scope.fill(step.answer) if isinstance(step, Expect) else None
        self.error = scope.fill(step.error) if isinstance(step, Expect) else None

    def is_about(self, message: Message) -> bool:
        """Whether action and sender are right."""
        return self.action in ("*", message.action) and self.who in (None, message.who) and not message.raw

    def misses(self, message: Message, captured: dict[str, Any]) -> list[str]:
        """In what a message of that action differs."""
        found = differences(self.payload, message.payload, captured) if self.payload is not None else []
        if self.answer is None and self.error is None:
            return found
        return found + answer_misses(message, self.answer, self.error, captured)

    def __str__(self) -> str:
        whose = {"station": " of the station", "csms": " of the CSMS"}.get(self.who or "", "")
        parts = [f"{self.action}{whose}"]
        if self.payload is not None:
            parts.append(f"with {self.payload}")
        if self.answer is not None:
            parts.append(f"answered {self.answer}")
        if self.error is not None:
            parts.append(f"refused with {self.error}")
        return " ".join(parts)


def answer_misses(message: Message, answer: Any, error: Any, captured: dict[str, Any]) -> list[str]:
    """In what the answer to a message differs from what is wanted."""
    if not message.is_answered:
        return ["the answer: has not come"]
    if error is not None:
        if message.error is None:
            return [f"the answer: expected a CALLERROR with {error!r}, was {message.answer}"]
        return differences(error, message.error[0], captured, "the code of the CALLERROR")
    if message.error is not None:
        return [f"the answer: expected a CALLRESULT, was CALLERROR {message.error[0]}: {message.error[1]}"]
    return differences(answer, message.answer, captured, "answer")


async def _expect(step: Any, scope: Scope) -> None:
    number = await _look_for(step, scope, scope.seen.get(scope.actor(step).name, 0), set())
    scope.seen[scope.actor(step).name] = number


async def _any_order(step: Any, scope: Scope) -> None:
    assert isinstance(step, AnyOrder)
    start = dict(scope.seen)
    taken: dict[str, set[int]] = {}
    for one in step.steps:
        if not one.holds_in(scope.actor(one).version):
            continue
        if not isinstance(one, Expect):
            await scope.stage.perform(one, scope)
            continue
        name = scope.actor(one).name
        number = await _look_for(one, scope, start.get(name, 0), taken.setdefault(name, set()))
        taken[name].add(number)
        scope.seen[name] = max(scope.seen.get(name, 0), number)


async def _look_for(step: Expect, scope: Scope, after: int, taken: set[int]) -> int:
    """Wait for a message; gives its number."""
    actor, wanted = scope.actor(step), Wanted(step, scope)
    within_s = scope.seconds(step.within)
    loop = asyncio.get_running_loop()
    end = loop.time() + scope.stage.real_s(within_s)
    while True:
        for message in actor.wire.messages[after:]:
            captured: dict[str, Any] = {}
            if message.number not in taken and wanted.is_about(message) and not wanted.misses(message, captured):
                scope.variables.update(captured)
                return message.number
        left_s = end - loop.time()
        if left_s <= 0 or scope.stage.troubles:
            raise Failed(step.mark, _did_not_come(wanted, actor, after, taken, within_s, scope))
        await actor.wire.changed(left_s)


async def _never(step: Any, scope: Scope) -> None:
    assert isinstance(step, Never)
    actor, wanted = scope.actor(step), Wanted(step, scope)
    after = scope.seen.get(actor.name, 0)
    loop = asyncio.get_running_loop()
    end = loop.time() + scope.seconds(step.for_) / scope.stage.factor
    while True:
        for message in actor.wire.messages[after:]:
            if wanted.is_about(message) and not wanted.misses(message, {}):
                raise Failed(step.mark, f"expected no {wanted}, but seen at {message.at}: {message} {message.payload}")
        left_s = end - loop.time()
        if left_s <= 0:
            return
        await actor.wire.changed(left_s)


async def _state(step: Any, scope: Scope) -> None:
    assert isinstance(step, State)
    actor, wanted = scope.actor(step), scope.fill(step.pattern)
    captured: dict[str, Any] = {}

    def misses() -> list[str]:
        captured.clear()
        return differences(wanted, actor.state(step.evse), captured)

    within_s = scope.seconds(step.within)
    if not await actor.until(lambda: not misses(), scope.stage.real_s(within_s)):
        what = f"EVSE {step.evse}" if step.evse is not None else "the station"
        told = "; ".join(misses()[:DIFFERENCES]) or "it has become so at the last moment"
        raise Failed(step.mark, f"expected {what} to be {wanted} within {within_s:g} s, but {told}{troubles(scope)}")
    scope.variables.update(captured)


def _did_not_come(wanted: Wanted, actor: Actor, after: int, taken: set[int], within_s: float, scope: Scope) -> str:
    lines = [f"expected {wanted} within {within_s:g} s{_of(actor, scope)}, which did not come"]
    later = [one for one in actor.wire.messages[after:] if one.number not in taken]
    near = [(one, wanted.misses(one, {})) for one in later if wanted.is_about(one)]
    near.sort(key=lambda pair: (len(pair[1]), pair[0].number))
    for message, misses in near[:NEAR_MISSES]:
        more = f" (and {len(misses) - DIFFERENCES} more)" if len(misses) > DIFFERENCES else ""
        lines.append(f"  seen {message} at {message.at}: {'; '.join(misses[:DIFFERENCES])}{more}")
    if len(near) > NEAR_MISSES:
        lines.append(f"  and {len(near) - NEAR_MISSES} more of that action")
    earlier = [one for one in actor.wire.messages[:after] if wanted.is_about(one) and not wanted.misses(one, {})]
    if earlier:
        lines.append(f"  {earlier[-1]} would have fitted, but came before what was expected last")
    others = [str(one) for one in later if not wanted.is_about(one)]
    if others:
        lines.append(f"  otherwise seen since: {', '.join(others[-10:])}")
    elif not near:
        lines.append("  nothing was said since")
    if not actor.station.core.is_connected:
        lines.append(f"  the station has no connection{_last_failure(actor)}")
    return "\n".join(lines) + troubles(scope)


def _of(actor: Actor, scope: Scope) -> str:
    return f" at station {actor.name}" if len(scope.stage.actors) > 1 else ""


def _last_failure(actor: Actor) -> str:
    return f": {actor.failures[-1][0]}" if actor.failures else ""


def troubles(scope: Scope) -> str:
    """What went wrong beside the steps."""
    return "".join(f"\n  beside it: {mark}: {text}" for mark, text in scope.stage.troubles)


DOING: Final[dict[str, Callable[[Step, Scope], Awaitable[None]]]] = {
    "expect": _expect,
    "any-order": _any_order,
    "never": _never,
    "state": _state,
}
