"""RequestStartTransaction, RequestStopTransaction, UnlockConnector and TriggerMessage of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.remote_control import Refusal
from voltherd.station.triggers import Asked
from voltherd.station.v2.words import given, info, serves, token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_OF_AN_EVSE: Final = ("MeterValues", "StatusNotification", "TransactionEvent")
"""What an EVSE is relevant to; it is ignored for everything else (OCPP 2.0.1 F06.FR.03)."""


@serves("RequestStartTransaction")
def request_start(core: StationCore, request: v2.RequestStartTransactionRequest) -> v2.RequestStartTransactionResponse:
    """OCPP 2.0.1 F01, F02."""
    group = None if request.group_id_token is UNSET else token(request.group_id_token)
    chosen = core.remote_control.start(
        token(request.id_token),
        given(request.evse_id),
        request.remote_start_id,
        group=group,
        profile=given(request.charging_profile),
    )
    if isinstance(chosen, Refusal):
        why = info(chosen.reason, chosen.text)
        return v2.RequestStartTransactionResponse(status="Rejected", status_info=why)
    response = v2.RequestStartTransactionResponse(status="Accepted")
    if chosen.transaction is not None:
        response.transaction_id = chosen.transaction.id
    return response


@serves("RequestStopTransaction")
def request_stop(core: StationCore, request: v2.RequestStopTransactionRequest) -> v2.RequestStopTransactionResponse:
    """OCPP 2.0.1 F03."""
    if core.remote_control.stop(request.transaction_id):
        return v2.RequestStopTransactionResponse(status="Accepted")
    return v2.RequestStopTransactionResponse(status="Rejected", status_info=info("TxNotFound", "No such transaction"))


@serves("UnlockConnector")
def unlock_connector(core: StationCore, request: v2.UnlockConnectorRequest) -> v2.UnlockConnectorResponse:
    """OCPP 2.0.1 F05."""
    status = core.remote_control.unlock(request.evse_id, request.connector_id, stop_first=False)
    return v2.UnlockConnectorResponse(status=status)


@serves("TriggerMessage")
def trigger_message(core: StationCore, request: v2.TriggerMessageRequest) -> v2.TriggerMessageResponse:
    """OCPP 2.0.1 F06."""
    asked = Asked(custom=given(request.custom_trigger))
    if request.evse is not UNSET:
        asked = Asked(evse_id=request.evse.id, connector_id=given(request.evse.connector_id), custom=asked.custom)
    evse = core.evses.get(asked.evse_id) if asked.evse_id is not None else None
    if request.requested_message in _OF_AN_EVSE and asked.evse_id is not None:
        if evse is None:
            return _refused("UnknownEvse", "No such EVSE")
        if asked.connector_id is not None and asked.connector_id not in evse.connector_ids:
            return _refused("UnknownConnectorId", "No such connector")
    return v2.TriggerMessageResponse(status=core.remote_control.trigger(request.requested_message, asked))


def _refused(reason: str, text: str) -> v2.TriggerMessageResponse:
    return v2.TriggerMessageResponse(status="Rejected", status_info=info(reason, text))
