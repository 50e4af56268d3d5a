"""Bidirectional power transfer (functional block Q)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    EnergyTransferModeEnumType,
    GenericStatusEnumType,
    NotifyAllowedEnergyTransferStatusEnumType,
)
from voltherd.ocpp.v2.scalars import Text36
from voltherd.ocpp.v2.types import StatusInfoType


class AFRRSignalRequest(WireType, kw_only=True):
    """Passes a frequency restoration signal of the grid operator on. CSMS to station. Since 2.1."""

    timestamp: Timestamp
    signal: int
    custom_data: CustomDataType | UnsetType = UNSET


class AFRRSignalResponse(WireType, kw_only=True):
    """Answer to `AFRRSignal`. Since 2.1."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyAllowedEnergyTransferRequest(WireType, kw_only=True):
    """Changes which kinds of energy transfer a transaction may use. CSMS to station. Since 2.1."""

    transaction_id: Text36
    allowed_energy_transfer: Annotated[list[EnergyTransferModeEnumType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyAllowedEnergyTransferResponse(WireType, kw_only=True):
    """Answer to `NotifyAllowedEnergyTransfer`. Since 2.1."""

    status: NotifyAllowedEnergyTransferStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
