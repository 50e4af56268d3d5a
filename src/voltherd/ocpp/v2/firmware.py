"""Firmware (functional block L)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import (
    FirmwareStatusEnumType,
    GenericStatusEnumType,
    PublishFirmwareStatusEnumType,
    UnpublishFirmwareStatusEnumType,
    UpdateFirmwareStatusEnumType,
)
from voltherd.ocpp.v2.scalars import Text32, Text2000
from voltherd.ocpp.v2.types import FirmwareType, StatusInfoType


class FirmwareStatusNotificationRequest(WireType, kw_only=True):
    """Reports how a firmware update goes. Station to CSMS."""

    status: FirmwareStatusEnumType
    request_id: int | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class FirmwareStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `FirmwareStatusNotification`."""

    custom_data: CustomDataType | UnsetType = UNSET


class PublishFirmwareRequest(WireType, kw_only=True):
    """Asks a local controller to offer firmware to its stations. CSMS to station."""

    location: Text2000
    checksum: Text32
    request_id: int
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class PublishFirmwareResponse(WireType, kw_only=True):
    """Answer to `PublishFirmware`."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class PublishFirmwareStatusNotificationRequest(WireType, kw_only=True):
    """Reports how the offering of firmware goes. Station to CSMS."""

    status: PublishFirmwareStatusEnumType
    location: Annotated[list[Text2000], Meta(min_length=1)] | UnsetType = UNSET
    request_id: int | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class PublishFirmwareStatusNotificationResponse(WireType, kw_only=True):
    """Answer to `PublishFirmwareStatusNotification`."""

    custom_data: CustomDataType | UnsetType = UNSET


class UnpublishFirmwareRequest(WireType, kw_only=True):
    """Asks a local controller to offer firmware no more. CSMS to station."""

    checksum: Text32
    custom_data: CustomDataType | UnsetType = UNSET


class UnpublishFirmwareResponse(WireType, kw_only=True):
    """Answer to `UnpublishFirmware`."""

    status: UnpublishFirmwareStatusEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class UpdateFirmwareRequest(WireType, kw_only=True):
    """Asks to fetch and install firmware from a location. CSMS to station."""

    request_id: int
    firmware: FirmwareType
    retries: int | UnsetType = UNSET
    retry_interval: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class UpdateFirmwareResponse(WireType, kw_only=True):
    """Answer to `UpdateFirmware`."""

    status: UpdateFirmwareStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
