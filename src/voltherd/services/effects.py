"""Effects: `Accepted` is not success. What a station does afterwards is matched with the commands that wanted it."""

import msgspec

from voltherd.domain.commands import (
    COMMANDS,
    ChangeAvailability,
    Command,
    CommandRecord,
    GetReport,
    RemoteStart,
    RemoteStop,
    Reset,
    Trigger,
)
from voltherd.domain.events import Began, Booted, Ended, Fact, Received, ReportCompleted, StatusReported
from voltherd.domain.id_token import token_key
from voltherd.services.state import StationState
from voltherd.services.work import Work

OBSERVABLE: tuple[type[Command], ...] = (RemoteStart, RemoteStop, Reset, ChangeAvailability, Trigger, GetReport)
"""Commands whose effect shows later; for all others the answer itself is the effect."""


def command_of(record: CommandRecord) -> Command | None:
    """Read the command back from its record; None for raw calls."""
    kind = COMMANDS.get(record.name)
    return msgspec.json.decode(record.request, type=kind) if kind else None


def observe(state: StationState, work: Work, fact: Fact) -> None:
    """Mark the oldest open command that this fact fulfils."""
    if not state.open_commands:
        return
    for record in list(state.open_commands.values()):
        if record.state not in ("sent", "accepted"):
            continue
        command = command_of(record)
        words = _effect(state, record, command, fact) if command is not None else None
        if words is not None:
            record.state, record.effect, record.effect_at_ms = "effect_seen", words, work.now_ms
            del state.open_commands[record.id]
            work.put(record)
            work.tell("command", str(record.id))
            return


def _effect(state: StationState, record: CommandRecord, command: Command, fact: Fact) -> str | None:
    match command, fact:
        case RemoteStart(), Began(transaction):
            mine = transaction.remote_start_id
            same = (
                mine == remote_start_id(record.id)
                if mine is not None
                else (
                    token_key(transaction.id_token) == token_key(command.id_token)
                    and command.evse_id in (None, transaction.evse_no)
                )
            )
            return f"session {transaction.transaction_id} began on EVSE {transaction.evse_no}" if same else None
        case RemoteStop(), Ended(transaction):
            same = command.transaction_id in (str(transaction.id), transaction.transaction_id)
            return f"session {transaction.transaction_id} ended" if same else None
        case Reset(), Booted(reason):
            return f"the station booted again ({reason})" if reason else "the station booted again"
        case Reset(evse_id=int(evse_no)), StatusReported(connector) if evse_no == connector.evse_no > 0:
            return f"EVSE {evse_no} reported {connector.status}" if connector.status == "Available" else None
        case ChangeAvailability(), StatusReported(connector):
            return _availability(command, connector.evse_no, connector.connector_no, connector.status)
        case Trigger(), Received(action, evse_no):
            same = triggers(command.message, action) and command.evse_id in (None, evse_no)
            return f"{action} came" if same else None
        case GetReport(), ReportCompleted(request_id, variables):
            return f"{variables} variables reported" if request_id == remote_start_id(record.id) else None
    return None


def _availability(command: ChangeAvailability, evse_no: int, connector_no: int, status: str) -> str | None:
    if command.evse_id not in (None, 0, evse_no) or command.connector_id not in (None, 0, connector_no):
        return None
    if (status == "Unavailable") == command.operational:
        return None
    where = f"EVSE {evse_no}" if evse_no else "the station"
    return f"{where} reported {status}"


def triggers(wanted: str, action: str) -> bool:
    """Whether a message of this action is what the trigger asked for (names of 1.6 and 2.x)."""
    return wanted == action or (wanted.startswith("Sign") and action == "SignCertificate")


def remote_start_id(command_id: int) -> int:
    """Fold a command's id to a positive number of 31 bits, as remoteStartId or requestId on the wire."""
    return command_id % 0x7FFF_FFFF + 1
