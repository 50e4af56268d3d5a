"""What a 1.6 CSMS asks, action by action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.scalars import WireType
from voltherd.station import remote
from voltherd.station.evse import Evse, Reservation, Token
from voltherd.station.settings import Setting

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.v16 import V16

Handler = Callable[["StationCore", "V16", Any], WireType]

VENDOR_ID = "org.voltherd"
"""The vendor whose data transfers the station understands; message id `echo` gives the data back."""


def serve(core: StationCore, dialect: V16, action: str, request: Any) -> WireType:
    """Answer a request; raises `OcppError` for actions the station does not offer."""
    handler = _HANDLERS.get(action)
    if handler is None:
        raise OcppError(ErrorCode.NOT_SUPPORTED, f"The station does not offer {action}")
    return handler(core, dialect, request)


def _remote_start(core: StationCore, dialect: V16, request: v16.RemoteStartTransactionRequest) -> WireType:
    evse_id = None
    if request.connector_id is not UNSET:
        place = dialect.place_of(request.connector_id)
        if place is None:
            return v16.RemoteStartTransactionResponse(status="Rejected")
        evse_id = place[0]
    accepted, _ = remote.start(core, Token(request.id_tag), evse_id, None)
    return v16.RemoteStartTransactionResponse(status="Accepted" if accepted else "Rejected")


def _remote_stop(core: StationCore, dialect: V16, request: v16.RemoteStopTransactionRequest) -> WireType:
    accepted = remote.stop(core, request.transaction_id)
    return v16.RemoteStopTransactionResponse(status="Accepted" if accepted else "Rejected")


def _reset(core: StationCore, dialect: V16, request: v16.ResetRequest) -> WireType:
    core.reset(graceful=request.type == "Soft")
    return v16.ResetResponse(status="Accepted")


def _unlock(core: StationCore, dialect: V16, request: v16.UnlockConnectorRequest) -> WireType:
    place = dialect.place_of(request.connector_id)
    if place is None:
        return v16.UnlockConnectorResponse(status="NotSupported")
    outcome = remote.unlock(core, *place, stop_first=True)
    return v16.UnlockConnectorResponse(status="Unlocked" if outcome == "Unlocked" else "UnlockFailed")


def _change_availability(core: StationCore, dialect: V16, request: v16.ChangeAvailabilityRequest) -> WireType:
    place = dialect.place_of(request.connector_id)
    if place is None and request.connector_id != 0:
        return v16.ChangeAvailabilityResponse(status="Rejected")
    evse_id, connector_id = place or (None, None)
    operative = request.type == "Operative"
    return v16.ChangeAvailabilityResponse(
        status=remote.change_availability(core, evse_id, connector_id, operative=operative)
    )


def _clear_cache(core: StationCore, dialect: V16, request: v16.ClearCacheRequest) -> WireType:
    core.charging.forget_tokens()
    return v16.ClearCacheResponse(status="Accepted")


def _data_transfer(core: StationCore, dialect: V16, request: v16.DataTransferRequest) -> WireType:
    if request.vendor_id != VENDOR_ID:
        return v16.DataTransferResponse(status="UnknownVendorId")
    if request.message_id != "echo":
        return v16.DataTransferResponse(status="UnknownMessageId")
    return v16.DataTransferResponse(status="Accepted", data=request.data)


def _get_configuration(core: StationCore, dialect: V16, request: v16.GetConfigurationRequest) -> WireType:
    if request.key is UNSET or not request.key:
        known = [_key_value(core, s) for s in core.settings if s.key is not None]
        return v16.GetConfigurationResponse(configuration_key=known)
    found = [(key, core.settings.by_key(key)) for key in request.key]
    return v16.GetConfigurationResponse(
        configuration_key=[_key_value(core, s) for _, s in found if s is not None] or UNSET,
        unknown_key=[key for key, s in found if s is None] or UNSET,
    )


def _key_value(core: StationCore, setting: Setting) -> v16.KeyValue:
    assert setting.key is not None
    hidden = setting.access == "WriteOnly"
    value = UNSET if hidden else core.settings.text(setting.name)
    return v16.KeyValue(key=setting.key, readonly=setting.access == "ReadOnly", value=value)


def _change_configuration(core: StationCore, dialect: V16, request: v16.ChangeConfigurationRequest) -> WireType:
    setting = core.settings.by_key(request.key)
    if setting is None:
        return v16.ChangeConfigurationResponse(status="NotSupported")
    outcome = core.settings.set(setting, request.value)
    return v16.ChangeConfigurationResponse(status="Rejected" if outcome == "Unknown" else outcome)


def _trigger_message(core: StationCore, dialect: V16, request: v16.TriggerMessageRequest) -> WireType:
    return v16.TriggerMessageResponse(status=_trigger(core, dialect, request))


def _extended_trigger(core: StationCore, dialect: V16, request: v16.ExtendedTriggerMessageRequest) -> WireType:
    return v16.ExtendedTriggerMessageResponse(status=_trigger(core, dialect, request))


def _trigger(core: StationCore, dialect: V16, request: Any) -> Any:
    number = 0 if request.connector_id is UNSET else request.connector_id
    place = dialect.place_of(number)
    if number != 0 and place is None:
        return "Rejected"
    places = [place] if place is not None else dialect.places
    if request.requested_message == "BootNotification":
        core.trigger(core.reboot_message())
    elif request.requested_message == "Heartbeat":
        core.trigger(dialect.heartbeat())
    elif request.requested_message == "StatusNotification":
        if place is None:
            core.trigger(dialect.station_status())
        for evse_id, connector_id in places:
            core.trigger(dialect.status(core.evses[evse_id], connector_id))
    elif request.requested_message == "MeterValues":
        for evse_id in dict.fromkeys(evse_id for evse_id, _ in places):
            _trigger_meter_values(core, dialect, core.evses[evse_id])
    else:
        return "NotImplemented"
    return "Accepted"


def _trigger_meter_values(core: StationCore, dialect: V16, evse: Evse) -> None:
    evse.meter.advance(core.now, evse.vehicle, evse.limit_w)
    reading = evse.meter.read(evse.vehicle)
    running = evse.transaction
    if running is None:
        core.trigger(dialect.meter_values(evse, reading))
    else:
        core.afterwards(lambda: core.keep(dialect.sampled(evse, running, "Trigger", reading)))


def _reserve_now(core: StationCore, dialect: V16, request: v16.ReserveNowRequest) -> WireType:
    until = remote.until(core, request.expiry_date)
    place = dialect.place_of(request.connector_id)
    if until is None or until <= core.now or (place is None and request.connector_id != 0):
        return v16.ReserveNowResponse(status="Rejected")
    group = Token(request.parent_id_tag) if request.parent_id_tag is not UNSET else None
    reservation = Reservation(id=request.reservation_id, token=Token(request.id_tag), until=until, group=group)
    return v16.ReserveNowResponse(status=remote.reserve(core, place[0] if place else None, reservation))


def _cancel_reservation(core: StationCore, dialect: V16, request: v16.CancelReservationRequest) -> WireType:
    known = remote.cancel_reservation(core, request.reservation_id)
    return v16.CancelReservationResponse(status="Accepted" if known else "Rejected")


_HANDLERS: dict[str, Handler] = {
    "CancelReservation": _cancel_reservation,
    "ChangeAvailability": _change_availability,
    "ChangeConfiguration": _change_configuration,
    "ClearCache": _clear_cache,
    "DataTransfer": _data_transfer,
    "ExtendedTriggerMessage": _extended_trigger,
    "GetConfiguration": _get_configuration,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "ReserveNow": _reserve_now,
    "Reset": _reset,
    "TriggerMessage": _trigger_message,
    "UnlockConnector": _unlock,
}
