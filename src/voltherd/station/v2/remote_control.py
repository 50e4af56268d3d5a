"""RequestStartTransaction, RequestStopTransaction, UnlockConnector and TriggerMessage of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.availability import ConnectorStatus
from voltherd.station.evse import Evse
from voltherd.station.metering import MeterValues
from voltherd.station.v2.words import given, serves, token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("RequestStartTransaction")
def request_start(core: StationCore, request: v2.RequestStartTransactionRequest) -> v2.RequestStartTransactionResponse:
    """OCPP 2.0.1 F01, F02."""
    evse = core.remote_control.start(token(request.id_token), given(request.evse_id), request.remote_start_id)
    response = v2.RequestStartTransactionResponse(status="Rejected" if evse is None else "Accepted")
    if evse is not None and evse.transaction is not None:
        response.transaction_id = evse.transaction.id
    return response


@serves("RequestStopTransaction")
def request_stop(core: StationCore, request: v2.RequestStopTransactionRequest) -> v2.RequestStopTransactionResponse:
    """OCPP 2.0.1 F03."""
    accepted = core.remote_control.stop(request.transaction_id)
    return v2.RequestStopTransactionResponse(status="Accepted" if accepted else "Rejected")


@serves("UnlockConnector")
def unlock_connector(core: StationCore, request: v2.UnlockConnectorRequest) -> v2.UnlockConnectorResponse:
    """OCPP 2.0.1 F05."""
    status = core.remote_control.unlock(request.evse_id, request.connector_id, stop_first=False)
    return v2.UnlockConnectorResponse(status=status)


@serves("TriggerMessage")
def trigger_message(core: StationCore, request: v2.TriggerMessageRequest) -> v2.TriggerMessageResponse:
    """OCPP 2.0.1 F06."""
    evse_id = None if request.evse is UNSET else request.evse.id
    if evse_id is not None and evse_id not in core.evses:
        return v2.TriggerMessageResponse(status="Rejected")
    evses = [core.evses[evse_id]] if evse_id is not None else list(core.evses.values())
    return v2.TriggerMessageResponse(status=_trigger(core, request, evses))


def _trigger(core: StationCore, request: v2.TriggerMessageRequest, evses: list[Evse]) -> Any:
    kind = request.requested_message
    if kind == "BootNotification":
        if core.registration == "Accepted":
            return "Rejected"
        core.provisioning.boot_as_told()
    elif kind == "Heartbeat":
        core.afterwards(core.provisioning.beat)
    elif kind == "StatusNotification":
        for evse in evses:
            for connector_id in evse.connector_ids:
                core.trigger(ConnectorStatus(evse, connector_id, evse.state(connector_id)))
    elif kind == "MeterValues":
        for evse in evses:
            core.trigger(MeterValues(evse, (core.metering.sample(evse, "Trigger"),)))
    elif kind == "TransactionEvent":
        return _trigger_transactions(core, [evse for evse in evses if evse.transaction is not None])
    else:
        return "NotImplemented"
    return "Accepted"


def _trigger_transactions(core: StationCore, running: list[Evse]) -> str:
    if not running:
        return "Rejected"

    def tell() -> None:
        for evse in running:
            core.charging.updated(evse, "Trigger", core.metering.sample(evse, "Trigger"))

    core.afterwards(tell)
    return "Accepted"
