"""Moves stations to another CSMS, or another way to this one (functional block B)."""

from typing import Any

import msgspec

from voltherd.domain.commands import CommandRecord, GetVariables, SetVariables, VariableName, VariableValue
from voltherd.domain.device_model import Variable
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.network_profile import Connection, MigrateCsms, NetworkProfile, State
from voltherd.services.dependencies import Dependencies
from voltherd.services.device_model import variables_of
from voltherd.services.effects import NotDone, Seen, effect_of, observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

COMPONENT = "OCPPCommCtrlr"
PRIORITY = "NetworkConfigurationPriority"
ACTIVE = "ActiveNetworkProfile"
ACTIVE_PROFILE = "active-network-profile"
CAME_BACK = "rule: the station came back after it was sent to another CSMS"
FELL_BACK = "rule: the station could not connect to the other CSMS"


class NetworkProfiles:
    """Keeps what stations were told of CSMSs, and follows those that are on their way to another one."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records

    def told(
        self, state: StationState, work: Work, slot: int, connection: Connection, outcome: State, reason: str
    ) -> None:
        """Record a profile and what the station said to it (B09). Raises NotLoaded.

        A profile that was refused does not replace the one that is there.
        """
        known = self._documents.held(state, NetworkProfile).get(str(slot))
        if outcome != "set" and known is not None and known.state == "set":
            known.reason = f"{outcome}: {reason or connection.csms_url}"
            self._documents.keep(state, work, known)
            return
        fields: dict[str, Any] = msgspec.to_builtins(connection.without_secrets())
        told = {name: value for name, value in fields.items() if value is not None}
        self._documents.keep(
            state,
            work,
            NetworkProfile(state=outcome, slot=slot, connection=told, sent_at_ms=work.now_ms, reason=reason),
        )

    async def slots(self, state: StationState) -> list[str]:
        """Give the configuration slots that the station reported to have (B09.FR.05)."""
        for variable in await variables_of(self._records, state):
            if _is(variable, PRIORITY) and variable.values_list:
                return numbers(variable.values_list)
        return []

    def booted(self, state: StationState, work: Work) -> None:
        """Ask a station that was sent away and is here again over which slot it came."""
        if any(record.name == MigrateCsms.name and record.state == "accepted" for record in _open(state)):
            name = VariableName(component=COMPONENT, variable=ACTIVE)
            work.follow_up(GetVariables(variables=[name]), CAME_BACK)

    def read(self, state: StationState, work: Work, variable: Variable) -> None:
        """A variable was read: the active slot tells whether a station fell back; then its old order is put back."""
        if not _is(variable, ACTIVE) or variable.actual_value is None:
            return
        for record in list(_open(state)):
            if record.name != MigrateCsms.name or record.state != "accepted":
                continue
            said = _answer(record)
            observe(state, work, Progressed(ACTIVE_PROFILE, None, variable.actual_value))
            if said.get("slot") != _number(variable.actual_value) and said.get("priority_before"):
                before = VariableValue(component=COMPONENT, variable=PRIORITY, value=said["priority_before"])
                work.follow_up(SetVariables(variables=[before], force=True), FELL_BACK)


@effect_of(MigrateCsms)
def _moved(state: StationState, record: CommandRecord, command: MigrateCsms, fact: Fact) -> Seen:
    """Back here over the new slot: another way to this CSMS. Over another slot: the station fell back (B10.FR.07)."""
    if isinstance(fact, Progressed) and fact.what == ACTIVE_PROFILE:
        if _answer(record).get("slot") == _number(fact.status):
            return f"the station connected over slot {fact.status}"
        return NotDone(f"the station fell back to slot {fact.status}")
    return None


def numbers(text: str) -> list[str]:
    """Split a list of slots; some stations write blanks or brackets (interop trap 14)."""
    return [item.strip(' []"') for item in text.replace(";", ",").split(",") if item.strip(' []"')]


def _is(variable: Variable, name: str) -> bool:
    named = variable.component.casefold(), variable.variable.casefold()
    return named == (COMPONENT.casefold(), name.casefold()) and variable.attribute == "Actual"


def _open(state: StationState) -> list[CommandRecord]:
    return list(state.open_commands.values())


def _answer(record: CommandRecord) -> dict[str, Any]:
    return msgspec.json.decode(record.answer, type=dict[str, Any]) if record.answer else {}


def _number(text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdigit() else None
