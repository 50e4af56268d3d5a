"""Certificates for ISO 15118 and TLS (functional block M)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import (
    CertificateActionEnumType,
    DeleteCertificateStatusEnumType,
    GetCertificateIdUseEnumType,
    GetCertificateStatusEnumType,
    GetInstalledCertificateStatusEnumType,
    InstallCertificateStatusEnumType,
    InstallCertificateUseEnumType,
    Iso15118EVCertificateStatusEnumType,
)
from voltherd.ocpp.v2.scalars import IntFrom0, Text50, Text255, Text10000, Text11000, Text17000, Text18000
from voltherd.ocpp.v2.types import (
    CertificateHashDataChainType,
    CertificateHashDataType,
    CertificateStatusRequestInfoType,
    CertificateStatusType,
    OCSPRequestDataType,
    StatusInfoType,
)


class DeleteCertificateRequest(WireType, kw_only=True):
    """Removes an installed certificate. CSMS to station."""

    certificate_hash_data: CertificateHashDataType
    custom_data: CustomDataType | UnsetType = UNSET


class DeleteCertificateResponse(WireType, kw_only=True):
    """Answer to `DeleteCertificate`."""

    status: DeleteCertificateStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class Get15118EVCertificateRequest(WireType, kw_only=True):
    """Passes an EV's request for a contract certificate on. Station to CSMS."""

    iso15118_schema_version: Text50
    action: CertificateActionEnumType
    exi_request: Text11000
    maximum_contract_certificate_chains: IntFrom0 | UnsetType = UNSET  # since 2.1
    prioritized_emaids: Annotated[list[Text255], Meta(min_length=1, max_length=8)] | UnsetType = field(
        default=UNSET, name="prioritizedEMAIDs"
    )  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class Get15118EVCertificateResponse(WireType, kw_only=True):
    """Answer to `Get15118EVCertificate`."""

    status: Iso15118EVCertificateStatusEnumType
    exi_response: Text17000
    status_info: StatusInfoType | UnsetType = UNSET
    remaining_contracts: IntFrom0 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class GetCertificateChainStatusRequest(WireType, kw_only=True):
    """Asks for the revocation status of a chain. Station to CSMS. Since 2.1."""

    certificate_status_requests: Annotated[list[CertificateStatusRequestInfoType], Meta(min_length=1, max_length=4)]
    custom_data: CustomDataType | UnsetType = UNSET


class GetCertificateChainStatusResponse(WireType, kw_only=True):
    """Answer to `GetCertificateChainStatus`. Since 2.1."""

    certificate_status: Annotated[list[CertificateStatusType], Meta(min_length=1, max_length=4)]
    custom_data: CustomDataType | UnsetType = UNSET


class GetCertificateStatusRequest(WireType, kw_only=True):
    """Asks for the OCSP status of a certificate. Station to CSMS."""

    ocsp_request_data: OCSPRequestDataType
    custom_data: CustomDataType | UnsetType = UNSET


class GetCertificateStatusResponse(WireType, kw_only=True):
    """Answer to `GetCertificateStatus`."""

    status: GetCertificateStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    ocsp_result: Text18000 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetInstalledCertificateIdsRequest(WireType, kw_only=True):
    """Asks for the hashes of installed certificates. CSMS to station."""

    certificate_type: Annotated[list[GetCertificateIdUseEnumType], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetInstalledCertificateIdsResponse(WireType, kw_only=True):
    """Answer to `GetInstalledCertificateIds`."""

    status: GetInstalledCertificateStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    certificate_hash_data_chain: Annotated[list[CertificateHashDataChainType], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class InstallCertificateRequest(WireType, kw_only=True):
    """Installs a root certificate. CSMS to station."""

    certificate_type: InstallCertificateUseEnumType
    certificate: Text10000
    custom_data: CustomDataType | UnsetType = UNSET


class InstallCertificateResponse(WireType, kw_only=True):
    """Answer to `InstallCertificate`."""

    status: InstallCertificateStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
