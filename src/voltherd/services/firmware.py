"""Follows updates and publications until the next boot proves them (functional block L)."""

from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from voltherd.domain.commands import CommandRecord
from voltherd.domain.document import Document
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.events import Booted, Fact, Progressed
from voltherd.domain.firmware import (
    IDLE,
    PUBLICATION_FAILED,
    UPDATE_FAILED,
    FirmwareUpdate,
    PublishedFirmware,
    PublishFirmware,
    UpdateFirmware,
)
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import NotDone, Seen, command_of, effect_of, observe, remote_start_id
from voltherd.services.state import StationState
from voltherd.services.work import Work

UPDATE: Final = "firmware"
PUBLICATION: Final = "published-firmware"
CANCELLED: Final = "cancelled by a newer update"
MAX_KEPT: Final = 50
"""So many updates and publications of a station are kept; the oldest that have ended go first."""
_TAKEN: Final = ("Accepted", "AcceptedCanceled")

D = TypeVar("D", bound=Document)


class Wanted(Struct, kw_only=True):
    """What an update asked for, as it went over the wire."""

    request_id: int | None
    """None: 1.6 without signature knows no number."""
    location: str
    retrieve_at: str = ""
    install_at: str = ""
    signed: bool = False


class Firmware:
    """Follows updates and publications until the next boot proves them (functional block L)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._clock_ms = needs.clock_ms

    def instant(self, text: str | None, name: str) -> str:
        """Give the instant that a command names, or now, as it goes over the wire. Raises PayloadInvalid."""
        return instant(text, name, self._clock_ms())

    # -- updates --------------------------------------------------------------------------------------------------

    def answered(self, state: StationState, work: Work, wanted: Wanted, status: str, info: str = "") -> None:
        """Record what the station said to an update, from a command or a raw call (L01, L02)."""
        held = self._documents.held(state, FirmwareUpdate)
        record = _command_behind(state, wanted)
        command = command_of(record) if record is not None else None
        number = wanted.request_id
        if number is None and record is not None:
            number = remote_start_id(record.id)
        update = FirmwareUpdate(
            state="accepted",
            request_id=number,
            location=wanted.location,
            signed=wanted.signed,
            firmware_version=(command.firmware_version or "") if isinstance(command, UpdateFirmware) else "",
            version_before=state.station.firmware_version,
            retrieve_at=wanted.retrieve_at,
            install_at=wanted.install_at,
            requested_at_ms=work.now_ms,
        )
        if status not in _TAKEN:
            update.end("rejected", info or status, work.now_ms)
        elif status == "AcceptedCanceled":
            self._cancel(state, work, held, update.key)
        self._keep(state, work, held, update)

    def _cancel(self, state: StationState, work: Work, held: dict[str, FirmwareUpdate], newer: str) -> None:
        """End what a newer update replaced (L01.FR.24)."""
        for update in held.values():
            if update.is_open and update.key != newer:
                update.end("cancelled", CANCELLED, work.now_ms)
                self._documents.keep(state, work, update)
                observe(state, work, Progressed(UPDATE, update.request_id, CANCELLED))

    def status(self, state: StationState, work: Work, request_id: int | None, status: str, info: str = "") -> None:
        """Record a status of an update; one that nobody asked for gets a document of its own (L01.FR.01, L01.FR.20)."""
        held = self._documents.held(state, FirmwareUpdate)
        update = _meant(held, request_id, status)
        if update is None:
            if status == IDLE:
                return
            update = FirmwareUpdate(
                state="running",
                request_id=request_id,
                version_before=state.station.firmware_version,
                known=False,
                requested_at_ms=work.now_ms,
            )
        update.took(status, work.now_ms, info)
        runs = state.station.firmware_version
        if update.state == "installed" and runs and update.firmware_version == runs != update.version_before:
            update.end("verified", f"the station runs {update.firmware_version}", work.now_ms)
        self._keep(state, work, held, update)
        observe(state, work, Progressed(UPDATE, update.request_id, status))

    def booted(self, state: StationState, work: Work, firmware_version: str) -> None:
        """Compare the version of a boot with the one wanted; called before the boot is recorded. Raises NotLoaded."""
        waiting = any(record.name == UpdateFirmware.name for record in state.open_commands.values())
        if not waiting and firmware_version == state.station.firmware_version:
            return
        for update in self._documents.held(state, FirmwareUpdate).values():
            if not update.is_open or not update.firmware_version:
                continue
            words = proof(update, firmware_version)
            if words is not None:
                update.end("failed" if isinstance(words, NotDone) else "verified", str(words), work.now_ms)
                self._documents.keep(state, work, update)

    def _keep(self, state: StationState, work: Work, held: dict[str, FirmwareUpdate], update: FirmwareUpdate) -> None:
        self._documents.keep(state, work, update)
        for oldest in [old for old in held.values() if not old.is_open][: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, oldest)

    # -- publications ---------------------------------------------------------------------------------------------

    def publishing(
        self, state: StationState, work: Work, request_id: int, location: str, checksum: str, status: str
    ) -> None:
        """Record what a local controller said to a publication (L03.FR.05)."""
        held = self._documents.held(state, PublishedFirmware)
        taken = status == "Accepted"
        before = held.get(checksum)
        if not taken and before is not None and before.state == "published":
            return
        publication = PublishedFirmware(
            state="accepted" if taken else "rejected",
            checksum=checksum,
            request_id=request_id,
            location=location,
            reason="" if taken else status,
            requested_at_ms=work.now_ms,
        )
        self._documents.keep(state, work, publication)
        for oldest in list(held.values())[: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, oldest)

    def published(
        self,
        state: StationState,
        work: Work,
        request_id: int | None,
        status: str,
        locations: list[str],
        info: str = "",
    ) -> None:
        """Record a status of a publication (L03.FR.01)."""
        held = self._documents.held(state, PublishedFirmware)
        running = [item for item in held.values() if item.state in ("accepted", "running")]
        found = [item for item in held.values() if item.request_id == request_id] if request_id is not None else running
        if not found and status == IDLE:
            return
        publication = (
            found[-1]
            if found
            else PublishedFirmware(state="running", request_id=request_id or 0, requested_at_ms=work.now_ms)
        )
        publication.took(status, locations, work.now_ms, info)
        self._documents.keep(state, work, publication)
        observe(state, work, Progressed(PUBLICATION, publication.request_id, status))

    def unpublished(self, state: StationState, work: Work, checksum: str, status: str) -> None:
        """Record what a local controller said to the end of a publication (L04)."""
        held = self._documents.held(state, PublishedFirmware)
        publication = held.get(checksum)
        if publication is None or status == "DownloadOngoing":
            return
        publication.state, publication.last_status = "unpublished", status
        self._documents.keep(state, work, publication)


def instant(text: str | None, name: str, now_ms: int) -> str:
    """Give the instant that a field of a command names, or now, as it goes over the wire. Raises PayloadInvalid."""
    at_ms = now_ms if text is None else parse_timestamp(text)
    if at_ms is None:
        raise PayloadInvalid(f"{name}: {text!r} is no RFC 3339 timestamp.", "PropertyConstraintViolation")
    return format_ms(at_ms)


def proof(update: FirmwareUpdate, firmware_version: str) -> Seen:
    """Say what a boot with this version proves of an update: done, not done, or (None) nothing yet."""
    installed = update.state == "installed"
    if firmware_version == update.firmware_version:
        if installed or update.version_before != firmware_version:
            return f"the station booted with firmware {firmware_version}"
        return None
    if installed:
        return NotDone(
            f"the station booted with firmware {firmware_version or 'unknown'}, not {update.firmware_version}"
        )
    return None


def _meant(held: dict[str, FirmwareUpdate], request_id: int | None, status: str) -> FirmwareUpdate | None:
    """Find the update that a status is of: by its number, else the newest that is open, or that it says again."""
    if request_id is not None:
        return held.get(str(request_id))
    newest_first = list(reversed(held.values()))
    open_one = next((update for update in newest_first if update.is_open), None)
    if open_one is not None or not newest_first:
        return open_one
    newest = newest_first[0]
    says_again = status in (IDLE, newest.last_status)
    return newest if says_again or (status == "Installed" and newest.state == "verified") else None


def _command_behind(state: StationState, wanted: Wanted) -> CommandRecord | None:
    """Find the open command whose update this is; None: a raw call."""
    for record in reversed(state.open_commands.values()):
        if record.name != UpdateFirmware.name:
            continue
        if wanted.request_id is not None:
            if remote_start_id(record.id) == wanted.request_id:
                return record
        elif msgspec.json.decode(record.request, type=UpdateFirmware).location == wanted.location:
            return record
    return None


@effect_of(UpdateFirmware)
def _updated(state: StationState, record: CommandRecord, command: UpdateFirmware, fact: Fact) -> Seen:
    if isinstance(fact, Booted):
        return _proved(state, record, command, fact)
    if not isinstance(fact, Progressed) or fact.what != UPDATE or fact.request_id != remote_start_id(record.id):
        return None
    if fact.status in UPDATE_FAILED or fact.status == CANCELLED:
        return NotDone(f"the station reported {fact.status}" if fact.status != CANCELLED else CANCELLED)
    if fact.status != "Installed":
        return None
    if not command.firmware_version:
        return "the station reported Installed"
    update = _held(state, record)
    verified = update is not None and update.state == "verified"
    return f"installed, and the station runs {command.firmware_version}" if verified else None


def _proved(state: StationState, record: CommandRecord, command: UpdateFirmware, fact: Booted) -> Seen:
    """`booted` has compared the versions already; the command ends as its document did."""
    update = _held(state, record)
    if update is None or not command.firmware_version:
        return None
    if update.state == "verified":
        return update.reason
    return NotDone(update.reason) if update.state == "failed" else None


def _held(state: StationState, record: CommandRecord) -> FirmwareUpdate | None:
    held = state.documents.get(FirmwareUpdate.kind, {}).get(str(remote_start_id(record.id)))
    return held.document if held is not None and isinstance(held.document, FirmwareUpdate) else None


@effect_of(PublishFirmware)
def _published(state: StationState, record: CommandRecord, command: PublishFirmware, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != PUBLICATION or fact.request_id != remote_start_id(record.id):
        return None
    if fact.status in PUBLICATION_FAILED:
        return NotDone(f"the local controller reported {fact.status}")
    return "the local controller published it" if fact.status == "Published" else None
