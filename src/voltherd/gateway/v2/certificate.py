"""Certificates in OCPP 2.0.1 and 2.1: roots on stations, requests to sign, and status of revocation."""

from typing import Final

from msgspec import UNSET, UnsetType

from voltherd.domain.certificate import (
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    HashData,
    InstallCertificate,
    Standing,
)
from voltherd.domain.commands import Outcome
from voltherd.domain.time import format_ms
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.firmware import words_of
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    Get15118EVCertificateRequest,
    Get15118EVCertificateResponse,
    GetCertificateChainStatusRequest,
    GetCertificateChainStatusResponse,
    GetCertificateStatusRequest,
    GetCertificateStatusResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
    SignCertificateRequest,
    SignCertificateResponse,
)
from voltherd.ocpp.v2.enums import CertificateStatusEnumType
from voltherd.ocpp.v2.types import (
    CertificateHashDataType,
    CertificateStatusRequestInfoType,
    CertificateStatusType,
    OCSPRequestDataType,
    StatusInfoType,
)
from voltherd.ocpp.version import OcppVersion
from voltherd.services.certificate_provisioning import EvRequest
from voltherd.services.certificate_status import Asked, Found
from voltherd.services.certificates import Reported

MAX_OCSP_CHARACTERS: Final = {OcppVersion.V201: 5500, OcppVersion.V21: 18_000}
UNTOLD_AGE_MS: Final = 24 * 3600_000
"""So long a status holds where the responder does not say; no status holds for more than a week (M07.FR.09)."""
FAILED_AGE_MS: Final = 3600_000
_WORDS: Final[dict[Standing, CertificateStatusEnumType]] = {"good": "Good", "revoked": "Revoked", "unknown": "Unknown"}


def hash_data(data: CertificateHashDataType | OCSPRequestDataType) -> HashData:
    """Read what names a certificate."""
    return HashData(
        hash_algorithm=data.hash_algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )


def failure(reason_code: str, words: str) -> StatusInfoType:
    """Say why something failed, as far as there is room."""
    return StatusInfoType(reason_code=reason_code, additional_info=words[:512] or UNSET)


# -- what is to be signed -----------------------------------------------------------------------------------------


@routes.handle()
def sign_certificate(here: Here, request: SignCertificateRequest) -> SignCertificateResponse:
    """Take a request for a certificate; a chain follows once it is signed (A02.FR.11, A02.FR.12)."""
    root = request.hash_root_certificate
    refused = here.services.certificates.sign_wanted(
        here.state,
        here.work,
        request.csr,
        request.certificate_type if request.certificate_type is not UNSET else "",
        request.request_id if request.request_id is not UNSET else None,
        hash_data(root) if root is not UNSET else None,
    )
    if refused:
        return SignCertificateResponse(status="Rejected", status_info=failure("InvalidCSR", refused))
    return SignCertificateResponse(status="Accepted")


@routes.translate
async def certificate_signed(caller: Caller, command: CertificateSigned) -> Outcome:
    """Deliver a chain with the type and (2.1) number of its request, absent where they were absent (A02.FR.14)."""
    chain = await caller.services.certificates.chain_for(caller.state, command)
    numbered = command.request_id is not None and caller.version is OcppVersion.V21
    request = CertificateSignedRequest(
        certificate_chain=chain,
        certificate_type=command.certificate_type or UNSET,
        request_id=command.request_id if numbered and command.request_id is not None else UNSET,
    )
    return outcome(await caller.call(request, CertificateSignedResponse))


@routes.learn
def delivering(here: Here, request: CertificateSignedRequest, response: CertificateSignedResponse) -> None:
    """Record what was said to a chain."""
    here.services.certificates.delivered(
        here.state,
        here.work,
        request.certificate_chain,
        request.certificate_type if request.certificate_type is not UNSET else "",
        request.request_id if request.request_id is not UNSET else None,
        response.status,
        words_of(response.status_info),
    )


# -- what is installed --------------------------------------------------------------------------------------------


@routes.translate
async def install_certificate(caller: Caller, command: InstallCertificate) -> Outcome:
    """Install a root certificate (M05)."""
    request = InstallCertificateRequest(certificate_type=command.certificate_type, certificate=command.certificate)
    return outcome(await caller.call(request, InstallCertificateResponse))


@routes.learn
def installing(here: Here, request: InstallCertificateRequest, response: InstallCertificateResponse) -> None:
    """Record what was said to a root certificate."""
    info = words_of(response.status_info)
    here.services.certificates.installed(
        here.state, here.work, request.certificate_type, request.certificate, response.status, info
    )


@routes.translate
async def delete_certificate(caller: Caller, command: DeleteCertificate) -> Outcome:
    """Delete a certificate, named with the algorithm that the station uses (M04, M04.FR.07)."""
    data = command.certificate
    wanted = CertificateHashDataType(
        hash_algorithm=data.hash_algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )
    request = DeleteCertificateRequest(certificate_hash_data=wanted)
    return outcome(await caller.call(request, DeleteCertificateResponse))


@routes.learn
def deleting(here: Here, request: DeleteCertificateRequest, response: DeleteCertificateResponse) -> None:
    """Record that a certificate is gone."""
    data = hash_data(request.certificate_hash_data)
    here.services.certificates.deleted(here.state, here.work, data, response.status)


@routes.translate
async def get_installed_certificate_ids(caller: Caller, command: GetInstalledCertificateIds) -> Outcome:
    """Read the installed certificates (M03); `NotFound` is an answer too."""
    request = GetInstalledCertificateIdsRequest(certificate_type=list(command.certificate_types) or UNSET)
    answer = await caller.call(request, GetInstalledCertificateIdsResponse)
    return outcome(answer, accepted=("Accepted", "NotFound"))


@routes.learn
def reading(
    here: Here, request: GetInstalledCertificateIdsRequest, response: GetInstalledCertificateIdsResponse
) -> None:
    """Record what is installed."""
    types = None if request.certificate_type is UNSET else set(request.certificate_type)
    found = []
    for item in response.certificate_hash_data_chain or []:
        children = [hash_data(child) for child in item.child_certificate_hash_data or []]
        found.append(Reported(item.certificate_type, hash_data(item.certificate_hash_data), children))
    here.services.certificates.reported(here.state, here.work, types, found)


# -- what responders say ------------------------------------------------------------------------------------------


@routes.handle()
def get_certificate_status(here: Here, request: GetCertificateStatusRequest) -> GetCertificateStatusResponse:
    """Ask the responder that the station names, and hand its answer on as DER in Base64 (M06)."""
    data = request.ocsp_request_data
    asked = Asked("OCSP", hash_data(data), (data.responder_url,))
    [found] = here.services.certificates.statuses.known([asked])
    if found.said is None:
        return GetCertificateStatusResponse(status="Failed", status_info=failure("NotFound", found.failure))
    if len(found.answer) > MAX_OCSP_CHARACTERS[here.version]:
        words = f"The responder's answer is longer than OCPP {here.version} allows."
        return GetCertificateStatusResponse(status="Failed", status_info=failure("TooLargeElement", words))
    return GetCertificateStatusResponse(status="Accepted", ocsp_result=found.answer)


@routes.handle()
def get_certificate_chain_status(
    here: Here, request: GetCertificateChainStatusRequest
) -> GetCertificateChainStatusResponse:
    """Ask responders and revocation lists for each certificate of a chain (M07)."""
    wanted = request.certificate_status_requests
    asked = [Asked(item.source, hash_data(item.certificate_hash_data), tuple(item.urls)) for item in wanted]
    known = here.services.certificates.statuses.known(asked)
    now_ms = here.work.now_ms
    statuses = [_status(item, found, now_ms) for item, found in zip(wanted, known, strict=True)]
    return GetCertificateChainStatusResponse(certificate_status=statuses)


def _status(item: CertificateStatusRequestInfoType, found: Found, now_ms: int) -> CertificateStatusType:
    said = found.said
    until_ms = now_ms + (FAILED_AGE_MS if said is None else UNTOLD_AGE_MS)
    if said is not None and said.until_ms is not None:
        until_ms = said.until_ms
    return CertificateStatusType(
        certificate_hash_data=item.certificate_hash_data,
        source=item.source,
        status="Failed" if said is None else _WORDS[said.standing],
        next_update=format_ms(until_ms),
    )


# -- contract certificates ----------------------------------------------------------------------------------------


@routes.handle()
def get_15118_ev_certificate(here: Here, request: Get15118EVCertificateRequest) -> Get15118EVCertificateResponse:
    """Pass an EV's request on to the provisioning service, and its answer back (M01, M02)."""
    chains, emaids = request.maximum_contract_certificate_chains, request.prioritized_emaids
    wanted = EvRequest(
        station_id=here.state.station.identity,
        iso15118_schema_version=request.iso15118_schema_version,
        action=request.action,
        exi_request=request.exi_request,
        maximum_contract_certificate_chains=chains if chains is not UNSET else None,
        prioritized_emaids=tuple(emaids) if emaids is not UNSET else None,
    )
    long_answers = here.version is OcppVersion.V21
    found = here.services.certificates.provisioning.answer(here.state, wanted, long_answers=long_answers)
    if found.status != "Accepted":
        info = failure("NotProvisioned", found.reason)
        return Get15118EVCertificateResponse(status="Failed", exi_response=found.exi_response, status_info=info)
    return Get15118EVCertificateResponse(
        status="Accepted",
        exi_response=found.exi_response,
        remaining_contracts=_remaining(found.remaining_contracts, long_answers),
    )


def _remaining(contracts: int | None, known: bool) -> int | UnsetType:
    """Give how many more contracts there are; 2.0.1 has no place for it (M01.FR.06)."""
    return contracts if known and contracts is not None else UNSET
