"""StartTransaction, MeterValues and StopTransaction of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import StopReason, TransactionAnswer, TransactionEvent
from voltherd.station.v16.authorization import token_info
from voltherd.station.v16.metering import meter_values_request, samples
from voltherd.station.v16.words import V16, number_of, reads, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

UNKNOWN_TRANSACTION: Final = -1
"""What stands for the number of a transaction whose start the CSMS never took."""

_REASONS: Final[dict[StopReason, Any]] = {
    "EnergyLimitReached": "Other",
    "GroundFault": "Other",
    "ImmediateReset": "HardReset",
    "LocalOutOfCredit": "Other",
    "MasterPass": "Local",
    "OvercurrentFault": "Other",
    "PowerQuality": "Other",
    "Reset": "SoftReset",
    "SOCLimitReached": "Other",
    "StoppedByEV": "Local",
    "TimeLimitReached": "Other",
    "Timeout": "Other",
    "Reboot": "Reboot",
    "ReqEnergyTransferRejected": "Other",
    "CostLimitReached": "Other",
}


@reports(TransactionEvent)
def transaction_event(core: StationCore, event: TransactionEvent) -> Outgoing | None:
    """1.6 has a message for each end, and MeterValues in between; states are StatusNotifications."""
    if event.kind == "Started":
        return _started(core, event)
    if event.kind == "Ended":
        return _ended(core, event)
    if not event.values:
        return None
    request = meter_values_request(core, event.evse, event.values)
    request.transaction_id = UNKNOWN_TRANSACTION
    return Outgoing(action="MeterValues", request=request)


def _started(core: StationCore, event: TransactionEvent) -> Outgoing:
    transaction = event.transaction
    request = v16.StartTransactionRequest(
        connector_id=number_of(core, event.evse.id, transaction.connector_id or 1),
        id_tag=transaction.token.id[:20] if transaction.token else "",
        meter_start=transaction.meter_start_wh,
        timestamp=transaction.started_at,
        reservation_id=UNSET if transaction.reservation_id is None else transaction.reservation_id,
    )
    return Outgoing(action="StartTransaction", request=request)


def _ended(core: StationCore, event: TransactionEvent) -> Outgoing:
    transaction, reason = event.transaction, event.reason or "Local"
    who = event.token or transaction.token
    request = v16.StopTransactionRequest(
        transaction_id=UNKNOWN_TRANSACTION,
        id_tag=who.id[:20] if who else UNSET,
        meter_stop=transaction.meter_last_wh,
        timestamp=core.clock.text(core.now),
        reason=_REASONS.get(reason, reason),
    )
    if event.values and _tells_data(core):
        request.transaction_data = [
            v16.TransactionData(timestamp=one.at, sampled_value=samples(event.evse, one)) for one in event.values
        ]
    return Outgoing(action="StopTransaction", request=request)


def _tells_data(core: StationCore) -> bool:
    """Whether StopTransaction has readings (StopTxnSampledData, StopTxnAlignedData)."""
    return bool(core.settings.text("stop_sampled") or core.settings.text("stop_aligned"))


def _take_number(core: StationCore, message: Outgoing) -> None:
    """Put in the number that the CSMS has given the transaction by now."""
    request = message.request
    if isinstance(request, v16.MeterValuesRequest | v16.StopTransactionRequest) and message.transaction_id is not None:
        transaction = core.transactions.get(message.transaction_id)
        number = transaction.csms_id if transaction is not None else None
        request.transaction_id = UNKNOWN_TRANSACTION if number is None else number


V16.completes("MeterValues", _take_number)
V16.completes("StopTransaction", _take_number)


@reads("StartTransaction")
def start_answered(core: StationCore, response: v16.StartTransactionResponse) -> TransactionAnswer:
    """The number of the transaction, and whether its tag may charge."""
    return TransactionAnswer(info=token_info(response.id_tag_info), csms_id=response.transaction_id)


@reads("StopTransaction")
def stop_answered(core: StationCore, response: v16.StopTransactionResponse) -> TransactionAnswer:
    """Perhaps something about the tag."""
    return TransactionAnswer(info=None if response.id_tag_info is UNSET else token_info(response.id_tag_info))
