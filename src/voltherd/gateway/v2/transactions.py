"""Transactions in OCPP 2.0.1 and 2.1: every event is accepted, in whatever order it comes."""

from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.domain.commands import Outcome
from voltherd.domain.transaction import EventReport, GetTransactionStatus, Limits
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import wire_id_of
from voltherd.gateway.v2 import tariff, v2x
from voltherd.gateway.v2.common import id_token_info, samples, text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    TransactionEventRequest,
    TransactionEventResponse,
)
from voltherd.ocpp.v2.types import TransactionLimitType
from voltherd.ocpp.version import OcppVersion

T = TypeVar("T")


@routes.handle(remember=True)
def transaction_event(here: Here, request: TransactionEventRequest) -> TransactionEventResponse:
    """Record an event; a token in it gets its verdict (E01-E08, E02.FR.02)."""
    if _is_plain(here, request):
        here.services.transactions.event(here.state, here.work, _report_of(here, request))
        return _NOTHING_TO_SAY
    return _eventful(here, request)


def _report_of(here: Here, request: TransactionEventRequest) -> EventReport:
    return _report(request, here.work.now_ms, here.state.quirks.timestamps_local_zone)


_PLAIN_REASONS = frozenset({"MeterValuePeriodic", "MeterValueClock", "ChargingStateChanged"})
_NOTHING_TO_SAY = TransactionEventResponse()


def _is_plain(here: Here, request: TransactionEventRequest) -> bool:
    """Whether an event only tells readings of a session about which there is nothing to say: most of them do."""
    info = request.transaction_info
    if request.event_type != "Updated" or request.trigger_reason not in _PLAIN_REASONS:
        return False
    if request.id_token is not UNSET or request.cost_details is not UNSET or info.operation_mode is not UNSET:
        return False
    known = here.state.transactions.get(info.transaction_id)
    return known is not None and not known.limits and here.services.tariffs.pricing(here.state) is None


def _eventful(here: Here, request: TransactionEventRequest) -> TransactionEventResponse:
    ended = request.event_type == "Ended"
    if ended:
        here.services.display_messages.needed(here.state)
    resumed = request.trigger_reason == "TxResumed"
    if resumed:
        here.services.charging_profiles.installed(here.state)
    v2x.before_event(here, request)
    words = tariff.before_event(here, request)
    report = _report_of(here, request)
    verdict = here.services.transactions.event(here.state, here.work, report)
    if ended:
        here.services.display_messages.transaction_ended(here.state, here.work, request.transaction_info.transaction_id)
    if resumed:
        here.services.charging_profiles.resumed(here.state, here.work, request.transaction_info.transaction_id)
    response = TransactionEventResponse(
        id_token_info=UNSET if verdict is None else id_token_info(verdict, here.version),
        transaction_limit=_limit(here, report),
        updated_personal_message=words,
    )
    tariff.after_event(here, request, response)
    v2x.after_event(here, request, response)
    return response


def _limit(here: Here, report: EventReport) -> TransactionLimitType | UnsetType:
    """Tell the limits that are wanted, once for every change (2.1, E16.FR.02)."""
    if here.version is OcppVersion.V201:
        return UNSET
    wanted = here.services.transactions.limits_to_tell(here.state, here.work, report)
    if wanted is None:
        return UNSET
    return TransactionLimitType(
        max_cost=_set(wanted.max_cost),
        max_energy=_set(wanted.max_energy_wh),
        max_time=_set(wanted.max_time_s),
        max_soc=_set(wanted.max_soc_percent),
    )


def _set(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


@routes.translate
async def get_transaction_status(caller: Caller, command: GetTransactionStatus) -> Outcome:
    """Ask whether a transaction goes on and whether messages wait (E14)."""
    name = command.transaction_id
    wire_id = UNSET if name is None else wire_id_of(caller.state, name)
    answer = await caller.call(GetTransactionStatusRequest(transaction_id=wire_id), GetTransactionStatusResponse)
    status = "Unknown" if answer.ongoing_indicator is UNSET else "Ongoing" if answer.ongoing_indicator else "Ended"
    return Outcome(accepted=True, status=status, answer=msgspec.to_builtins(answer))


@routes.learn
def transaction_status_known(
    here: Here, request: GetTransactionStatusRequest, response: GetTransactionStatusResponse
) -> None:
    """Take over what became of a transaction."""
    if request.transaction_id is not UNSET and response.ongoing_indicator is not UNSET:
        here.services.transactions.status(
            here.state,
            here.work,
            request.transaction_id,
            ongoing=response.ongoing_indicator,
            waiting=response.messages_in_queue,
        )


def _report(request: TransactionEventRequest, received_ms: int, zone: str | None) -> EventReport:
    info, evse, token = request.transaction_info, request.evse, request.id_token
    remote_start_id, reservation_id = info.remote_start_id, request.reservation_id
    evse_no = connector_no = None
    if evse is not UNSET and evse.id > 0:
        evse_no = evse.id
        connector_no = evse.connector_id if evse.connector_id is not UNSET else None
    return EventReport(
        kind=request.event_type,
        transaction_id=info.transaction_id,
        seq_no=_stored(request.seq_no),
        trigger_reason=request.trigger_reason,
        timestamp=request.timestamp,
        offline=request.offline is True,
        evse_no=evse_no,
        connector_no=connector_no,
        id_token=token.id_token if token is not UNSET else None,
        id_token_type=token.type if token is not UNSET else "",
        charging_state=info.charging_state,
        stopped_reason=text(info.stopped_reason),
        remote_start_id=_stored(remote_start_id) if remote_start_id is not UNSET else None,
        reservation_id=_stored(reservation_id) if reservation_id is not UNSET else None,
        samples=samples(request.meter_value, received_ms, zone) if request.meter_value is not UNSET else [],
        limits=None if info.transaction_limit is UNSET else _limits(info.transaction_limit),
        details=_details(request),
    )


def _stored(number: int) -> int:
    """Give the nearest integer that a record holds: the schema sets no bound."""
    return number if -_MAX_STORED <= number <= _MAX_STORED else max(-_MAX_STORED, min(number, _MAX_STORED))


_MAX_STORED = 2**63 - 1


def _limits(told: TransactionLimitType) -> Limits:
    """Give the limits that a station reports; a negative one, which the schema lets through, limits to nothing."""
    return Limits(
        max_cost=None if told.max_cost is UNSET else max(0.0, float(told.max_cost)),
        max_energy_wh=None if told.max_energy is UNSET else max(0.0, float(told.max_energy)),
        max_time_s=None if told.max_time is UNSET else max(0, told.max_time),
        max_soc_percent=None if told.max_soc is UNSET else told.max_soc,
    )


def _details(request: TransactionEventRequest) -> str:
    """Give what has no place of its own in the record, named as on the wire."""
    info = request.transaction_info
    said = (
        info.time_spent_charging,
        request.number_of_phases_used,
        request.cable_max_current,
        request.cost_details,
        request.preconditioning_status,
        request.evse_sleep,
        info.operation_mode,
        info.tariff_id,
        info.transaction_limit,
        request.custom_data,
        info.custom_data,
    )
    if said == _NOTHING:
        return ""
    names = (*_DETAILS, "customData", "transactionInfo.customData")
    return _encode({name: value for name, value in zip(names, said, strict=True) if value is not UNSET}).decode()


_DETAILS = (
    "timeSpentCharging",
    "numberOfPhasesUsed",
    "cableMaxCurrent",
    "costDetails",
    "preconditioningStatus",
    "evseSleep",
    "operationMode",
    "tariffId",
    "transactionLimit",
)
_NOTHING = (UNSET,) * 11
_encode = msgspec.json.Encoder().encode
