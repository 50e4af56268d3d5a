"""Records which grid rules are in force at a station (functional block R).

A station's word overrides what was recorded; what it did not confirm is never shown as in force.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from voltherd.domain import der_control
from voltherd.domain.commands import CommandRecord
from voltherd.domain.der_control import DerAlarm, GetDerControl
from voltherd.domain.events import Fact, Progressed
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import Seen, effect_of, observe, remote_start_id
from voltherd.services.keeping import drop_oldest
from voltherd.services.state import StationState
from voltherd.services.work import Work

REPORT: Final = "der-report"
BEGIN_NOT_REPORTED: Final = "begin-not-reported"
PRESENT: Final = frozenset({"set", "scheduled", "active", "superseded"})
"""States in which the station has the rule."""
_MAX_REPORTS: Final = 10_000


class Match(NamedTuple):
    """Which rules a request is about; None matches any."""

    is_default: bool | None = None
    control_type: str | None = None
    control_id: str | None = None

    def fits(self, rule: der_control.DerControl) -> bool:
        """Whether it is about a rule."""
        return (
            self.is_default in (None, rule.is_default)
            and self.control_type in (None, rule.control_type)
            and self.control_id in (None, rule.control_id)
        )


class Reported(NamedTuple):
    """A rule as a station reports it."""

    control_id: str
    control_type: str
    is_default: bool
    is_superseded: bool
    settings: dict[str, Any]


class _Report:
    """A report that is under way."""

    def __init__(self, match: Match | None) -> None:
        self.match = match
        self.seen: set[str] = set()


@effect_of(GetDerControl)
def _reported(state: StationState, record: CommandRecord, command: GetDerControl, fact: Fact) -> Seen:
    same = isinstance(fact, Progressed) and fact.what == REPORT and fact.request_id == remote_start_id(record.id)
    return fact.status if isinstance(fact, Progressed) and same else None


class DerControl:
    """Records which grid rules are in force at a station (functional block R)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._reports: OrderedDict[tuple[int, int], _Report] = OrderedDict()

    def _held(self, state: StationState) -> dict[str, der_control.DerControl]:
        return self._documents.held(state, der_control.DerControl)

    # -- what stations answer -------------------------------------------------------------------------------------

    def set(
        self,
        state: StationState,
        work: Work,
        rule: Reported,
        *,
        answer: str,
        superseded_ids: Iterable[str] = (),
    ) -> None:
        """Record the answer to SetDERControl; rules that it superseded say by which (R04.FR.03, .06, .08)."""
        held, word = self._held(state), "set" if rule.is_default else "scheduled"
        document = _document(rule, state=word if answer == "Accepted" else "rejected", answer=answer, source="ours")
        known = held.get(rule.control_id)
        if answer == "Accepted" and known is not None and known.state == "active":
            document.state, document.started_at_ms = "active", known.started_at_ms
        ids = set(superseded_ids)
        if rule.control_id in ids and answer == "Accepted":
            document.state = "superseded"
        self._documents.keep(state, work, document)
        self._supersede(state, work, held, ids - {rule.control_id}, rule.control_id)

    def _supersede(
        self,
        state: StationState,
        work: Work,
        held: dict[str, der_control.DerControl],
        ids: Iterable[str],
        by: str,
    ) -> None:
        for control_id in sorted(ids):
            known = held.get(control_id) or der_control.DerControl(
                state="superseded", control_id=control_id, control_type="", source="reported"
            )
            self._documents.keep(state, work, replace(known, state="superseded", superseded_by=by))

    def asked(self, state: StationState, work: Work, request_id: int, match: Match, *, answer: str) -> None:
        """Record the answer to GetDERControl: a report begins, or there is nothing of the kind (R04.FR.30)."""
        held = self._held(state)
        if answer == "NotFound":
            self._gone(state, work, held, match, "not-found")
            observe(state, work, Progressed(REPORT, request_id, "the station has no such controls"))
        elif answer == "Accepted":
            report = self._report(state, request_id)
            report.match = match

    def cleared(self, state: StationState, work: Work, match: Match, *, answer: str) -> None:
        """Record the answer to ClearDERControl (R04.FR.41 to .46)."""
        held = self._held(state)
        word = {"Accepted": "cleared", "NotFound": "not-found"}.get(answer)
        if word is not None:
            self._gone(state, work, held, match, word)

    def _gone(
        self,
        state: StationState,
        work: Work,
        held: dict[str, der_control.DerControl],
        match: Match,
        word: str,
        except_for: Iterable[str] = (),
    ) -> None:
        kept = set(except_for)
        for rule in held.values():
            if rule.state in PRESENT and match.fits(rule) and rule.control_id not in kept:
                self._documents.keep(state, work, replace(rule, state=word))

    # -- what stations report -------------------------------------------------------------------------------------

    def report(
        self, state: StationState, work: Work, request_id: int, rules: Iterable[Reported], *, last: bool
    ) -> None:
        """Record a part of a report (R04.FR.31, .32); with the last one, what is missing from it is not there."""
        held = self._held(state)
        report = self._report(state, request_id)
        for rule in rules:
            report.seen.add(rule.control_id)
            self._documents.keep(state, work, _merged(held.get(rule.control_id), rule))
        if not last:
            return
        self._reports.pop((state.station.id, request_id), None)
        if report.match is not None:
            self._gone(state, work, self._held(state), report.match, "not-found", report.seen)
        observe(state, work, Progressed(REPORT, request_id, f"{len(report.seen)} controls reported"))

    def _report(self, state: StationState, request_id: int) -> _Report:
        key = (state.station.id, request_id)
        found = self._reports.get(key)
        if found is None:
            found = self._reports[key] = _Report(None)
            if len(self._reports) > _MAX_REPORTS:
                self._reports.popitem(last=False)
        return found

    def started(
        self,
        state: StationState,
        work: Work,
        control_id: str,
        at_ms: int,
        *,
        began: bool,
        superseded_ids: Iterable[str] = (),
    ) -> None:
        """Record that a scheduled rule began or ended (R04.FR.20 to .22)."""
        held = self._held(state)
        known = held.get(control_id) or der_control.DerControl(
            state="", control_id=control_id, control_type="", source="reported"
        )
        if began:
            found = replace(known, state="active", started_at_ms=at_ms, ended_at_ms=None, superseded_by=None)
        else:
            found = replace(known, state="ended", ended_at_ms=at_ms)
        self._documents.keep(state, work, found)
        self._supersede(state, work, held, set(superseded_ids) - {control_id}, control_id)
        drop_oldest(self._documents, state, work, der_control.DerControl, lambda rule: rule.state not in PRESENT)

    def alarm(
        self, state: StationState, work: Work, control_type: str, fault: str, at_ms: int, info: str, *, ended: bool
    ) -> None:
        """Record that a rule overrules charging, or does so no more (R05.FR.01 to .03)."""
        held = self._documents.held(state, DerAlarm)
        if not ended:
            begun = DerAlarm(state="active", control_type=control_type, fault=fault, began_at_ms=at_ms, info=info)
            if begun.key not in held:
                self._keep_alarm(state, work, begun)
            return
        of_type = [alarm for alarm in held.values() if alarm.control_type == control_type]
        if any(alarm.ended_at_ms == at_ms for alarm in of_type):
            return
        open_ones = [alarm for alarm in of_type if alarm.state == "active" and fault in ("", alarm.fault)]
        if open_ones:
            alarm = replace(open_ones[-1], state="ended", ended_at_ms=at_ms, info=info or open_ones[-1].info)
        else:
            alarm = DerAlarm(
                state="ended",
                control_type=control_type,
                fault=fault,
                ended_at_ms=at_ms,
                info=info,
                flags=[BEGIN_NOT_REPORTED],
            )
        self._keep_alarm(state, work, alarm)

    def _keep_alarm(self, state: StationState, work: Work, alarm: DerAlarm) -> None:
        self._documents.keep(state, work, alarm)
        drop_oldest(self._documents, state, work, DerAlarm, lambda alarm: alarm.state == "ended")


def _document(rule: Reported, *, state: str, answer: str, source: str) -> der_control.DerControl:
    priority = rule.settings.get("priority")
    return der_control.DerControl(
        state=state,
        control_id=rule.control_id,
        control_type=rule.control_type,
        is_default=rule.is_default,
        priority=priority,
        answer=answer,
        source="ours" if source == "ours" else "reported",
        settings=rule.settings,
    )


def _merged(known: der_control.DerControl | None, rule: Reported) -> der_control.DerControl:
    """Take over what a report says of a rule; that a scheduled one is active, reports do not say."""
    found = _document(rule, state="set" if rule.is_default else "scheduled", answer="", source="reported")
    if known is not None:
        found.answer, found.source = known.answer, known.source
        found.started_at_ms, found.ended_at_ms = known.started_at_ms, known.ended_at_ms
        if known.state == "active" and not rule.is_default:
            found.state = "active"
    if rule.is_superseded:
        found.state, found.superseded_by = "superseded", known.superseded_by if known else None
    return found
