"""Metering: samples become records, and the register's readings become the energy of a transaction."""

from collections.abc import Callable, Sequence

from voltherd.domain.metering import Figures, MeterSample, by_instant
from voltherd.domain.time import plausible_ms
from voltherd.domain.transaction import Transaction
from voltherd.services.state import StationState
from voltherd.services.work import Work

DEFAULT_MAX_POWER_W = 400_000.0
JUMPED_BACK = "register-jumped-back"
STEPPED_BACK = "register-stepped-back"
IMPLAUSIBLE = "implausible-energy"
STARTED_AT_ZERO = "meter-start-zero"
AFTER_END = "reading-after-end"
_IMPOSSIBLE_MARGIN_WH = 1_000_000.0
ROUNDING_WH = 20.0
"""A register told in kWh with two decimals may seem to go back by half of this when it is next told in Wh."""
_CORRECTION_WH = 100.0

Instants = Sequence[tuple[int, Figures]]


SumsChanged = Callable[[Work, Transaction], None]
"""Told when readings changed what a transaction comes to: its record is to be written, now or soon."""


class Metering:
    """Records meter values, with or without a transaction (functional block J)."""

    def __init__(self, sums_changed: SumsChanged) -> None:
        self._sums_changed = sums_changed

    def values(
        self,
        state: StationState,
        work: Work,
        evse_no: int,
        connector_no: int,
        samples: Sequence[MeterSample],
        transaction: Transaction | None,
    ) -> None:
        """Record samples; those of a transaction complete it, also after its end (interop trap 23)."""
        store_samples(state, work, evse_no, connector_no, samples, transaction)
        if transaction is not None:
            instants = by_instant(samples)
            before = None if transaction.active else _sums(transaction)
            read_figures(state, transaction, instants, work.now_ms)
            follow(transaction, instants)
            if before is None or before != _sums(transaction):
                self._sums_changed(work, transaction)
        else:
            work.tell("station", state.station.identity)


def _sums(transaction: Transaction) -> tuple[object, ...]:
    """Give what late readings may change of a transaction that is over."""
    return (
        transaction.energy_wh,
        transaction.meter_start_wh,
        transaction.meter_last_ms,
        transaction.meter_stop_wh,
        transaction.flags,
    )


def believe(samples: Sequence[MeterSample], now_ms: int) -> None:
    """Put samples at the station's instant where that can be believed, else at that of receipt (interop trap 29)."""
    told_ms = believed_ms = -1
    for item in samples:
        if item.at_ms != told_ms:
            told_ms, believed_ms = item.at_ms, plausible_ms(item.at_ms, now_ms)
        item.at_ms = believed_ms


def store_samples(
    state: StationState,
    work: Work,
    evse_no: int,
    connector_no: int,
    samples: Sequence[MeterSample],
    transaction: Transaction | None,
) -> None:
    """Record samples, each at the station's instant where that can be believed (interop trap 29)."""
    station = state.station
    tenant_id, station_id, now_ms = station.tenant_id, station.id, work.now_ms
    number = None if transaction is None else transaction.id
    believe(samples, now_ms)
    for item in samples:
        item.tenant_id = tenant_id
        item.station_id = station_id
        item.evse_no = evse_no
        item.connector_no = connector_no
        item.received_ms = now_ms
        item.transaction = number
    work.records.extend(samples)


def read_figures(state: StationState, transaction: Transaction, instants: Instants, now_ms: int) -> None:
    """Take over what the register says at begin, on the way and at the end."""
    for at_ms, found in instants:
        if found.begin_wh is not None and transaction.meter_start_wh is None:
            begin(transaction, found.begin_wh, plausible_ms(at_ms, now_ms))
        if found.register_wh is not None and not _came_after_end(transaction, found.register_wh, at_ms):
            advance(state, transaction, found.register_wh, plausible_ms(at_ms, now_ms))
        if found.end_wh is not None and transaction.meter_stop_wh is None and not transaction.active:
            transaction.meter_stop_wh = found.end_wh


def _came_after_end(transaction: Transaction, reading_wh: float, at_ms: int) -> bool:
    """Whether a reading was taken after the reported end: kept and flagged, it is no energy of the session."""
    stop_wh, stopped_ms = transaction.meter_stop_wh, transaction.stopped_at_ms
    if transaction.active or transaction.inferred or stop_wh is None or stopped_ms is None or at_ms <= stopped_ms:
        return False
    if reading_wh > stop_wh + ROUNDING_WH:
        flag(transaction, AFTER_END)
    return True


def follow(transaction: Transaction, instants: Instants) -> None:
    """Take over the live figures of a running transaction; what is older than its newest reading is not live."""
    if not transaction.active:
        return
    newest_ms = transaction.meter_last_ms or 0
    for at_ms, found in instants:
        if at_ms < newest_ms:
            continue
        if found.power_w is not None:
            transaction.power_w = found.power_w
        if found.soc_percent is not None:
            transaction.soc_percent = found.soc_percent


def begin(transaction: Transaction, reading_wh: float, at_ms: int) -> None:
    """Set the reading that the transaction begins with."""
    transaction.meter_start_wh = reading_wh
    if transaction.meter_last_wh is None:
        transaction.meter_last_wh, transaction.meter_last_ms = reading_wh, at_ms
        transaction.energy_wh = 0.0
    elif transaction.meter_last_wh >= reading_wh and JUMPED_BACK not in transaction.flags:
        transaction.energy_wh = transaction.meter_last_wh - reading_wh


def advance(state: StationState, transaction: Transaction, reading_wh: float, at_ms: int) -> None:
    """Count a reading of the register; older ones that come late change nothing.

    What falls far is a restarted register, counted on from zero and flagged; what steps back a little is the same
    register, rounded or corrected.
    """
    last_wh, last_ms = transaction.meter_last_wh, transaction.meter_last_ms
    if transaction.meter_start_wh is None:
        transaction.meter_start_wh = reading_wh
        if last_wh is not None and last_ms is not None and at_ms < last_ms and last_wh >= reading_wh:
            transaction.energy_wh = last_wh - reading_wh
    if last_wh is None or last_ms is None:
        last_wh, last_ms = transaction.meter_start_wh, at_ms
    if at_ms < last_ms:
        return
    start_wh, step_wh = transaction.meter_start_wh, reading_wh - last_wh
    if _restarted(transaction, last_wh, reading_wh):
        flag(transaction, JUMPED_BACK)
        step_wh = reading_wh
    elif step_wh < -ROUNDING_WH:
        flag(transaction, STEPPED_BACK)
    limit_wh = _possible_wh(state, transaction, at_ms - last_ms)
    if step_wh > limit_wh:
        if start_wh == 0 and last_wh == 0 and step_wh > limit_wh + _IMPOSSIBLE_MARGIN_WH:
            flag(transaction, STARTED_AT_ZERO)
            step_wh, transaction.meter_start_wh = 0.0, reading_wh
        else:
            flag(transaction, IMPLAUSIBLE)
    if JUMPED_BACK in transaction.flags:
        transaction.energy_wh = max(0.0, (transaction.energy_wh or 0.0) + step_wh)
    else:
        transaction.energy_wh = max(0.0, reading_wh - transaction.meter_start_wh)
    transaction.meter_last_wh, transaction.meter_last_ms = reading_wh, at_ms


def _restarted(transaction: Transaction, last_wh: float, reading_wh: float) -> bool:
    """Whether a register that goes back began anew: it lost more than rounding, and most of what it had counted."""
    base_wh = 0.0 if JUMPED_BACK in transaction.flags else transaction.meter_start_wh or 0.0
    return reading_wh < base_wh - _CORRECTION_WH or last_wh - reading_wh > max(
        _CORRECTION_WH, 0.5 * (last_wh - base_wh)
    )


def finish(state: StationState, transaction: Transaction, reading_wh: float | None, at_ms: int) -> None:
    """Set the reading that the transaction ends with; without one the energy stays what was read last."""
    if reading_wh is None:
        return
    start_wh, last_wh, last_ms = transaction.meter_start_wh, transaction.meter_last_wh, transaction.meter_last_ms
    transaction.meter_stop_wh = reading_wh
    if _was_relative(state, transaction, reading_wh, at_ms):
        transaction.energy_wh = reading_wh - (start_wh or 0.0)
        transaction.meter_last_wh, transaction.meter_last_ms = reading_wh, at_ms
    elif last_ms is None or last_wh is None or at_ms >= last_ms:
        advance(state, transaction, reading_wh, at_ms)
    elif start_wh is not None and JUMPED_BACK not in transaction.flags:
        transaction.energy_wh = max(0.0, reading_wh - start_wh)


def forget_start(transaction: Transaction) -> None:
    """Take back a start that was drawn from the only reading there is, the last: what was charged is not known."""
    transaction.meter_start_wh = transaction.energy_wh = None


def _was_relative(state: StationState, transaction: Transaction, reading_wh: float, at_ms: int) -> bool:
    """Whether the readings on the way counted from the session's begin, while begin and end are the register's."""
    start_wh, last_wh, last_ms = transaction.meter_start_wh, transaction.meter_last_wh, transaction.meter_last_ms
    if JUMPED_BACK not in transaction.flags or start_wh is None or last_wh is None or last_ms is None:
        return False
    return reading_wh >= start_wh and reading_wh - last_wh > _possible_wh(state, transaction, max(0, at_ms - last_ms))


def flag(transaction: Transaction, word: str) -> None:
    """Note a finding once."""
    if word not in transaction.flags:
        transaction.flags = (*transaction.flags, word)


def _possible_wh(state: StationState, transaction: Transaction, elapsed_ms: int) -> float:
    """What the EVSE can have delivered in this time, with a margin for clocks and rounding."""
    evse = state.evses.get(transaction.evse_no)
    max_power_w = (evse.max_power_w if evse else None) or DEFAULT_MAX_POWER_W
    return max_power_w * 1.2 * (elapsed_ms + 60_000) / 3_600_000 + 500.0
