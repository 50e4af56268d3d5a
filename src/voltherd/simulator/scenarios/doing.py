"""Steps that do: with the line, the power, drivers, hardware, messages, and the other hand on the CSMS."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import msgspec

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.frames import encode_call
from voltherd.ocpp.payload import decode_request
from voltherd.simulator.faults import Alter, Delay, Fault, Lose, Pretend, Refuse, read_faults
from voltherd.simulator.first_settings import named
from voltherd.simulator.scenarios.actor import Actor
from voltherd.simulator.scenarios.asking import HttpProblem, send
from voltherd.simulator.scenarios.expecting import answer_misses, troubles
from voltherd.simulator.scenarios.patterns import differences
from voltherd.simulator.scenarios.scope import Failed, Scope
from voltherd.simulator.scenarios.steps import Http, Step
from voltherd.simulator.vehicle import Vehicle, VehicleModel, model
from voltherd.station import Token

QUIET_S: Final = 15.0
"""How long a restart waits for the last messages."""


# The line and the power --------------------------------------------------------------------------


async def _connect(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    station = actor.station
    password = actor.password if step.password == "${password}" else scope.fill(step.password)
    station.config = station.core.config = replace(station.config, password=password)
    actor.failures.clear()
    actor.switch_on()
    real_s = scope.stage.real_s(scope.seconds(step.within))
    enough = 2 if step.refused is False else 1  # one may be of an attempt that was under way

    def is_decided() -> bool:
        return station.core.is_connected or sum(status is not None for _, status in actor.failures) >= enough

    await actor.until(is_decided, real_s)
    refused = actor.failures[-1] if actor.failures else None
    if step.refused is False:
        if not station.core.is_connected:
            raise Failed(step.mark, f"expected a connection to {station.url}, but {_reason(refused)}")
    elif station.core.is_connected or refused is None or refused[1] is None:
        seen = "the connection was accepted" if station.core.is_connected else _reason(refused)
        raise Failed(step.mark, f"expected the connection to be refused, but {seen}")
    elif step.refused is not True and refused[1] != step.refused:
        raise Failed(step.mark, f"expected the connection to be refused with {step.refused}, but {_reason(refused)}")


def _reason(refused: tuple[str, int | None] | None) -> str:
    return "nothing came of it in time" if refused is None else f"it failed: {refused[0]}"


async def _boot(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    actor.switch_on()
    within_s = scope.seconds(step.within)
    if not await actor.until(lambda: actor.station.core.is_online, scope.stage.real_s(within_s)):
        core = actor.station.core
        seen = f"it has no connection: {_reason(actor.failures[-1] if actor.failures else None)}"
        if core.is_connected:
            seen = _boot_answer(actor)
        raise Failed(step.mark, f"expected the CSMS to accept the station within {within_s:g} s, but {seen}")


def _boot_answer(actor: Actor) -> str:
    """What the CSMS made of the last BootNotification."""
    boots = [one for one in actor.wire.messages if one.who == "station" and one.action == "BootNotification"]
    if not boots:
        return "it is connected and has sent no BootNotification"
    last = next((one for one in reversed(boots) if one.is_answered), None)
    if last is None:
        return f"none of its {len(boots)} BootNotifications was answered"
    answer = f"CALLERROR {last.error[0]}: {last.error[1]}" if last.error is not None else str(last.answer)
    status = last.answer.get("status") if isinstance(last.answer, dict) else None
    known = status in ("Accepted", "Pending", "Rejected")
    strange = "" if known or last.error is not None else ", which is no answer that OCPP knows"
    return f"the last answer to its BootNotification was {answer[:300]}{strange}"


async def _drop(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    if actor.station.connection is None:
        raise Failed(step.mark, "there is no connection to drop")
    before = actor.losses
    actor.station.drop(at_once=step.at_once)
    await actor.until(lambda: actor.losses > before, 5.0)


async def _offline(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    actor.station.set_network(False)
    await actor.until(lambda: not actor.station.core.is_connected, 5.0)


async def _online(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    actor.station.set_network(True)
    within_s = scope.seconds(step.within)
    if not await actor.until(lambda: actor.station.core.is_online, scope.stage.real_s(within_s)):
        raise Failed(step.mark, f"expected the station back at the CSMS within {within_s:g} s, but it is not")


async def _power_cut(step: Any, scope: Scope) -> None:
    station = scope.actor(step).station
    await station.power_cut()
    await station.clock.sleep(scope.seconds(step.for_))
    station.power_back()


async def _restart(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    core = actor.station.core
    core.now = actor.station.clock.now()
    core.charging.stop_all("Reboot", "ResetCommand")
    actor.station.pump()
    await actor.until(lambda: core.is_quiet, QUIET_S / scope.stage.factor)
    core.provisioning.boot_reason = "LocalReset"
    core.must_leave = True
    actor.station.pump()


# People and hardware -----------------------------------------------------------------------------


async def _plug(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    kinds = actor.vehicles(step.evse) if step.evse in actor.station.hardware else ()
    if step.vehicle is None and not kinds:
        raise Failed(step.mark, f"there is no EVSE {step.evse} for vehicles; there are {len(actor.station.hardware)}")
    kind = model(step.vehicle) if step.vehicle is not None else _usual(kinds)
    car = Vehicle(kind, soc=step.soc, target_soc=step.target_soc, emaid=scope.fill(step.emaid))
    actor.station.plug(step.evse, car, step.connector)


def _usual(kinds: tuple[VehicleModel, ...]) -> VehicleModel:
    """A car that takes three phases where one fits, so that there is something to see."""
    return next((one for one in kinds if one.ac_phases == 3), kinds[0])


async def _unplug(step: Any, scope: Scope) -> None:
    scope.actor(step).station.unplug(step.evse)


async def _present(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    heard: list[bool] = []
    token = Token(str(scope.fill(step.token)), step.kind)
    actor.station.tap(step.evse, token, heard.append)
    if step.accepted is None:
        return
    within_s = scope.seconds(step.within)
    await actor.until(lambda: bool(heard), scope.stage.real_s(within_s))
    words = {True: "accepted", False: "refused"}
    if not heard:
        raise Failed(
            step.mark, f"expected {token.id} to be {words[step.accepted]}, but nothing came of it in {within_s:g} s"
        )
    if heard[0] is not step.accepted:
        raise Failed(step.mark, f"expected {token.id} to be {words[step.accepted]}, but it was {words[heard[0]]}")


async def _vehicle(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    evse = actor.station.evse(step.evse)
    now = actor.station.clock.now()
    if evse.car is None:
        raise Failed(step.mark, f"there is no vehicle at EVSE {step.evse}")
    if step.does == "full":
        evse.advance(now)
        evse.car.target_soc = evse.car.soc
        evse.notice()
    else:
        evse.pause(step.does == "pause", now)
    actor.station.pump()


async def _fault(step: Any, scope: Scope) -> None:
    scope.actor(step).station.break_evse(step.evse, step.code)


async def _repair(step: Any, scope: Scope) -> None:
    scope.actor(step).station.break_evse(step.evse, None)


async def _set(step: Any, scope: Scope) -> None:
    station = scope.actor(step).station
    station.core.now = station.clock.now()
    for name, value in named(scope.fill(step.settings)).items():
        station.core.settings.change(name, value)
    station.pump()


async def _wait(step: Any, scope: Scope) -> None:
    await scope.actor(step).station.clock.sleep(scope.seconds(step.for_))


# What is said ------------------------------------------------------------------------------------


async def _send(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    action, payload = str(scope.fill(step.action)), scope.fill(step.payload)
    _need_connection(actor, step)
    data = msgspec.json.encode(payload)
    if step.check:
        try:
            decode_request(actor.version, action, data)
        except OcppError as error:
            raise Failed(step.mark, f"the payload is not valid in OCPP {actor.version}: {error}") from None
    message_id = str(uuid.uuid4())
    before = len(actor.wire.messages)
    actor.line.sent(encode_call(message_id, action, data))
    if not step.wait:
        return

    def sent() -> list[Any]:
        return [one for one in actor.wire.messages[before:] if one.message_id == message_id]

    within_s = scope.seconds(step.within)
    await actor.until(lambda: any(one.is_answered for one in sent()), scope.stage.real_s(within_s))
    if not sent() or not sent()[0].is_answered:
        raise Failed(step.mark, f"expected an answer to {action} within {within_s:g} s, but none came")
    message = sent()[0]
    captured: dict[str, Any] = {}
    answer = scope.fill(step.answer) if step.answer is not None or step.error is not None else {}
    misses = answer_misses(message, answer, scope.fill(step.error), captured)
    if misses:
        raise Failed(step.mark, f"expected another answer to {action}: {'; '.join(misses)}{troubles(scope)}")
    scope.variables.update(captured)
    scope.seen[actor.name] = max(scope.seen.get(actor.name, 0), message.number)


async def _send_raw(step: Any, scope: Scope) -> None:
    actor = scope.actor(step)
    _need_connection(actor, step)
    actor.line.sent(str(scope.fill(step.text)).encode())


def _need_connection(actor: Actor, step: Step) -> None:
    if not actor.station.core.is_connected:
        raise Failed(step.mark, "the station has no connection")


async def _override(step: Any, scope: Scope) -> None:
    action, times = str(scope.fill(step.action)), step.times
    fault: Fault
    if step.answer is not None:
        fault = Pretend(actions=(action,), answer=scope.fill(step.answer), times=times)
    elif step.error is not None:
        fault = Refuse(actions=(action,), code=step.error, times=times)
    elif step.silence:
        fault = Lose(side="received", what="calls", actions=(action,), times=times)
    else:
        delay_s = scope.seconds(step.delay)
        fault = Delay(side="sent", what="answers", actions=(action,), least_s=delay_s, most_s=delay_s, times=times)
    scope.actor(step).line.add(fault)


async def _alter(step: Any, scope: Scope) -> None:
    fault = Alter(actions=(step.action,), set=scope.fill(step.set), remove=tuple(step.remove), times=step.times)
    scope.actor(step).line.add(fault)


async def _faults(step: Any, scope: Scope) -> None:
    for fault in read_faults(scope.fill(step.faults)):
        scope.actor(step).line.add(fault)


async def _heal(step: Any, scope: Scope) -> None:
    scope.actor(step).line.remove(step.kind)


# Variables, words, the CSMS ----------------------------------------------------------------------


async def _let(step: Any, scope: Scope) -> None:
    for name, value in step.variables.items():
        scope.variables[name] = scope.fill(value)


async def _say(step: Any, scope: Scope) -> None:
    step.note = str(scope.fill(step.text))


async def _ask(step: Any, scope: Scope) -> None:
    values = {name: scope.fill(value) for name, value in step.values.items()}
    csms, person = scope.stage.options.csms, scope.stage.options.person
    if csms is None:
        assert person is not None
        person(str(scope.fill(step.text)) or f"{step.request}: {values}")
        return
    asked = Scope(scope.stage, scope.seen, scope.variables | {"identity": scope.actor(step).station.config.identity})
    asked.variables.update(values)
    scope.stage.behind(_requests(csms.requests[step.request], step, asked))


async def _requests(steps: list[Step], ask: Step, scope: Scope) -> None:
    """What a CSMS is asked; goes on beside the steps, as its API may wait for what the station says."""
    try:
        for step in steps:
            await scope.stage.perform(step, scope)
    except Failed as failed:
        scope.stage.trouble(ask.mark, f"{ask.title()}: {failed}")


async def _http(step: Any, scope: Scope) -> None:
    assert isinstance(step, Http)
    if step.wait:
        await _request(step, scope)
        return

    async def beside() -> None:
        try:
            await _request(step, scope)
        except Failed as failed:
            scope.stage.trouble(failed.mark, failed.text)

    scope.stage.behind(beside())


async def _request(step: Http, scope: Scope) -> None:
    request, body = str(scope.fill(step.request)), scope.fill(step.body)
    headers = {name: str(scope.fill(value)) for name, value in step.headers.items()}
    try:
        answer = await asyncio.to_thread(send, request, headers, body, scope.seconds(step.within))
    except HttpProblem as problem:
        raise Failed(step.mark, f"{request}: {problem}") from None
    wanted = [step.status] if isinstance(step.status, int) else step.status
    if answer.status not in wanted:
        told = ", ".join(map(str, wanted))
        raise Failed(step.mark, f"{request}: expected {told}, was {answer.status}: {answer.text[:300]}")
    if step.answer is not None:
        captured: dict[str, Any] = {}
        misses = differences(scope.fill(step.answer), answer.json(), captured, "answer")
        if misses:
            raise Failed(step.mark, f"{request}: {'; '.join(misses[:4])}")
        scope.variables.update(captured)


DOING: Final[dict[str, Callable[[Step, Scope], Awaitable[None]]]] = {
    "connect": _connect,
    "boot": _boot,
    "drop": _drop,
    "offline": _offline,
    "online": _online,
    "power-cut": _power_cut,
    "restart": _restart,
    "plug": _plug,
    "unplug": _unplug,
    "present": _present,
    "vehicle": _vehicle,
    "fault": _fault,
    "repair": _repair,
    "set": _set,
    "wait": _wait,
    "send": _send,
    "send-raw": _send_raw,
    "override": _override,
    "alter": _alter,
    "faults": _faults,
    "heal": _heal,
    "let": _let,
    "say": _say,
    "ask": _ask,
    "http": _http,
}
