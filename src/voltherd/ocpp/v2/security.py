"""Security (functional block A)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import CertificateSignedStatusEnumType, CertificateSigningUseEnumType, GenericStatusEnumType
from voltherd.ocpp.v2.scalars import Text50, Text255, Text5500, Text10000
from voltherd.ocpp.v2.types import CertificateHashDataType, StatusInfoType


class CertificateSignedRequest(WireType, kw_only=True):
    """Delivers the signed certificate a station asked for. CSMS to station."""

    certificate_chain: Text10000
    certificate_type: CertificateSigningUseEnumType | UnsetType = UNSET
    request_id: int | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class CertificateSignedResponse(WireType, kw_only=True):
    """Answer to `CertificateSigned`."""

    status: CertificateSignedStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SecurityEventNotificationRequest(WireType, kw_only=True):
    """Reports a security event. Station to CSMS."""

    type: Text50
    timestamp: Timestamp
    tech_info: Text255 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SecurityEventNotificationResponse(WireType, kw_only=True):
    """Answer to `SecurityEventNotification`."""

    custom_data: CustomDataType | UnsetType = UNSET


class SignCertificateRequest(WireType, kw_only=True):
    """Asks to have a certificate signing request signed. Station to CSMS."""

    csr: Text5500
    certificate_type: CertificateSigningUseEnumType | UnsetType = UNSET
    hash_root_certificate: CertificateHashDataType | UnsetType = UNSET  # since 2.1
    request_id: int | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class SignCertificateResponse(WireType, kw_only=True):
    """Answer to `SignCertificate`."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
