"""Remote control: what operators want of stations, and what became of it (functional block F and all commands).

A command is recorded before it is sent, has a deadline, and is never sent after it (interop trap 42). `Accepted` is
not success: the record stays open until the effect was observed or the deadline passed (trap 41).
"""

import asyncio
import contextlib
import copy
import secrets
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from voltherd.domain.catalogue import COMMANDS
from voltherd.domain.commands import NO_ANSWER, Command, CommandRecord, Outcome, Trigger
from voltherd.domain.errors import (
    AnswerInvalid,
    CallRefused,
    Conflict,
    Invalid,
    NoAnswer,
    NotFound,
    PayloadInvalid,
    StationError,
    StationOffline,
    VoltherdError,
)
from voltherd.domain.secrets import masked
from voltherd.domain.station import DEFAULT_TENANT, Station
from voltherd.services.effects import command_of, is_observable
from voltherd.services.ports import Change, Journal, Link, News, RawAnswer, Records
from voltherd.services.reports import given_up
from voltherd.services.state import StationState
from voltherd.services.stations import Stations

WhenOffline = Literal["fail", "queue"]
MAX_LIFETIME_S = 7 * 24 * 3600.0
SCHEDULED = "Scheduled"
SCHEDULED_LIFETIME_MS = 24 * 3_600_000
"""How long the effect is waited for where the station puts it off until its sessions have ended."""
PASSWORD_ENTROPY_BYTES = 15
"""Written as 20 characters: what 1.6 takes at most, and more than 2.x wants at least."""
ONBOARDING = "onboarding"
TAKEN = ("Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked", "Unpublished")
"""What a station says, in any version, when it does what a call asked for; every other status is a refusal."""
EARLIER_RUN = "The server was started anew before the station's answer came."


class Commands:
    """Submits commands, follows them and ends them."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        stations: Stations,
        news: News,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._records = records
        self._stations = stations
        self._news = news
        self._ids = ids
        self._clock_ms = clock_ms
        self._link: Link | None = None
        self._states: Callable[[int], StationState | None] = lambda _: None
        self._waiting: dict[int, asyncio.Event] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._open: dict[int, CommandRecord] = {}

    def use_link(self, link: Link, states: Callable[[int], StationState | None]) -> None:
        """Connect to the live stations."""
        self._link, self._states = link, states

    def ask_to_boot(self, station: Station) -> None:
        """Ask a station that was just released to register now, and not only after its retry interval (B02.FR.05)."""
        if self.link.presence(station.identity) is None:
            return
        task = asyncio.create_task(self._ask_to_boot(station))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _ask_to_boot(self, station: Station) -> None:
        with contextlib.suppress(VoltherdError):
            await self.submit(
                station.identity,
                Trigger(message="BootNotification"),
                requested_by=ONBOARDING,
                tenant_id=station.tenant_id,
            )

    @property
    def link(self) -> Link:
        """The way to live stations."""
        assert self._link is not None, "use_link() comes first"
        return self._link

    async def load(self, tenant_id: int = DEFAULT_TENANT) -> None:
        """Take up what an earlier run of the server left open; what it sent is never sent again (trap 42)."""
        for record in await self._records.open_commands(tenant_id):
            if record.state == "sent":
                self._failed(record, StationError(EARLIER_RUN))
                await self._save(record, self._identity(record))
            else:
                self._open[record.id] = record

    async def submit(
        self,
        identity: str,
        command: Command,
        *,
        requested_by: str,
        timeout_s: float = 30.0,
        not_after_s: float = 120.0,
        when_offline: WhenOffline = "fail",
        tenant_id: int = DEFAULT_TENANT,
    ) -> CommandRecord:
        """Record a command and start carrying it out. Raises NotFound, StationOffline (unless it may queue)."""
        station = self._stations.require(identity, tenant_id=tenant_id)
        _require_not_rejected(station)
        if when_offline == "fail" and self.link.presence(identity) is None:
            raise StationOffline(f"Station {identity} is not connected; nothing was sent.")
        request = msgspec.json.encode(command)
        record = self._record(station, command.name, request, requested_by, not_after_s)
        if self.link.presence(identity) is not None:
            record.state, record.sent_at_ms = "sent", record.created_at_ms
        elif record.request != request.decode():
            raise Invalid("A password is not kept in a queue; set it while the station is connected.")
        await self._save(record, identity)
        self._adopt(station, record)
        if record.state == "sent" or self.link.presence(identity) is not None:
            self._start(station, record, command, timeout_s)
        return record

    def _record(
        self, station: Station, name: str, request: bytes, requested_by: str, not_after_s: float
    ) -> CommandRecord:
        now_ms = self._clock_ms()
        return CommandRecord(
            id=self._ids(),
            tenant_id=station.tenant_id,
            station_id=station.id,
            name=name,
            request=masked(request.decode()),
            requested_by=requested_by,
            created_at_ms=now_ms,
            not_after_ms=now_ms + int(min(max(not_after_s, 1.0), MAX_LIFETIME_S) * 1000),
        )

    def _adopt(self, station: Station, record: CommandRecord) -> None:
        self._open[record.id] = record
        state = self._states(station.id)
        if state is not None:
            state.open_commands[record.id] = record

    def _start(self, station: Station, record: CommandRecord, command: Command, timeout_s: float) -> None:
        was_queued = record.state == "queued"
        record.state, record.sent_at_ms = "sent", self._clock_ms()
        task = asyncio.create_task(self._carry_out(station, record, command, timeout_s, save_first=was_queued))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(
        self, station: Station, record: CommandRecord, command: Command, timeout_s: float, *, save_first: bool
    ) -> None:
        timeout_s = min(timeout_s, max(0.1, (record.not_after_ms - self._clock_ms()) / 1000))
        try:
            if save_first:
                await self._save(record, station.identity)
            outcome = await self.link.perform(station.identity, command, timeout_s=timeout_s, command_id=record.id)
        except StationError as error:
            self._failed(record, error)
        except Exception as error:  # a fault ends this command, and its record says so
            self._failed(record, StationError(f"The command could not be carried out: {error}"))
        else:
            self._answered(record, command, outcome)
        await self._save(record, station.identity)
        self._settle(station, record)

    def _answered(self, record: CommandRecord, command: Command, outcome: Outcome) -> None:
        record.answered_at_ms = self._clock_ms()
        record.answer = msgspec.json.encode({"status": outcome.status, **outcome.answer}).decode()
        if record.state in ("effect_seen", "failed"):
            return
        if not outcome.accepted:
            record.state = "rejected"
        elif is_observable(command):
            record.state = "accepted"
            if outcome.status == SCHEDULED:
                record.not_after_ms = max(record.not_after_ms, record.answered_at_ms + SCHEDULED_LIFETIME_MS)
        else:
            record.state, record.effect_at_ms = "effect_seen", record.answered_at_ms
            record.effect = f"the station answered {outcome.status}"

    def _failed(self, record: CommandRecord, error: StationError) -> None:
        if record.state == "effect_seen":
            return
        record.state = "failed"
        record.error = describe(error)

    async def answered_late(self, station: Station, command_id: int, answer: bytes) -> None:
        """Note what a station answered to a command that had failed for want of it; it stays failed."""
        record = await self._records.command(station.tenant_id, command_id)
        if record is None or record.state != "failed" or record.answered_at_ms is not None:
            return
        record.answered_at_ms = self._clock_ms()
        record.answer = masked(answer.decode("utf-8", "replace"))
        late_s = (record.answered_at_ms - (record.sent_at_ms or record.created_at_ms)) / 1000
        record.effect = f"the station answered after {late_s:.0f} s, when nobody waited any more"
        await self._save(record, station.identity)

    def _settle(self, station: Station, record: CommandRecord) -> None:
        if record.state != "accepted":
            self._open.pop(record.id, None)
            state = self._states(station.id)
            if state is not None:
                state.open_commands.pop(record.id, None)
        waiting = self._waiting.pop(record.id, None)
        if waiting is not None:
            waiting.set()

    async def _save(self, record: CommandRecord, identity: str) -> None:
        await self._journal.committed([copy.copy(record)])
        self._news.publish(Change("command", record.tenant_id, identity, str(record.id)))

    async def outcome(self, command_id: int, timeout_s: float, *, tenant_id: int = DEFAULT_TENANT) -> CommandRecord:
        """Wait until a command is answered or has failed, or the time is over; gives its record. Raises NotFound."""
        record = self._open.get(command_id)
        if record is not None and record.state in ("queued", "sent"):
            waiting = self._waiting.setdefault(command_id, asyncio.Event())
            try:
                await asyncio.wait_for(waiting.wait(), timeout_s)
            except TimeoutError:
                return record
            return record
        stored = record or await self._records.command(tenant_id, command_id)
        if stored is None:
            raise NotFound(f"There is no command {command_id}.")
        return stored

    def recall(self, state: StationState) -> None:
        """Put the records at work into a state read from the store, so that there is one of each."""
        for command_id in state.open_commands:
            if command_id in self._open:
                state.open_commands[command_id] = self._open[command_id]

    async def connected(self, state: StationState) -> None:
        """Send what was queued for a station."""
        for loaded in list(state.open_commands.values()):
            record = self._open.setdefault(loaded.id, loaded)
            command = command_of(record)
            if record.state == "queued" and command is not None and record.not_after_ms > self._clock_ms():
                self._start(state.station, record, command, 30.0)

    async def expire(self) -> None:
        """End open commands whose deadline has passed; called every second or so."""
        now_ms = self._clock_ms()
        for record in list(self._open.values()):
            if record.not_after_ms > now_ms or record.state == "effect_seen":
                if record.state == "effect_seen":
                    self._open.pop(record.id, None)
                continue
            if record.state in ("queued", "accepted"):
                identity = self._identity(record)
                if self._left_for_good(record, identity):
                    record.state, record.effect_at_ms = "effect_seen", now_ms
                    record.effect = "the station left and did not come back here"
                else:
                    was = "it was never sent" if record.state == "queued" else "accepted, but no effect was observed"
                    came, rows = await given_up(self._records, self._states(record.station_id), record, now_ms)
                    if record.state not in ("queued", "accepted"):
                        continue  # its effect showed meanwhile
                    await self._journal.committed(rows)
                    record.state, record.effect = "expired", was + came
                await self._save(record, identity)
                station = self._stations.find(identity, tenant_id=record.tenant_id)
                if station is not None:
                    self._settle(station, record)
                self._open.pop(record.id, None)

    def _left_for_good(self, record: CommandRecord, identity: str) -> bool:
        """Whether a command that makes a station leave has done so."""
        kind = COMMANDS.get(record.name)
        wanted = record.state == "accepted" and kind is not None and kind.gone_is_done
        return wanted and self.link.presence(identity) is None

    def _identity(self, record: CommandRecord) -> str:
        return self._stations.identity_of(record.station_id) or ""

    # -- raw calls ------------------------------------------------------------------------------------------------

    async def call_raw(
        self,
        identity: str,
        action: str,
        payload: bytes,
        *,
        requested_by: str,
        timeout_s: float = 30.0,
        validate: bool = True,
        tenant_id: int = DEFAULT_TENANT,
    ) -> RawAnswer:
        """Send exactly this request and give the answer; recorded like any command. Raises StationError, NotFound."""
        station = self._stations.require(identity, tenant_id=tenant_id)
        _require_not_rejected(station)
        if self.link.presence(identity) is None:
            raise StationOffline(f"Station {identity} is not connected; nothing was sent.")
        record = self._record(station, f"call:{action}", payload, requested_by, timeout_s)
        record.state, record.sent_at_ms = "sent", self._clock_ms()
        try:
            answer = await self.link.call_raw(identity, action, payload, timeout_s=timeout_s, validate=validate)
            refused = _says_no(answer.payload)
        except PayloadInvalid:
            raise
        except StationError as error:
            self._failed(record, error)
            await self._save(record, identity)
            raise
        record.answered_at_ms = self._clock_ms()
        record.answer = masked(answer.payload.decode())
        record.state = "rejected" if refused else "effect_seen"
        if record.state == "effect_seen":
            record.effect, record.effect_at_ms = "answered", record.answered_at_ms
        await self._save(record, identity)
        return answer

    async def rotate_password(
        self, identity: str, *, requested_by: str, tenant_id: int = DEFAULT_TENANT
    ) -> CommandRecord:
        """Set a new random password on the station and, once it accepted, here; else the old one stays valid (A01).

        Where the answer is lost, nobody knows which one the station has: then the first of the two that it uses counts.
        """
        station = self._stations.require(identity, tenant_id=tenant_id)
        if self.link.presence(identity) is None:
            raise StationOffline(f"Station {identity} is not connected; its password stays as it is.")
        password = secrets.token_urlsafe(PASSWORD_ENTROPY_BYTES)
        request = b'{"secret":"not recorded"}'
        record = self._record(station, "rotate-password", request, requested_by, 60.0)
        record.state, record.sent_at_ms = "sent", self._clock_ms()
        await self._stations.offer_password(identity, password.encode(), tenant_id=tenant_id)
        try:
            outcome = await self.link.set_password(identity, password, timeout_s=30.0)
        except StationError as error:
            self._failed(record, error)
            if isinstance(error, CallRefused | PayloadInvalid):
                await self._stations.offer_password(identity, None, tenant_id=tenant_id)
        else:
            record.answered_at_ms = self._clock_ms()
            record.answer = msgspec.json.encode({"status": outcome.status}).decode()
            record.state = "effect_seen" if outcome.accepted else "rejected"
            if outcome.accepted:
                await self._stations.set_password(identity, password.encode(), tenant_id=tenant_id)
                record.effect, record.effect_at_ms = "the new password is valid", self._clock_ms()
            elif outcome.status != NO_ANSWER:
                await self._stations.offer_password(identity, None, tenant_id=tenant_id)
        await self._save(record, identity)
        return record

    async def close(self) -> None:
        """Let running commands end."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


def _require_not_rejected(station: Station) -> None:
    """Nothing is sent to a station whose registration was rejected (OCPP 2.0.1 B03.FR.03). Raises Conflict."""
    if station.registration == "rejected":
        raise Conflict(f"The registration of station {station.identity} is rejected: nothing is sent to it.")


def describe(error: StationError) -> str:
    """Write an error as the JSON that a command's record holds."""
    found: dict[str, Any] = {"title": error.title, "detail": str(error)}
    if isinstance(error, CallRefused | PayloadInvalid):
        found["ocpp_code"] = error.ocpp_code
    if isinstance(error, NoAnswer | AnswerInvalid):
        found["kind"] = type(error).__name__
    return msgspec.json.encode(found).decode()


def _says_no(payload: bytes) -> bool:
    """Whether an answer's status is a refusal. Raises AnswerInvalid where the answer is no object."""
    try:
        status = msgspec.json.decode(payload, type=dict[str, Any]).get("status")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise AnswerInvalid(f"The station's answer is not valid: {error}.") from None
    return status is not None and status not in TAKEN
