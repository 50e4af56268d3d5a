"""NotifyEVChargingNeeds, NotifyEVChargingSchedule and NotifyAllowedEnergyTransfer of 2.x (K15 - K20, Q01, Q02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, UnsetType

from voltherd.ocpp import v2
from voltherd.station.charging_needs import EvNeeds, EvSchedule, NeedsOutcome
from voltherd.station.hardware import ChargingNeeds, EnergyTransferMode
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.smart_charging import wire_schedule
from voltherd.station.v2.words import info, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_OLD_MODES: Final[dict[EnergyTransferMode, EnergyTransferMode]] = {
    "AC_BPT": "AC_three_phase",
    "AC_BPT_DER": "AC_three_phase",
    "AC_DER": "AC_three_phase",
    "DC_BPT": "DC",
    "DC_ACDP": "DC",
    "DC_ACDP_BPT": "DC",
    "WPT": "AC_single_phase",
}
"""What 2.0.1 has for ways to transfer energy that it does not know."""


@reports(EvNeeds)
def notify_ev_charging_needs(core: StationCore, report: EvNeeds) -> Outgoing:
    """What a vehicle asks for; the time where it comes late (K15.FR.20)."""
    request = v2.NotifyEVChargingNeedsRequest(
        evse_id=report.evse_id, charging_needs=_needs(core, report), max_schedule_tuples=report.max_periods
    )
    if report.is_late and core.is_v21:
        request.timestamp = core.clock.text(report.at)
    return Outgoing(action="NotifyEVChargingNeeds", request=request)


def _needs(core: StationCore, report: EvNeeds) -> v2.ChargingNeedsType:
    needs, requested = report.needs, report.requested
    if not core.is_v21:
        requested = _OLD_MODES.get(requested, requested)
    wire = v2.ChargingNeedsType(requested_energy_transfer=requested)
    if needs.departure_in_s is not None:
        wire.departure_time = core.clock.text(report.at + needs.departure_in_s)
    if core.is_v21 and needs.control is not None:  # ISO 15118-20 (K18.FR.06)
        wire.v2x_charging_parameters = _v2x(needs)
        wire.control_mode = needs.control
        if needs.der_controls:
            wire.der_charging_parameters = _der(needs)
        wire.available_energy_transfer = list(dict.fromkeys((requested, needs.mode, *needs.other_modes)))
    elif requested.startswith("DC"):
        wire.dc_charging_parameters = _dc(needs)
    else:
        wire.ac_charging_parameters = _ac(needs)
    return wire


def _ac(needs: ChargingNeeds) -> v2.ACChargingParametersType:
    return v2.ACChargingParametersType(
        energy_amount=round(needs.energy_wh or 0),
        ev_min_current=round(needs.min_current_a or 0),
        ev_max_current=round(needs.max_current_a or 0),
        ev_max_voltage=round(needs.max_voltage_v or 0),
    )


def _dc(needs: ChargingNeeds) -> v2.DCChargingParametersType:
    return v2.DCChargingParametersType(
        ev_max_current=round(needs.max_current_a or 0),
        ev_max_voltage=round(needs.max_voltage_v or 0),
        energy_amount=_whole(needs.energy_wh),
        ev_max_power=_whole(needs.max_power_w),
        state_of_charge=_whole(needs.soc_percent),
        ev_energy_capacity=_whole(needs.battery_wh),
        full_soc=_whole(needs.full_soc_percent),
        bulk_soc=_whole(needs.bulk_soc_percent),
    )


def _v2x(needs: ChargingNeeds) -> v2.V2XChargingParametersType:
    return v2.V2XChargingParametersType(
        min_charge_power=_maybe(needs.min_power_w),
        max_charge_power=_maybe(needs.max_power_w),
        min_discharge_power=_maybe(needs.min_discharge_power_w),
        max_discharge_power=_maybe(needs.max_discharge_power_w),
        min_charge_current=_maybe(needs.min_current_a),
        max_charge_current=_maybe(needs.max_current_a),
        max_discharge_current=_maybe(needs.max_discharge_current_a),
        max_voltage=_maybe(needs.max_voltage_v),
        ev_target_energy_request=_maybe(needs.energy_wh),
        ev_min_energy_request=_maybe(needs.min_energy_wh),
        ev_max_energy_request=_maybe(needs.max_energy_wh),
        target_soc=_whole(needs.full_soc_percent),
    )


def _der(needs: ChargingNeeds) -> v2.DERChargingParametersType:
    """The nameplate of the vehicle's inverter (R02.FR.01)."""
    controls: Any = list(needs.der_controls)
    return v2.DERChargingParametersType(
        ev_supported_der_control=controls,
        max_apparent_power=_maybe(needs.max_apparent_va),
        ev_inverter_model=UNSET if needs.inverter is None else needs.inverter[:50],
    )


def _maybe(value: float | None) -> float | UnsetType:
    return UNSET if value is None else value


def _whole(value: float | None) -> int | UnsetType:
    return UNSET if value is None else round(value)


@reads("NotifyEVChargingNeeds")
def ev_charging_needs_answered(core: StationCore, response: v2.NotifyEVChargingNeedsResponse) -> NeedsOutcome:
    """Whether a profile is to come (K15.FR.03 - FR.05)."""
    return response.status


@reports(EvSchedule)
def notify_ev_charging_schedule(core: StationCore, report: EvSchedule) -> Outgoing:
    """What a vehicle plans (K15.FR.10)."""
    request = v2.NotifyEVChargingScheduleRequest(
        time_base=core.clock.text(report.at), charging_schedule=wire_schedule(report.schedule), evse_id=report.evse_id
    )
    if core.is_v21 and report.selected is not None:  # K15.FR.21
        request.selected_charging_schedule_id = report.selected
    return Outgoing(action="NotifyEVChargingSchedule", request=request)


@reads("NotifyEVChargingSchedule")
def ev_charging_schedule_answered(core: StationCore, response: v2.NotifyEVChargingScheduleResponse) -> bool:
    """Whether the CSMS agrees (K15.FR.11, FR.12)."""
    return response.status == "Accepted"


@serves("NotifyAllowedEnergyTransfer")
def notify_allowed_energy_transfer(
    core: StationCore, request: v2.NotifyAllowedEnergyTransferRequest
) -> v2.NotifyAllowedEnergyTransferResponse:
    """OCPP 2.1 Q02.FR.06."""
    modes: tuple[Any, ...] = tuple(request.allowed_energy_transfer)
    if core.charging_needs.allow(request.transaction_id, modes):
        return v2.NotifyAllowedEnergyTransferResponse(status="Accepted")
    reason = info("TxNotFound", "There is no such transaction")
    return v2.NotifyAllowedEnergyTransferResponse(status="Rejected", status_info=reason)
