"""Follows logs that stations upload (functional block N), and hands out places for them."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from voltherd.domain.commands import CommandRecord
from voltherd.domain.diagnostics import (
    MAX_HISTORY,
    OPEN_LOGS,
    UPLOAD_PATH,
    GetLog,
    Log,
    LogState,
    UploadStatus,
    upload_in,
)
from voltherd.domain.errors import Invalid
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.time import format_ms
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import NotDone, Seen, effect_of, observe, remote_start_id
from voltherd.services.ports import LogFiles
from voltherd.services.settings import Diagnostics as DiagnosticsSetting
from voltherd.services.state import StationState
from voltherd.services.work import Work

LOG: Final = "log"
CANCELLED: Final = "AcceptedCanceled"
IDLE: Final = "Idle"
MAX_KEPT: Final = 200
"""So many logs of a station are remembered; the oldest that have ended go first."""
_STATES: Final[Mapping[str, LogState]] = {
    "Uploading": "uploading",
    "Uploaded": "uploaded",
    "UploadFailure": "failed",
    "UploadFailed": "failed",
    "BadMessage": "failed",
    "PermissionDenied": "failed",
    "NotSupportedOperation": "failed",
    CANCELLED: "cancelled",
}


class Asked(Struct, kw_only=True):
    """A request for a log as it was answered."""

    request_id: int | None
    """None: diagnostics of 1.6."""
    type: str
    location: str
    status: str
    file_name: str = ""


class Logs:
    """Remembers which logs were asked for, and what became of them."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._settings = needs.settings
        self.files: LogFiles | None = needs.log_files

    async def location(self, command: GetLog) -> str:
        """Give where a station is to upload: what the command says, else a one-time place of ours. Raises Invalid."""
        if command.location is not None:
            return command.location
        base = self._settings.get(DiagnosticsSetting).upload_base_url
        if base is None or self.files is None:
            raise Invalid(
                "Name a location, or set `upload_base_url` of the setting `diagnostics`: the address under which "
                "stations reach this server's API."
            )
        return f"{base.rstrip('/')}{UPLOAD_PATH}{await self.files.reserve()}"

    def asked(self, state: StationState, work: Work, asked: Asked) -> None:
        """Record a request for a log. `AcceptedCanceled` ends the upload under way before it (N01.FR.12)."""
        held = self._documents.held(state, Log)
        if asked.status == CANCELLED:
            for other in [item for item in held.values() if item.state in OPEN_LOGS]:
                if other.number is None or other.number != asked.request_id:
                    self._become(state, work, other, CANCELLED, "")
        log = self._told_before(held, asked) or Log(
            state="rejected" if asked.status == "Rejected" else "accepted",
            name=_fresh_name(held, asked.request_id, work.now_ms),
            number=asked.request_id,
        )
        log.location, log.upload = upload_in(asked.location)
        log.type, log.file_name = asked.type, asked.file_name
        if log.state == "unknown":
            log.state = "accepted"
        if log.state == "rejected":
            log.ended_at_ms = work.now_ms
        self._documents.keep(state, work, log)
        self._drop_oldest(state, work)

    @staticmethod
    def _told_before(held: dict[str, Log], asked: Asked) -> Log | None:
        """Give what was recorded of a log whose first status came before the answer was looked at."""
        newest = _newest(held, asked.request_id) if asked.request_id is not None else _last(held)
        return newest if newest is not None and not newest.type and newest.number == asked.request_id else None

    def status(self, state: StationState, work: Work, request_id: int | None, status: str, info: str = "") -> None:
        """Record how an upload goes (N01.FR.07-13); without a number it is that of the newest open one."""
        held = self._documents.held(state, Log)
        log = _newest(held, request_id)
        if log is None:
            if status == IDLE:
                return
            name = _fresh_name(held, request_id, work.now_ms)
            log = Log(state="unknown", name=name, number=request_id)
        self._become(state, work, log, status, info)

    def _become(self, state: StationState, work: Work, log: Log, status: str, info: str) -> None:
        log.history = [*log.history, UploadStatus(status=status, at=format_ms(work.now_ms), info=info)][-MAX_HISTORY:]
        log.state = _STATES.get(status, log.state)
        log.ended_at_ms = None if log.state in OPEN_LOGS else log.ended_at_ms or work.now_ms
        self._documents.keep(state, work, log)
        observe(state, work, Progressed(LOG, log.number, status))

    def _drop_oldest(self, state: StationState, work: Work) -> None:
        held = self._documents.held(state, Log)
        ended = [item for item in held.values() if item.state not in OPEN_LOGS]
        for log in ended[: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, log)


def _newest(held: dict[str, Log], request_id: int | None) -> Log | None:
    """Give the newest log of a number; without a number the newest open one that has none, then any open one."""
    logs = list(reversed(held.values()))
    if request_id is not None:
        return next((log for log in logs if log.number == request_id), None)
    open_ = [log for log in logs if log.state in OPEN_LOGS]
    return next((log for log in open_ if log.number is None), next(iter(open_), None))


def _last(held: dict[str, Log]) -> Log | None:
    return next(reversed(held.values()), None)


def _fresh_name(held: Mapping[str, object], request_id: int | None, now_ms: int) -> str:
    name = f"at {now_ms}" if request_id is None else str(request_id)
    number = 1
    while name in held:
        number += 1
        name = f"{request_id if request_id is not None else f'at {now_ms}'} #{number}"
    return name


@effect_of(GetLog)
def _uploaded(state: StationState, record: CommandRecord, command: GetLog, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != LOG:
        return None
    if fact.request_id is None:
        if command.type != "diagnostics":
            return None
    elif fact.request_id != remote_start_id(record.id):
        return None
    became = _STATES.get(fact.status)
    if became == "cancelled":
        return NotDone("A newer request for a log took its place.")
    if became == "failed":
        return NotDone(f"The station could not upload the log: {fact.status}.")
    return "the log was uploaded" if became == "uploaded" else None
