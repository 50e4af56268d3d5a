"""The station's logs, and their upload (OCPP 2.0.1 N01; OCPP 1.6, 5.9, and N01 of its security extension).

Both logs are rings of text lines. That of security survives a restart; diagnostics live in memory only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct

from voltherd.ocpp.v2.enums import UploadLogStatusEnumType
from voltherd.station.function import Function
from voltherd.station.jobs import Failure, TransferFailed, Upload, Uploaded
from voltherd.station.remote_control import RemoteControl
from voltherd.station.setting import Setting, text
from voltherd.station.timers import Timer
from voltherd.station.triggers import Asked, TriggerOutcome

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse
    from voltherd.station.transaction import Transaction

LogKind = Literal["DiagnosticsLog", "SecurityLog"]
Channel = Literal["Log", "Diagnostics"]
"""Which message asked: GetLog, or GetDiagnostics of 1.6."""

UploadStatus = UploadLogStatusEnumType

ROOM: Final = "log"
LOG_BYTES: Final = 4096
"""How much of each log is remembered: the newest lines that fit."""

DEFAULT_RETRIES: Final = 2
DEFAULT_RETRY_S: Final = 60.0
"""Where the request leaves it to the station."""

PROTOCOLS: Final = "FTP,FTPS,HTTP,HTTPS"

_STATUS_OF: Final[dict[Failure, UploadStatus]] = {
    "BadMessage": "BadMessage",
    "PermissionDenied": "PermissionDenied",
    "NotSupportedOperation": "NotSupportedOperation",
}


class LogStatus(Struct, frozen=True):
    """How an upload goes; `request_id` is None when there is none and for GetDiagnostics."""

    channel: Channel
    status: UploadStatus
    request_id: int | None = None
    reason: str = ""


class LogRequest(Struct, frozen=True, kw_only=True):
    """What a CSMS wants uploaded, and where to. Times as OCPP writes them, None without bound."""

    channel: Channel
    kind: LogKind
    url: str
    request_id: int | None = None
    retries: int | None = None
    retry_interval_s: float | None = None
    oldest: str | None = None
    latest: str | None = None


class _Running:
    """The upload in hand."""

    __slots__ = ("attempts_left", "job", "request", "timer", "upload")

    def __init__(self, request: LogRequest, upload: Callable[[], Upload]) -> None:
        self.request = request
        self.upload = upload
        retries = DEFAULT_RETRIES if request.retries is None else max(request.retries, 0)
        self.attempts_left = 1 + retries
        self.job: Upload | None = None
        self.timer: Timer | None = None

    def cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()
        if self.timer is not None:
            self.timer.cancel()


class Logs(Function):
    """Writes lines, and uploads them."""

    __slots__ = ("_diagnostics", "_running", "_uploads")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        text("file_protocols", PROTOCOLS, "SupportedFileTransferProtocols", "OCPPCommCtrlr.FileTransferProtocols",
             kind="MemberList", values=tuple(PROTOCOLS.split(",")), access="ReadOnly"),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._diagnostics = b""
        self._running: _Running | None = None
        self._uploads = 0

    # Writing ---------------------------------------------------------------------------------

    def note(self, line: str) -> None:
        """Write a line into the diagnostics log."""
        self._diagnostics = _with_line(self._diagnostics, self._stamped(line))

    def note_security(self, line: str) -> None:
        """Write a line into the security log, durably (OCPP 2.0.1 A04.FR.04)."""
        log = _with_line(self._security(), self._stamped(line))
        self.core.storage.keep(ROOM, "SecurityLog", log)

    def _security(self) -> bytes:
        return self.core.storage.all(ROOM).get("SecurityLog", b"")

    def _stamped(self, line: str) -> bytes:
        return f"{self.core.clock.text(self.core.now)} {' '.join(line.split())}\n".encode()

    def accepted(self) -> None:
        """Note it."""
        self.note("connected and accepted")

    def disconnected(self) -> None:
        """Note it."""
        self.note("connection lost")

    def setting_changed(self, name: str) -> None:
        """Note the new value, unless nobody may read it (OCPP 2.0.1 A01.FR.12)."""
        setting = self.core.settings.setting(name)
        value = "" if setting.access == "WriteOnly" else f" to {self.core.settings.text(name)[:100]}"
        self.note(f"setting {name} changed{value}")

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """Note it."""
        self.note(f"transaction {transaction.id} started on EVSE {evse.id}")

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Note it."""
        self.note(f"transaction {transaction.id} ended on EVSE {evse.id}")

    # Uploading -------------------------------------------------------------------------------

    def upload(self, request: LogRequest) -> tuple[Literal["Accepted", "AcceptedCanceled", "Rejected"], str | None]:
        """Bring a log to a URL, after the answer to the request in hand; an upload under way is given up for it.

        Returns:
            The answer, and the name of the file; Rejected where there is nothing to upload (N01.FR.05).
        """
        content = self._content(request)
        if content is None:
            return "Rejected", None
        cancelled = self._cancel()
        self._uploads += 1
        name = f"{_safe(self.core.config.identity)}-{request.kind}-{request.request_id or self._uploads}.txt"
        running = _Running(request, lambda: self._job(request.url, name, content))
        self._running = running
        self.core.afterwards(lambda: self._start(running))
        return "AcceptedCanceled" if cancelled else "Accepted", name

    def restarting(self) -> None:
        """An upload does not survive a restart."""
        self._diagnostics = b""
        if self._running is not None:
            self._tell("UploadFailure", "The station restarted")
            self._running.cancel()
            self._running = None

    def tell_status(self, channel: Channel) -> None:
        """Say how the upload goes, as the CSMS asked (OCPP 2.0.1 F06.FR.14, F06.FR.15)."""
        running = self._running
        if running is None or running.request.channel != channel:
            self.core.trigger(LogStatus(channel, "Idle"))
        else:
            self.core.trigger(LogStatus(channel, "Uploading", running.request.request_id))

    def _cancel(self) -> bool:
        """Give up the upload under way (N01.FR.12, N01.FR.20)."""
        running = self._running
        if running is None:
            return False
        running.cancel()
        self.core.afterwards(lambda: self._tell_of(running.request, "AcceptedCanceled"))
        return True

    def _start(self, running: _Running) -> None:
        if self._running is not running:
            return
        running.timer = None
        running.attempts_left -= 1
        self._tell("Uploading")
        running.job = running.upload()
        self.core.ask(running.job)

    def _job(self, url: str, name: str, content: bytes) -> Upload:
        roots = self.core.certificates.csms_roots_pem()
        return Upload(url=url, name=name, content=content, roots_pem=roots, on_done=self._done)

    def _done(self, outcome: object) -> None:
        running = self._running
        if running is None:
            return
        if isinstance(outcome, Uploaded):
            self._finish("Uploaded")
            return
        assert isinstance(outcome, TransferFailed)
        self.note(f"upload failed: {outcome.text}")
        if running.attempts_left > 0:
            wait_s = DEFAULT_RETRY_S if running.request.retry_interval_s is None else running.request.retry_interval_s
            running.timer = self.core.timers.at(self.core.now + wait_s, lambda: self._start(running))
            return
        reason = "RedirectNotAllowed" if outcome.failure == "Redirected" else ""
        self._finish(_STATUS_OF.get(outcome.failure, "UploadFailure"), reason)

    def _finish(self, status: UploadStatus, reason: str = "") -> None:
        self._tell(status, reason)
        self._running = None

    def _tell(self, status: UploadStatus, reason: str = "") -> None:
        if self._running is not None:
            self._tell_of(self._running.request, status, reason)

    def _tell_of(self, request: LogRequest, status: UploadStatus, reason: str = "") -> None:
        self.core.queue(LogStatus(request.channel, status, request.request_id, reason))

    # Content ---------------------------------------------------------------------------------

    def _content(self, request: LogRequest) -> bytes | None:
        """The file, None where no line is of the time asked for."""
        lines = self._security() if request.kind == "SecurityLog" else self._diagnostics
        chosen = [line for line in lines.splitlines(keepends=True) if self._is_between(line, request)]
        if not chosen and (request.oldest is not None or request.latest is not None):
            return None
        return self._head(request.kind) + b"".join(chosen)

    def _is_between(self, line: bytes, request: LogRequest) -> bool:
        clock, now = self.core.clock, self.core.now
        at = clock.at(line.partition(b" ")[0].decode(), now)
        oldest = None if request.oldest is None else clock.at(request.oldest, now)
        latest = None if request.latest is None else clock.at(request.latest, now)
        return at is None or ((oldest is None or at >= oldest) and (latest is None or at <= latest))

    def _head(self, kind: LogKind) -> bytes:
        """Who the station is; diagnostics tell its settings too, but nothing secret."""
        config, settings = self.core.config, self.core.settings
        lines = [
            f"{kind} of {config.identity} at {self.core.clock.text(self.core.now)}",
            f"{config.vendor} {config.model} {config.serial_number} {self.core.provisioning.firmware_version}",
        ]
        if kind == "DiagnosticsLog":
            lines += [f"{s.name} = {settings.text(s.name)}" for s in settings if s.access != "WriteOnly"]
            lines += [
                f"EVSE {evse.id} connector {number} {evse.state(number)}"
                for evse in self.core.evses.values()
                for number in evse.connector_ids
            ]
        return "".join(f"# {line}\n" for line in lines).encode()


def _with_line(log: bytes, line: bytes) -> bytes:
    """Add a line; the oldest ones fall out at the other end."""
    log += line
    if len(log) > LOG_BYTES:
        log = log[-LOG_BYTES:].partition(b"\n")[2]
    return log


def _safe(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)


def _tell_log(core: StationCore, asked: Asked) -> TriggerOutcome:
    core.logs.tell_status("Log")
    return "Accepted"


def _tell_diagnostics(core: StationCore, asked: Asked) -> TriggerOutcome:
    core.logs.tell_status("Diagnostics")
    return "Accepted"


RemoteControl.triggers["LogStatusNotification"] = _tell_log
RemoteControl.triggers["DiagnosticsStatusNotification"] = _tell_diagnostics
