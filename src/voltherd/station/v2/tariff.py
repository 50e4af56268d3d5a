"""CostUpdated of 2.x; tariffs and cost details of 2.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import encode
from voltherd.station.tariff import Assigned
from voltherd.station.tariff_cost import ROUNDING, Bill, Money, Part, Period, Tariff, with_tax
from voltherd.station.transaction import TransactionEvent
from voltherd.station.v2.words import given, info, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("CostUpdated")
def cost_updated(core: StationCore, request: v2.CostUpdatedRequest) -> v2.CostUpdatedResponse:
    """OCPP 2.0.1 I02."""
    core.costs.updated(request.transaction_id, request.total_cost)
    return v2.CostUpdatedResponse()


def _must_reckon(core: StationCore) -> None:
    """OCPP 2.1 I07.FR.01, I11.FR.01."""
    if not core.settings.switch("tariffs_enabled"):
        raise OcppError(ErrorCode.NOT_SUPPORTED, "The station does not reckon costs")


def _tariff(wire: v2.TariffType) -> Tariff:
    return msgspec.json.decode(encode(wire), type=Tariff)


@serves("SetDefaultTariff")
def set_default_tariff(core: StationCore, request: v2.SetDefaultTariffRequest) -> v2.SetDefaultTariffResponse:
    """OCPP 2.1 I07."""
    _must_reckon(core)
    refused: Any = core.tariffs.set_default(request.evse_id, _tariff(request.tariff))
    if refused is None:
        return v2.SetDefaultTariffResponse(status="Accepted")
    known = request.evse_id in (0, *core.evses)
    why = UNSET if refused != "Rejected" else info("InvalidValue" if known else "UnknownEVSE", "It cannot be used")
    return v2.SetDefaultTariffResponse(status=refused, status_info=why)


@serves("GetTariffs")
def get_tariffs(core: StationCore, request: v2.GetTariffsRequest) -> v2.GetTariffsResponse:
    """OCPP 2.1 I09."""
    _must_reckon(core)
    if request.evse_id not in (0, *core.evses):
        return v2.GetTariffsResponse(status="Rejected", status_info=info("UnknownEVSE", "No such EVSE"))
    assigned = [_assignment(one) for one in core.tariffs.assigned(request.evse_id)]
    if not assigned:
        return v2.GetTariffsResponse(status="NoTariff")
    return v2.GetTariffsResponse(status="Accepted", tariff_assignments=assigned)


def _assignment(one: Assigned) -> v2.TariffAssignmentType:
    return v2.TariffAssignmentType(
        tariff_id=one.tariff.tariff_id,
        tariff_kind="DefaultTariff" if one.is_default else "DriverTariff",
        valid_from=one.tariff.valid_from or UNSET,
        evse_ids=list(one.evse_ids),
        id_tokens=list(one.tokens) or UNSET,
    )


@serves("ClearTariffs")
def clear_tariffs(core: StationCore, request: v2.ClearTariffsRequest) -> v2.ClearTariffsResponse:
    """OCPP 2.1 I10."""
    _must_reckon(core)
    cleared = core.tariffs.clear(given(request.tariff_ids), given(request.evse_id) or None)
    results = [v2.ClearTariffsResultType(status="Accepted", tariff_id=name) for name in cleared]
    missing = [name for name in given(request.tariff_ids) or () if name not in cleared]
    results += [v2.ClearTariffsResultType(status="NoTariff", tariff_id=name) for name in missing]
    return v2.ClearTariffsResponse(clear_tariffs_result=results or [v2.ClearTariffsResultType(status="NoTariff")])


@serves("ChangeTransactionTariff")
def change_transaction_tariff(
    core: StationCore, request: v2.ChangeTransactionTariffRequest
) -> v2.ChangeTransactionTariffResponse:
    """OCPP 2.1 I11."""
    _must_reckon(core)
    refused: Any = core.tariffs.change(request.transaction_id, _tariff(request.tariff))
    return v2.ChangeTransactionTariffResponse(status=refused or "Accepted")


def tell_cost(core: StationCore, event: TransactionEvent, request: v2.TransactionEventRequest) -> None:
    """Add the tariff, once, and the cost details where they are due (OCPP 2.1 I07.FR.32, I12.FR.01, I12.FR.02)."""
    transaction = event.transaction
    bill = transaction.bill
    if bill is None:
        return
    if not transaction.tariff_told:
        request.transaction_info.tariff_id = bill.tariff.tariff_id
        transaction.tariff_told = True
    running = core.settings.switch("running_cost") and event.trigger in ("RunningCost", "MeterValuePeriodic")
    if event.kind == "Ended" or running or (event.kind == "Started" and core.settings.switch("running_cost")):
        request.cost_details = cost_details(bill, ended=event.kind == "Ended")


def cost_details(bill: Bill, *, ended: bool) -> v2.CostDetailsType:
    """What a transaction costs and for what (OCPP 2.1 I12)."""
    kind, total = bill.total(ended=ended)
    cost = v2.TotalCostType(currency=bill.tariff.currency, type_of_cost=kind, total=_total(total))
    if kind != "MinCost":
        for part, name in _FIELDS.items():
            if part in bill.costs:
                setattr(cost, name, _price(bill, part))
    usage = v2.TotalUsageType(
        energy=round(bill.energy_wh, 3),
        charging_time=round(bill.charging_s),
        idle_time=round(bill.idle_s),
        reservation_time=UNSET if bill.reservation_s is None else round(bill.reservation_s),
    )
    periods = [_period(one) for one in bill.periods]
    return v2.CostDetailsType(total_cost=cost, total_usage=usage, charging_periods=periods or UNSET)


_FIELDS: dict[Part, str] = {
    "fixed": "fixed",
    "energy": "energy",
    "chargingTime": "charging_time",
    "idleTime": "idle_time",
    "reservationTime": "reservation_time",
    "reservationFixed": "reservation_fixed",
}


def _total(total: Money) -> v2.TotalPriceType:
    return v2.TotalPriceType(
        excl_tax=UNSET if total.excl_tax is None else round(total.excl_tax, ROUNDING),
        incl_tax=UNSET if total.incl_tax is None else round(total.incl_tax, ROUNDING),
    )


def _price(bill: Bill, part: Part) -> v2.PriceType:
    cost, rates = bill.costs[part], bill.taxes.get(part, ())
    price = v2.PriceType(excl_tax=round(cost, ROUNDING), incl_tax=round(with_tax(cost, rates), ROUNDING))
    if rates:
        price.tax_rates = [v2.TaxRateType(type=rate.type, tax=rate.tax, stack=rate.stack) for rate in rates]
    return price


def _period(period: Period) -> v2.ChargingPeriodType:
    dimensions = [v2.CostDimensionType(type="Energy", volume=round(period.energy_wh, 3))]
    if period.charging_s:
        dimensions.append(v2.CostDimensionType(type="ChargingTime", volume=round(period.charging_s, 3)))
    if period.idle_s:
        dimensions.append(v2.CostDimensionType(type="IdleTIme", volume=round(period.idle_s, 3)))
    return v2.ChargingPeriodType(start_period=period.begins_at, dimensions=dimensions, tariff_id=period.tariff_id)
