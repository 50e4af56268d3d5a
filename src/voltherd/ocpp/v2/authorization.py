"""Authorization (functional block C)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import (
    AuthorizeCertificateStatusEnumType,
    ClearCacheStatusEnumType,
    EnergyTransferModeEnumType,
)
from voltherd.ocpp.v2.scalars import Text10000
from voltherd.ocpp.v2.types import IdTokenInfoType, IdTokenType, OCSPRequestDataType, StatusInfoType, TariffType


class AuthorizeRequest(WireType, kw_only=True):
    """Asks whether an ID token may charge. Station to CSMS."""

    id_token: IdTokenType
    certificate: Text10000 | UnsetType = UNSET
    iso15118_certificate_hash_data: (
        Annotated[list[OCSPRequestDataType], Meta(min_length=1, max_length=4)] | UnsetType
    ) = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class AuthorizeResponse(WireType, kw_only=True):
    """Answer to `Authorize`."""

    id_token_info: IdTokenInfoType
    certificate_status: AuthorizeCertificateStatusEnumType | UnsetType = UNSET
    allowed_energy_transfer: Annotated[list[EnergyTransferModeEnumType], Meta(min_length=1)] | UnsetType = (
        UNSET  # since 2.1
    )
    tariff: TariffType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class ClearCacheRequest(WireType, kw_only=True):
    """Empties the authorization cache. CSMS to station."""

    custom_data: CustomDataType | UnsetType = UNSET


class ClearCacheResponse(WireType, kw_only=True):
    """Answer to `ClearCache`."""

    status: ClearCacheStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
