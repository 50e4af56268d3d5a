"""Availability: what each connector's status is, and since when (functional block G)."""

from collections.abc import Collection

import msgspec
from msgspec import Struct

from voltherd.domain.availability import AvailabilityIntent, agrees, deciding, holds
from voltherd.domain.commands import ChangeAvailability
from voltherd.domain.events import AvailabilityAgreed, StatusReported
from voltherd.domain.station import Connector, Evse, StatusInterval
from voltherd.services.clocks import believed_ms
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import observe
from voltherd.services.settings import Connecting
from voltherd.services.state import StationState
from voltherd.services.work import Work

DIFFERS = "availability-differs"
LOCK_FAILURE = "ConnectorLockFailure"
"""The word of 1.6 for a connector that is not locked; in 2.x an event of its lock says so (G05)."""
AVAILABLE_WHILE_ACTIVE = "available-while-active"
MAX_ALTERNATIVES = 32


class StatusReport(Struct, kw_only=True):
    """A connector's status; EVSE 0 is the station, connector 0 the whole EVSE."""

    evse_no: int
    connector_no: int
    status: str
    error_code: str | None = None
    """None: the message has no place for one; what is known stays."""
    info: str = ""
    vendor_error_code: str = ""
    timestamp: str = ""


class Availability:
    """Keeps the status of connectors, its history, and what operators want it to be."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._settings = needs.settings

    def status(self, state: StationState, work: Work, report: StatusReport) -> None:
        """Record a status. (0, n) is the station's own: no phantom EVSE is made (interop trap 28)."""
        station = state.station
        evse_no, connector_no = (0, 0) if report.evse_no <= 0 else (report.evse_no, max(report.connector_no, 0))
        known = state.connectors.get((evse_no, connector_no))
        error_code = report.error_code if report.error_code is not None else known.error_code if known else ""
        connector = Connector(
            tenant_id=station.tenant_id,
            station_id=station.id,
            evse_no=evse_no,
            connector_no=connector_no,
            status=report.status,
            error_code="" if error_code == "NoError" else error_code,
            vendor_error_code=report.vendor_error_code,
            info=report.info,
            changed_at_ms=believed_ms(state, work, report.timestamp) if report.timestamp else work.now_ms,
            received_at_ms=work.now_ms,
        )
        self._set(state, work, connector)
        if report.status == "Available" and evse_no > 0:
            _question_open_transaction(state, work, evse_no, connector_no)
        self._compare(state, work, connector)
        work.tell("station", station.identity)
        observe(state, work, StatusReported(connector))

    @staticmethod
    def _set(state: StationState, work: Work, connector: Connector) -> None:
        place = connector.evse_no, connector.connector_no
        known = state.connectors.get(place)
        state.connectors[place] = connector
        work.put(connector)
        if known is None or (known.status, known.error_code) != (connector.status, connector.error_code):
            work.put(_interval(connector))

    def lock_failed(self, state: StationState, work: Work, evse_no: int, connector_no: int, *, failed: bool) -> None:
        """Record that a connector's lock failed, or is well again (G05.FR.02, G05.FR.03); the status stays."""
        known = state.connectors.get((evse_no, connector_no))
        if known is None:
            station = state.station
            known = Connector(
                tenant_id=station.tenant_id, station_id=station.id, evse_no=evse_no, connector_no=connector_no
            )
        if not failed and known.error_code != LOCK_FAILURE:
            return
        now_ms, error_code = work.now_ms, LOCK_FAILURE if failed else ""
        changed = msgspec.structs.replace(known, error_code=error_code, changed_at_ms=now_ms, received_at_ms=now_ms)
        self._set(state, work, changed)
        work.tell("station", state.station.identity)

    # -- what operators want --------------------------------------------------------------------------------------

    def prepare(self, state: StationState) -> None:
        """Have at hand what was asked for, for the reports that follow a boot. Raises NotLoaded."""
        if state.evses:
            self._documents.held(state, AvailabilityIntent)

    def agreed(
        self, state: StationState, work: Work, evse_no: int, connector_no: int, *, operational: bool, scheduled: bool
    ) -> None:
        """Record what the station agreed to, now or after its sessions (G03.FR.05, G04.FR.06). Raises NotLoaded."""
        known = self._documents.held(state, AvailabilityIntent)
        intent = AvailabilityIntent(
            state="scheduled" if scheduled else "accepted",
            evse_no=evse_no,
            connector_id=connector_no,
            operational=operational,
            asked_at_ms=work.now_ms,
        )
        before = known.get(intent.key)
        if before is not None:
            intent.sent_again_at_ms = before.sent_again_at_ms
        at_once = not scheduled and not _on_its_way(before, intent)
        statuses = state.statuses_within(evse_no, connector_no)
        if at_once and holds(operational, statuses):
            intent.state, intent.reported, intent.reported_at_ms = "in-effect", statuses[0], work.now_ms
        known[intent.key] = intent
        self._documents.keep(state, work, intent)
        if connector_no:
            _evse(state, work, evse_no)
        else:
            intend(state, work, {evse_no}, operational)
        _flag(state, work, any(one.state == "differs" for one in known.values()))
        work.tell("station", state.station.identity)
        if at_once:
            observe(state, work, AvailabilityAgreed(evse_no, operational))

    def _compare(self, state: StationState, work: Work, connector: Connector) -> None:
        """Hold a report against what was asked for; where it contradicts, it is told, and asked for again if set so."""
        if AvailabilityIntent.kind not in state.documents:
            return
        known = self._documents.held(state, AvailabilityIntent)
        intent = deciding(known, (connector.evse_no, connector.connector_no))
        fits = None if intent is None else agrees(intent.operational, connector.status)
        if intent is None or fits is None:
            return
        booted_since = (state.station.booted_at_ms or 0) > intent.asked_at_ms
        if not fits and intent.state != "in-effect" and not booted_since:
            return  # a report from before the change took place
        if not fits and intent.state != "differs" and booted_since:
            self._ask_again(state, work, intent)
        wanted = "in-effect" if fits else "differs"
        if (intent.state, intent.reported) == (wanted, connector.status):
            return
        intent.state, intent.reported, intent.reported_at_ms = wanted, connector.status, work.now_ms
        self._documents.keep(state, work, intent)
        _flag(state, work, any(one.state == "differs" for one in known.values()))

    def _ask_again(self, state: StationState, work: Work, intent: AvailabilityIntent) -> None:
        """Ask for it once more after a start, where the setting says so: once per start, never in a loop."""
        if not self._settings.get(Connecting, tenant_id=state.station.tenant_id).resend_availability:
            return
        if (intent.sent_again_at_ms or 0) >= (state.station.booted_at_ms or 0):
            return
        intent.sent_again_at_ms = work.now_ms
        wanted = ChangeAvailability(
            operational=intent.operational,
            evse_id=intent.evse_no or None,
            connector_id=intent.connector_id or None,
        )
        work.follow_up(wanted, "rule: the station came back otherwise than it was left")


def _on_its_way(before: AvailabilityIntent | None, now: AvailabilityIntent) -> bool:
    """Whether the opposite was agreed to before and is not reported yet: what was reported may be over."""
    return before is not None and before.state == "accepted" and before.operational != now.operational


def _flag(state: StationState, work: Work, differs: bool) -> None:
    station = state.station
    if differs == (DIFFERS in station.flags):
        return
    others = tuple(flag for flag in station.flags if flag != DIFFERS)
    station.flags = (*others, DIFFERS) if differs else others
    work.put(station)


def _interval(connector: Connector) -> StatusInterval:
    return StatusInterval(
        tenant_id=connector.tenant_id,
        station_id=connector.station_id,
        evse_no=connector.evse_no,
        connector_no=connector.connector_no,
        from_ms=connector.changed_at_ms,
        status=connector.status,
        error_code=connector.error_code,
    )


def _question_open_transaction(state: StationState, work: Work, evse_no: int, connector_no: int) -> None:
    """Keep a transaction that is open on an Available connector, and flag it (interop trap 24).

    One that the vehicle has left already (Idle) may well be open a little longer (E10).
    """
    transaction = state.open_on(evse_no, connector_no)
    if transaction is None or transaction.charging_state == "Idle":
        return
    if AVAILABLE_WHILE_ACTIVE not in transaction.flags:
        transaction.flags = (*transaction.flags, AVAILABLE_WHILE_ACTIVE)
        work.put(transaction)
        work.tell("transaction", str(transaction.id))


def intend(state: StationState, work: Work, evses: Collection[int], operational: bool) -> None:
    """Record what the operator wants of EVSEs (0: the station), once the station has agreed."""
    for evse_no in sorted(evses):
        evse = _evse(state, work, evse_no)
        evse.operational = operational
    work.tell("station", state.station.identity)


def _evse(state: StationState, work: Work, evse_no: int) -> Evse:
    evse = state.evses.get(evse_no)
    if evse is None:
        station = state.station
        evse = state.evses[evse_no] = Evse(tenant_id=station.tenant_id, station_id=station.id, evse_no=evse_no)
    work.put(evse)
    return evse


def alternatives(state: StationState, evse_no: int) -> list[int]:
    """What else may be asked where a change of availability is refused (interop trap 12).

    Each known EVSE instead of the station, and the station instead of its only EVSE.
    """
    known = sorted({number for number, _ in state.connectors if number} | {number for number in state.evses if number})
    if evse_no == 0:
        return known[:MAX_ALTERNATIVES]
    return [0] if known == [evse_no] else []
