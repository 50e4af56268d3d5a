"""Payments of 2.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.outbox import Outgoing
from voltherd.station.payment import Company, Receipt, Settlement, VatNumber
from voltherd.station.v2.words import given, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("NotifyWebPaymentStarted")
def web_payment_started(
    core: StationCore, request: v2.NotifyWebPaymentStartedRequest
) -> v2.NotifyWebPaymentStartedResponse:
    """OCPP 2.1 C25.FR.22, FR.27."""
    core.payments.started(request.evse_id, request.timeout)
    return v2.NotifyWebPaymentStartedResponse()


@reports(Settlement)
def settlement(core: StationCore, report: Settlement) -> Outgoing:
    """What became of a payment."""
    request = v2.NotifySettlementRequest(
        psp_ref=report.reference,
        status=report.status,
        settlement_amount=report.amount,
        settlement_time=report.settled_at,
        transaction_id=report.transaction_id or UNSET,
        status_info=report.reason or UNSET,
        receipt_id=report.receipt_id or UNSET,
        receipt_url=report.receipt_url or UNSET,
        vat_number=report.vat_number or UNSET,
        vat_company=UNSET if report.company is None else _address(report.company),
    )
    return Outgoing(action="NotifySettlement", request=request)


@reads("NotifySettlement")
def receipt(core: StationCore, response: v2.NotifySettlementResponse) -> Receipt:
    """Where the receipt is."""
    return Receipt(given(response.receipt_url), given(response.receipt_id))


@reports(VatNumber)
def vat_number(core: StationCore, report: VatNumber) -> Outgoing | None:
    """The question whose VAT number it is."""
    if not core.is_v21:
        return None
    evse_id = UNSET if report.evse_id is None else report.evse_id
    request = v2.VatNumberValidationRequest(vat_number=report.number, evse_id=evse_id)
    return Outgoing(action="VatNumberValidation", request=request)


@reads("VatNumberValidation")
def company(core: StationCore, response: v2.VatNumberValidationResponse) -> Company | None:
    """Whose it is."""
    wire = given(response.company)
    if response.status != "Accepted" or wire is None:
        return None
    return Company(
        name=wire.name,
        address1=wire.address1,
        city=wire.city,
        country=wire.country,
        address2=given(wire.address2),
        postal_code=given(wire.postal_code),
    )


def _address(company: Company) -> v2.AddressType:
    return v2.AddressType(
        name=company.name,
        address1=company.address1,
        city=company.city,
        country=company.country,
        address2=company.address2 or UNSET,
        postal_code=company.postal_code or UNSET,
    )
