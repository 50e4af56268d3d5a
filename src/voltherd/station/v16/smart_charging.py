"""SetChargingProfile, ClearChargingProfile and GetCompositeSchedule of 1.6."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.station.smart_charging.book import Filter
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
)
from voltherd.station.v16.words import place_of, reads, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_PURPOSES: Final[dict[str, Purpose]] = {
    "ChargePointMaxProfile": "ChargingStationMaxProfile",
    "TxDefaultProfile": "TxDefaultProfile",
    "TxProfile": "TxProfile",
}
_NO_TRANSACTION: Final = "none of ours"


def _given(value: Any) -> Any:
    return None if value is UNSET else value


@reads("ChargingProfile")
def profile(core: StationCore, wire: v16.ChargingProfile) -> ChargingProfile:
    """A charging profile from the wire, also of a remote start; a number of no transaction is that of none of ours."""
    return ChargingProfile(
        id=wire.charging_profile_id,
        stack_level=wire.stack_level,
        charging_profile_purpose=_PURPOSES[wire.charging_profile_purpose],
        charging_profile_kind=wire.charging_profile_kind,
        charging_schedule=[_schedule(wire)],
        recurrency_kind=_given(wire.recurrency_kind),
        valid_from=_given(wire.valid_from),
        valid_to=_given(wire.valid_to),
        transaction_id=None if wire.transaction_id is UNSET else _transaction_id(core, wire.transaction_id),
    )


def _transaction_id(core: StationCore, number: int) -> str:
    evse = core.charging.find(number)
    return _NO_TRANSACTION if evse is None or evse.transaction is None else evse.transaction.id


def _schedule(wire: v16.ChargingProfile) -> ChargingSchedule:
    schedule = wire.charging_schedule
    periods = [
        ChargingSchedulePeriod(
            start_period=period.start_period, limit=period.limit, number_phases=_given(period.number_phases)
        )
        for period in schedule.charging_schedule_period
    ]
    return ChargingSchedule(
        id=wire.charging_profile_id,
        charging_rate_unit=schedule.charging_rate_unit,
        charging_schedule_period=periods,
        start_schedule=_given(schedule.start_schedule),
        duration=_given(schedule.duration),
        min_charging_rate=_given(schedule.min_charging_rate),
    )


def _need_smart_charging(core: StationCore) -> None:
    if not core.smart_charging.is_offered:
        raise OcppError(ErrorCode.NOT_SUPPORTED, "The charge point does not do smart charging")


def _evse_id(core: StationCore, connector_id: int) -> int | None:
    if connector_id == 0:
        return 0
    place = place_of(core, connector_id)
    return None if place is None else place[0]


@serves("SetChargingProfile")
def set_charging_profile(core: StationCore, request: v16.SetChargingProfileRequest) -> v16.SetChargingProfileResponse:
    """OCPP 1.6, 5.16; an unknown connector is an error (errata 3.39)."""
    _need_smart_charging(core)
    evse_id, wire = _evse_id(core, request.connector_id), request.cs_charging_profiles
    if evse_id is None:
        raise OcppError(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"There is no connector {request.connector_id}")
    if not wire.charging_schedule.charging_schedule_period:
        return v16.SetChargingProfileResponse(status="Rejected")
    problem = core.smart_charging.install(evse_id, profile(core, wire))
    return v16.SetChargingProfileResponse(status="Accepted" if problem is None else "Rejected")


@serves("ClearChargingProfile")
def clear_charging_profile(
    core: StationCore, request: v16.ClearChargingProfileRequest
) -> v16.ClearChargingProfileResponse:
    """OCPP 1.6, 5.5 and errata 3.25."""
    _need_smart_charging(core)
    evse_id = None if request.connector_id is UNSET else _evse_id(core, request.connector_id)
    if request.connector_id is not UNSET and evse_id is None:
        return v16.ClearChargingProfileResponse(status="Unknown")
    wanted = Filter(
        ids=() if request.id is UNSET else (request.id,),
        evse_id=evse_id,
        purpose=None if request.charging_profile_purpose is UNSET else _PURPOSES[request.charging_profile_purpose],
        level=_given(request.stack_level),
    )
    return v16.ClearChargingProfileResponse(status="Accepted" if core.smart_charging.clear(wanted) else "Unknown")


@serves("GetCompositeSchedule")
def get_composite_schedule(
    core: StationCore, request: v16.GetCompositeScheduleRequest
) -> v16.GetCompositeScheduleResponse:
    """OCPP 1.6, 5.7; limits have one decimal, and are not rounded up."""
    _need_smart_charging(core)
    evse_id, unit = _evse_id(core, request.connector_id), _given(request.charging_rate_unit)
    found = None if evse_id is None else core.smart_charging.composite(evse_id, request.duration, unit)
    if found is None:
        return v16.GetCompositeScheduleResponse(status="Rejected")
    periods = [
        v16.ChargingSchedulePeriod(
            start_period=period.start_period,
            limit=_tenths(period.limit or 0.0),
            number_phases=UNSET if period.number_phases is None else period.number_phases,
        )
        for period in found.periods
    ]
    start = core.clock.text(found.start)
    schedule = v16.ChargingSchedule(
        charging_rate_unit=found.unit,
        charging_schedule_period=periods,
        duration=found.duration_s,
        start_schedule=start,
        min_charging_rate=UNSET if found.least is None else _tenths(found.least),
    )
    return v16.GetCompositeScheduleResponse(
        status="Accepted", connector_id=request.connector_id, schedule_start=start, charging_schedule=schedule
    )


def _tenths(value: float) -> float:
    return floor(value * 10 + 1e-6) / 10
