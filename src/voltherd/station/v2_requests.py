"""What a 2.0.1 or 2.1 CSMS asks, action by action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.scalars import WireType
from voltherd.station import device_model, remote
from voltherd.station.evse import Evse, Reservation, Token
from voltherd.station.v16_requests import VENDOR_ID

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.v2 import V2

Handler = Callable[["StationCore", "V2", Any], WireType]


def serve(core: StationCore, dialect: V2, action: str, request: Any) -> WireType:
    """Answer a request; raises `OcppError` for actions the station does not offer."""
    handler = _HANDLERS.get(action)
    if handler is None:
        raise OcppError(ErrorCode.NOT_SUPPORTED, f"The station does not offer {action}")
    return handler(core, dialect, request)


def _request_start(core: StationCore, dialect: V2, request: v2.RequestStartTransactionRequest) -> WireType:
    evse_id = None if request.evse_id is UNSET else request.evse_id
    token = Token(request.id_token.id_token, request.id_token.type)
    accepted, evse = remote.start(core, token, evse_id, request.remote_start_id)
    response = v2.RequestStartTransactionResponse(status="Accepted" if accepted else "Rejected")
    if evse is not None and evse.transaction is not None:
        response.transaction_id = evse.transaction.id
    return response


def _request_stop(core: StationCore, dialect: V2, request: v2.RequestStopTransactionRequest) -> WireType:
    accepted = remote.stop(core, request.transaction_id)
    return v2.RequestStopTransactionResponse(status="Accepted" if accepted else "Rejected")


def _reset(core: StationCore, dialect: V2, request: v2.ResetRequest) -> WireType:
    """OCPP 2.0.1 B11, B12."""
    if request.evse_id is not UNSET:
        return v2.ResetResponse(status=_reset_evse(core, request.evse_id, request.type))
    if request.type == "OnIdle" and core.charging.is_busy:
        core.reset_when_idle()
        return v2.ResetResponse(status="Scheduled")
    core.reset(graceful=request.type == "OnIdle")
    return v2.ResetResponse(status="Accepted")


def _reset_evse(core: StationCore, evse_id: int, kind: str) -> Any:
    evse = core.evses.get(evse_id)
    if evse is None or (kind == "OnIdle" and evse.transaction is not None):
        return "Rejected"
    core.afterwards(lambda: core.charging.stop_all("ImmediateReset", "ResetCommand", [evse]))
    return "Accepted"


def _unlock(core: StationCore, dialect: V2, request: v2.UnlockConnectorRequest) -> WireType:
    status = remote.unlock(core, request.evse_id, request.connector_id, stop_first=False)
    return v2.UnlockConnectorResponse(status=status)


def _change_availability(core: StationCore, dialect: V2, request: v2.ChangeAvailabilityRequest) -> WireType:
    evse_id, connector_id = None, None
    if request.evse is not UNSET:
        evse_id = request.evse.id
        connector_id = None if request.evse.connector_id is UNSET else request.evse.connector_id
    operative = request.operational_status == "Operative"
    status = remote.change_availability(core, evse_id, connector_id, operative=operative)
    return v2.ChangeAvailabilityResponse(status=status)


def _clear_cache(core: StationCore, dialect: V2, request: v2.ClearCacheRequest) -> WireType:
    if not core.settings.switch("cache_enabled"):
        return v2.ClearCacheResponse(status="Rejected")
    core.charging.forget_tokens()
    return v2.ClearCacheResponse(status="Accepted")


def _data_transfer(core: StationCore, dialect: V2, request: v2.DataTransferRequest) -> WireType:
    if request.vendor_id != VENDOR_ID:
        return v2.DataTransferResponse(status="UnknownVendorId")
    if request.message_id != "echo":
        return v2.DataTransferResponse(status="UnknownMessageId")
    return v2.DataTransferResponse(status="Accepted", data=request.data)


def _get_variables(core: StationCore, dialect: V2, request: v2.GetVariablesRequest) -> WireType:
    results = [device_model.get_variable(core, asked) for asked in request.get_variable_data]
    return v2.GetVariablesResponse(get_variable_result=results)


def _set_variables(core: StationCore, dialect: V2, request: v2.SetVariablesRequest) -> WireType:
    results = [device_model.set_variable(core, wanted) for wanted in request.set_variable_data]
    return v2.SetVariablesResponse(set_variable_result=results)


def _get_base_report(core: StationCore, dialect: V2, request: v2.GetBaseReportRequest) -> WireType:
    if request.report_base == "SummaryInventory":
        data = device_model.report(core, configuration=False, inventory_too=True)
    else:
        full = request.report_base == "FullInventory"
        data = device_model.report(core, configuration=True, inventory_too=full)
    for message in device_model.notify_reports(core, request.request_id, data):
        core.trigger(message)
    return v2.GetBaseReportResponse(status="Accepted")


def _get_report(core: StationCore, dialect: V2, request: v2.GetReportRequest) -> WireType:
    if request.component_criteria is not UNSET:
        return v2.GetReportResponse(status="NotSupported")
    wanted = [] if request.component_variable is UNSET else request.component_variable
    data = device_model.chosen(core, wanted)
    for message in device_model.notify_reports(core, request.request_id, data):
        core.trigger(message)
    return v2.GetReportResponse(status="Accepted" if data else "EmptyResultSet")


def _get_transaction_status(core: StationCore, dialect: V2, request: v2.GetTransactionStatusRequest) -> WireType:
    if request.transaction_id is UNSET:
        return v2.GetTransactionStatusResponse(messages_in_queue=core.outbox.kept_count > 0)
    return v2.GetTransactionStatusResponse(
        messages_in_queue=core.outbox.waits_for(request.transaction_id),
        ongoing_indicator=core.charging.find(request.transaction_id) is not None,
    )


def _trigger_message(core: StationCore, dialect: V2, request: v2.TriggerMessageRequest) -> WireType:
    evse_id = None if request.evse is UNSET else request.evse.id
    if evse_id is not None and evse_id not in core.evses:
        return v2.TriggerMessageResponse(status="Rejected")
    evses = [core.evses[evse_id]] if evse_id is not None else list(core.evses.values())
    return v2.TriggerMessageResponse(status=_trigger(core, dialect, request, evses))


def _trigger(core: StationCore, dialect: V2, request: v2.TriggerMessageRequest, evses: list[Evse]) -> Any:
    """OCPP 2.0.1 F06."""
    kind = request.requested_message
    if kind == "BootNotification":
        if core.registration == "Accepted":
            return "Rejected"
        core.trigger(core.reboot_message())
    elif kind == "Heartbeat":
        core.trigger(dialect.heartbeat())
    elif kind == "StatusNotification":
        for evse in evses:
            for connector_id in evse.connector_ids:
                core.trigger(dialect.status(evse, connector_id))
    elif kind == "MeterValues":
        for evse in evses:
            evse.meter.advance(core.now, evse.vehicle, evse.limit_w)
            core.trigger(dialect.meter_values(evse, evse.meter.read(evse.vehicle)))
    elif kind == "TransactionEvent":
        running = [evse for evse in evses if evse.transaction is not None]
        if not running:
            return "Rejected"
        for evse in running:
            _trigger_event(core, dialect, evse)
    else:
        return "NotImplemented"
    return "Accepted"


def _trigger_event(core: StationCore, dialect: V2, evse: Evse) -> None:
    def tell() -> None:
        if evse.transaction is not None:
            evse.meter.advance(core.now, evse.vehicle, evse.limit_w)
            core.keep(dialect.sampled(evse, evse.transaction, "Trigger", evse.meter.read(evse.vehicle)))

    core.afterwards(tell)


def _reserve_now(core: StationCore, dialect: V2, request: v2.ReserveNowRequest) -> WireType:
    until = remote.until(core, request.expiry_date_time)
    if until is None or until <= core.now:
        return v2.ReserveNowResponse(status="Rejected")
    group = request.group_id_token
    reservation = Reservation(
        id=request.id,
        token=Token(request.id_token.id_token, request.id_token.type),
        until=until,
        group=None if group is UNSET else Token(group.id_token, group.type),
    )
    evse_id = None if request.evse_id is UNSET else request.evse_id
    return v2.ReserveNowResponse(status=remote.reserve(core, evse_id, reservation))


def _cancel_reservation(core: StationCore, dialect: V2, request: v2.CancelReservationRequest) -> WireType:
    known = remote.cancel_reservation(core, request.reservation_id)
    return v2.CancelReservationResponse(status="Accepted" if known else "Rejected")


_HANDLERS: dict[str, Handler] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _change_availability,
    "ClearCache": _clear_cache,
    "DataTransfer": _data_transfer,
    "GetBaseReport": _get_base_report,
    "GetReport": _get_report,
    "GetTransactionStatus": _get_transaction_status,
    "GetVariables": _get_variables,
    "RequestStartTransaction": _request_start,
    "RequestStopTransaction": _request_stop,
    "ReserveNow": _reserve_now,
    "Reset": _reset,
    "SetVariables": _set_variables,
    "TriggerMessage": _trigger_message,
    "UnlockConnector": _unlock,
}
