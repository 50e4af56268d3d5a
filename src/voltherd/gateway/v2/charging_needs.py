"""Charging needs and schedules of vehicles (ISO 15118) in OCPP 2.0.1 and 2.1."""

from typing import Any

import msgspec
from msgspec import UNSET

from voltherd.domain.charging_needs import EvNeeds
from voltherd.domain.charging_rules import instant
from voltherd.domain.charging_schedule import ChargingSchedule
from voltherd.gateway.charging_profile import read, said
from voltherd.gateway.routing import Here
from voltherd.gateway.v2 import v2x
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.scalars import decode_extra
from voltherd.ocpp.v2 import (
    NotifyEVChargingNeedsRequest,
    NotifyEVChargingNeedsResponse,
    NotifyEVChargingScheduleRequest,
    NotifyEVChargingScheduleResponse,
)
from voltherd.ocpp.v2.types import (
    ChargingNeedsType,
    DCChargingParametersType,
    StatusInfoType,
    V2XChargingParametersType,
)
from voltherd.ocpp.version import OcppVersion

_NO_TRANSACTION = StatusInfoType(reason_code="TxNotFound")
_NOT_PERMITTED = StatusInfoType(reason_code="UnsupportedParam", additional_info="This energy transfer is not allowed.")


@routes.handle()
def notify_ev_charging_needs(here: Here, request: NotifyEVChargingNeedsRequest) -> NotifyEVChargingNeedsResponse:
    """Take the vehicle's needs; a profile follows by itself (K15.FR.03, K17.FR.03, K18.FR.03, K19.FR.03)."""
    if not v2x.permitted(here, request):
        v2x.note_needs(here, request)
        return NotifyEVChargingNeedsResponse(status="Rejected", status_info=_NOT_PERMITTED)
    needs = _needs(request.charging_needs, said(request.max_schedule_tuples))
    service = here.services.charging_profiles.needs
    service.require(here.state)
    v2x.note_needs(here, request)
    took = service.told(here.state, here.work, request.evse_id, needs, msgspec.to_builtins(request.charging_needs))
    if took:
        return NotifyEVChargingNeedsResponse(status="Accepted")
    of_20 = here.version is OcppVersion.V201 or request.charging_needs.control_mode is UNSET
    return NotifyEVChargingNeedsResponse(
        status="Rejected" if of_20 else "NoChargingProfile", status_info=_NO_TRANSACTION
    )


@routes.handle()
def notify_ev_charging_schedule(
    here: Here, request: NotifyEVChargingScheduleRequest
) -> NotifyEVChargingScheduleResponse:
    """Hold the vehicle's schedule against the offer; beyond it a new offer follows (K15.FR.11-13, K17.FR.11-13)."""
    service = here.services.charging_profiles.needs
    known = service.raw_needs(here.state, request.evse_id)
    accepted = service.planned(
        here.state,
        here.work,
        request.evse_id,
        read(ChargingSchedule, request.charging_schedule),
        request.time_base,
        msgspec.to_builtins(request),
        needs=_stored(known.needs, known.max_schedule_tuples) if known is not None and known.needs else None,
        selected=said(request.selected_charging_schedule_id),
    )
    return NotifyEVChargingScheduleResponse(status="Accepted" if accepted else "Rejected")


def _stored(needs: dict[str, Any], max_tuples: int | None) -> EvNeeds:
    return _needs(msgspec.convert(needs, ChargingNeedsType, dec_hook=decode_extra), max_tuples)


def _needs(needs: ChargingNeedsType, max_tuples: int | None) -> EvNeeds:
    """Put needs into words of no version: those of AC, DC (ISO 15118-2) or V2X parameters (ISO 15118-20)."""
    ac, dc, v2x = needs.ac_charging_parameters, needs.dc_charging_parameters, needs.v2x_charging_parameters
    found = EvNeeds(
        transfer=needs.requested_energy_transfer,
        departure_ms=instant(said(needs.departure_time)),
        control_mode=said(needs.control_mode) or "",
        max_tuples=max_tuples,
    )
    if ac is not UNSET:
        found.energy_wh, found.max_voltage_v = float(ac.energy_amount), float(ac.ev_max_voltage)
        found.max_current_a, found.min_current_a = float(ac.ev_max_current), float(ac.ev_min_current)
    if dc is not UNSET:
        _of_dc(found, dc)
    if v2x is not UNSET:
        _of_v2x(found, v2x)
    return found


def _of_dc(found: EvNeeds, dc: DCChargingParametersType) -> None:
    found.max_current_a, found.max_voltage_v = float(dc.ev_max_current), float(dc.ev_max_voltage)
    found.max_power_w = _number(dc.ev_max_power)
    found.energy_wh = _number(dc.energy_amount)


def _of_v2x(found: EvNeeds, v2x: V2XChargingParametersType) -> None:
    powers = (v2x.max_charge_power, v2x.max_charge_power_l2, v2x.max_charge_power_l3)
    total = sum(float(power) for power in powers if power is not UNSET)
    found.max_power_w = total or found.max_power_w
    found.max_current_a = _number(v2x.max_charge_current) or found.max_current_a
    found.min_current_a = _number(v2x.min_charge_current) or found.min_current_a
    found.max_voltage_v = _number(v2x.max_voltage) or found.max_voltage_v
    found.energy_wh = _number(v2x.ev_target_energy_request) or found.energy_wh


def _number(value: Any) -> float | None:
    return None if value is UNSET else float(value)
