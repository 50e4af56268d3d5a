"""Certificates of the station in 2.x: asked for, installed, listed, deleted (A02, A03, M03 to M05)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.certificate import SigningRequest
from voltherd.station.certificate_store import Listed, Refused, Use
from voltherd.station.chain import BadCertificate, HashData
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import given, info, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_USES: Final[dict[str, tuple[Use, ...]]] = {
    "CSMSRootCertificate": ("CSMSRootCertificate",),
    "ManufacturerRootCertificate": ("ManufacturerRootCertificate",),
    "V2GRootCertificate": ("V2GRootCertificate",),
    "MORootCertificate": ("MORootCertificate",),
    "OEMRootCertificate": ("OEMRootCertificate",),
    "V2GCertificateChain": ("V2GCertificate", "V2G20Certificate"),
}
_MOST_CHILDREN: Final = 4


def hash_data_type(data: HashData) -> v2.CertificateHashDataType:
    """What a certificate is known by, on the wire."""
    return v2.CertificateHashDataType(
        hash_algorithm=data.algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
    )


def hash_data(wire: v2.CertificateHashDataType) -> HashData:
    """The same from the wire."""
    return HashData(
        algorithm=wire.hash_algorithm,
        issuer_name_hash=wire.issuer_name_hash,
        issuer_key_hash=wire.issuer_key_hash,
        serial_number=wire.serial_number,
    )


@reports(SigningRequest)
def sign_certificate(core: StationCore, report: SigningRequest) -> Outgoing:
    """A SignCertificate; 2.0.1 knows neither requestId nor hashRootCertificate."""
    request = v2.SignCertificateRequest(csr=report.csr, certificate_type=report.use)
    if core.is_v21:
        request.request_id = report.request_id
        if report.root is not None:
            request.hash_root_certificate = hash_data_type(report.root)
    elif report.use == "V2G20Certificate":
        request.certificate_type = "V2GCertificate"
    return Outgoing(action="SignCertificate", request=request)


@reads("SignCertificate")
def is_taken(core: StationCore, response: v2.SignCertificateResponse) -> bool:
    """Whether the CSMS will have it signed."""
    return response.status == "Accepted"


@serves("CertificateSigned")
def certificate_signed(core: StationCore, request: v2.CertificateSignedRequest) -> v2.CertificateSignedResponse:
    """OCPP 2.0.1 A02.FR.06 to A02.FR.08."""
    use = given(request.certificate_type)
    try:
        core.certificates.signed(request.certificate_chain, use, given(request.request_id))
    except BadCertificate as error:
        return v2.CertificateSignedResponse(status="Rejected", status_info=info("InvalidCertificate", str(error)))
    return v2.CertificateSignedResponse(status="Accepted")


@serves("InstallCertificate")
def install_certificate(core: StationCore, request: v2.InstallCertificateRequest) -> v2.InstallCertificateResponse:
    """OCPP 2.0.1 M05."""
    try:
        core.certificates.install(request.certificate_type, request.certificate)
    except Refused as error:
        return v2.InstallCertificateResponse(status="Rejected", status_info=info(error.reason, str(error)))
    return v2.InstallCertificateResponse(status="Accepted")


@serves("DeleteCertificate")
def delete_certificate(core: StationCore, request: v2.DeleteCertificateRequest) -> v2.DeleteCertificateResponse:
    """OCPP 2.0.1 M04."""
    return v2.DeleteCertificateResponse(status=core.certificates.delete(hash_data(request.certificate_hash_data)))


@serves("GetInstalledCertificateIds")
def get_installed_certificate_ids(
    core: StationCore, request: v2.GetInstalledCertificateIdsRequest
) -> v2.GetInstalledCertificateIdsResponse:
    """OCPP 2.0.1 M03; without types it is about all of them."""
    wanted = given(request.certificate_type) or list(_USES)
    found = core.certificates.listed({use for kind in wanted for use in _USES[kind]})
    if not found:
        return v2.GetInstalledCertificateIdsResponse(status="NotFound")
    return v2.GetInstalledCertificateIdsResponse(
        status="Accepted", certificate_hash_data_chain=[_chain(listed) for listed in found]
    )


def _chain(listed: Listed) -> v2.CertificateHashDataChainType:
    kind: Any = next(kind for kind, uses in _USES.items() if listed.use in uses)
    children = [hash_data_type(child) for child in listed.children[:_MOST_CHILDREN]]
    return v2.CertificateHashDataChainType(
        certificate_hash_data=hash_data_type(listed.hash_data),
        certificate_type=kind,
        child_certificate_hash_data=children or UNSET,
    )
