"""Orphans: stops that name no transaction we know (interop trap 18). They are acknowledged and kept.

A station that started offline may stop with id 0, -1 or one of its own. If one open transaction fits, it is meant; else
the stop is kept as a record of its own, and a start that comes later and fits takes it over: by conclusion, so a stop
that names the transaction itself still counts more.
"""

from zlib import crc32

from voltherd.domain.id_token import token_key
from voltherd.domain.transaction import StopReport, Transaction
from voltherd.services.metering import JUMPED_BACK, finish, flag
from voltherd.services.state import StationState

ORPHAN_STOP = "orphan-stop"
STOP_ADOPTED = "stop-adopted"
_PREFIX = "orphan-"
_MATCHED = "matched with transaction "


def orphan_id(report: StopReport) -> str:
    """Give the id under which a stop without a transaction is kept; the same stop has the same."""
    mark = crc32(f"{report.id_token}|{report.meter_stop_wh}".encode("utf-8", "replace"))
    return f"{_PREFIX}{report.transaction_id}-{report.timestamp}-{mark:08x}"


def meant_by(state: StationState, report: StopReport) -> Transaction | None:
    """Give the one open transaction that a stop can only mean, or its own record if it came before."""
    known = state.transactions.get(orphan_id(report))
    if known is not None or (not report.id_token and report.transaction_id > 0):
        return known
    fitting = [
        item
        for item in state.active()
        if (item.meter_start_wh or 0.0) <= report.meter_stop_wh
        and (not report.id_token or token_key(item.id_token) == token_key(report.id_token))
    ]
    return fitting[0] if len(fitting) == 1 else None


def adopt(state: StationState, transaction: Transaction) -> Transaction | None:
    """Take over the stop that came before this start; gives its orphan, whose record changed too."""
    for orphan in list(state.transactions.values()):
        if ORPHAN_STOP in orphan.flags and not orphan.close_reason and _fits(orphan, transaction):
            transaction.stop_reason, transaction.stop_id_token = orphan.stop_reason, orphan.stop_id_token
            finish(state, transaction, orphan.meter_stop_wh, orphan.stopped_at_ms or transaction.started_at_ms)
            transaction.inferred = True
            flag(transaction, STOP_ADOPTED)
            orphan.close_reason = _MATCHED + transaction.transaction_id
            return orphan
    return None


def release(state: StationState, transaction: Transaction) -> Transaction | None:
    """Give an adopted stop back, as the transaction's own has come; gives its orphan, whose record changed too."""
    if STOP_ADOPTED not in transaction.flags:
        return None
    transaction.flags = tuple(word for word in transaction.flags if word not in (STOP_ADOPTED, JUMPED_BACK))
    transaction.meter_stop_wh = None
    transaction.meter_last_wh, transaction.meter_last_ms = transaction.meter_start_wh, transaction.started_at_ms
    for orphan in state.transactions.values():
        if orphan.close_reason == _MATCHED + transaction.transaction_id:
            orphan.close_reason = ""
            return orphan
    return None


def _fits(orphan: Transaction, transaction: Transaction) -> bool:
    if not orphan.id_token or token_key(orphan.id_token) != token_key(transaction.id_token):
        return False
    late_enough = (orphan.stopped_at_ms or 0) >= transaction.started_at_ms
    return late_enough and (orphan.meter_stop_wh or 0.0) >= (transaction.meter_start_wh or 0.0)
