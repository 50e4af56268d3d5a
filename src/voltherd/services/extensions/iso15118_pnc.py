"""Plug and Charge over OCPP 1.6: the messages of 2.0.1 as data of DataTransfer, by the Open Charge Alliance.

They end in the same services as those of 2.0.1. Data is JSON with the names of 2.0.1.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.certificate import HashAlgorithm, HashData
from voltherd.domain.contract_certificate import ToCheck, joined
from voltherd.domain.events import Received
from voltherd.services.certificate_provisioning import EvRequest
from voltherd.services.certificate_status import Asked
from voltherd.services.certificates import Reported
from voltherd.services.data_transfer import Desk, extensions
from voltherd.services.effects import observe

VENDOR: Final = "org.openchargealliance.iso15118pnc"
EMAID: Final = "eMAID"
MAX_OCSP_CHARACTERS: Final = 5500


class Wire(Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Base of what is in the data; fields that we do not know are let pass."""


class HashDataType(Wire, kw_only=True):
    """What a certificate is known by."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: Annotated[str, Meta(max_length=128)]
    issuer_key_hash: Annotated[str, Meta(max_length=128)]
    serial_number: Annotated[str, Meta(max_length=40)]

    def read(self) -> HashData:
        """Give it in our terms."""
        return HashData(
            hash_algorithm=self.hash_algorithm,
            issuer_name_hash=self.issuer_name_hash,
            issuer_key_hash=self.issuer_key_hash,
            serial_number=self.serial_number,
        )


class OcspData(HashDataType, kw_only=True):
    """A certificate and who tells its status."""

    responder_url: str = msgspec.field(name="responderURL")


class IdToken(Wire, kw_only=True):
    """A token as some stations write it."""

    id_token: str
    type: str = EMAID


class Status(Wire, kw_only=True):
    """An answer that is a status."""

    status: str


# -- from stations ------------------------------------------------------------------------------------------------


class Authorize(Wire, kw_only=True):
    """May this contract charge?"""

    id_token: str | IdToken
    certificate: Annotated[str, Meta(max_length=5500)] = ""
    iso15118_certificate_hash_data: Annotated[list[OcspData], Meta(max_length=4)] = msgspec.field(default_factory=list)


class IdTokenInfo(Wire, kw_only=True):
    """The verdict."""

    status: str


class Authorized(Wire, kw_only=True):
    """Verdict on token and certificate."""

    id_token_info: IdTokenInfo
    certificate_status: str | None = None


@extensions.from_station(VENDOR, "Authorize")
def authorize(desk: Desk, request: Authorize) -> Authorized:
    """Judge a contract and its certificate, as C07 does."""
    token = request.id_token if isinstance(request.id_token, str) else request.id_token.id_token
    named = [ToCheck(item.read(), item.responder_url) for item in request.iso15118_certificate_hash_data]
    services, state = desk.services, desk.state
    chain = services.contracts.standing(named=named, chain_pem=request.certificate, tenant_id=state.station.tenant_id)
    verdict = services.authorization.authorize_at(state, token, desk.work.now_ms, token_type=EMAID)
    status = None if chain is None else joined(verdict, chain)
    return Authorized(id_token_info=IdTokenInfo(status=verdict.status), certificate_status=status)


class SignCertificate(Wire, kw_only=True):
    """Please sign."""

    csr: Annotated[str, Meta(max_length=5500)]
    certificate_type: Literal["ChargingStationCertificate", "V2GCertificate"] = "V2GCertificate"


@extensions.from_station(VENDOR, "SignCertificate")
def sign_certificate(desk: Desk, request: SignCertificate) -> Status:
    """Take a request for a certificate, as A02 does; without a type it is one for vehicles."""
    refused = desk.services.certificates.sign_wanted(desk.state, desk.work, request.csr, request.certificate_type)
    observe(desk.state, desk.work, Received("SignCertificate"))
    return Status(status="Rejected" if refused else "Accepted")


class GetCertificateStatus(Wire, kw_only=True):
    """How does a certificate stand?"""

    ocsp_request_data: OcspData


class CertificateStatus(Wire, kw_only=True):
    """The responder's answer."""

    status: str
    ocsp_result: str | None = None


@extensions.from_station(VENDOR, "GetCertificateStatus")
def get_certificate_status(desk: Desk, request: GetCertificateStatus) -> CertificateStatus:
    """Ask the responder, as M06 does."""
    data = request.ocsp_request_data
    [found] = desk.services.certificates.statuses.known([Asked("OCSP", data.read(), (data.responder_url,))])
    if found.said is None or len(found.answer) > MAX_OCSP_CHARACTERS:
        return CertificateStatus(status="Failed")
    return CertificateStatus(status="Accepted", ocsp_result=found.answer)


class Get15118EVCertificate(Wire, kw_only=True):
    """A vehicle wants a contract certificate."""

    iso15118_schema_version: Annotated[str, Meta(max_length=50)]
    action: Literal["Install", "Update"] = "Install"
    exi_request: Annotated[str, Meta(max_length=5600)]


class EVCertificate(Struct, kw_only=True, rename="camel"):
    """What the provisioning service answered."""

    status: str
    exi_response: str


@extensions.from_station(VENDOR, "Get15118EVCertificate")
def get_15118_ev_certificate(desk: Desk, request: Get15118EVCertificate) -> EVCertificate:
    """Pass it on to the provisioning service, as M01 does."""
    wanted = EvRequest(
        station_id=desk.state.station.identity,
        iso15118_schema_version=request.iso15118_schema_version,
        action=request.action,
        exi_request=request.exi_request,
    )
    found = desk.services.certificates.provisioning.answer(desk.state, wanted, long_answers=False)
    return EVCertificate(status=found.status, exi_response=found.exi_response)


# -- to stations --------------------------------------------------------------------------------------------------


class CertificateSigned(Wire, kw_only=True):
    """The signed chain."""

    certificate_chain: Annotated[str, Meta(max_length=10_000)]
    certificate_type: str = "V2GCertificate"


@extensions.to_station(VENDOR, "CertificateSigned")
def certificate_signed(desk: Desk, request: CertificateSigned, answer: Status) -> None:
    """Record what was said to a chain."""
    desk.services.certificates.delivered(
        desk.state, desk.work, request.certificate_chain, request.certificate_type, None, answer.status
    )


class InstallCertificate(Wire, kw_only=True):
    """A root for vehicles."""

    certificate_type: str
    certificate: Annotated[str, Meta(max_length=5500)]


@extensions.to_station(VENDOR, "InstallCertificate")
def install_certificate(desk: Desk, request: InstallCertificate, answer: Status) -> None:
    """Record what was said to a root."""
    desk.services.certificates.installed(
        desk.state, desk.work, request.certificate_type, request.certificate, answer.status
    )


class DeleteCertificate(Wire, kw_only=True):
    """Delete this."""

    certificate_hash_data: HashDataType


@extensions.to_station(VENDOR, "DeleteCertificate")
def delete_certificate(desk: Desk, request: DeleteCertificate, answer: Status) -> None:
    """Record that a certificate is gone."""
    desk.services.certificates.deleted(desk.state, desk.work, request.certificate_hash_data.read(), answer.status)


class GetInstalledCertificateIds(Wire, kw_only=True):
    """What is installed?"""

    certificate_type: list[str] = msgspec.field(default_factory=list)


class HashDataChain(Wire, kw_only=True):
    """A certificate and what was signed under it."""

    certificate_type: str
    certificate_hash_data: HashDataType
    child_certificate_hash_data: list[HashDataType] = msgspec.field(default_factory=list)


class InstalledCertificateIds(Wire, kw_only=True):
    """What is installed."""

    status: str
    certificate_hash_data_chain: list[HashDataChain] = msgspec.field(default_factory=list)


PNC_TYPES: Final = frozenset({"V2GRootCertificate", "MORootCertificate", "V2GCertificateChain"})


@extensions.to_station(VENDOR, "GetInstalledCertificateIds")
def installed_certificate_ids(desk: Desk, request: GetInstalledCertificateIds, answer: InstalledCertificateIds) -> None:
    """Record what is installed."""
    found = [
        Reported(
            item.certificate_type,
            item.certificate_hash_data.read(),
            [child.read() for child in item.child_certificate_hash_data],
        )
        for item in answer.certificate_hash_data_chain
    ]
    types = request.certificate_type or PNC_TYPES
    desk.services.certificates.reported(desk.state, desk.work, types, found)


class TriggerMessage(Wire, kw_only=True):
    """Please send."""

    requested_message: Literal["SignV2GCertificate", "SignCertificate"]


@extensions.to_station(VENDOR, "TriggerMessage")
def trigger_message(desk: Desk, request: TriggerMessage, answer: Status) -> None:
    """Nothing is known before the message comes."""
