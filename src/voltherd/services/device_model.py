"""The device model: reports and variables of 2.x and configuration keys of 1.6, in one store (functional block B)."""

from collections.abc import Iterable

from voltherd.domain.device_model import OCPP16_COMPONENT, Variable
from voltherd.domain.events import ReportCompleted
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

_SECRETS = frozenset({("securityctrlr", "basicauthpassword"), (OCPP16_COMPONENT.casefold(), "authorizationkey")})


def is_secret(component: str, variable: str) -> bool:
    """Whether a variable's value is a password, never to be recorded (A01.FR.09)."""
    return (component.casefold(), variable.casefold()) in _SECRETS


class DeviceModel:
    """Records what stations report of their configuration, and what operators want it to be.

    None in a Variable means that nothing was said: a record says only what its message told.
    """

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

    def report_part(
        self, state: StationState, work: Work, request_id: int, variables: Iterable[Variable], *, last: bool
    ) -> None:
        """Record one part of a report; parts may come in any order (B07.FR.08, B08.FR.04)."""
        count = state.reports.get(request_id, 0) + self.reported(state, work, variables)
        state.reports[request_id] = count
        if last:
            del state.reports[request_id]
            work.tell("station", state.station.identity)
            observe(state, work, ReportCompleted(request_id, count))

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


_LIMITS = {
    ("DeviceDataCtrlr", "ItemsPerMessage"): "items_per_message",
    ("DeviceDataCtrlr", "BytesPerMessage"): "bytes_per_message",
    (OCPP16_COMPONENT, "GetConfigurationMaxKeys"): "items_per_message",
}
_LIMITED = frozenset({"", "GetVariables", "SetVariables"})
"""Instances that count; the limits of reports and other lists are theirs alone."""
