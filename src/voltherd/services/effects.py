"""Effects: `Accepted` is not success. What a station does afterwards is matched with the commands that wanted it.

Each noun registers how the effect of its commands is recognised: `@effect_of(UpdateFirmware)` on a function of
`(state, record, command, fact)`. Commands without one are done with their answer.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from voltherd.domain.availability import holds
from voltherd.domain.catalogue import COMMANDS
from voltherd.domain.commands import (
    ChangeAvailability,
    Command,
    CommandRecord,
    GetReport,
    RemoteStart,
    RemoteStop,
    Reset,
    Trigger,
)
from voltherd.domain.events import (
    AvailabilityAgreed,
    Began,
    Booted,
    Ended,
    Fact,
    Received,
    ReportCompleted,
    StatusReported,
)
from voltherd.domain.id_token import token_key
from voltherd.domain.report import words_of
from voltherd.domain.transaction import Limits, Transaction, limits_of, set_limits
from voltherd.services.state import StationState
from voltherd.services.work import Work


class NotDone(str):
    """Words that say why what a command began has failed for good."""

    __slots__ = ()


Seen = str | NotDone | None
"""What was observed, in words; `NotDone` where it failed; None where the fact has nothing to do with the command."""
Effect = Callable[[StationState, CommandRecord, Any, Fact], Seen]
_EFFECTS: dict[type[Command], Effect] = {}


def effect_of(*kinds: type[Command]) -> Callable[[Effect], Effect]:
    """Register how the effect of commands is recognised."""

    def register(function: Effect) -> Effect:
        for kind in kinds:
            if kind in _EFFECTS:
                raise ValueError(f"{kind.__name__} has two effects")
            _EFFECTS[kind] = function
        return function

    return register


def is_observable(command: Command) -> bool:
    """Whether the command's effect shows after the answer."""
    return type(command) in _EFFECTS


def command_of(record: CommandRecord) -> Command | None:
    """Read the command back from its record; None for raw calls."""
    kind = COMMANDS.get(record.name)
    return msgspec.json.decode(record.request, type=kind) if kind else None


def observe(state: StationState, work: Work, fact: Fact) -> None:
    """Mark the oldest open command that this fact fulfils, or ends; a boot fulfils all that wait for it."""
    if not state.open_commands:
        return
    for record in list(state.open_commands.values()):
        if record.state not in ("sent", "accepted"):
            continue
        command = command_of(record)
        effect = _EFFECTS.get(type(command)) if command is not None else None
        words = effect(state, record, command, fact) if effect is not None else None
        if words is not None:
            failed = isinstance(words, NotDone)
            record.state = "failed" if failed else "effect_seen"
            record.effect, record.effect_at_ms = str(words), work.now_ms
            if failed:
                problem = {"title": "The station could not do it", "detail": str(words)}
                record.error = msgspec.json.encode(problem).decode()
            del state.open_commands[record.id]
            work.put(record)
            work.tell("command", str(record.id))
            if not isinstance(fact, Booted):
                return


@effect_of(RemoteStart)
def _started(state: StationState, record: CommandRecord, command: RemoteStart, fact: Fact) -> Seen:
    if not isinstance(fact, Began):
        return None
    transaction = fact.transaction
    if transaction.remote_start_id is not None:
        same = transaction.remote_start_id == remote_start_id(record.id)
    else:
        same_token = token_key(transaction.id_token) == token_key(command.id_token)
        same = same_token and command.evse_id in (None, transaction.evse_no)
    if not same:
        return None
    _limit(transaction, command)
    return f"session {transaction.transaction_id} began on EVSE {transaction.evse_no}"


def _limit(transaction: Transaction, command: RemoteStart) -> None:
    """Want the limits that came with a remote start: told with the answer to the first event (F07.FR.02)."""
    wanted = Limits(
        max_cost=command.max_cost,
        max_energy_wh=command.max_energy_wh,
        max_time_s=command.max_time_s,
        max_soc_percent=command.max_soc_percent,
    )
    if wanted != Limits():
        set_limits(transaction, msgspec.structs.replace(limits_of(transaction), wanted=wanted))


@effect_of(RemoteStop)
def _stopped(state: StationState, record: CommandRecord, command: RemoteStop, fact: Fact) -> Seen:
    if not isinstance(fact, Ended):
        return None
    transaction = fact.transaction
    same = command.transaction_id in (str(transaction.id), transaction.transaction_id)
    return f"session {transaction.transaction_id} ended" if same else None


@effect_of(Reset)
def _restarted(state: StationState, record: CommandRecord, command: Reset, fact: Fact) -> Seen:
    if isinstance(fact, Booted) and fact.reason != "Triggered":
        return f"the station booted again ({fact.reason})" if fact.reason else "the station booted again"
    if isinstance(fact, StatusReported) and command.evse_id and fact.connector.evse_no == command.evse_id:
        status = fact.connector.status
        return f"EVSE {command.evse_id} reported {status}" if status == "Available" else None
    return None


@effect_of(ChangeAvailability)
def _available(state: StationState, record: CommandRecord, command: ChangeAvailability, fact: Fact) -> Seen:
    if isinstance(fact, AvailabilityAgreed):
        return _holds_already(state, command, fact)
    if not isinstance(fact, StatusReported):
        return None
    connector = fact.connector
    words = _availability(command, connector.evse_no, connector.connector_no, connector.status)
    return words if words is not None and not _waits(state, command) else None


def _holds_already(state: StationState, command: ChangeAvailability, fact: AvailabilityAgreed) -> Seen:
    """The station agreed to what holds by its last reports: it has nothing new to send."""
    if fact.evse_no not in (0, command.evse_id) or command.operational != fact.operational:
        return None
    statuses = state.statuses_within(command.evse_id or 0, command.connector_id or 0)
    if not holds(command.operational, statuses):
        return None
    where = f"EVSE {command.evse_id}" if command.evse_id else "the station"
    return f"{where} was {', '.join(dict.fromkeys(statuses))} already"


def _waits(state: StationState, command: ChangeAvailability) -> bool:
    """Whether a connector in question goes on for its session, to be taken out afterwards (G03.FR.05, G04.FR.06)."""
    return not command.operational and any(
        place[1]
        and command.evse_id in (None, 0, place[0])
        and command.connector_id in (None, 0, place[1])
        and connector.status not in ("Unavailable", "Faulted")
        and state.open_on(*place) is not None
        for place, connector in state.connectors.items()
    )


@effect_of(Trigger)
def _triggered(state: StationState, record: CommandRecord, command: Trigger, fact: Fact) -> Seen:
    if isinstance(fact, StatusReported):
        same = command.message == "StatusNotification" and command.evse_id in (None, fact.connector.evse_no)
        return f"EVSE {fact.connector.evse_no} reported {fact.connector.status}" if same else None
    if not isinstance(fact, Received):
        return None
    evse_no = fact.evse_no
    if evse_no is None and fact.action == "TransactionEvent" and state.open_on(command.evse_id or 0) is not None:
        evse_no = command.evse_id  # an event names its EVSE once only
    same = triggers(command.custom or command.message, fact.action) and command.evse_id in (None, evse_no)
    return f"{fact.action} came" if same else None


@effect_of(GetReport)
def _reported(state: StationState, record: CommandRecord, command: GetReport, fact: Fact) -> Seen:
    same = isinstance(fact, ReportCompleted) and fact.request_id == remote_start_id(record.id)
    return report_seen(state, fact) if isinstance(fact, ReportCompleted) and same else None


def report_seen(state: StationState, fact: ReportCompleted) -> Seen:
    """Say what came of a report: gaps are told, and one that never ended is no success unless all of its kind are so.

    See interop trap 16.
    """
    words = words_of("variables", fact.variables, fact.missing, ended=fact.ended)
    return words if fact.ended or (fact.variables and state.quirks.report_never_ends) else NotDone(words)


def _availability(command: ChangeAvailability, evse_no: int, connector_no: int, status: str) -> str | None:
    if command.evse_id not in (None, 0, evse_no) or command.connector_id not in (None, 0, connector_no):
        return None
    if (status == "Unavailable") == command.operational:
        return None
    where = f"EVSE {evse_no}" if evse_no else "the station"
    return f"{where} reported {status}"


def triggers(wanted: str, action: str) -> bool:
    """Whether a message of this action is what the trigger asked for (names of 1.6 and 2.x)."""
    signs = wanted.startswith("Sign") and action == "SignCertificate"
    return wanted == action or signs or action == f"Signed{wanted}"


def remote_start_id(command_id: int) -> int:
    """Fold a command's id to a positive number of 31 bits, as remoteStartId or requestId on the wire."""
    return command_id % 0x7FFF_FFFF + 1
