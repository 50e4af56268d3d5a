"""Availability: what each connector's status is, and since when (functional block G)."""

from collections.abc import Collection

from msgspec import Struct

from voltherd.domain.events import StatusReported
from voltherd.domain.station import Connector, Evse, StatusInterval
from voltherd.services.clocks import believed_ms
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

AVAILABLE_WHILE_ACTIVE = "available-while-active"
MAX_ALTERNATIVES = 32


class StatusReport(Struct, kw_only=True):
    """A connector's status; EVSE 0 is the station, connector 0 the whole EVSE."""

    evse_no: int
    connector_no: int
    status: str
    error_code: str = ""
    info: str = ""
    vendor_error_code: str = ""
    timestamp: str = ""


class Availability:
    """Keeps the status of connectors and its history."""

    def status(self, state: StationState, work: Work, report: StatusReport) -> None:
        """Record a status. (0, n) is the station's own: no phantom EVSE is made (interop trap 28)."""
        station = state.station
        evse_no, connector_no = (0, 0) if report.evse_no <= 0 else (report.evse_no, max(report.connector_no, 0))
        known = state.connectors.get((evse_no, connector_no))
        connector = Connector(
            tenant_id=station.tenant_id,
            station_id=station.id,
            evse_no=evse_no,
            connector_no=connector_no,
            status=report.status,
            error_code="" if report.error_code == "NoError" else report.error_code,
            vendor_error_code=report.vendor_error_code,
            info=report.info,
            changed_at_ms=believed_ms(state, work, report.timestamp) if report.timestamp else work.now_ms,
            received_at_ms=work.now_ms,
        )
        state.connectors[evse_no, connector_no] = connector
        work.put(connector)
        if known is None or (known.status, known.error_code) != (connector.status, connector.error_code):
            work.put(_interval(connector))
        if report.status == "Available" and evse_no > 0:
            _question_open_transaction(state, work, evse_no, connector_no)
        work.tell("station", station.identity)
        observe(state, work, StatusReported(connector))


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
    """Keep a transaction that is open on an Available connector, and flag it (interop trap 24)."""
    transaction = state.open_on(evse_no, connector_no)
    if transaction is not None and AVAILABLE_WHILE_ACTIVE not in transaction.flags:
        transaction.flags = (*transaction.flags, AVAILABLE_WHILE_ACTIVE)
        work.put(transaction)
        work.tell("transaction", str(transaction.id))


def intend(state: StationState, work: Work, evses: Collection[int], operational: bool) -> None:
    """Record what the operator wants of EVSEs (0: the station), once the station has agreed."""
    for evse_no in sorted(evses):
        evse = state.evses.get(evse_no)
        if evse is None:
            station = state.station
            evse = state.evses[evse_no] = Evse(tenant_id=station.tenant_id, station_id=station.id, evse_no=evse_no)
        evse.operational = operational
        work.put(evse)
    work.tell("station", state.station.identity)


def alternatives(state: StationState, evse_no: int) -> list[int]:
    """What else may be asked where a change of availability is refused (interop trap 12).

    Each known EVSE instead of the station, and the station instead of its only EVSE.
    """
    known = sorted({number for number, _ in state.connectors if number} | {number for number in state.evses if number})
    if evse_no == 0:
        return known[:MAX_ALTERNATIVES]
    return [0] if known == [evse_no] else []
