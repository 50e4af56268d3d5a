"""What the translations of all versions share: outcomes, parts of a right size, and ways around refusals."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from voltherd.domain.commands import NO_ANSWER, Outcome, RemoteStart, Reset, SetVariables, Unlock
from voltherd.domain.errors import CallRefused, NotFound, NotSupportedByVersion, PayloadInvalid
from voltherd.domain.events import AvailabilityAgreed
from voltherd.domain.transaction import Transaction
from voltherd.gateway.routing import Caller, Here, Route, Routes
from voltherd.ocpp.scalars import decode_extra
from voltherd.ocpp.verdict import refusal
from voltherd.ocpp.version import OcppVersion, messages
from voltherd.services.availability import alternatives, intend
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

S = TypeVar("S", bound=Struct)
T = TypeVar("T")

MIXED: Final = "Mixed"
"""The status of an outcome whose parts were answered differently."""
EMPTY: Final = "EmptyResultSet"
"""The status of an outcome where the station named nothing at all."""
_WRITTEN: Final = ("Accepted", "RebootRequired")
_AVAILABILITY_CHANGED: Final = ("Accepted", "Scheduled")
_ENVELOPE_BYTES: Final = 128
"""Room for what surrounds the items of a request."""


def outcome(answer: Struct, *, accepted: Collection[str] = ("Accepted",)) -> Outcome:
    """Give the outcome of one answer that has a `status`; the answer's fields are named as on the wire."""
    payload: dict[str, Any] = msgspec.to_builtins(answer)
    status: str = payload["status"]
    return Outcome(accepted=status in accepted, status=status, answer=payload)


def all_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """Give the outcome of the same request for several places: accepted if any was."""
    if len(outcomes) == 1:
        return outcomes[0]
    statuses = [each.status for each in outcomes]
    accepted = any(each.accepted for each in outcomes)
    status = "Accepted" if accepted else _common(statuses)
    return Outcome(accepted=accepted, status=status, answer={"status": status, "answers": [e.answer for e in outcomes]})


def read_outcome(results: list[dict[str, Any]], unknown: list[str], unasked: Sequence[dict[str, Any]] = ()) -> Outcome:
    """Give the outcome of reading variables: accepted if any could be read, and the station left out none.

    `unasked`: results for what was not asked for; they are shown, and count for nothing.
    """
    statuses = [result["status"] for result in results] + ["Unknown"] * len(unknown)
    accepted = "Accepted" in statuses and NO_ANSWER not in statuses
    answer = {"results": results, "unknown": unknown, **_beside(unasked)}
    return Outcome(accepted=accepted, status=_common(statuses) if statuses else EMPTY, answer=answer)


def unlocked_outcome(caller: Caller, command: Unlock, answer: Struct) -> Outcome:
    """Give the outcome of unlocking, with the session that runs there, if any."""
    found = outcome(answer, accepted=("Unlocked",))
    running = caller.state.open_on(command.evse_id, command.connector_id)
    if running is not None:
        found.answer["running_transaction"] = str(running.id)
    return found


def without_limits(command: RemoteStart, version: str) -> None:
    """Refuse limits that a version cannot tell a station. Raises NotSupportedByVersion."""
    if any((command.max_cost, command.max_energy_wh, command.max_time_s, command.max_soc_percent)):
        raise NotSupportedByVersion(f"OCPP {version} has no limits of transactions; 2.1 has.")


def check_start_profile(purpose: str, names_transaction: bool) -> None:
    """Refuse a profile that may not come with a remote start (F01.FR.09, F01.FR.11). Raises PayloadInvalid."""
    if purpose != "TxProfile":
        words = f"charging_profile: its purpose is TxProfile with a remote start, not {purpose} (F01.FR.09)"
        raise PayloadInvalid(words, "PropertyConstraintViolation")
    if names_transaction:
        words = "charging_profile: no transaction is named, as it only begins now (F01.FR.11)"
        raise PayloadInvalid(words, "PropertyConstraintViolation")


def restarts_at_once(state: StationState, command: Reset) -> bool:
    """Whether a gentle restart must be asked for as a hard one: of stations that ignore it, where no session runs."""
    if not state.quirks.soft_reset_ignored or command.type not in ("soft", "on_idle"):
        return False
    return state.open_on(command.evse_id) is None if command.evse_id else not state.active()


async def check_writable(caller: Caller, command: SetVariables) -> None:
    """Refuse to send what the station would refuse by its own report, unless forced. Raises PayloadInvalid."""
    if command.force:
        return
    problems = await caller.services.device_model.problems(caller.state, command.variables)
    if problems:
        words = f"{'; '.join(problems)}. Nothing was sent; `force` sends it all the same."
        raise PayloadInvalid(words, "PropertyConstraintViolation")


def written_outcome(results: list[dict[str, Any]], unasked: Sequence[dict[str, Any]] = ()) -> Outcome:
    """Give the outcome of writing variables: accepted if all were taken, at once or after a reboot.

    `unasked`: results for what was not asked for; they are shown, and count for nothing.
    """
    statuses = [result["status"] for result in results]
    accepted = all(status in _WRITTEN for status in statuses)
    return Outcome(accepted=accepted, status=_common(statuses), answer={"results": results, **_beside(unasked)})


def items_outcome(results: list[dict[str, Any]], unasked: Sequence[dict[str, Any]] = ()) -> Outcome:
    """Give the outcome of several items: accepted if any was, and the station left out none."""
    statuses = [result["status"] for result in results]
    accepted = "Accepted" in statuses and NO_ANSWER not in statuses
    return Outcome(accepted=accepted, status=_common(statuses), answer={"results": results, **_beside(unasked)})


def _beside(unasked: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"unasked": list(unasked)} if unasked else {}


def _common(statuses: Sequence[str]) -> str:
    if not statuses:
        return "Accepted"
    return statuses[0] if len(set(statuses)) == 1 else MIXED


def wire(kind: type[S], value: object, name: str) -> S:
    """Read a part of a command that is given in a version's own words. Raises PayloadInvalid."""
    try:
        return msgspec.convert(value, kind, dec_hook=decode_extra)
    except msgspec.ValidationError as error:
        found = refusal(error)
        words = found.description.removeprefix("$").removeprefix(".")
        raise PayloadInvalid(f"{name}: {words}", str(found.code)) from None


def some(items: Sequence[T]) -> Sequence[T]:
    """Refuse an empty list. Raises PayloadInvalid."""
    if not items:
        raise PayloadInvalid("Name at least one variable.", "OccurrenceConstraintViolation")
    return items


def parts(
    items: Sequence[T],
    *,
    max_items: int | None,
    max_bytes: int | None = None,
    same: Callable[[T], object] | None = None,
) -> Iterator[list[T]]:
    """Split what is asked by what a station takes in one message; items that are the `same` never go together.

    At least one item goes in each part, however large it is.
    """
    part: list[T] = []
    seen: set[object] = set()
    size = _ENVELOPE_BYTES
    for item in items:
        item_size = len(msgspec.json.encode(item)) + 1 if max_bytes else 0
        mark = same(item) if same is not None else None
        full = len(part) == max_items or (max_bytes is not None and size + item_size > max_bytes)
        if part and (full or (same is not None and mark in seen)):
            yield part
            part, seen, size = [], set(), _ENVELOPE_BYTES
        part.append(item)
        seen.add(mark)
        size += item_size
    if part:
        yield part


def transaction_named(state: StationState, name: str) -> Transaction:
    """Find a transaction by its id on the wire or the id of its record. Raises NotFound."""
    found = state.transactions.get(name)
    if found is None:
        found = next((item for item in state.transactions.values() if str(item.id) == name), None)
    if found is None:
        raise NotFound(f"Station {state.station.identity} has no recent transaction {name}.")
    return found


def wire_id_of(state: StationState, name: str) -> str:
    """Give the id on the wire of a transaction; of one that is not at hand it is the name itself."""
    known = state.transactions.get(name)
    if known is None:
        known = next((item for item in state.transactions.values() if str(item.id) == name), None)
    return name if known is None else known.transaction_id


@contextmanager
def awaited_while_pending(state: StationState, action: str) -> Iterator[Callable[[Outcome], Outcome]]:
    """Let a station that is not accepted yet send what a trigger asks it for, unless it refuses to (B02.FR.09).

    The message may come before our side has looked at the answer, so it is let through from the call on. The function
    given takes the outcome and gives it back.
    """
    if state.station.registration == "accepted" or action in state.triggered:
        yield lambda answer: answer
        return
    took = False

    def answered(answer: Outcome) -> Outcome:
        nonlocal took
        took = took or answer.accepted
        return answer

    state.triggered.add(action)
    try:
        yield answered
    finally:
        if not took:
            state.triggered.discard(action)


async def change_one_by_one(
    caller: Caller, evse_no: int, operational: bool, change: Callable[[int], Awaitable[str]]
) -> Outcome:
    """Change the availability of the station (0) or one EVSE, and record the intent.

    Where the station as a whole is refused, each EVSE is tried, and where its only EVSE is refused, the station
    (interop trap 12). `change` sends one request and gives the status word.
    """
    others = alternatives(caller.state, evse_no)
    statuses: dict[int, str] = {}
    refuses_as_a_whole = evse_no == 0 and bool(others) and caller.state.quirks.connector_0_refused
    if not refuses_as_a_whole:
        try:
            statuses[evse_no] = await change(evse_no)
        except CallRefused as refused:
            if not others:
                raise
            statuses[evse_no] = refused.ocpp_code
    if statuses.get(evse_no) not in _AVAILABILITY_CHANGED:
        for other in others:
            statuses[other] = await change(other)
    changed = [number for number, status in statuses.items() if status in _AVAILABILITY_CHANGED]
    found = _availability_outcome(statuses, evse_no, changed)
    intended = {*changed, evse_no} if found.accepted else set(changed)

    def record(work: Work) -> None:
        intend(caller.state, work, intended, operational)
        if found.accepted and evse_no not in changed and found.status == "Accepted":
            observe(caller.state, work, AvailabilityAgreed(evse_no, operational))

    if intended:
        await caller.record(record)
    return found


def _availability_outcome(statuses: dict[int, str], evse_no: int, changed: list[int]) -> Outcome:
    others = [number for number in statuses if number != evse_no]
    if evse_no in changed or not others:
        return Outcome(accepted=evse_no in changed, status=statuses[evse_no], answer={"status": statuses[evse_no]})
    status = _common([statuses[number] for number in others])
    accepted = len(changed) == len(others)
    if accepted and status == MIXED:
        status = "Scheduled"
    tried = [{"evse_id": number, "status": word} for number, word in statuses.items()]
    return Outcome(accepted=accepted, status=status, answer={"status": status, "tried": tried})


def acknowledge(routes: Routes, version: OcppVersion, actions: Collection[str]) -> None:
    """Answer these actions with their empty response (or nothing, where nothing answers them)."""
    known = messages(version)
    for action in sorted(actions):
        response = known[action].response
        routes.handlers[action] = Route(_answering(None if response is None else response()), remember=False)


def _answering(response: Struct | None) -> Callable[[Here, Any], Struct | None]:
    def handler(here: Here, request: Any) -> Struct | None:
        return response

    return handler
