"""The device model: reports and variables of 2.x and configuration keys of 1.6, in one store (functional block B)."""

from collections.abc import Iterable

from voltherd.domain.device_model import Variable
from voltherd.domain.events import ReportCompleted
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work


class DeviceModel:
    """Records what stations report of their configuration."""

    def reported(self, state: StationState, work: Work, variables: Iterable[Variable]) -> int:
        """Record variables as the station has them now; gives how many."""
        count = 0
        for variable in variables:
            variable.tenant_id, variable.station_id = state.station.tenant_id, state.station.id
            variable.observed_at_ms = work.now_ms
            work.add(variable)
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

    @staticmethod
    def _learn(state: StationState, work: Work, variable: Variable) -> None:
        """Take over the limits that the station states for its own messages, unless set by hand."""
        if variable.component != "DeviceDataCtrlr" or variable.attribute != "Actual":
            return
        text = variable.actual_value or ""
        value = int(text) if text.isdigit() else 0
        if value <= 0:
            return
        station = state.station
        if variable.variable == "ItemsPerMessage" and station.items_per_message is None:
            station.items_per_message = value
            work.put(station)
        elif variable.variable == "BytesPerMessage" and station.bytes_per_message is None:
            station.bytes_per_message = value
            work.put(station)
