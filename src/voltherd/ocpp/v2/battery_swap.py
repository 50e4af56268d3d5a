"""Battery swapping (functional block S)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import BatterySwapEventEnumType, GenericStatusEnumType
from voltherd.ocpp.v2.types import BatteryDataType, IdTokenType, StatusInfoType


class BatterySwapRequest(WireType, kw_only=True):
    """Reports batteries that were put in or taken out. Station to CSMS. Since 2.1."""

    battery_data: Annotated[list[BatteryDataType], Meta(min_length=1)]
    event_type: BatterySwapEventEnumType
    id_token: IdTokenType
    request_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class BatterySwapResponse(WireType, kw_only=True):
    """Answer to `BatterySwap`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class RequestBatterySwapRequest(WireType, kw_only=True):
    """Asks the station to swap batteries for an ID token. CSMS to station. Since 2.1."""

    id_token: IdTokenType
    request_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class RequestBatterySwapResponse(WireType, kw_only=True):
    """Answer to `RequestBatterySwap`. Since 2.1."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
