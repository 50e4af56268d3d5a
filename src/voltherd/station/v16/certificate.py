"""Certificates of the station in 1.6's security extension (A02, A03, M03 to M05)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voltherd.ocpp import v16
from voltherd.ocpp.v16 import enums
from voltherd.station.certificate import SigningRequest
from voltherd.station.certificate_store import Refused, RootUse
from voltherd.station.chain import BadCertificate, HashData
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_USES: Final[dict[enums.CertificateUse, RootUse]] = {
    "CentralSystemRootCertificate": "CSMSRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}


@reports(SigningRequest)
def sign_certificate(core: StationCore, report: SigningRequest) -> Outgoing | None:
    """A SignCertificate; 1.6 knows the certificate for the CSMS only."""
    if report.use != "ChargingStationCertificate":
        return None
    return Outgoing(action="SignCertificate", request=v16.SignCertificateRequest(csr=report.csr))


@reads("SignCertificate")
def is_taken(core: StationCore, response: v16.SignCertificateResponse) -> bool:
    """Whether the CSMS will have it signed."""
    return response.status == "Accepted"


@serves("CertificateSigned")
def certificate_signed(core: StationCore, request: v16.CertificateSignedRequest) -> v16.CertificateSignedResponse:
    """A02.FR.06 to A02.FR.08."""
    try:
        core.certificates.signed(request.certificate_chain, "ChargingStationCertificate", None)
    except BadCertificate:
        return v16.CertificateSignedResponse(status="Rejected")
    return v16.CertificateSignedResponse(status="Accepted")


@serves("InstallCertificate")
def install_certificate(core: StationCore, request: v16.InstallCertificateRequest) -> v16.InstallCertificateResponse:
    """M05."""
    try:
        core.certificates.install(_USES[request.certificate_type], request.certificate)
    except Refused as error:
        if request.certificate_type == "CentralSystemRootCertificate":
            core.security.note("InvalidCsmsCertificate", str(error))
        return v16.InstallCertificateResponse(status="Rejected")
    return v16.InstallCertificateResponse(status="Accepted")


@serves("DeleteCertificate")
def delete_certificate(core: StationCore, request: v16.DeleteCertificateRequest) -> v16.DeleteCertificateResponse:
    """M04."""
    wire = request.certificate_hash_data
    wanted = HashData(
        algorithm=wire.hash_algorithm,
        issuer_name_hash=wire.issuer_name_hash,
        issuer_key_hash=wire.issuer_key_hash,
        serial_number=wire.serial_number,
    )
    return v16.DeleteCertificateResponse(status=core.certificates.delete(wanted))


@serves("GetInstalledCertificateIds")
def get_installed_certificate_ids(
    core: StationCore, request: v16.GetInstalledCertificateIdsRequest
) -> v16.GetInstalledCertificateIdsResponse:
    """M03."""
    found = core.certificates.listed({_USES[request.certificate_type]})
    if not found:
        return v16.GetInstalledCertificateIdsResponse(status="NotFound")
    return v16.GetInstalledCertificateIdsResponse(
        status="Accepted", certificate_hash_data=[_hash_data(listed.hash_data) for listed in found]
    )


def _hash_data(data: HashData) -> v16.CertificateHashData:
    return v16.CertificateHashData(
        hash_algorithm=data.algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )
