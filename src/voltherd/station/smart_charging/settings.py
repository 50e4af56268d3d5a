"""The variables of SmartChargingCtrlr (OCPP 2.1, 2.11) and the configuration keys of smart charging (OCPP 1.6, 9.4)."""

from __future__ import annotations

from typing import Final

from voltherd.station.setting import Setting, number, switch, text

_CTRLR: Final = "SmartChargingCtrlr"


def _supports(name: str, variable: str, default: bool) -> Setting:
    return switch(name, default, None, f"{_CTRLR}.{variable}", access="ReadOnly", since_v21=True)


SMART_CHARGING: Final[tuple[Setting, ...]] = (
    switch("smart_charging", True, None, f"{_CTRLR}.Enabled"),
    switch("smart_charging_available", True, None, f"{_CTRLR}.Available", access="ReadOnly"),
    number(
        "profile_stack_level",
        9,
        "ChargeProfileMaxStackLevel",
        f"{_CTRLR}.ProfileStackLevel",
        unit=None,
        access="ReadOnly",
    ),
    text("rate_units", "A,W", None, f"{_CTRLR}.RateUnit", kind="MemberList", values=("A", "W"), access="ReadOnly"),
    text(
        "rate_units_16",
        "Current,Power",
        "ChargingScheduleAllowedChargingRateUnit",
        kind="SequenceList",
        values=("Current", "Power"),
        access="ReadOnly",
    ),
    number(
        "schedule_periods",
        24,
        "ChargingScheduleMaxPeriods",
        f"{_CTRLR}.PeriodsPerSchedule",
        unit=None,
        access="ReadOnly",
    ),
    number("max_profiles", 20, "MaxChargingProfilesInstalled", unit=None, access="ReadOnly"),
    switch("phases_3_to_1", True, "ConnectorSwitch3to1PhaseSupported", f"{_CTRLR}.Phases3to1", access="ReadOnly"),
    switch("phase_switching", False, None, f"{_CTRLR}.ACPhaseSwitchingSupported", access="ReadOnly"),
    Setting(
        name="limit_change_significance",
        default="1.0",
        kind="decimal",
        component=_CTRLR,
        variable="LimitChangeSignificance",
        unit="Percent",
        least=0,
        most=100,
    ),
    switch("external_control", True, None, f"{_CTRLR}.ExternalControlSignalsEnabled"),
    switch("notify_limit_with_schedules", False, None, f"{_CTRLR}.NotifyChargingLimitWithSchedules"),
    switch(
        "external_profiles_disallowed",
        False,
        None,
        f"{_CTRLR}.ExternalConstraintsProfileDisallowed",
        since_v21=True,
    ),
    text(
        "setpoint_priority",
        "ExternalSystem",
        None,
        f"{_CTRLR}.SetpointPriority",
        kind="OptionList",
        values=("ExternalSystem", "CSMS"),
        since_v21=True,
    ),
    number(
        "max_external_id",
        -1,
        None,
        f"{_CTRLR}.MaxExternalConstraintsId",
        unit=None,
        least=None,
        access="ReadOnly",
        since_v21=True,
    ),
    text(
        "additional_purposes",
        "PriorityCharging,LocalGeneration",
        None,
        f"{_CTRLR}.SupportedAdditionalPurposes",
        kind="MemberList",
        values=("PriorityCharging", "LocalGeneration"),
        access="ReadOnly",
        since_v21=True,
    ),
    switch(
        "persists_tx_profile",
        True,
        None,
        f"{_CTRLR}.ChargingProfilePersistence/TxProfile",
        access="ReadOnly",
        since_v21=True,
    ),
    _supports("supports_dynamic", "SupportsDynamicProfiles", True),
    _supports("supports_max_offline", "SupportsMaxOfflineDuration", True),
    _supports("supports_local_time", "SupportsUseLocalTime", True),
    _supports("supports_randomized_delay", "SupportsRandomizedDelay", True),
    _supports("supports_limit_at_soc", "SupportsLimitAtSoC", True),
    _supports("supports_evse_sleep", "SupportsEvseSleep", False),
    number("grid_limit_w", 0, unit="W", access="ReadOnly"),
)
