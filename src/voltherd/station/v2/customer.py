"""CustomerInformation and NotifyCustomerInformation of 2.x (N09, N10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.customer import CustomerInformation, CustomerRequest
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.certificate import hash_data
from voltherd.station.v2.words import given, reports, serves, token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("CustomerInformation")
def customer_information(core: StationCore, request: v2.CustomerInformationRequest) -> v2.CustomerInformationResponse:
    """OCPP 2.0.1 N09, N10."""
    certificate = request.customer_certificate
    outcome = core.customers.serve(
        CustomerRequest(
            request_id=request.request_id,
            is_to_report=request.report,
            is_to_clear=request.clear,
            token=None if request.id_token is UNSET else token(request.id_token),
            certificate=None if certificate is UNSET else hash_data(certificate),
            identifier=given(request.customer_identifier),
        )
    )
    return v2.CustomerInformationResponse(status=outcome)


@reports(CustomerInformation)
def notify_customer_information(core: StationCore, report: CustomerInformation) -> Outgoing:
    """One part of it."""
    request = v2.NotifyCustomerInformationRequest(
        data=report.data,
        seq_no=report.seq_no,
        generated_at=core.clock.text(core.now),
        request_id=report.request_id,
        tbc=report.more,
    )
    return Outgoing(action="NotifyCustomerInformation", request=request)
