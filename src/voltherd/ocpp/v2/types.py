"""Types that messages of OCPP 2.0.1 and 2.1 are made of."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from voltherd.ocpp.scalars import CustomDataType, Number, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    APNAuthenticationEnumType,
    AttributeEnumType,
    AuthorizationStatusEnumType,
    CertificateStatusEnumType,
    CertificateStatusSourceEnumType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingRateUnitEnumType,
    ChargingStateEnumType,
    ClearMonitoringStatusEnumType,
    ControlModeEnumType,
    CostDimensionEnumType,
    CostKindEnumType,
    DataEnumType,
    DayOfWeekEnumType,
    DERControlEnumType,
    DERUnitEnumType,
    EnergyTransferModeEnumType,
    EventNotificationEnumType,
    EventTriggerEnumType,
    EvseKindEnumType,
    GetCertificateIdUseEnumType,
    GetVariableStatusEnumType,
    HashAlgorithmEnumType,
    IslandingDetectionEnumType,
    LocationEnumType,
    MeasurandEnumType,
    MessageFormatEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
    MobilityNeedsModeEnumType,
    MonitorEnumType,
    MutabilityEnumType,
    OCPPInterfaceEnumType,
    OCPPTransportEnumType,
    OCPPVersionEnumType,
    OperationModeEnumType,
    PhaseEnumType,
    PowerDuringCessationEnumType,
    ReadingContextEnumType,
    ReasonEnumType,
    RecurrencyKindEnumType,
    SetMonitoringStatusEnumType,
    SetVariableStatusEnumType,
    TariffClearStatusEnumType,
    TariffCostEnumType,
    TariffKindEnumType,
    VPNEnumType,
)
from voltherd.ocpp.v2.scalars import (
    IntFrom0,
    IntFrom0To100,
    IntFrom1,
    NumberFrom0To100,
    NumberTo0,
    Text3,
    Text6,
    Text8,
    Text16,
    Text20,
    Text25,
    Text32,
    Text36,
    Text40,
    Text48,
    Text50,
    Text60,
    Text64,
    Text80,
    Text88,
    Text100,
    Text128,
    Text160,
    Text255,
    Text256,
    Text500,
    Text800,
    Text1000,
    Text1024,
    Text2000,
    Text2500,
    Text5500,
    Text32768,
)


class ACChargingParametersType(WireType, kw_only=True):
    """Part of ChargingNeedsType."""

    energy_amount: Number
    ev_min_current: Number
    ev_max_current: Number
    ev_max_voltage: Number
    custom_data: CustomDataType | UnsetType = UNSET


class APNType(WireType, kw_only=True):
    """Part of NetworkConnectionProfileType."""

    apn: Text2000
    apn_authentication: APNAuthenticationEnumType
    apn_user_name: Text50 | UnsetType = UNSET
    apn_password: Text64 | UnsetType = UNSET
    sim_pin: int | UnsetType = UNSET
    preferred_network: Text6 | UnsetType = UNSET
    use_only_preferred_network: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class RationalNumberType(WireType, kw_only=True):
    """Part of AbsolutePriceScheduleType, AdditionalSelectedServicesType, OverstayRuleListType, OverstayRuleType and 2 more. Since 2.1."""

    exponent: int
    value: int
    custom_data: CustomDataType | UnsetType = UNSET


class PriceRuleType(WireType, kw_only=True):
    """Part of PriceRuleStackType. Since 2.1."""

    energy_fee: RationalNumberType
    power_range_start: RationalNumberType
    parking_fee_period: int | UnsetType = UNSET
    carbon_dioxide_emission: IntFrom0 | UnsetType = UNSET
    renewable_generation_percentage: IntFrom0To100 | UnsetType = UNSET
    parking_fee: RationalNumberType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class PriceRuleStackType(WireType, kw_only=True):
    """Part of AbsolutePriceScheduleType. Since 2.1."""

    duration: int
    price_rule: Annotated[list[PriceRuleType], Meta(min_length=1, max_length=8)]
    custom_data: CustomDataType | UnsetType = UNSET


class TaxRuleType(WireType, kw_only=True):
    """Part of AbsolutePriceScheduleType. Since 2.1."""

    tax_rule_id: IntFrom0 = field(name="taxRuleID")
    applies_to_energy_fee: bool
    applies_to_parking_fee: bool
    applies_to_overstay_fee: bool
    applies_to_minimum_maximum_cost: bool
    tax_rate: RationalNumberType
    tax_rule_name: Text100 | UnsetType = UNSET
    tax_included_in_price: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class OverstayRuleType(WireType, kw_only=True):
    """Part of OverstayRuleListType. Since 2.1."""

    overstay_fee: RationalNumberType
    start_time: int
    overstay_fee_period: int
    overstay_rule_description: Text32 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class OverstayRuleListType(WireType, kw_only=True):
    """Part of AbsolutePriceScheduleType. Since 2.1."""

    overstay_rule: Annotated[list[OverstayRuleType], Meta(min_length=1, max_length=5)]
    overstay_power_threshold: RationalNumberType | UnsetType = UNSET
    overstay_time_threshold: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class AdditionalSelectedServicesType(WireType, kw_only=True):
    """Part of AbsolutePriceScheduleType. Since 2.1."""

    service_fee: RationalNumberType
    service_name: Text80
    custom_data: CustomDataType | UnsetType = UNSET


class AbsolutePriceScheduleType(WireType, kw_only=True):
    """Part of ChargingScheduleType. Since 2.1."""

    time_anchor: Timestamp
    price_schedule_id: IntFrom0 = field(name="priceScheduleID")
    currency: Text3
    language: Text8
    price_algorithm: Text2000
    price_rule_stacks: Annotated[list[PriceRuleStackType], Meta(min_length=1, max_length=1024)]
    price_schedule_description: Text160 | UnsetType = UNSET
    minimum_cost: RationalNumberType | UnsetType = UNSET
    maximum_cost: RationalNumberType | UnsetType = UNSET
    tax_rules: Annotated[list[TaxRuleType], Meta(min_length=1, max_length=10)] | UnsetType = UNSET
    overstay_rule_list: OverstayRuleListType | UnsetType = UNSET
    additional_selected_services: (
        Annotated[list[AdditionalSelectedServicesType], Meta(min_length=1, max_length=5)] | UnsetType
    ) = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class AdditionalInfoType(WireType, kw_only=True):
    """Part of IdTokenType."""

    additional_id_token: Text255
    type: Text50
    custom_data: CustomDataType | UnsetType = UNSET


class AddressType(WireType, kw_only=True):
    """Part of NotifySettlement, VatNumberValidationResponse. Since 2.1."""

    name: Text50
    address1: Text100
    city: Text100
    country: Text50
    address2: Text100 | UnsetType = UNSET
    postal_code: Text20 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class IdTokenType(WireType, kw_only=True):
    """Part of AuthorizationData, Authorize, BatterySwap, CustomerInformation and 5 more."""

    id_token: Text255
    type: Text20
    additional_info: Annotated[list[AdditionalInfoType], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class MessageContentType(WireType, kw_only=True):
    """Part of IdTokenInfoType, MessageInfoType, TariffType, TransactionEventResponse."""

    format: MessageFormatEnumType
    content: Text1024
    language: Text8 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class IdTokenInfoType(WireType, kw_only=True):
    """Part of AuthorizationData, AuthorizeResponse, TransactionEventResponse."""

    status: AuthorizationStatusEnumType
    cache_expiry_date_time: Timestamp | UnsetType = UNSET
    charging_priority: int | UnsetType = UNSET
    language1: Text8 | UnsetType = UNSET
    evse_id: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET
    group_id_token: IdTokenType | UnsetType = UNSET
    language2: Text8 | UnsetType = UNSET
    personal_message: MessageContentType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class AuthorizationData(WireType, kw_only=True):
    """Part of SendLocalList."""

    id_token: IdTokenType
    id_token_info: IdTokenInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class BatteryDataType(WireType, kw_only=True):
    """Part of BatterySwap. Since 2.1."""

    evse_id: IntFrom0
    serial_number: Text50
    soc: NumberFrom0To100 = field(name="soC")
    soh: NumberFrom0To100 = field(name="soH")
    production_date: Timestamp | UnsetType = UNSET
    vendor_info: Text500 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CertificateHashDataType(WireType, kw_only=True):
    """Part of CertificateHashDataChainType, CertificateStatusRequestInfoType, CertificateStatusType, CustomerInformation and 2 more."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40
    custom_data: CustomDataType | UnsetType = UNSET


class CertificateHashDataChainType(WireType, kw_only=True):
    """Part of GetInstalledCertificateIdsResponse."""

    certificate_hash_data: CertificateHashDataType
    certificate_type: GetCertificateIdUseEnumType
    child_certificate_hash_data: (
        Annotated[list[CertificateHashDataType], Meta(min_length=1, max_length=4)] | UnsetType
    ) = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CertificateStatusRequestInfoType(WireType, kw_only=True):
    """Part of GetCertificateChainStatus. Since 2.1."""

    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType
    urls: Annotated[list[Text2000], Meta(min_length=1, max_length=5)]
    custom_data: CustomDataType | UnsetType = UNSET


class CertificateStatusType(WireType, kw_only=True):
    """Part of GetCertificateChainStatusResponse. Since 2.1."""

    certificate_hash_data: CertificateHashDataType
    source: CertificateStatusSourceEnumType
    status: CertificateStatusEnumType
    next_update: Timestamp
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingLimitType(WireType, kw_only=True):
    """Part of NotifyChargingLimit."""

    charging_limit_source: Text20
    is_grid_critical: bool | UnsetType = UNSET
    is_local_generation: bool | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class DCChargingParametersType(WireType, kw_only=True):
    """Part of ChargingNeedsType."""

    ev_max_current: Number
    ev_max_voltage: Number
    energy_amount: Number | UnsetType = UNSET
    ev_max_power: Number | UnsetType = UNSET
    state_of_charge: IntFrom0To100 | UnsetType = UNSET
    ev_energy_capacity: Number | UnsetType = UNSET
    full_soc: IntFrom0To100 | UnsetType = field(default=UNSET, name="fullSoC")
    bulk_soc: IntFrom0To100 | UnsetType = field(default=UNSET, name="bulkSoC")
    custom_data: CustomDataType | UnsetType = UNSET


class DERChargingParametersType(WireType, kw_only=True):
    """Part of ChargingNeedsType. Since 2.1."""

    ev_supported_der_control: Annotated[list[DERControlEnumType], Meta(min_length=1)] | UnsetType = field(
        default=UNSET, name="evSupportedDERControl"
    )
    ev_over_excited_max_discharge_power: Number | UnsetType = UNSET
    ev_over_excited_power_factor: Number | UnsetType = UNSET
    ev_under_excited_max_discharge_power: Number | UnsetType = UNSET
    ev_under_excited_power_factor: Number | UnsetType = UNSET
    max_apparent_power: Number | UnsetType = UNSET
    max_charge_apparent_power: Number | UnsetType = UNSET
    max_charge_apparent_power_l2: Number | UnsetType = field(default=UNSET, name="maxChargeApparentPower_L2")
    max_charge_apparent_power_l3: Number | UnsetType = field(default=UNSET, name="maxChargeApparentPower_L3")
    max_discharge_apparent_power: Number | UnsetType = UNSET
    max_discharge_apparent_power_l2: Number | UnsetType = field(default=UNSET, name="maxDischargeApparentPower_L2")
    max_discharge_apparent_power_l3: Number | UnsetType = field(default=UNSET, name="maxDischargeApparentPower_L3")
    max_charge_reactive_power: Number | UnsetType = UNSET
    max_charge_reactive_power_l2: Number | UnsetType = field(default=UNSET, name="maxChargeReactivePower_L2")
    max_charge_reactive_power_l3: Number | UnsetType = field(default=UNSET, name="maxChargeReactivePower_L3")
    min_charge_reactive_power: Number | UnsetType = UNSET
    min_charge_reactive_power_l2: Number | UnsetType = field(default=UNSET, name="minChargeReactivePower_L2")
    min_charge_reactive_power_l3: Number | UnsetType = field(default=UNSET, name="minChargeReactivePower_L3")
    max_discharge_reactive_power: Number | UnsetType = UNSET
    max_discharge_reactive_power_l2: Number | UnsetType = field(default=UNSET, name="maxDischargeReactivePower_L2")
    max_discharge_reactive_power_l3: Number | UnsetType = field(default=UNSET, name="maxDischargeReactivePower_L3")
    min_discharge_reactive_power: Number | UnsetType = UNSET
    min_discharge_reactive_power_l2: Number | UnsetType = field(default=UNSET, name="minDischargeReactivePower_L2")
    min_discharge_reactive_power_l3: Number | UnsetType = field(default=UNSET, name="minDischargeReactivePower_L3")
    nominal_voltage: Number | UnsetType = UNSET
    nominal_voltage_offset: Number | UnsetType = UNSET
    max_nominal_voltage: Number | UnsetType = UNSET
    min_nominal_voltage: Number | UnsetType = UNSET
    ev_inverter_manufacturer: Text50 | UnsetType = UNSET
    ev_inverter_model: Text50 | UnsetType = UNSET
    ev_inverter_serial_number: Text50 | UnsetType = UNSET
    ev_inverter_sw_version: Text50 | UnsetType = UNSET
    ev_inverter_hw_version: Text50 | UnsetType = UNSET
    ev_islanding_detection_method: Annotated[list[IslandingDetectionEnumType], Meta(min_length=1)] | UnsetType = UNSET
    ev_islanding_trip_time: Number | UnsetType = UNSET
    ev_maximum_level1_dc_injection: Number | UnsetType = field(default=UNSET, name="evMaximumLevel1DCInjection")
    ev_duration_level1_dc_injection: Number | UnsetType = field(default=UNSET, name="evDurationLevel1DCInjection")
    ev_maximum_level2_dc_injection: Number | UnsetType = field(default=UNSET, name="evMaximumLevel2DCInjection")
    ev_duration_level2_dc_injection: Number | UnsetType = field(default=UNSET, name="evDurationLevel2DCInjection")
    ev_reactive_susceptance: Number | UnsetType = UNSET
    ev_session_total_discharge_energy_available: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class EVPriceRuleType(WireType, kw_only=True):
    """Part of EVAbsolutePriceScheduleEntryType. Since 2.1."""

    energy_fee: Number
    power_range_start: Number
    custom_data: CustomDataType | UnsetType = UNSET


class EVAbsolutePriceScheduleEntryType(WireType, kw_only=True):
    """Part of EVAbsolutePriceScheduleType. Since 2.1."""

    duration: int
    ev_price_rule: Annotated[list[EVPriceRuleType], Meta(min_length=1, max_length=8)]
    custom_data: CustomDataType | UnsetType = UNSET


class EVAbsolutePriceScheduleType(WireType, kw_only=True):
    """Part of EVEnergyOfferType. Since 2.1."""

    time_anchor: Timestamp
    currency: Text3
    ev_absolute_price_schedule_entries: Annotated[
        list[EVAbsolutePriceScheduleEntryType], Meta(min_length=1, max_length=1024)
    ]
    price_algorithm: Text2000
    custom_data: CustomDataType | UnsetType = UNSET


class EVPowerScheduleEntryType(WireType, kw_only=True):
    """Part of EVPowerScheduleType. Since 2.1."""

    duration: int
    power: Number
    custom_data: CustomDataType | UnsetType = UNSET


class EVPowerScheduleType(WireType, kw_only=True):
    """Part of EVEnergyOfferType. Since 2.1."""

    ev_power_schedule_entries: Annotated[list[EVPowerScheduleEntryType], Meta(min_length=1, max_length=1024)]
    time_anchor: Timestamp
    custom_data: CustomDataType | UnsetType = UNSET


class EVEnergyOfferType(WireType, kw_only=True):
    """Part of ChargingNeedsType. Since 2.1."""

    ev_power_schedule: EVPowerScheduleType
    ev_absolute_price_schedule: EVAbsolutePriceScheduleType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class V2XChargingParametersType(WireType, kw_only=True):
    """Part of ChargingNeedsType. Since 2.1."""

    min_charge_power: Number | UnsetType = UNSET
    min_charge_power_l2: Number | UnsetType = field(default=UNSET, name="minChargePower_L2")
    min_charge_power_l3: Number | UnsetType = field(default=UNSET, name="minChargePower_L3")
    max_charge_power: Number | UnsetType = UNSET
    max_charge_power_l2: Number | UnsetType = field(default=UNSET, name="maxChargePower_L2")
    max_charge_power_l3: Number | UnsetType = field(default=UNSET, name="maxChargePower_L3")
    min_discharge_power: Number | UnsetType = UNSET
    min_discharge_power_l2: Number | UnsetType = field(default=UNSET, name="minDischargePower_L2")
    min_discharge_power_l3: Number | UnsetType = field(default=UNSET, name="minDischargePower_L3")
    max_discharge_power: Number | UnsetType = UNSET
    max_discharge_power_l2: Number | UnsetType = field(default=UNSET, name="maxDischargePower_L2")
    max_discharge_power_l3: Number | UnsetType = field(default=UNSET, name="maxDischargePower_L3")
    min_charge_current: Number | UnsetType = UNSET
    max_charge_current: Number | UnsetType = UNSET
    min_discharge_current: Number | UnsetType = UNSET
    max_discharge_current: Number | UnsetType = UNSET
    min_voltage: Number | UnsetType = UNSET
    max_voltage: Number | UnsetType = UNSET
    ev_target_energy_request: Number | UnsetType = UNSET
    ev_min_energy_request: Number | UnsetType = UNSET
    ev_max_energy_request: Number | UnsetType = UNSET
    ev_min_v2x_energy_request: Number | UnsetType = field(default=UNSET, name="evMinV2XEnergyRequest")
    ev_max_v2x_energy_request: Number | UnsetType = field(default=UNSET, name="evMaxV2XEnergyRequest")
    target_soc: IntFrom0To100 | UnsetType = field(default=UNSET, name="targetSoC")
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingNeedsType(WireType, kw_only=True):
    """Part of NotifyEVChargingNeeds."""

    requested_energy_transfer: EnergyTransferModeEnumType
    ac_charging_parameters: ACChargingParametersType | UnsetType = UNSET
    dc_charging_parameters: DCChargingParametersType | UnsetType = UNSET
    departure_time: Timestamp | UnsetType = UNSET
    der_charging_parameters: DERChargingParametersType | UnsetType = UNSET  # since 2.1
    ev_energy_offer: EVEnergyOfferType | UnsetType = UNSET  # since 2.1
    v2x_charging_parameters: V2XChargingParametersType | UnsetType = UNSET  # since 2.1
    available_energy_transfer: Annotated[list[EnergyTransferModeEnumType], Meta(min_length=1)] | UnsetType = (
        UNSET  # since 2.1
    )
    control_mode: ControlModeEnumType | UnsetType = UNSET  # since 2.1
    mobility_needs_mode: MobilityNeedsModeEnumType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class CostDimensionType(WireType, kw_only=True):
    """Part of ChargingPeriodType. Since 2.1."""

    type: CostDimensionEnumType
    volume: Number
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingPeriodType(WireType, kw_only=True):
    """Part of CostDetailsType. Since 2.1."""

    start_period: Timestamp
    dimensions: Annotated[list[CostDimensionType], Meta(min_length=1)] | UnsetType = UNSET
    tariff_id: Text60 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingProfileCriterionType(WireType, kw_only=True):
    """Part of GetChargingProfiles."""

    charging_profile_purpose: ChargingProfilePurposeEnumType | UnsetType = UNSET
    stack_level: int | UnsetType = UNSET
    charging_profile_id: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET
    charging_limit_source: Annotated[list[Text20], Meta(min_length=1, max_length=4)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class V2XFreqWattPointType(WireType, kw_only=True):
    """Part of ChargingSchedulePeriodType. Since 2.1."""

    frequency: Number
    power: Number
    custom_data: CustomDataType | UnsetType = UNSET


class V2XSignalWattPointType(WireType, kw_only=True):
    """Part of ChargingSchedulePeriodType. Since 2.1."""

    signal: int
    power: Number
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingSchedulePeriodType(WireType, kw_only=True):
    """Part of ChargingScheduleType, CompositeScheduleType."""

    start_period: int
    limit: Number | UnsetType = UNSET
    number_phases: int | UnsetType = UNSET
    phase_to_use: int | UnsetType = UNSET
    limit_l2: Number | UnsetType = field(default=UNSET, name="limit_L2")  # since 2.1
    limit_l3: Number | UnsetType = field(default=UNSET, name="limit_L3")  # since 2.1
    discharge_limit: NumberTo0 | UnsetType = UNSET  # since 2.1
    discharge_limit_l2: NumberTo0 | UnsetType = field(default=UNSET, name="dischargeLimit_L2")  # since 2.1
    discharge_limit_l3: NumberTo0 | UnsetType = field(default=UNSET, name="dischargeLimit_L3")  # since 2.1
    setpoint: Number | UnsetType = UNSET  # since 2.1
    setpoint_l2: Number | UnsetType = field(default=UNSET, name="setpoint_L2")  # since 2.1
    setpoint_l3: Number | UnsetType = field(default=UNSET, name="setpoint_L3")  # since 2.1
    setpoint_reactive: Number | UnsetType = UNSET  # since 2.1
    setpoint_reactive_l2: Number | UnsetType = field(default=UNSET, name="setpointReactive_L2")  # since 2.1
    setpoint_reactive_l3: Number | UnsetType = field(default=UNSET, name="setpointReactive_L3")  # since 2.1
    preconditioning_request: bool | UnsetType = UNSET  # since 2.1
    evse_sleep: bool | UnsetType = UNSET  # since 2.1
    v2x_baseline: Number | UnsetType = UNSET  # since 2.1
    operation_mode: OperationModeEnumType | UnsetType = UNSET  # since 2.1
    v2x_freq_watt_curve: Annotated[list[V2XFreqWattPointType], Meta(min_length=1, max_length=20)] | UnsetType = (
        UNSET  # since 2.1
    )
    v2x_signal_watt_curve: Annotated[list[V2XSignalWattPointType], Meta(min_length=1, max_length=20)] | UnsetType = (
        UNSET  # since 2.1
    )
    custom_data: CustomDataType | UnsetType = UNSET


class RelativeTimeIntervalType(WireType, kw_only=True):
    """Part of SalesTariffEntryType."""

    start: int
    duration: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CostType(WireType, kw_only=True):
    """Part of ConsumptionCostType."""

    cost_kind: CostKindEnumType
    amount: int
    amount_multiplier: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ConsumptionCostType(WireType, kw_only=True):
    """Part of SalesTariffEntryType."""

    start_value: Number
    cost: Annotated[list[CostType], Meta(min_length=1, max_length=3)]
    custom_data: CustomDataType | UnsetType = UNSET


class SalesTariffEntryType(WireType, kw_only=True):
    """Part of SalesTariffType."""

    relative_time_interval: RelativeTimeIntervalType
    e_price_level: IntFrom0 | UnsetType = UNSET
    consumption_cost: Annotated[list[ConsumptionCostType], Meta(min_length=1, max_length=3)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SalesTariffType(WireType, kw_only=True):
    """Part of ChargingScheduleType."""

    id: int
    sales_tariff_entry: Annotated[list[SalesTariffEntryType], Meta(min_length=1, max_length=1024)]
    sales_tariff_description: Text32 | UnsetType = UNSET
    num_e_price_levels: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class LimitAtSoCType(WireType, kw_only=True):
    """Part of ChargingScheduleType. Since 2.1."""

    soc: IntFrom0To100
    limit: Number
    custom_data: CustomDataType | UnsetType = UNSET


class PriceLevelScheduleEntryType(WireType, kw_only=True):
    """Part of PriceLevelScheduleType. Since 2.1."""

    duration: int
    price_level: IntFrom0
    custom_data: CustomDataType | UnsetType = UNSET


class PriceLevelScheduleType(WireType, kw_only=True):
    """Part of ChargingScheduleType. Since 2.1."""

    price_level_schedule_entries: Annotated[list[PriceLevelScheduleEntryType], Meta(min_length=1, max_length=100)]
    time_anchor: Timestamp
    price_schedule_id: IntFrom0
    number_of_price_levels: IntFrom0
    price_schedule_description: Text32 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingScheduleType(WireType, kw_only=True):
    """Part of ChargingProfileType, NotifyChargingLimit, NotifyEVChargingSchedule."""

    id: int
    charging_rate_unit: ChargingRateUnitEnumType
    charging_schedule_period: Annotated[list[ChargingSchedulePeriodType], Meta(min_length=1, max_length=1024)]
    start_schedule: Timestamp | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    min_charging_rate: Number | UnsetType = UNSET
    sales_tariff: SalesTariffType | UnsetType = UNSET
    limit_at_soc: LimitAtSoCType | UnsetType = field(default=UNSET, name="limitAtSoC")  # since 2.1
    power_tolerance: Number | UnsetType = UNSET  # since 2.1
    signature_id: IntFrom0 | UnsetType = UNSET  # since 2.1
    digest_value: Text88 | UnsetType = UNSET  # since 2.1
    use_local_time: bool | UnsetType = UNSET  # since 2.1
    randomized_delay: IntFrom0 | UnsetType = UNSET  # since 2.1
    absolute_price_schedule: AbsolutePriceScheduleType | UnsetType = UNSET  # since 2.1
    price_level_schedule: PriceLevelScheduleType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingProfileType(WireType, kw_only=True):
    """Part of ReportChargingProfiles, RequestStartTransaction, SetChargingProfile."""

    id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeEnumType
    charging_profile_kind: ChargingProfileKindEnumType
    charging_schedule: Annotated[list[ChargingScheduleType], Meta(min_length=1, max_length=3)]
    recurrency_kind: RecurrencyKindEnumType | UnsetType = UNSET
    valid_from: Timestamp | UnsetType = UNSET
    valid_to: Timestamp | UnsetType = UNSET
    transaction_id: Text36 | UnsetType = UNSET
    max_offline_duration: int | UnsetType = UNSET  # since 2.1
    invalid_after_offline_duration: bool | UnsetType = UNSET  # since 2.1
    dyn_update_interval: int | UnsetType = UNSET  # since 2.1
    dyn_update_time: Timestamp | UnsetType = UNSET  # since 2.1
    price_schedule_signature: Text256 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingScheduleUpdateType(WireType, kw_only=True):
    """Part of PullDynamicScheduleUpdateResponse, UpdateDynamicSchedule. Since 2.1."""

    limit: Number | UnsetType = UNSET
    limit_l2: Number | UnsetType = field(default=UNSET, name="limit_L2")
    limit_l3: Number | UnsetType = field(default=UNSET, name="limit_L3")
    discharge_limit: NumberTo0 | UnsetType = UNSET
    discharge_limit_l2: NumberTo0 | UnsetType = field(default=UNSET, name="dischargeLimit_L2")
    discharge_limit_l3: NumberTo0 | UnsetType = field(default=UNSET, name="dischargeLimit_L3")
    setpoint: Number | UnsetType = UNSET
    setpoint_l2: Number | UnsetType = field(default=UNSET, name="setpoint_L2")
    setpoint_l3: Number | UnsetType = field(default=UNSET, name="setpoint_L3")
    setpoint_reactive: Number | UnsetType = UNSET
    setpoint_reactive_l2: Number | UnsetType = field(default=UNSET, name="setpointReactive_L2")
    setpoint_reactive_l3: Number | UnsetType = field(default=UNSET, name="setpointReactive_L3")
    custom_data: CustomDataType | UnsetType = UNSET


class ModemType(WireType, kw_only=True):
    """Part of ChargingStationType."""

    iccid: Text20 | UnsetType = UNSET
    imsi: Text20 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ChargingStationType(WireType, kw_only=True):
    """Part of BootNotification."""

    model: Text20
    vendor_name: Text50
    serial_number: Text25 | UnsetType = UNSET
    modem: ModemType | UnsetType = UNSET
    firmware_version: Text50 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearChargingProfileType(WireType, kw_only=True):
    """Part of ClearChargingProfile."""

    evse_id: int | UnsetType = UNSET
    charging_profile_purpose: ChargingProfilePurposeEnumType | UnsetType = UNSET
    stack_level: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class StatusInfoType(WireType, kw_only=True):
    """Part of AFRRSignalResponse, AdjustPeriodicEventStreamResponse, BootNotificationResponse, CancelReservationResponse and 57 more."""

    reason_code: Text20
    additional_info: Text1024 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearMonitoringResultType(WireType, kw_only=True):
    """Part of ClearVariableMonitoringResponse."""

    status: ClearMonitoringStatusEnumType
    id: int
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearTariffsResultType(WireType, kw_only=True):
    """Part of ClearTariffsResponse. Since 2.1."""

    status: TariffClearStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    tariff_id: Text60 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class EVSEType(WireType, kw_only=True):
    """Part of ChangeAvailability, ComponentType, TransactionEvent, TriggerMessage."""

    id: int
    connector_id: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ComponentType(WireType, kw_only=True):
    """Part of ComponentVariableType, EventDataType, GetVariableDataType, GetVariableResultType and 7 more."""

    name: Text50
    evse: EVSEType | UnsetType = UNSET
    instance: Text50 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class VariableType(WireType, kw_only=True):
    """Part of ComponentVariableType, EventDataType, GetVariableDataType, GetVariableResultType and 6 more."""

    name: Text50
    instance: Text50 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ComponentVariableType(WireType, kw_only=True):
    """Part of GetMonitoringReport, GetReport."""

    component: ComponentType
    variable: VariableType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CompositeScheduleType(WireType, kw_only=True):
    """Part of GetCompositeScheduleResponse."""

    charging_schedule_period: Annotated[list[ChargingSchedulePeriodType], Meta(min_length=1)]
    evse_id: int
    duration: int
    schedule_start: Timestamp
    charging_rate_unit: ChargingRateUnitEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class PeriodicEventStreamParamsType(WireType, kw_only=True):
    """Part of AdjustPeriodicEventStream, ConstantStreamDataType, SetMonitoringDataType. Since 2.1."""

    interval: IntFrom0 | UnsetType = UNSET
    values: IntFrom0 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ConstantStreamDataType(WireType, kw_only=True):
    """Part of GetPeriodicEventStreamResponse, OpenPeriodicEventStream. Since 2.1."""

    id: IntFrom0
    params: PeriodicEventStreamParamsType
    variable_monitoring_id: IntFrom0
    custom_data: CustomDataType | UnsetType = UNSET


class TaxRateType(WireType, kw_only=True):
    """Part of PriceType, TariffEnergyType, TariffFixedType, TariffTimeType. Since 2.1."""

    type: Text20
    tax: Number
    stack: IntFrom0 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class PriceType(WireType, kw_only=True):
    """Part of TariffType, TotalCostType. Since 2.1."""

    excl_tax: Number | UnsetType = UNSET
    incl_tax: Number | UnsetType = UNSET
    tax_rates: Annotated[list[TaxRateType], Meta(min_length=1, max_length=5)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TotalPriceType(WireType, kw_only=True):
    """Part of TotalCostType. Since 2.1."""

    excl_tax: Number | UnsetType = UNSET
    incl_tax: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TotalCostType(WireType, kw_only=True):
    """Part of CostDetailsType. Since 2.1."""

    currency: Text3
    type_of_cost: TariffCostEnumType
    total: TotalPriceType
    fixed: PriceType | UnsetType = UNSET
    energy: PriceType | UnsetType = UNSET
    charging_time: PriceType | UnsetType = UNSET
    idle_time: PriceType | UnsetType = UNSET
    reservation_time: PriceType | UnsetType = UNSET
    reservation_fixed: PriceType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TotalUsageType(WireType, kw_only=True):
    """Part of CostDetailsType. Since 2.1."""

    energy: Number
    charging_time: int
    idle_time: int
    reservation_time: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class CostDetailsType(WireType, kw_only=True):
    """Part of TransactionEvent. Since 2.1."""

    total_cost: TotalCostType
    total_usage: TotalUsageType
    charging_periods: Annotated[list[ChargingPeriodType], Meta(min_length=1)] | UnsetType = UNSET
    failure_to_calculate: bool | UnsetType = UNSET
    failure_reason: Text500 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class DERCurvePointsType(WireType, kw_only=True):
    """Part of DERCurveType. Since 2.1."""

    x: Number
    y: Number
    custom_data: CustomDataType | UnsetType = UNSET


class HysteresisType(WireType, kw_only=True):
    """Part of DERCurveType. Since 2.1."""

    hysteresis_high: Number | UnsetType = UNSET
    hysteresis_low: Number | UnsetType = UNSET
    hysteresis_delay: Number | UnsetType = UNSET
    hysteresis_gradient: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReactivePowerParamsType(WireType, kw_only=True):
    """Part of DERCurveType. Since 2.1."""

    v_ref: Number | UnsetType = UNSET
    autonomous_v_ref_enable: bool | UnsetType = UNSET
    autonomous_v_ref_time_constant: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class VoltageParamsType(WireType, kw_only=True):
    """Part of DERCurveType. Since 2.1."""

    hv10_min_mean_value: Number | UnsetType = UNSET
    hv10_min_mean_trip_delay: Number | UnsetType = UNSET
    power_during_cessation: PowerDuringCessationEnumType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class DERCurveType(WireType, kw_only=True):
    """Part of DERCurveGetType, LimitMaxDischargeType, SetDERControl. Since 2.1."""

    curve_data: Annotated[list[DERCurvePointsType], Meta(min_length=1, max_length=10)]
    priority: IntFrom0
    y_unit: DERUnitEnumType
    hysteresis: HysteresisType | UnsetType = UNSET
    reactive_power_params: ReactivePowerParamsType | UnsetType = UNSET
    voltage_params: VoltageParamsType | UnsetType = UNSET
    response_time: Number | UnsetType = UNSET
    start_time: Timestamp | UnsetType = UNSET
    duration: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class DERCurveGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    curve: DERCurveType
    id: Text36
    curve_type: DERControlEnumType
    is_default: bool
    is_superseded: bool
    custom_data: CustomDataType | UnsetType = UNSET


class EnterServiceType(WireType, kw_only=True):
    """Part of EnterServiceGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    high_voltage: Number
    low_voltage: Number
    high_freq: Number
    low_freq: Number
    delay: Number | UnsetType = UNSET
    random_delay: Number | UnsetType = UNSET
    ramp_rate: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class EnterServiceGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    enter_service: EnterServiceType
    id: Text36
    custom_data: CustomDataType | UnsetType = UNSET


class EventDataType(WireType, kw_only=True):
    """Part of NotifyEvent."""

    event_id: int
    timestamp: Timestamp
    trigger: EventTriggerEnumType
    actual_value: Text2500
    component: ComponentType
    event_notification_type: EventNotificationEnumType
    variable: VariableType
    cause: int | UnsetType = UNSET
    tech_code: Text50 | UnsetType = UNSET
    tech_info: Text500 | UnsetType = UNSET
    cleared: bool | UnsetType = UNSET
    transaction_id: Text36 | UnsetType = UNSET
    variable_monitoring_id: int | UnsetType = UNSET
    severity: IntFrom0 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class FirmwareType(WireType, kw_only=True):
    """Part of UpdateFirmware."""

    location: Text2000
    retrieve_date_time: Timestamp
    install_date_time: Timestamp | UnsetType = UNSET
    signing_certificate: Text5500 | UnsetType = UNSET
    signature: Text800 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class FixedPFType(WireType, kw_only=True):
    """Part of FixedPFGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    displacement: Number
    excitation: bool
    start_time: Timestamp | UnsetType = UNSET
    duration: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class FixedPFGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    fixed_pf: FixedPFType = field(name="fixedPF")
    id: Text36
    is_default: bool
    is_superseded: bool
    custom_data: CustomDataType | UnsetType = UNSET


class FixedVarType(WireType, kw_only=True):
    """Part of FixedVarGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    setpoint: Number
    unit: DERUnitEnumType
    start_time: Timestamp | UnsetType = UNSET
    duration: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class FixedVarGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    fixed_var: FixedVarType
    id: Text36
    is_default: bool
    is_superseded: bool
    custom_data: CustomDataType | UnsetType = UNSET


class FreqDroopType(WireType, kw_only=True):
    """Part of FreqDroopGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    over_freq: Number
    under_freq: Number
    over_droop: Number
    under_droop: Number
    response_time: Number
    start_time: Timestamp | UnsetType = UNSET
    duration: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class FreqDroopGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    freq_droop: FreqDroopType
    id: Text36
    is_default: bool
    is_superseded: bool
    custom_data: CustomDataType | UnsetType = UNSET


class GetVariableDataType(WireType, kw_only=True):
    """Part of GetVariables."""

    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetVariableResultType(WireType, kw_only=True):
    """Part of GetVariablesResponse."""

    attribute_status: GetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    attribute_status_info: StatusInfoType | UnsetType = UNSET
    attribute_type: AttributeEnumType | UnsetType = UNSET
    attribute_value: Text2500 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GradientType(WireType, kw_only=True):
    """Part of GradientGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    gradient: Number
    soft_gradient: Number
    custom_data: CustomDataType | UnsetType = UNSET


class GradientGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    gradient: GradientType
    id: Text36
    custom_data: CustomDataType | UnsetType = UNSET


class LimitMaxDischargeType(WireType, kw_only=True):
    """Part of LimitMaxDischargeGetType, SetDERControl. Since 2.1."""

    priority: IntFrom0
    pct_max_discharge_power: Number | UnsetType = UNSET
    power_monitoring_must_trip: DERCurveType | UnsetType = UNSET
    start_time: Timestamp | UnsetType = UNSET
    duration: Number | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class LimitMaxDischargeGetType(WireType, kw_only=True):
    """Part of ReportDERControl. Since 2.1."""

    id: Text36
    is_default: bool
    is_superseded: bool
    limit_max_discharge: LimitMaxDischargeType
    custom_data: CustomDataType | UnsetType = UNSET


class LogParametersType(WireType, kw_only=True):
    """Part of GetLog."""

    remote_location: Text2000
    oldest_timestamp: Timestamp | UnsetType = UNSET
    latest_timestamp: Timestamp | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class MessageInfoType(WireType, kw_only=True):
    """Part of NotifyDisplayMessages, SetDisplayMessage."""

    id: int
    priority: MessagePriorityEnumType
    message: MessageContentType
    display: ComponentType | UnsetType = UNSET
    state: MessageStateEnumType | UnsetType = UNSET
    start_date_time: Timestamp | UnsetType = UNSET
    end_date_time: Timestamp | UnsetType = UNSET
    transaction_id: Text36 | UnsetType = UNSET
    message_extra: Annotated[list[MessageContentType], Meta(min_length=1, max_length=4)] | UnsetType = (
        UNSET  # since 2.1
    )
    custom_data: CustomDataType | UnsetType = UNSET


class SignedMeterValueType(WireType, kw_only=True):
    """Part of SampledValueType."""

    signed_meter_data: Text32768
    encoding_method: Text50
    signing_method: Text50 | UnsetType = UNSET
    public_key: Text2500 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class UnitOfMeasureType(WireType, kw_only=True):
    """Part of SampledValueType."""

    unit: Text20 | UnsetType = UNSET
    multiplier: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SampledValueType(WireType, kw_only=True):
    """Part of MeterValueType."""

    value: Number
    context: ReadingContextEnumType | UnsetType = UNSET
    measurand: MeasurandEnumType | UnsetType = UNSET
    phase: PhaseEnumType | UnsetType = UNSET
    location: LocationEnumType | UnsetType = UNSET
    signed_meter_value: SignedMeterValueType | UnsetType = UNSET
    unit_of_measure: UnitOfMeasureType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class MeterValueType(WireType, kw_only=True):
    """Part of MeterValues, TransactionEvent."""

    sampled_value: Annotated[list[SampledValueType], Meta(min_length=1)]
    timestamp: Timestamp
    custom_data: CustomDataType | UnsetType = UNSET


class VariableMonitoringType(WireType, kw_only=True):
    """Part of MonitoringDataType."""

    id: int
    transaction: bool
    value: Number
    type: MonitorEnumType
    severity: int
    event_notification_type: EventNotificationEnumType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class MonitoringDataType(WireType, kw_only=True):
    """Part of NotifyMonitoringReport."""

    component: ComponentType
    variable: VariableType
    variable_monitoring: Annotated[list[VariableMonitoringType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class VPNType(WireType, kw_only=True):
    """Part of NetworkConnectionProfileType."""

    server: Text2000
    user: Text50
    password: Text64
    key: Text255
    type: VPNEnumType
    group: Text50 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NetworkConnectionProfileType(WireType, kw_only=True):
    """Part of SetNetworkProfile."""

    ocpp_transport: OCPPTransportEnumType
    ocpp_csms_url: Text2000
    message_timeout: int
    security_profile: int
    ocpp_interface: OCPPInterfaceEnumType
    apn: APNType | UnsetType = UNSET
    ocpp_version: OCPPVersionEnumType | UnsetType = UNSET
    vpn: VPNType | UnsetType = UNSET
    identity: Text48 | UnsetType = UNSET  # since 2.1
    basic_auth_password: Text64 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class OCSPRequestDataType(WireType, kw_only=True):
    """Part of Authorize, GetCertificateStatus."""

    hash_algorithm: HashAlgorithmEnumType
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40
    responder_url: Text2000 = field(name="responderURL")
    custom_data: CustomDataType | UnsetType = UNSET


class VariableAttributeType(WireType, kw_only=True):
    """Part of ReportDataType."""

    type: AttributeEnumType | UnsetType = UNSET
    value: Text2500 | UnsetType = UNSET
    mutability: MutabilityEnumType | UnsetType = UNSET
    persistent: bool | UnsetType = UNSET
    constant: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class VariableCharacteristicsType(WireType, kw_only=True):
    """Part of ReportDataType."""

    data_type: DataEnumType
    supports_monitoring: bool
    unit: Text16 | UnsetType = UNSET
    min_limit: Number | UnsetType = UNSET
    max_limit: Number | UnsetType = UNSET
    values_list: Text1000 | UnsetType = UNSET
    max_elements: IntFrom1 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class ReportDataType(WireType, kw_only=True):
    """Part of NotifyReport."""

    component: ComponentType
    variable: VariableType
    variable_attribute: Annotated[list[VariableAttributeType], Meta(min_length=1, max_length=4)]
    variable_characteristics: VariableCharacteristicsType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringDataType(WireType, kw_only=True):
    """Part of SetVariableMonitoring."""

    value: Number
    type: MonitorEnumType
    severity: int
    component: ComponentType
    variable: VariableType
    id: int | UnsetType = UNSET
    transaction: bool | UnsetType = UNSET
    periodic_event_stream: PeriodicEventStreamParamsType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class SetMonitoringResultType(WireType, kw_only=True):
    """Part of SetVariableMonitoringResponse."""

    status: SetMonitoringStatusEnumType
    type: MonitorEnumType
    component: ComponentType
    variable: VariableType
    severity: int
    id: int | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariableDataType(WireType, kw_only=True):
    """Part of SetVariables."""

    attribute_value: Text2500
    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariableResultType(WireType, kw_only=True):
    """Part of SetVariablesResponse."""

    attribute_status: SetVariableStatusEnumType
    component: ComponentType
    variable: VariableType
    attribute_type: AttributeEnumType | UnsetType = UNSET
    attribute_status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class StreamDataElementType(WireType, kw_only=True):
    """Part of NotifyPeriodicEventStream. Since 2.1."""

    t: Number
    v: Text2500
    custom_data: CustomDataType | UnsetType = UNSET


class TariffAssignmentType(WireType, kw_only=True):
    """Part of GetTariffsResponse. Since 2.1."""

    tariff_id: Text60
    tariff_kind: TariffKindEnumType
    valid_from: Timestamp | UnsetType = UNSET
    evse_ids: Annotated[list[IntFrom0], Meta(min_length=1)] | UnsetType = UNSET
    id_tokens: Annotated[list[Text255], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffConditionsFixedType(WireType, kw_only=True):
    """Part of TariffFixedPriceType. Since 2.1."""

    start_time_of_day: str | UnsetType = UNSET
    end_time_of_day: str | UnsetType = UNSET
    day_of_week: Annotated[list[DayOfWeekEnumType], Meta(min_length=1, max_length=7)] | UnsetType = UNSET
    valid_from_date: str | UnsetType = UNSET
    valid_to_date: str | UnsetType = UNSET
    evse_kind: EvseKindEnumType | UnsetType = UNSET
    payment_brand: Text20 | UnsetType = UNSET
    payment_recognition: Text20 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffConditionsType(WireType, kw_only=True):
    """Part of TariffEnergyPriceType, TariffTimePriceType. Since 2.1."""

    start_time_of_day: str | UnsetType = UNSET
    end_time_of_day: str | UnsetType = UNSET
    day_of_week: Annotated[list[DayOfWeekEnumType], Meta(min_length=1, max_length=7)] | UnsetType = UNSET
    valid_from_date: str | UnsetType = UNSET
    valid_to_date: str | UnsetType = UNSET
    evse_kind: EvseKindEnumType | UnsetType = UNSET
    min_energy: Number | UnsetType = UNSET
    max_energy: Number | UnsetType = UNSET
    min_current: Number | UnsetType = UNSET
    max_current: Number | UnsetType = UNSET
    min_power: Number | UnsetType = UNSET
    max_power: Number | UnsetType = UNSET
    min_time: int | UnsetType = UNSET
    max_time: int | UnsetType = UNSET
    min_charging_time: int | UnsetType = UNSET
    max_charging_time: int | UnsetType = UNSET
    min_idle_time: int | UnsetType = UNSET
    max_idle_time: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffEnergyPriceType(WireType, kw_only=True):
    """Part of TariffEnergyType. Since 2.1."""

    price_kwh: Number
    conditions: TariffConditionsType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffEnergyType(WireType, kw_only=True):
    """Part of TariffType. Since 2.1."""

    prices: Annotated[list[TariffEnergyPriceType], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRateType], Meta(min_length=1, max_length=5)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffFixedPriceType(WireType, kw_only=True):
    """Part of TariffFixedType. Since 2.1."""

    price_fixed: Number
    conditions: TariffConditionsFixedType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffFixedType(WireType, kw_only=True):
    """Part of TariffType. Since 2.1."""

    prices: Annotated[list[TariffFixedPriceType], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRateType], Meta(min_length=1, max_length=5)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffTimePriceType(WireType, kw_only=True):
    """Part of TariffTimeType. Since 2.1."""

    price_minute: Number
    conditions: TariffConditionsType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffTimeType(WireType, kw_only=True):
    """Part of TariffType. Since 2.1."""

    prices: Annotated[list[TariffTimePriceType], Meta(min_length=1)]
    tax_rates: Annotated[list[TaxRateType], Meta(min_length=1, max_length=5)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TariffType(WireType, kw_only=True):
    """Part of AuthorizeResponse, ChangeTransactionTariff, SetDefaultTariff. Since 2.1."""

    tariff_id: Text60
    currency: Text3
    description: Annotated[list[MessageContentType], Meta(min_length=1, max_length=10)] | UnsetType = UNSET
    energy: TariffEnergyType | UnsetType = UNSET
    valid_from: Timestamp | UnsetType = UNSET
    charging_time: TariffTimeType | UnsetType = UNSET
    idle_time: TariffTimeType | UnsetType = UNSET
    fixed_fee: TariffFixedType | UnsetType = UNSET
    reservation_time: TariffTimeType | UnsetType = UNSET
    reservation_fixed: TariffFixedType | UnsetType = UNSET
    min_cost: PriceType | UnsetType = UNSET
    max_cost: PriceType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TransactionLimitType(WireType, kw_only=True):
    """Part of TransactionEventResponse, TransactionType. Since 2.1."""

    max_cost: Number | UnsetType = UNSET
    max_energy: Number | UnsetType = UNSET
    max_time: int | UnsetType = UNSET
    max_soc: IntFrom0To100 | UnsetType = field(default=UNSET, name="maxSoC")
    custom_data: CustomDataType | UnsetType = UNSET


class TransactionType(WireType, kw_only=True):
    """Part of TransactionEvent."""

    transaction_id: Text36
    charging_state: ChargingStateEnumType | UnsetType = UNSET
    time_spent_charging: int | UnsetType = UNSET
    stopped_reason: ReasonEnumType | UnsetType = UNSET
    remote_start_id: int | UnsetType = UNSET
    operation_mode: OperationModeEnumType | UnsetType = UNSET  # since 2.1
    tariff_id: Text60 | UnsetType = UNSET  # since 2.1
    transaction_limit: TransactionLimitType | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET
