"""Keeps which parts of reports came, so that a report goes on after a restart of the server (B07, B08, N02)."""

from typing import Final

import msgspec
from msgspec import Struct

from voltherd.domain.commands import CommandRecord, GetReport
from voltherd.domain.device_model import Report
from voltherd.domain.monitoring import GetCustomReport, GetMonitoringReport
from voltherd.domain.report import StationReport, What, key_of
from voltherd.services.documents import Documents, document_of
from voltherd.services.effects import remote_start_id
from voltherd.services.ports import Records
from voltherd.services.state import StationState
from voltherd.services.work import Work

MAX_KEPT: Final = 50
"""So many reports of a station are remembered; the oldest go first."""
STALE_MS: Final = 600_000
"""A report that no command waits for, and of which nothing came for this long, does not go on."""
_NAMES: Final = (GetReport.name, GetCustomReport.name, GetMonitoringReport.name)


class Reports:
    """Keeps the reports of stations as documents."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def needed(self, state: StationState) -> None:
        """Have the reports in memory. Raises NotLoaded."""
        self._documents.held(state, StationReport)

    def recall(self, state: StationState, work: Work, what: What, request_id: int) -> StationReport | None:
        """Give a report that still goes on, as it was when its last part came. Raises NotLoaded."""
        found = self._documents.held(state, StationReport).get(key_of(what, request_id))
        return found if found is not None and found.state == "coming" and _goes_on(state, work, found) else None

    def came(
        self,
        state: StationState,
        work: Work,
        what: What,
        request_id: int,
        report: Report,
        items: int,
        *,
        whole: bool = False,
        given_up: bool = False,
    ) -> None:
        """Write down what came of a report so far. Raises NotLoaded, so call `recall` or `needed` before."""
        command_id = next((one for one in state.open_commands if remote_start_id(one) == request_id), None)
        self._documents.keep(
            state,
            work,
            StationReport(
                state="complete" if report.is_complete else ("incomplete" if given_up else "coming"),
                request_id=request_id,
                what=what,
                command_id=None if command_id is None else str(command_id),
                items=items,
                highest=max(report.parts, default=-1),
                missing=report.missing,
                last=report.last,
                whole=whole,
                began_at_ms=report.began_ms or report.at_ms,
                part_at_ms=report.at_ms,
            ),
        )
        self._tidy(state, work)

    def _tidy(self, state: StationState, work: Work) -> None:
        held = list(self._documents.held(state, StationReport).values())
        for oldest in held[: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, oldest)
        for one in held[-MAX_KEPT:]:
            if one.state == "coming" and not _goes_on(state, work, one):
                one.state = "incomplete"
                self._documents.keep(state, work, one)


def _goes_on(state: StationState, work: Work, report: StationReport) -> bool:
    awaited = any(remote_start_id(command_id) == report.request_id for command_id in state.open_commands)
    return awaited or work.now_ms - report.part_at_ms < STALE_MS


async def given_up(
    records: Records, state: StationState | None, command: CommandRecord, now_ms: int
) -> tuple[str, list[Struct]]:
    """Say what came of the report that a command waited for in vain, and give what is to be written of it.

    Read from the store, as the station may have left and the server may have been started anew.
    """
    if command.name not in _NAMES:
        return "", []
    request_id = remote_start_id(command.id)
    for row in await records.documents_of(command.tenant_id, command.station_id, StationReport.kind):
        held = state.documents.get(StationReport.kind, {}).get(row.key) if state is not None else None
        report = document_of(row) if held is None else held.document
        if not isinstance(report, StationReport) or report.request_id != request_id:
            continue
        if report.state != "coming":
            return f"; {report.words}", []
        report.state = row.state = "incomplete"
        row.data, row.changed_ms = msgspec.json.encode(report).decode(), now_ms
        return f"; {report.words}", [row]
    return "", []
