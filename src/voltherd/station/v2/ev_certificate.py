"""Get15118EVCertificate, GetCertificateStatus and, since 2.1, GetCertificateChainStatus (M01, M02, M06, M07)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.ev_certificate import (
    ChainAnswer,
    ChainQuestion,
    EvCertificateAnswer,
    EvCertificateRequest,
    OcspQuestion,
)
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.certificate import hash_data_type
from voltherd.station.v2.words import given, reads, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(EvCertificateRequest)
def get_ev_certificate(core: StationCore, report: EvCertificateRequest) -> Outgoing:
    """A Get15118EVCertificate."""
    request = v2.Get15118EVCertificateRequest(
        iso15118_schema_version=report.schema,
        action=report.action,
        exi_request=report.exi,
        maximum_contract_certificate_chains=UNSET if report.most_chains is None else report.most_chains,
        prioritized_emaids=list(report.emaids[:8]) or UNSET,
    )
    return Outgoing(action="Get15118EVCertificate", request=request)


@reads("Get15118EVCertificate")
def ev_certificate(core: StationCore, response: v2.Get15118EVCertificateResponse) -> EvCertificateAnswer:
    """What to give to the vehicle."""
    remaining = given(response.remaining_contracts) or 0
    return EvCertificateAnswer(response.status == "Accepted", response.exi_response, remaining)


@reports(OcspQuestion)
def get_certificate_status(core: StationCore, report: OcspQuestion) -> Outgoing:
    """A GetCertificateStatus."""
    data = report.hash_data
    asked = v2.OCSPRequestDataType(
        hash_algorithm=data.algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
        responder_url=report.url,
    )
    return Outgoing(action="GetCertificateStatus", request=v2.GetCertificateStatusRequest(ocsp_request_data=asked))


@reads("GetCertificateStatus")
def certificate_status(core: StationCore, response: v2.GetCertificateStatusResponse) -> str | None:
    """What the responder said, None if the CSMS could not ask it."""
    return given(response.ocsp_result) if response.status == "Accepted" else None


@reports(ChainQuestion)
def get_certificate_chain_status(core: StationCore, report: ChainQuestion) -> Outgoing | None:
    """A GetCertificateChainStatus (since 2.1)."""
    if not core.is_v21:
        return None
    asked = [
        v2.CertificateStatusRequestInfoType(
            certificate_hash_data=hash_data_type(question.hash_data), source="OCSP", urls=[question.url]
        )
        for question in report.asked
    ]
    request = v2.GetCertificateChainStatusRequest(certificate_status_requests=asked)
    return Outgoing(action="GetCertificateChainStatus", request=request)


@reads("GetCertificateChainStatus")
def certificate_chain_status(
    core: StationCore, response: v2.GetCertificateChainStatusResponse
) -> tuple[ChainAnswer, ...]:
    """What is known of each certificate."""
    return tuple(
        ChainAnswer(serial_number=one.certificate_hash_data.serial_number, standing=one.status, until=one.next_update)
        for one in response.certificate_status
    )
