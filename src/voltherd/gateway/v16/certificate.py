"""Certificates in OCPP 1.6 (security whitepaper)."""

from typing import Any, Final

from voltherd.domain.certificate import (
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    HashData,
    InstallCertificate,
)
from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import MIXED, outcome
from voltherd.gateway.v16.data_transfer import plug_and_charge
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
    SignCertificateRequest,
    SignCertificateResponse,
)
from voltherd.ocpp.v16.enums import CertificateUse
from voltherd.ocpp.v16.types import CertificateHashData
from voltherd.services.certificates import Reported
from voltherd.services.extensions.iso15118_pnc import PNC_TYPES

_USES: Final[dict[str, CertificateUse]] = {
    "CSMSRootCertificate": "CentralSystemRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}
_NAMES: Final = {wire: name for name, wire in _USES.items()}


def _is_pnc(certificate_type: str) -> bool:
    """Whether a type goes by the extension for Plug and Charge. Raises NotSupportedByVersion."""
    if certificate_type not in _USES and certificate_type not in PNC_TYPES:
        raise NotSupportedByVersion(f"OCPP 1.6 knows no {certificate_type}.")
    return certificate_type in PNC_TYPES


@routes.handle()
def sign_certificate(here: Here, request: SignCertificateRequest) -> SignCertificateResponse:
    """Take a request for a certificate; a chain follows once it is signed (whitepaper A02)."""
    refused = here.services.certificates.sign_wanted(here.state, here.work, request.csr)
    return SignCertificateResponse(status="Rejected" if refused else "Accepted")


@routes.translate
async def certificate_signed(caller: Caller, command: CertificateSigned) -> Outcome:
    """Deliver a chain (whitepaper A02, A03); one for vehicles goes by the extension for Plug and Charge."""
    if command.certificate_type == "V2G20Certificate":
        raise NotSupportedByVersion("OCPP 1.6 knows no certificates for ISO 15118-20.")
    chain = await caller.services.certificates.chain_for(caller.state, command)
    if command.certificate_type == "V2GCertificate":
        data = {"certificateChain": chain, "certificateType": command.certificate_type}
        return await plug_and_charge(caller, "CertificateSigned", data)
    return outcome(await caller.call(CertificateSignedRequest(certificate_chain=chain), CertificateSignedResponse))


@routes.learn
def delivering(here: Here, request: CertificateSignedRequest, response: CertificateSignedResponse) -> None:
    """Record what was said to a chain."""
    here.services.certificates.delivered(here.state, here.work, request.certificate_chain, "", None, response.status)


@routes.translate
async def install_certificate(caller: Caller, command: InstallCertificate) -> Outcome:
    """Install a root certificate (whitepaper M05); one for vehicles goes by the extension for Plug and Charge."""
    if _is_pnc(command.certificate_type):
        data = {"certificateType": command.certificate_type, "certificate": command.certificate}
        return await plug_and_charge(caller, "InstallCertificate", data)
    request = InstallCertificateRequest(
        certificate_type=_USES[command.certificate_type], certificate=command.certificate
    )
    return outcome(await caller.call(request, InstallCertificateResponse))


@routes.learn
def installing(here: Here, request: InstallCertificateRequest, response: InstallCertificateResponse) -> None:
    """Record what was said to a root certificate."""
    use = _NAMES[request.certificate_type]
    here.services.certificates.installed(here.state, here.work, use, request.certificate, response.status)


@routes.translate
async def delete_certificate(caller: Caller, command: DeleteCertificate) -> Outcome:
    """Delete a certificate (whitepaper M04); one for vehicles goes by the extension for Plug and Charge."""
    data = command.certificate
    if await caller.services.certificates.type_of(caller.state, data) in PNC_TYPES:
        named = {
            "hashAlgorithm": data.hash_algorithm,
            "issuerNameHash": data.issuer_name_hash,
            "issuerKeyHash": data.issuer_key_hash,
            "serialNumber": data.serial_number,
        }
        return await plug_and_charge(caller, "DeleteCertificate", {"certificateHashData": named})
    wanted = CertificateHashData(
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
    data = _hash_data(request.certificate_hash_data)
    here.services.certificates.deleted(here.state, here.work, data, response.status)


@routes.translate
async def get_installed_certificate_ids(caller: Caller, command: GetInstalledCertificateIds) -> Outcome:
    """Read the installed certificates (whitepaper M03), one type after the other; `NotFound` is an answer too."""
    answers: list[dict[str, Any]] = []
    wanted: list[str] = list(command.certificate_types or _USES)
    pnc = [name for name in wanted if _is_pnc(name)]
    if pnc:
        found = await plug_and_charge(caller, "GetInstalledCertificateIds", {"certificateType": pnc})
        answers.append({"certificate_type": pnc, "status": found.status, **found.answer})
    for use in [_USES[name] for name in wanted if name in _USES]:
        request = GetInstalledCertificateIdsRequest(certificate_type=use)
        found = outcome(await caller.call(request, GetInstalledCertificateIdsResponse), accepted=_READ)
        answers.append({"certificate_type": use, **found.answer})
    statuses = {str(answer["status"]) for answer in answers}
    accepted = not statuses.isdisjoint(_READ)
    status = statuses.pop() if len(statuses) == 1 else MIXED
    told = answers[0] if len(answers) == 1 else {"status": status, "answers": answers}
    return Outcome(accepted=accepted, status=status, answer=told)


_READ: Final = ("Accepted", "NotFound")


@routes.learn
def reading(
    here: Here, request: GetInstalledCertificateIdsRequest, response: GetInstalledCertificateIdsResponse
) -> None:
    """Record what is installed."""
    use = _NAMES[request.certificate_type]
    data = response.certificate_hash_data or []
    found = [Reported(use, _hash_data(item), []) for item in data]
    here.services.certificates.reported(here.state, here.work, {use}, found)


def _hash_data(data: CertificateHashData) -> HashData:
    return HashData(
        hash_algorithm=data.hash_algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )
