"""Meter values (functional block J)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.types import MeterValueType


class MeterValuesRequest(WireType, kw_only=True):
    """Reports meter readings of one EVSE outside of a transaction. Station to CSMS."""

    evse_id: int
    meter_value: Annotated[list[MeterValueType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class MeterValuesResponse(WireType, kw_only=True):
    """Answer to `MeterValues`."""

    custom_data: CustomDataType | UnsetType = UNSET
