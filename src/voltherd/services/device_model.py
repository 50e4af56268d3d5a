"""The device model: reports and variables of 2.x and configuration keys of 1.6, in one store (functional block B)."""

from collections.abc import Iterable, Sequence

from voltherd.domain.commands import VariableValue
from voltherd.domain.device_model import OCPP16_COMPONENT, Report, Variable
from voltherd.domain.events import ReportCompleted
from voltherd.domain.variable_check import problem_with
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import observe, remote_start_id
from voltherd.services.ports import Records
from voltherd.services.reports import Reports
from voltherd.services.state import StationState
from voltherd.services.work import Work

_SECRETS = frozenset({("securityctrlr", "basicauthpassword"), (OCPP16_COMPONENT.casefold(), "authorizationkey")})
REPORT_SILENCE_MS = 60_000
"""A report of which nothing came for this long is not waited for any longer (interop trap 16)."""
NEVER_ENDED = "report-never-ended"


def is_secret(component: str, variable: str) -> bool:
    """Whether a variable's value is a password, never to be recorded (A01.FR.09); names are case-insensitive."""
    return (component.strip().casefold(), variable.strip().casefold()) in _SECRETS


class DeviceModel:
    """Records what stations report of their configuration, and what operators want it to be.

    None in a Variable means that nothing was said: a record says only what its message told.
    """

    def __init__(self, needs: Dependencies) -> None:
        self._records = needs.records
        self._reports = Reports(needs.documents)

    def reported(self, state: StationState, work: Work, variables: Iterable[Variable]) -> int:
        """Record variables as the station has them now; gives how many."""
        count = 0
        for variable in variables:
            variable.tenant_id, variable.station_id = state.station.tenant_id, state.station.id
            variable.observed_at_ms = work.now_ms
            if is_secret(variable.component, variable.variable):
                variable.actual_value = None
            work.put(variable)
            count += 1
            self._learn(state, work, variable)
        return count

    # -- reports --------------------------------------------------------------------------------------------------

    def report_begun(self, state: StationState, work: Work, request_id: int) -> None:
        """The station agreed to report: from now on its silence is noticed. Raises NotLoaded."""
        self._reports.needed(state)
        state.reports.setdefault(request_id, Report(at_ms=work.now_ms))

    def report_part(
        self,
        state: StationState,
        work: Work,
        request_id: int,
        variables: Iterable[Variable],
        *,
        seq_no: int,
        last: bool,
    ) -> None:
        """Record one part of a report; parts may come in any order, asked for or not (B07.FR.08, B08.FR.04).

        What came of it before a restart of ours counts.
        """
        before = self._reports.recall(state, work, "variables", request_id)
        report = state.reports.get(request_id)
        if report is None:
            report = state.reports[request_id] = Report(at_ms=work.now_ms)
            if before is not None:
                before.put_into(report)
        report.came(seq_no, work.now_ms, last=last)
        report.variables += self.reported(state, work, variables)
        if report.is_complete:
            self._completed(state, work, request_id)
        else:
            self._reports.came(state, work, "variables", request_id, report, report.variables)

    def overdue(self, state: StationState, work: Work) -> None:
        """End the reports that have fallen silent, with their gaps told; called every second or so."""
        silent = [number for number, one in state.reports.items() if work.now_ms - one.at_ms >= REPORT_SILENCE_MS]
        for request_id in silent:
            report, station = state.reports[request_id], state.station
            if not report.parts and not _is_awaited(state, request_id):
                del state.reports[request_id]  # it ended before its request was seen to be answered
                continue
            if report.last is None and NEVER_ENDED not in station.flags:
                station.flags = (*station.flags, NEVER_ENDED)
                work.put(station)
            self._completed(state, work, request_id)

    def _completed(self, state: StationState, work: Work, request_id: int) -> None:
        report = state.reports.pop(request_id)
        self._reports.came(state, work, "variables", request_id, report, report.variables, given_up=True)
        work.tell("station", state.station.identity)
        fact = ReportCompleted(request_id, report.variables, tuple(report.missing), report.last is not None)
        observe(state, work, fact)

    # -- writing --------------------------------------------------------------------------------------------------

    async def problems(self, state: StationState, wanted: Sequence[VariableValue]) -> list[str]:
        """Say which of these values the station would refuse, by what it reported of its variables."""
        known: dict[tuple[object, ...], Variable] = {}
        for variable in await variables_of(self._records, state):
            known[_name(variable)] = variable
            known.setdefault(_name(variable)[:-1], _characteristics(variable))
        found = []
        for value in wanted:
            name = _name_wanted(value)
            about = known.get(name) or known.get(name[:-1])
            problem = problem_with(about, value.value) if about is not None else None
            if problem is not None and about is not None:
                found.append(f"{about.component}.{about.variable}: {problem}")
        return found

    def wanted(self, state: StationState, work: Work, variable: Variable) -> None:
        """Record what the station answered to a wish: `desired_value` and `apply_state` are set by the caller."""
        variable.tenant_id, variable.station_id = state.station.tenant_id, state.station.id
        if is_secret(variable.component, variable.variable):
            variable.desired_value = None
        elif variable.apply_state == "applied":
            variable.actual_value, variable.observed_at_ms = variable.desired_value, work.now_ms
        work.put(variable)
        work.tell("station", state.station.identity)

    @staticmethod
    def _learn(state: StationState, work: Work, variable: Variable) -> None:
        """Take over the smallest limit that the station states for reading and writing variables."""
        field = _LIMITS.get((variable.component, variable.variable))
        text = variable.actual_value or ""
        if field is None or variable.attribute != "Actual" or variable.variable_instance not in _LIMITED:
            return
        limit = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        known = getattr(state.station, field)
        if limit > 0 and (known is None or limit < known):
            setattr(state.station, field, limit)
            work.put(state.station)


def _is_awaited(state: StationState, request_id: int) -> bool:
    return any(remote_start_id(command_id) == request_id for command_id in state.open_commands)


async def variables_of(records: Records, state: StationState) -> list[Variable]:
    """Read all that is known of a station's variables."""
    station, cursor = state.station, None
    found: list[Variable] = []
    while True:
        page = await records.variables(station.tenant_id, station.id, cursor=cursor)
        found.extend(page.items)
        cursor = page.next
        if cursor is None:
            return found


def items_per_message(state: StationState) -> int | None:
    """Give how many variables go into one message to this station; None: any number."""
    limits = [one for one in (state.station.items_per_message, state.quirks.items_per_message) if one is not None]
    return min(limits, default=None)


def _name(variable: Variable) -> tuple[object, ...]:
    """Give what tells a variable from others; names are case-insensitive. The attribute is last."""
    texts = (variable.component, variable.component_instance, variable.variable, variable.variable_instance)
    place = max(variable.evse_no, 0), max(variable.connector_no, 0)
    return *(text.casefold() for text in texts), *place, variable.attribute


def _name_wanted(value: VariableValue) -> tuple[object, ...]:
    texts = (
        value.component or OCPP16_COMPONENT,
        value.component_instance or "",
        value.variable,
        value.variable_instance or "",
    )
    place = value.evse_id or 0, value.connector_id or 0
    return *(text.casefold() for text in texts), *place, value.attribute or "Actual"


def _characteristics(variable: Variable) -> Variable:
    """Give what holds for all attributes of a variable."""
    return Variable(
        station_id=variable.station_id,
        component=variable.component,
        variable=variable.variable,
        data_type=variable.data_type,
        unit=variable.unit,
        min_limit=variable.min_limit,
        max_limit=variable.max_limit,
        values_list=variable.values_list,
    )


_LIMITS = {
    ("DeviceDataCtrlr", "ItemsPerMessage"): "items_per_message",
    ("DeviceDataCtrlr", "BytesPerMessage"): "bytes_per_message",
    (OCPP16_COMPONENT, "GetConfigurationMaxKeys"): "items_per_message",
}
_LIMITED = frozenset({"", "GetVariables", "SetVariables"})
"""Instances that count; the limits of reports and other lists are theirs alone."""
