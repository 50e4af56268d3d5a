"""Puts together what stations report about customers, part by part (N09, N10)."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from voltherd.domain.commands import CommandRecord
from voltherd.domain.diagnostics import (
    MAX_CUSTOMER_CHARACTERS,
    CustomerInformation,
    CustomerState,
    GetCustomerInformation,
)
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.id_token import token_key
from voltherd.domain.local_list import ListEntry, LocalList, SendLocalList
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import Seen, effect_of, observe, remote_start_id
from voltherd.services.state import StationState
from voltherd.services.work import Work

REPORT: Final = "customer-information"
CLEARED_RULE: Final = "rule: a customer was cleared"
MAX_KEPT: Final = 200
MAX_WAITING: Final = 1_000
"""So many parts wait for those in front of them; what comes beyond is lost, and `truncated` says so."""
_STATES: Final[Mapping[str, CustomerState]] = {"Accepted": "accepted", "Invalid": "invalid"}


class AskedAbout(Struct, kw_only=True):
    """A request about a customer as it was answered."""

    request_id: int
    report: bool
    clear: bool
    customer: str
    id_token: str | None = None
    status: str


class CustomerReports:
    """Keeps what stations report about customers."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents

    def asked(self, state: StationState, work: Work, asked: AskedAbout) -> None:
        """Record a request and its answer; parts may have come already."""
        held = self._documents.held(state, CustomerInformation)
        found = _of(held, asked.request_id)
        if found is None or found.customer:
            found = CustomerInformation(
                state=_STATES.get(asked.status, "rejected"),
                name=_fresh_name(held, asked.request_id),
                number=asked.request_id,
            )
        elif found.state == "unknown":
            found.state = "receiving"
        found.report, found.clear = asked.report, asked.clear
        found.customer, found.id_token = asked.customer, asked.id_token
        if found.state in ("rejected", "invalid"):
            found.ended_at_ms = work.now_ms
        self._documents.keep(state, work, found)
        self._drop_oldest(state, work)

    def part(self, state: StationState, work: Work, request_id: int, seq_no: int, data: str, *, last: bool) -> None:
        """Record one part, in whatever order they come; it is complete when none is missing (N09.FR.05)."""
        lists = self._documents.held(state, LocalList)
        held = self._documents.held(state, CustomerInformation)
        found = _of(held, request_id)
        if found is None:
            found = CustomerInformation(state="unknown", name=_fresh_name(held, request_id), number=request_id)
        elif found.state == "accepted":
            found.state = "receiving"
        _add(found, seq_no, data)
        if last:
            found.last_part = max(seq_no, found.last_part or 0)
        complete = found.last_part is not None and found.parts > found.last_part
        if complete and found.state != "complete":
            found.state, found.ended_at_ms = "complete", work.now_ms
            if found.clear and found.id_token is not None:
                _take_off(lists, work, found.id_token)
        self._documents.keep(state, work, found)
        if complete:
            observe(state, work, Progressed(REPORT, request_id, "Complete"))

    def _drop_oldest(self, state: StationState, work: Work) -> None:
        held = self._documents.held(state, CustomerInformation)
        for found in list(held.values())[: max(0, len(held) - MAX_KEPT)]:
            self._documents.drop(state, work, found)


def _add(found: CustomerInformation, seq_no: int, data: str) -> None:
    if seq_no < found.parts:
        return
    if len(found.waiting) >= MAX_WAITING and seq_no != found.parts:
        found.truncated = True
        return
    waiting = {**found.waiting, str(seq_no): data}
    while (text := waiting.pop(str(found.parts), None)) is not None:
        room = MAX_CUSTOMER_CHARACTERS - len(found.text)
        found.text += text[:room]
        found.truncated = found.truncated or len(text) > room
        found.parts += 1
    found.waiting = waiting


def _take_off(lists: Mapping[str, LocalList], work: Work, token: str) -> None:
    """Take a cleared customer's token off the station's local list, which only we may change (N10.FR.02)."""
    entries = (entry for known in lists.values() for entry in known.entries or ())
    entry = next((entry for entry in entries if token_key(entry.id_token) == token_key(token)), None)
    if entry is not None:
        gone = ListEntry(id_token=entry.id_token, id_token_type=entry.id_token_type, remove=True)
        work.follow_up(SendLocalList(update="differential", entries=[gone]), CLEARED_RULE)


def _of(held: dict[str, CustomerInformation], request_id: int) -> CustomerInformation | None:
    return next((item for item in reversed(held.values()) if item.number == request_id), None)


def _fresh_name(held: Mapping[str, CustomerInformation], request_id: int) -> str:
    name, number = str(request_id), 1
    while name in held:
        number += 1
        name = f"{request_id} #{number}"
    return name


@effect_of(GetCustomerInformation)
def _reported(state: StationState, record: CommandRecord, command: GetCustomerInformation, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != REPORT or fact.request_id != remote_start_id(record.id):
        return None
    if command.report:
        return "all parts were reported"
    return "the station said that it cleared what it held"
