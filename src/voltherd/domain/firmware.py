"""Firmware: updates and publications and how far they have come (functional block L)."""

from typing import Any, ClassVar, Final, Literal

from msgspec import Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.time import format_ms

UpdateState = Literal["accepted", "running", "installed", "verified", "failed", "cancelled", "rejected"]
PublicationState = Literal["accepted", "running", "published", "failed", "unpublished", "rejected"]

UPDATE_FAILED: Final = frozenset(
    {"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"}
)
PUBLICATION_FAILED: Final = frozenset({"DownloadFailed", "InvalidChecksum", "PublishFailed"})
IDLE: Final = "Idle"
MAX_HISTORY: Final = 100


class StatusChange(Struct, kw_only=True):
    """One status as the station told it."""

    status: str
    at: str
    """When it came (RFC 3339)."""
    info: str = ""
    """What the station added (2.1)."""


class UpdateFirmware(Command):
    """Let a station fetch new firmware and install it.

    With `signing_certificate` and `signature` the station checks what it fetched; in 1.6 this is SignedUpdateFirmware
    of the security whitepaper. With `firmware_version` the update counts as done once the station says that it runs
    this version, else once it reports `Installed`. Give `not_after_s` the time that the update may take.
    """

    name = "update-firmware"
    summary = "Update the firmware"
    example: ClassVar[dict[str, Any]] = {
        "location": "https://firmware.example/duo-1.5.0.bin",
        "firmware_version": "1.5.0",
        "retrieve_at": "2026-05-04T22:00:00Z",
        "retries": 3,
    }
    location: str
    """URI of the file."""
    retrieve_at: str | None = None
    """When the station may begin to fetch (RFC 3339); now, if left out."""
    install_at: str | None = None
    """When it may begin to install (RFC 3339); 1.6 only knows it for signed firmware."""
    retries: int | None = None
    retry_interval_s: int | None = None
    signing_certificate: str | None = None
    """PEM of the certificate with which the firmware was signed."""
    signature: str | None = None
    """Base64 of the firmware's signature."""
    firmware_version: str | None = None
    """The version that the station runs afterwards, as it says at boot."""


class PublishFirmware(Command):
    """Let a local controller fetch firmware and offer it to its stations (2.x)."""

    name = "publish-firmware"
    summary = "Publish firmware on a local controller"
    example: ClassVar[dict[str, Any]] = {
        "location": "https://firmware.example/duo-1.5.0.bin",
        "checksum": "0cc175b9c0f1b6a831c399e269772661",
    }
    location: str
    checksum: str
    """MD5 of the whole file, 32 hexadecimal digits."""
    retries: int | None = None
    retry_interval_s: int | None = None


class UnpublishFirmware(Command):
    """Let a local controller stop offering firmware (2.x)."""

    name = "unpublish-firmware"
    summary = "Stop publishing firmware"
    example: ClassVar[dict[str, Any]] = {"checksum": "0cc175b9c0f1b6a831c399e269772661"}
    checksum: str


_HISTORY: Final = [
    {"status": "Downloading", "at": "2026-05-04T22:00:03.000Z", "info": ""},
    {"status": "Downloaded", "at": "2026-05-04T22:01:10.000Z", "info": ""},
]


class FirmwareUpdate(Document, kw_only=True):
    """An update of a station's firmware: what was asked for, how far it is, and every status with its time.

    `status` is `accepted`, `running`, `installed` (reported, the version is not seen yet), `verified` (the station runs
    the wanted version), `failed`, `cancelled` (by a newer one) or `rejected`.
    """

    kind = "firmware-updates"
    title = "firmware update"
    example: ClassVar[dict[str, Any]] = {
        "state": "running",
        "evse_no": 0,
        "request_id": 1203,
        "location": "https://firmware.example/duo-1.5.0.bin",
        "signed": False,
        "firmware_version": "1.5.0",
        "version_before": "1.4.2",
        "retrieve_at": "2026-05-04T22:00:00Z",
        "install_at": "",
        "last_status": "Downloaded",
        "reason": "",
        "known": True,
        "requested_at_ms": 1_757_419_000_000,
        "ended_at_ms": None,
        "history": _HISTORY,
    }
    request_id: int | None = None
    """None: the station named none, and nothing was open (1.6)."""
    location: str = ""
    signed: bool = False
    firmware_version: str = ""
    """The version wanted; empty: nobody said."""
    version_before: str = ""
    retrieve_at: str = ""
    install_at: str = ""
    last_status: str = ""
    """In the station's words."""
    reason: str = ""
    """Why it ended, in words."""
    known: bool = True
    """False: the station reports an update that nobody here asked for."""
    requested_at_ms: int = 0
    ended_at_ms: int | None = None
    history: list[StatusChange] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"at-{self.requested_at_ms}" if self.request_id is None else str(self.request_id)

    @property
    def is_open(self) -> bool:
        """Whether more is to come."""
        return self.state in ("accepted", "running", "installed")

    def took(self, status: str, now_ms: int, info: str = "") -> None:
        """Take in a status (L01.FR.01): every one stays in the history, in the order they came."""
        self.last_status = status
        noted(self.history, status, now_ms, info)
        if self.state == "verified":
            return
        if status in UPDATE_FAILED:
            self.end("failed", info or status, now_ms)
        elif status == "Installed":
            self.state = "installed"
            if not self.firmware_version:
                self.end("installed", "", now_ms)
        elif status != IDLE and self.state != "installed":
            self.state = "running"

    def end(self, state: UpdateState, reason: str, now_ms: int) -> None:
        """Come to an end."""
        self.state, self.reason, self.ended_at_ms = state, reason, now_ms


class PublishedFirmware(Document, kw_only=True):
    """Firmware that a local controller offers to its stations, or was to.

    `status` is `accepted`, `running`, `published`, `failed`, `unpublished` or `rejected`.
    """

    kind = "published-firmware"
    title = "published firmware"
    example: ClassVar[dict[str, Any]] = {
        "state": "published",
        "evse_no": 0,
        "checksum": "0cc175b9c0f1b6a831c399e269772661",
        "request_id": 1204,
        "location": "https://firmware.example/duo-1.5.0.bin",
        "locations": ["http://controller.local/duo-1.5.0.bin"],
        "last_status": "Published",
        "reason": "",
        "requested_at_ms": 1_757_419_000_000,
        "history": _HISTORY,
    }
    checksum: str = ""
    """Empty: the station reports one that nobody here asked for."""
    request_id: int | None = None
    location: str = ""
    locations: list[str] = field(default_factory=list)
    """Where stations fetch it, as the controller said (L03.FR.04)."""
    last_status: str = ""
    reason: str = ""
    requested_at_ms: int = 0
    history: list[StatusChange] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.checksum or f"request-{self.request_id}"

    def took(self, status: str, locations: list[str], now_ms: int, info: str = "") -> None:
        """Take in a status (L03.FR.01)."""
        self.last_status = status
        noted(self.history, status, now_ms, info)
        if status in PUBLICATION_FAILED:
            self.state, self.reason = "failed", info or status
        elif status == "Published":
            self.state, self.locations, self.reason = "published", locations or self.locations, ""
        elif status != IDLE and self.state != "unpublished":
            self.state = "running"


def noted(history: list[StatusChange], status: str, now_ms: int, info: str) -> None:
    """Write a status down; of a very long history the beginning and the end are kept."""
    history.append(StatusChange(status=status, at=format_ms(now_ms), info=info))
    if len(history) > MAX_HISTORY:
        del history[MAX_HISTORY // 2]


COMMANDS: tuple[type[Command], ...] = (UpdateFirmware, PublishFirmware, UnpublishFirmware)
DOCUMENTS: tuple[type[Document], ...] = (FirmwareUpdate, PublishedFirmware)
