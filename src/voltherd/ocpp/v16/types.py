"""Types that messages of OCPP 1.6 are made of."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import Tenths, Timestamp, WireType
from voltherd.ocpp.v16.enums import (
    AuthorizationStatus,
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
    HashAlgorithm,
    Location,
    Measurand,
    Phase,
    ReadingContext,
    RecurrencyKindType,
    UnitOfMeasure,
    ValueFormat,
)
from voltherd.ocpp.v16.scalars import Text20, Text40, Text50, Text128, Text500, Text512, Text800, Text5500


class IdTagInfo(WireType, kw_only=True):
    """Part of AuthorizationData, AuthorizeResponse, StartTransactionResponse, StopTransactionResponse."""

    status: AuthorizationStatus
    expiry_date: Timestamp | UnsetType = UNSET
    parent_id_tag: Text20 | UnsetType = UNSET


class AuthorizationData(WireType, kw_only=True):
    """Part of SendLocalList."""

    id_tag: Text20
    id_tag_info: IdTagInfo | UnsetType = UNSET


class CertificateHashData(WireType, kw_only=True):
    """Part of DeleteCertificate, GetInstalledCertificateIdsResponse."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40


class ChargingSchedulePeriod(WireType, kw_only=True):
    """Part of ChargingSchedule."""

    start_period: int
    limit: Tenths
    number_phases: int | UnsetType = UNSET


class ChargingSchedule(WireType, kw_only=True):
    """Part of ChargingProfile, GetCompositeScheduleResponse."""

    charging_rate_unit: ChargingRateUnitType
    charging_schedule_period: list[ChargingSchedulePeriod]
    duration: int | UnsetType = UNSET
    start_schedule: Timestamp | UnsetType = UNSET
    min_charging_rate: Tenths | UnsetType = UNSET


class ChargingProfile(WireType, kw_only=True):
    """Part of RemoteStartTransaction, SetChargingProfile."""

    charging_profile_id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeType
    charging_profile_kind: ChargingProfileKindType
    charging_schedule: ChargingSchedule
    transaction_id: int | UnsetType = UNSET
    recurrency_kind: RecurrencyKindType | UnsetType = UNSET
    valid_from: Timestamp | UnsetType = UNSET
    valid_to: Timestamp | UnsetType = UNSET


class Firmware(WireType, kw_only=True):
    """Part of SignedUpdateFirmware."""

    location: Text512
    retrieve_date_time: Timestamp
    signing_certificate: Text5500
    signature: Text800
    install_date_time: Timestamp | UnsetType = UNSET


class KeyValue(WireType, kw_only=True):
    """Part of GetConfigurationResponse."""

    key: Text50
    readonly: bool
    value: Text500 | UnsetType = UNSET


class LogParameters(WireType, kw_only=True):
    """Part of GetLog."""

    remote_location: Text512
    oldest_timestamp: Timestamp | UnsetType = UNSET
    latest_timestamp: Timestamp | UnsetType = UNSET


class SampledValue(WireType, kw_only=True):
    """Part of MeterValue, TransactionData."""

    value: str
    context: ReadingContext | UnsetType = UNSET
    format: ValueFormat | UnsetType = UNSET
    measurand: Measurand | UnsetType = UNSET
    phase: Phase | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    unit: UnitOfMeasure | UnsetType = UNSET


class MeterValue(WireType, kw_only=True):
    """Part of MeterValues."""

    timestamp: Timestamp
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)]


class TransactionData(WireType, kw_only=True):
    """Part of StopTransaction."""

    timestamp: Timestamp
    sampled_value: list[SampledValue]
