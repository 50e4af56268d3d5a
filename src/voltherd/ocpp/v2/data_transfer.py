"""Data transfer (functional block P)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Any

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import DataTransferStatusEnumType
from voltherd.ocpp.v2.scalars import Text50, Text255
from voltherd.ocpp.v2.types import StatusInfoType


class DataTransferRequest(WireType, kw_only=True):
    """Carries what a vendor agreed on beyond the protocol. Either side."""

    vendor_id: Text255
    message_id: Text50 | UnsetType = UNSET
    data: Any = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class DataTransferResponse(WireType, kw_only=True):
    """Answer to `DataTransfer`."""

    status: DataTransferStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    data: Any = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
