"""RemoteStartTransaction, RemoteStopTransaction, UnlockConnector and TriggerMessage of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.availability import ConnectorStatus, StationStatus
from voltherd.station.evse import Evse
from voltherd.station.metering import MeterValues
from voltherd.station.token import Token
from voltherd.station.v16.words import place_of, places, serves

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
    evse = core.remote_control.start(Token(request.id_tag), evse_id, None)
    return v16.RemoteStartTransactionResponse(status="Rejected" if evse is None else "Accepted")


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
    return v16.ExtendedTriggerMessageResponse(status=_trigger(core, request))


def _trigger(core: StationCore, request: Any) -> Any:
    number = 0 if request.connector_id is UNSET else request.connector_id
    place = place_of(core, number)
    if number != 0 and place is None:
        return "Rejected"
    chosen = [place] if place is not None else places(core)
    if request.requested_message == "BootNotification":
        core.provisioning.boot_as_told()
    elif request.requested_message == "Heartbeat":
        core.afterwards(core.provisioning.beat)
    elif request.requested_message == "StatusNotification":
        _trigger_status(core, chosen, station_too=place is None)
    elif request.requested_message == "MeterValues":
        for evse_id in dict.fromkeys(evse_id for evse_id, _ in chosen):
            _trigger_meter_values(core, core.evses[evse_id])
    else:
        return "NotImplemented"
    return "Accepted"


def _trigger_status(core: StationCore, chosen: list[tuple[int, int]], *, station_too: bool) -> None:
    if station_too:
        core.trigger(StationStatus(core.availability.station_operative))
    for evse_id, connector_id in chosen:
        evse = core.evses[evse_id]
        core.trigger(ConnectorStatus(evse, connector_id, evse.state(connector_id)))


def _trigger_meter_values(core: StationCore, evse: Evse) -> None:
    sampled = core.metering.sample(evse, "Trigger")
    if evse.transaction is None:
        core.trigger(MeterValues(evse, (sampled,)))
    else:
        core.afterwards(lambda: core.charging.updated(evse, "Trigger", sampled))
