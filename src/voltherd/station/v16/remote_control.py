"""RemoteStartTransaction, RemoteStopTransaction, UnlockConnector and TriggerMessage of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.remote_control import Refusal
from voltherd.station.token import Token
from voltherd.station.triggers import Asked
from voltherd.station.v16.words import place_of, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("RemoteStartTransaction")
def remote_start(core: StationCore, request: v16.RemoteStartTransactionRequest) -> v16.RemoteStartTransactionResponse:
    """OCPP 1.6, 5.11."""
    evse_id = None
    if request.connector_id is not UNSET:
        place = place_of(core, request.connector_id)
        if place is None:
            return v16.RemoteStartTransactionResponse(status="Rejected")
        evse_id = place[0]
    profile = None if request.charging_profile is UNSET else request.charging_profile
    chosen = core.remote_control.start(Token(request.id_tag), evse_id, None, profile=profile)
    return v16.RemoteStartTransactionResponse(status="Rejected" if isinstance(chosen, Refusal) else "Accepted")


@serves("RemoteStopTransaction")
def remote_stop(core: StationCore, request: v16.RemoteStopTransactionRequest) -> v16.RemoteStopTransactionResponse:
    """OCPP 1.6, 5.12."""
    accepted = core.remote_control.stop(request.transaction_id)
    return v16.RemoteStopTransactionResponse(status="Accepted" if accepted else "Rejected")


@serves("UnlockConnector")
def unlock_connector(core: StationCore, request: v16.UnlockConnectorRequest) -> v16.UnlockConnectorResponse:
    """OCPP 1.6, 5.18."""
    place = place_of(core, request.connector_id)
    if place is None:
        return v16.UnlockConnectorResponse(status="NotSupported")
    if not core.evses[place[0]].has_socket(place[1]):
        return v16.UnlockConnectorResponse(status="NotSupported")
    outcome = core.remote_control.unlock(*place, stop_first=True)
    return v16.UnlockConnectorResponse(status="Unlocked" if outcome == "Unlocked" else "UnlockFailed")


@serves("TriggerMessage")
def trigger_message(core: StationCore, request: v16.TriggerMessageRequest) -> v16.TriggerMessageResponse:
    """OCPP 1.6, 5.17."""
    return v16.TriggerMessageResponse(status=_trigger(core, request))


@serves("ExtendedTriggerMessage")
def extended_trigger_message(
    core: StationCore, request: v16.ExtendedTriggerMessageRequest
) -> v16.ExtendedTriggerMessageResponse:
    """The security whitepaper's form of it."""
    if request.requested_message == "FirmwareStatusNotification":
        core.firmware.tell_status(is_signed=True)
        return v16.ExtendedTriggerMessageResponse(status="Accepted")
    return v16.ExtendedTriggerMessageResponse(status=_trigger(core, request))


def _trigger(core: StationCore, request: Any) -> Any:
    number = 0 if request.connector_id is UNSET else request.connector_id
    place = place_of(core, number)
    if number != 0 and place is None:
        return "Rejected"
    evse_id, connector_id = place or (None, None)
    return core.remote_control.trigger(request.requested_message, Asked(evse_id=evse_id, connector_id=connector_id))
