"""Tariffs and cost in OCPP 2.0.1 and 2.1."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.domain.commands import NO_ANSWER, Command, Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.tariff import (
    ChangeTransactionTariff,
    ClearTariffs,
    CostUpdated,
    GetTariffs,
    NotifyWebPaymentStarted,
    SetDefaultTariff,
    Settlement,
)
from voltherd.domain.tariff_vat import form_of
from voltherd.domain.time import parse_timestamp, plausible_ms
from voltherd.domain.transaction import Transaction
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import MIXED, outcome, transaction_named
from voltherd.gateway.v2.mirror import plain, to_wire
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    AuthorizeResponse,
    ChangeTransactionTariffRequest,
    ChangeTransactionTariffResponse,
    ClearTariffsRequest,
    ClearTariffsResponse,
    CostUpdatedRequest,
    CostUpdatedResponse,
    GetTariffsRequest,
    GetTariffsResponse,
    NotifySettlementRequest,
    NotifySettlementResponse,
    NotifyWebPaymentStartedRequest,
    NotifyWebPaymentStartedResponse,
    SetDefaultTariffRequest,
    SetDefaultTariffResponse,
    TransactionEventRequest,
    TransactionEventResponse,
    VatNumberValidationRequest,
    VatNumberValidationResponse,
)
from voltherd.ocpp.v2.types import (
    ClearTariffsResultType,
    CostDetailsType,
    MessageContentType,
    StatusInfoType,
    TariffType,
)
from voltherd.ocpp.version import OcppVersion
from voltherd.services.tariffs import Breakdown

T = TypeVar("T")
_SENT = Outcome(accepted=True, status="Accepted")


# -- what goes into answers to other messages -------------------------------------------------------------------------


def tell_tariff(here: Here, response: AuthorizeResponse) -> AuthorizeResponse:
    """Add the tariff to an authorisation that was given: in words (I01), and for local calculation (I08)."""
    if response.id_token_info.status == "Accepted":
        tariffs, now_ms = here.services.tariffs, here.work.now_ms
        words = tariffs.words(here.state, now_ms)
        if words is not None:
            response.id_token_info.personal_message = to_wire(MessageContentType, words, "personalMessage")
        tariff = None if here.version is OcppVersion.V201 else tariffs.tariff(here.state, now_ms)
        if tariff is not None:
            response.tariff = to_wire(TariffType, tariff, "tariff")
    return response


def before_event(here: Here, request: TransactionEventRequest) -> MessageContentType | UnsetType:
    """Give the tariff in words where it changed while the session runs (I06). Raises NotLoaded."""
    tariffs, info = here.services.tariffs, request.transaction_info
    if request.cost_details is not UNSET:
        tariffs.require(here.state)
    if request.event_type == "Ended" and here.version is not OcppVersion.V201:
        tariffs.installed.require(here.state)
    if request.event_type != "Updated":
        return UNSET
    words = tariffs.changed_words(here.state, info.transaction_id, here.work.now_ms)
    return UNSET if words is None else to_wire(MessageContentType, words, "updatedPersonalMessage")


def after_event(here: Here, request: TransactionEventRequest, response: TransactionEventResponse) -> None:
    """Work out what the session comes to and tell it (I02, I03); keep what the station worked out (I12)."""
    tariffs, info = here.services.tariffs, request.transaction_info
    transaction = here.state.transactions.get(info.transaction_id)
    if transaction is None:
        return
    if request.cost_details is not UNSET or tariffs.pricing(here.state) is not None:
        _price(here, request, response, transaction)
    if request.trigger_reason == "TariffChanged" and info.tariff_id is not UNSET:
        tariffs.changed(here.state, here.work, info.tariff_id)
    if request.event_type == "Ended" and here.version is not OcppVersion.V201:
        tariffs.installed.ended(here.state, here.work, info.transaction_id)


def _price(
    here: Here, request: TransactionEventRequest, response: TransactionEventResponse, transaction: Transaction
) -> None:
    tariffs, at_ms = here.services.tariffs, plausible_ms(parse_timestamp(request.timestamp), here.work.now_ms)
    amount = tariffs.price(here.state, transaction, at_ms)
    told = None if amount is None else tariffs.told(here.state, here.work, transaction, amount)
    if told is not None and request.event_type != "Started":
        response.total_cost = float(told)
    if request.cost_details is not UNSET:
        said = _breakdown(request.cost_details, ended=request.event_type == "Ended")
        tariffs.broken_down(here.state, here.work, transaction, said, at_ms)


def _breakdown(details: CostDetailsType, *, ended: bool) -> Breakdown:
    total = details.total_cost.total
    return Breakdown(
        currency=details.total_cost.currency,
        with_tax=_decimal(total.incl_tax),
        without_tax=_decimal(total.excl_tax),
        failed=details.failure_to_calculate is True,
        ended=ended,
        details=plain(details),
    )


def _decimal(number: float | UnsetType) -> Decimal | None:
    return None if number is UNSET else Decimal(repr(number))


# -- what stations say ------------------------------------------------------------------------------------------------


@routes.handle()
def notify_settlement(here: Here, request: NotifySettlementRequest) -> NotifySettlementResponse:
    """Record how a payment at the terminal was settled; a receipt of ours is offered (C19-C21)."""
    transaction_id = _given(request.transaction_id) or None
    find = here.services.transactions.find
    transaction = find(here.state, transaction_id) if transaction_id else None
    company = _given(request.vat_company)
    settlement = Settlement(
        state=request.status.lower(),
        psp_ref=request.psp_ref,
        transaction_id=transaction_id,
        amount=f"{Decimal(repr(request.settlement_amount)):f}",
        settled_at_ms=plausible_ms(parse_timestamp(request.settlement_time), here.work.now_ms),
        status_info=_given(request.status_info),
        receipt_id=_given(request.receipt_id),
        receipt_url=_given(request.receipt_url),
        vat_number=_given(request.vat_number),
        vat_company=None if company is None else plain(company),
    )
    receipt = here.services.tariffs.settlements.settled(here.state, here.work, settlement, transaction)
    if receipt is None:
        return NotifySettlementResponse()
    return NotifySettlementResponse(receipt_id=receipt[0], receipt_url=receipt[1])


def _given(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


_REASONS = {
    "right": ("FormatChecked", "The number has the form of its country; no register was asked."),
    "wrong": ("InvalidValue", "The number has not the form of its country."),
    "unknown-country": ("UnknownCountry", "The form of VAT numbers of this country is not known here."),
}


@routes.handle()
def vat_number_validation(here: Here, request: VatNumberValidationRequest) -> VatNumberValidationResponse:
    """Check the form of a VAT number, and say that no more was checked (C18.FR.09, C18.FR.10)."""
    form = form_of(request.vat_number)
    reason, words = _REASONS[form]
    return VatNumberValidationResponse(
        vat_number=request.vat_number,
        status="Accepted" if form == "right" else "Rejected",
        evse_id=request.evse_id,
        status_info=StatusInfoType(reason_code=reason, additional_info=words),
    )


# -- commands ---------------------------------------------------------------------------------------------------------


def require_21(caller: Caller, command: Command) -> None:
    """Refuse what only 2.1 has a message for. Raises NotSupportedByVersion."""
    if caller.version is OcppVersion.V201:
        raise NotSupportedByVersion(f"OCPP {caller.version} has no message for {command.name}.")


@routes.translate
async def cost_updated(caller: Caller, command: CostUpdated) -> Outcome:
    """Show the driver the cost so far (I02)."""
    transaction = transaction_named(caller.state, command.transaction_id)
    amount = None if command.total_cost is None else Decimal(command.total_cost)
    if amount is None and transaction.cost is not None:
        amount = Decimal(repr(transaction.cost))
    if amount is None:
        words = "total_cost: no price of ours applies to this session, so the amount must be given."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    request = CostUpdatedRequest(total_cost=float(amount), transaction_id=transaction.transaction_id)
    await caller.call(request, CostUpdatedResponse)
    return _SENT


@routes.translate
async def set_default_tariff(caller: Caller, command: SetDefaultTariff) -> Outcome:
    """Install a tariff (I07)."""
    require_21(caller, command)
    tariff = to_wire(TariffType, command.tariff, "tariff")
    request = SetDefaultTariffRequest(evse_id=command.evse_id, tariff=tariff)
    return outcome(await caller.call(request, SetDefaultTariffResponse))


@routes.learn
def default_tariff_set(here: Here, request: SetDefaultTariffRequest, response: SetDefaultTariffResponse) -> None:
    """Record what is installed now, or why not."""
    here.services.tariffs.installed.set_default(
        here.state, here.work, request.evse_id, plain(request.tariff), response.status
    )


@routes.translate
async def get_tariffs(caller: Caller, command: GetTariffs) -> Outcome:
    """Ask for the tariffs; that there are none is an answer too (I09)."""
    require_21(caller, command)
    answer = await caller.call(GetTariffsRequest(evse_id=command.evse_id), GetTariffsResponse)
    return outcome(answer, accepted=("Accepted", "NoTariff"))


@routes.learn
def tariffs_known(here: Here, request: GetTariffsRequest, response: GetTariffsResponse) -> None:
    """Record which tariffs there are."""
    if response.status != "Rejected":
        found = [] if response.tariff_assignments is UNSET else [plain(item) for item in response.tariff_assignments]
        here.services.tariffs.installed.reported(here.state, here.work, request.evse_id, found)


@routes.translate
async def clear_tariffs(caller: Caller, command: ClearTariffs) -> Outcome:
    """Remove tariffs (I10); the outcome is accepted if none was refused and one was there."""
    require_21(caller, command)
    request = ClearTariffsRequest(
        tariff_ids=command.tariff_ids or UNSET, evse_id=UNSET if command.evse_id is None else command.evse_id
    )
    answer = await caller.call(request, ClearTariffsResponse)
    results = [result for result in answer.clear_tariffs_result if _is_asked(request, result)]
    left_out = _left_out(request, results)
    statuses = {result.status for result in results} | ({NO_ANSWER} if left_out else set[str]())
    status = next(iter(statuses)) if len(statuses) == 1 else MIXED
    accepted = "Accepted" in statuses and not statuses & {"Rejected", NO_ANSWER}
    found: dict[str, Any] = msgspec.to_builtins(answer)
    if left_out:
        found["left_out"] = left_out
    return Outcome(accepted=accepted, status=status, answer=found)


def _is_asked(request: ClearTariffsRequest, result: ClearTariffsResultType) -> bool:
    """Whether a result is of a tariff that was to go; one without an id is of all of them."""
    return request.tariff_ids is UNSET or result.tariff_id is UNSET or result.tariff_id in request.tariff_ids


def _left_out(request: ClearTariffsRequest, results: Sequence[ClearTariffsResultType]) -> list[str]:
    answered = {result.tariff_id for result in results}
    if request.tariff_ids is UNSET or UNSET in answered:
        return []
    return [tariff_id for tariff_id in request.tariff_ids if tariff_id not in answered]


@routes.learn
def tariffs_cleared(here: Here, request: ClearTariffsRequest, response: ClearTariffsResponse) -> None:
    """Record which tariffs are gone."""
    here.services.tariffs.installed.cleared(
        here.state,
        here.work,
        _given(request.evse_id),
        _given(request.tariff_ids) or (),
        [
            (_given(result.tariff_id), result.status)
            for result in response.clear_tariffs_result
            if _is_asked(request, result)
        ],
    )


@routes.translate
async def change_transaction_tariff(caller: Caller, command: ChangeTransactionTariff) -> Outcome:
    """Replace the tariff of a running session (I11)."""
    require_21(caller, command)
    transaction = transaction_named(caller.state, command.transaction_id)
    tariff = to_wire(TariffType, command.tariff, "tariff")
    request = ChangeTransactionTariffRequest(transaction_id=transaction.transaction_id, tariff=tariff)
    return outcome(await caller.call(request, ChangeTransactionTariffResponse))


@routes.learn
def transaction_tariff_changed(
    here: Here, request: ChangeTransactionTariffRequest, response: ChangeTransactionTariffResponse
) -> None:
    """Record the session's tariff, or why it stays."""
    here.services.tariffs.installed.set_for_transaction(
        here.state, here.work, request.transaction_id, plain(request.tariff), response.status
    )


@routes.translate
async def notify_web_payment_started(caller: Caller, command: NotifyWebPaymentStarted) -> Outcome:
    """Say that a driver is paying on the web (C25.FR.21)."""
    require_21(caller, command)
    request = NotifyWebPaymentStartedRequest(evse_id=command.evse_id, timeout=command.timeout_s)
    await caller.call(request, NotifyWebPaymentStartedResponse)
    return _SENT
