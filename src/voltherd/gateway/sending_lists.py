"""How a local authorisation list goes to a station of any version: in parts, and once more as a whole where need be."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import CallRefused, PayloadInvalid, VoltherdError
from voltherd.domain.local_list import ListEntry, ListState, SendLocalList
from voltherd.gateway.routing import Caller
from voltherd.gateway.translating import parts
from voltherd.services.local_lists import Plan

_UNKNOWN_TO_STATION: Final = ("NotImplemented", "NotSupported")
_AGAIN: Final = ("VersionMismatch", "Failed")


class Words(NamedTuple):
    """A version's way of saying it."""

    entry: Callable[[ListEntry], Struct]
    """Raises PayloadInvalid where the version cannot take the token."""
    send: Callable[[int, bool, list[Any]], Awaitable[str]]
    """Sends (version, full, entries of the wire) and gives the status word."""
    ask: Callable[[], Awaitable[int]]
    """Gives the version that the station has."""


class _Sent(NamedTuple):
    status: str
    version: int
    """Of the last message."""
    messages: int


async def send_list(caller: Caller, command: SendLocalList, words: Words) -> Outcome:
    """Send a list; after a version mismatch or a failed change the whole list once more (D01.FR.03)."""
    lists, state = caller.services.local_lists, caller.state
    lists.begin(state)
    plan = None
    try:
        plan = await lists.plan(state, command, lambda entry: _fits(words, entry))
        return await _send(caller, command, plan, words)
    except CallRefused as refused:
        problem, ended = str(refused), _ended(refused)
        await caller.record(lambda work: lists.failed(state, work, ended, problem))
        raise
    except VoltherdError as error:
        problem = str(error)
        if plan is not None or command.entries is None:
            await caller.record(lambda work: lists.failed(state, work, "failed", problem))
        raise
    finally:
        lists.done(state)


async def _send(caller: Caller, command: SendLocalList, plan: Plan, words: Words) -> Outcome:
    lists, state = caller.services.local_lists, caller.state
    version = command.version
    if version is None:
        if not lists.is_sure(await lists.ready(state)):
            await _asked(words)
        version = await lists.next_version(state)
    sent = await _send_parts(plan, plan.entries, words, version, full=plan.full)
    tried = [sent]
    full_failed = plan.full and sent.messages == 1 and sent.status == "Failed"
    if sent.status in _AGAIN and plan.whole is not None and not full_failed:
        await _asked(words)
        version = max(await lists.next_version(state), sent.version + 1)
        sent = await _send_parts(plan, plan.whole, words, version, full=True)
        tried.append(sent)
    if sent.status == "Accepted" and plan.tokens_digest:
        await caller.record(lambda work: lists.made_of_tokens(state, work, plan.tokens_digest))
    return _outcome(plan, tried)


async def _asked(words: Words) -> None:
    """Ask for the version, which is recorded; a station that does not tell it may take a list all the same."""
    try:
        await words.ask()
    except CallRefused as refused:
        if refused.ocpp_code in _UNKNOWN_TO_STATION:
            return
        raise


async def _send_parts(plan: Plan, entries: Sequence[ListEntry], words: Words, version: int, *, full: bool) -> _Sent:
    """Send the first part as what it is, the others as changes to it, each with a version of its own."""
    limits = plan.limits
    wire = [words.entry(entry) for entry in entries]
    pieces = list(parts(wire, max_items=limits.max_items, max_bytes=limits.max_bytes)) or [[]]
    status = ""
    for number, piece in enumerate(pieces):
        status = await words.send(version + number, full and number == 0, piece)
        if status != "Accepted":
            return _Sent(status, version + number, number + 1)
    return _Sent(status, version + len(pieces) - 1, len(pieces))


def _outcome(plan: Plan, tried: list[_Sent]) -> Outcome:
    last = tried[-1]
    answer: dict[str, Any] = {"status": last.status, "version": last.version, "messages": last.messages}
    answer["entries"] = len(plan.entries if len(tried) == 1 else plan.whole or ())
    if plan.left_out:
        answer["left_out"] = plan.left_out
    if len(tried) > 1:
        answer["tried"] = [{"status": one.status, "version": one.version} for one in tried]
    return Outcome(accepted=last.status == "Accepted", status=last.status, answer=answer)


def _ended(refused: CallRefused) -> ListState:
    return "not-supported" if refused.ocpp_code in _UNKNOWN_TO_STATION else "failed"


def _fits(words: Words, entry: ListEntry) -> bool:
    try:
        words.entry(entry)
    except PayloadInvalid:
        return False
    return True
