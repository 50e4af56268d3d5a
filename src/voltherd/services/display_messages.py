"""Knows what stations show to drivers (functional block O)."""

import heapq
from collections.abc import Callable
from typing import Final

import msgspec

from voltherd.domain.commands import CommandRecord
from voltherd.domain.display_message import (
    ACTIVE,
    DisplayMessage,
    GetDisplayMessages,
    Limits,
    SetDisplayMessage,
)
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import document_of
from voltherd.services.effects import Seen, effect_of, observe, remote_start_id
from voltherd.services.ports import Change
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

REPORT: Final = "display-messages"
COMPONENT: Final = "DisplayMessageCtrlr"
MAX_KEPT: Final = 200
"""So many messages of a station are kept; the oldest that are gone from the display go first."""
MAX_REPORTS: Final = 1000
OVER: Final = "its time is over"
MAX_MESSAGE_ID: Final = 0x7FFF_FFFF


ANSWER_WITHIN_MS: Final = 60_000
"""So long after a report its request may be seen to be answered; a later one asks for another report."""


class Report:
    """A report under way: which messages came so far, whether all were asked for, and whether that was answered."""

    def __init__(self, complete: bool) -> None:
        self.complete = complete
        self.answered = False
        self.ended_ms = 0
        self.keys: set[str] = set()


class DisplayMessages:
    """Knows what stations show to drivers (functional block O)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records
        self._clock_ms = needs.clock_ms
        self._reports: dict[tuple[int, int], Report] = {}
        self._faster: dict[tuple[int, int], Report] = {}
        """Reports that ended before their request was seen to be answered."""
        self._needs = needs
        self._due: list[tuple[int, int, str]] = []
        self._knows_all = False

    # -- before a message is sent ---------------------------------------------------------------------------------

    async def prepared(self, state: StationState, command: SetDisplayMessage) -> int:
        """Give the id that a message gets. Raises PayloadInvalid where the station cannot show it (O01.FR.01-03)."""
        held, now_ms = await self._loaded(state), self._clock_ms()
        number = command.message_id
        if number is None:
            number = max((message.message_id for message in held.values()), default=0) % MAX_MESSAGE_ID + 1
        others = [item for item in held.values() if item.is_active and not item.ended(now_ms)]
        count = sum(item.message_id != number for item in others)
        objection = (await self.limits(state)).objection(command, count)
        if objection is not None:
            raise PayloadInvalid(objection, "PropertyConstraintViolation")
        return number

    async def _loaded(self, state: StationState) -> dict[str, DisplayMessage]:
        while True:
            try:
                return self._documents.held(state, DisplayMessage)
            except NotLoaded as gap:
                await gap.load()

    async def limits(self, state: StationState) -> Limits:
        """Read from the device model what the station can show, as far as it was reported."""
        station, found = state.station, Limits()
        cursor: str | None = None
        while True:
            page = await self._records.variables(station.tenant_id, station.id, cursor=cursor)
            for item in page.items:
                if item.component == COMPONENT and item.attribute == "Actual":
                    _learn(found, item.variable, item.actual_value, item.values_list, item.max_limit)
            cursor = page.next
            if cursor is None:
                return found

    # -- what was answered ----------------------------------------------------------------------------------------

    def answered(self, state: StationState, work: Work, message: DisplayMessage, status: str, info: str = "") -> None:
        """Record what the station said to a message; a refused one leaves the one it was to replace in place."""
        held = self._documents.held(state, DisplayMessage)
        message.answer = status
        before = held.get(message.key)
        if status == "Accepted":
            if message.priority == "AlwaysFront":
                self._pushed_out(state, work, held, message)
        elif before is not None and before.is_active:
            before.reason = f"replacing it was answered {info or status}"
            self._documents.keep(state, work, before)
            return
        else:
            message.end("rejected", info or status)
        self._keep(state, work, message)
        gone = [item for item in held.values() if not item.is_active]
        for oldest in gone[: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, oldest)

    def _pushed_out(
        self, state: StationState, work: Work, held: dict[str, DisplayMessage], newer: DisplayMessage
    ) -> None:
        """There is one message with priority AlwaysFront: the newest replaces the older (O01.FR.16)."""
        for item in held.values():
            if item.is_active and item.priority == "AlwaysFront" and item.key != newer.key:
                item.end("cleared", f"message {newer.message_id} took its place")
                self._documents.keep(state, work, item)

    def cleared(self, state: StationState, work: Work, message_id: int, status: str) -> None:
        """Record that a message is gone, or that the station never had it (O05)."""
        message = self._documents.held(state, DisplayMessage).get(str(message_id))
        if message is None or not message.is_active or status == "Rejected":
            return
        message.end("cleared", "" if status == "Accepted" else "the station does not know it")
        self._documents.keep(state, work, message)

    # -- reports --------------------------------------------------------------------------------------------------

    def begins(self, state: StationState, request_id: int, *, all_of_them: bool) -> None:
        """Note that a report is about to be asked for: its parts may come before our side has looked at the answer."""
        self._under_way(state, request_id).complete = all_of_them

    def asked(self, state: StationState, work: Work, request_id: int, status: str, *, all_of_them: bool) -> None:
        """Record that a report was asked for; where there is nothing to report, that is the report (O03, O04)."""
        self._documents.held(state, DisplayMessage)
        key = state.station.id, request_id
        ended = self._faster.pop(key, None)
        if status == "Accepted":
            if ended is None or work.now_ms - ended.ended_ms > ANSWER_WITHIN_MS:
                report = self._under_way(state, request_id)
                report.complete, report.answered = all_of_them, True
            elif all_of_them and not ended.complete:
                self._missing(state, work, ended.keys)
            return
        self._reports.pop(key, None)
        if all_of_them:
            self._missing(state, work, set())
        observe(state, work, Progressed(REPORT, request_id, "no such messages"))

    def _under_way(self, state: StationState, request_id: int) -> Report:
        key = state.station.id, request_id
        report = self._reports.get(key)
        if report is None:
            report = self._reports[key] = Report(False)
            _bound(self._reports)
        return report

    def part(
        self, state: StationState, work: Work, request_id: int, messages: list[DisplayMessage], *, last: bool
    ) -> None:
        """Record one part of a report, asked for or not; parts may come in any order (O03.FR.04)."""
        held = self._documents.held(state, DisplayMessage)
        report = self._under_way(state, request_id)
        for message in messages:
            before = held.get(message.key)
            if before is not None:
                message.source, message.answer = before.source, before.answer
            report.keys.add(message.key)
            self._keep(state, work, message)
        if not last:
            return
        del self._reports[state.station.id, request_id]
        if not report.answered:
            report.ended_ms = work.now_ms
            self._faster[state.station.id, request_id] = report
            _bound(self._faster)
        if report.complete:
            self._missing(state, work, report.keys)
        count = len(report.keys)
        observe(state, work, Progressed(REPORT, request_id, f"{count} message{'' if count == 1 else 's'} reported"))

    def _missing(self, state: StationState, work: Work, reported: set[str]) -> None:
        """What a report of all messages does not name is gone."""
        for message in self._documents.held(state, DisplayMessage).values():
            if message.is_active and message.key not in reported:
                if message.ended(work.now_ms):
                    message.end("expired", OVER)
                else:
                    message.end("cleared", "the station does not report it")
                self._documents.keep(state, work, message)

    # -- time and transactions ------------------------------------------------------------------------------------

    def needed(self, state: StationState) -> None:
        """Have the messages in memory. Raises NotLoaded."""
        self._documents.held(state, DisplayMessage)

    def transaction_ended(self, state: StationState, work: Work, transaction_id: str) -> None:
        """Let the messages of a transaction end with it (O02.FR.02), and those whose time is over."""
        for message in self._documents.held(state, DisplayMessage).values():
            if message.is_active and message.transaction_id == transaction_id:
                message.end("expired", "its transaction has ended")
                self._documents.keep(state, work, message)
            elif message.is_active and message.ended(work.now_ms):
                message.end("expired", OVER)
                self._documents.keep(state, work, message)

    # -- the end by our clock -------------------------------------------------------------------------------------

    def _keep(self, state: StationState, work: Work, message: DisplayMessage) -> None:
        self._documents.keep(state, work, message)
        if message.is_active and message.ends_ms is not None:
            heapq.heappush(self._due, (message.ends_ms, state.station.id, message.key))

    async def expire(self, states: Callable[[int], StationState | None]) -> None:
        """End the messages whose time is over (O01.FR.07); called every second or so, and cheap where nothing is due.

        Raises StoreUnavailable; what was due stays due.
        """
        if not self._knows_all:
            await self._read_all()
        now_ms = self._clock_ms()
        while self._due and self._due[0][0] <= now_ms:
            _, station_id, key = self._due[0]
            state = states(station_id)
            if state is None:
                await self._expire_stored(station_id, key, now_ms)
            else:
                await self._expire(state, key, now_ms)
            heapq.heappop(self._due)

    async def _expire(self, state: StationState, key: str, now_ms: int) -> None:
        message = (await self._loaded(state)).get(key)
        if message is None or not message.is_active or not message.ended(now_ms):
            return
        message.end("expired", OVER)
        work = Work(now_ms, state.station.tenant_id, state.station.identity)
        self._documents.keep(state, work, message)
        await self._needs.journal.committed(work.records)
        for change in work.changes:
            self._needs.news.publish(change)

    async def _expire_stored(self, station_id: int, key: str, now_ms: int) -> None:
        """End a message at a station of which nothing is in memory."""
        for record in await self._records.documents_of(DEFAULT_TENANT, station_id, DisplayMessage.kind):
            message = document_of(record)
            if record.key != key or not isinstance(message, DisplayMessage):
                continue
            if message.is_active and message.ended(now_ms):
                message.end("expired", OVER)
                record.state, record.changed_ms = message.state, now_ms
                record.data = msgspec.json.encode(message).decode()
                await self._needs.journal.committed([record])
                identity = self._needs.stations.identity_of(station_id) or ""
                self._needs.news.publish(Change("document", record.tenant_id, identity, f"{record.kind}/{record.id}"))

    async def _read_all(self) -> None:
        for active in ACTIVE:
            cursor: str | None = None
            while True:
                page = await self._records.documents(
                    DEFAULT_TENANT, DisplayMessage.kind, state=active, limit=1000, cursor=cursor
                )
                for record in page.items:
                    message = document_of(record)
                    if isinstance(message, DisplayMessage) and message.ends_ms is not None:
                        heapq.heappush(self._due, (message.ends_ms, record.station_id, record.key))
                cursor = page.next
                if cursor is None:
                    break
        self._knows_all = True


def _bound(reports: dict[tuple[int, int], Report]) -> None:
    while len(reports) > MAX_REPORTS:
        del reports[next(iter(reports))]


def _learn(limits: Limits, variable: str, value: str | None, values: str | None, most: float | None) -> None:
    words = tuple(word.strip() for word in (value or values or "").split(",") if word.strip())
    match variable:
        case "SupportedPriorities":
            limits.priorities = words
        case "SupportedStates":
            limits.states = words
        case "SupportedFormats":
            limits.formats = words
        case "Language":
            limits.languages = tuple(word.strip() for word in (values or "").split(",") if word.strip())
        case "DisplayMessages":
            limits.max_messages = None if most is None else int(most)


@effect_of(GetDisplayMessages)
def _reported(state: StationState, record: CommandRecord, command: GetDisplayMessages, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != REPORT or fact.request_id != remote_start_id(record.id):
        return None
    return fact.status
