"""Remote start, stop, unlock and trigger in OCPP 1.6."""

from typing import Final, cast, get_args

from msgspec import UNSET

from voltherd.domain.commands import Outcome, RemoteStart, RemoteStop, Trigger, Unlock
from voltherd.domain.errors import NotFound, NotSupportedByVersion
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import (
    awaited_while_pending,
    check_start_profile,
    outcome,
    transaction_named,
    unlocked_outcome,
    wire,
    without_limits,
)
from voltherd.gateway.v16.common import checked_id_tag, connector_of
from voltherd.gateway.v16.data_transfer import plug_and_charge
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    ExtendedTriggerMessageRequest,
    ExtendedTriggerMessageResponse,
    RemoteStartTransactionRequest,
    RemoteStartTransactionResponse,
    RemoteStopTransactionRequest,
    RemoteStopTransactionResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from voltherd.ocpp.v16.enums import ExtendedMessageTrigger, MessageTrigger
from voltherd.ocpp.v16.types import ChargingProfile

_PLAIN: Final = frozenset(get_args(MessageTrigger))
_EXTENDED: Final = frozenset(get_args(ExtendedMessageTrigger)) - _PLAIN
_NAMES: Final = {
    "SignCertificate": "SignChargePointCertificate",
    "SignChargingStationCertificate": "SignChargePointCertificate",
}
"""What 1.6 calls differently."""
SIGN_V2G: Final = "SignV2GCertificate"


@routes.translate
async def remote_start(caller: Caller, command: RemoteStart) -> Outcome:
    """Start charging for a token (OCPP 1.6 5.11); type and group of the token have no place in 1.6."""
    evse_id, profile = command.evse_id, command.charging_profile
    without_limits(command, "1.6")
    wanted = UNSET if profile is None else wire(ChargingProfile, profile, "charging_profile")
    if wanted is not UNSET:
        check_start_profile(wanted.charging_profile_purpose, wanted.transaction_id is not UNSET)
    request = RemoteStartTransactionRequest(
        id_tag=checked_id_tag(command.id_token),
        connector_id=UNSET if evse_id is None else connector_of(evse_id, command.connector_id),
        charging_profile=wanted,
    )
    return outcome(await caller.call(request, RemoteStartTransactionResponse))


@routes.translate
async def remote_stop(caller: Caller, command: RemoteStop) -> Outcome:
    """Stop a transaction (OCPP 1.6 5.12). Raises NotFound where it has no number on the wire."""
    number = transaction_named(caller.state, command.transaction_id).transaction_id
    if not number.isdecimal():
        raise NotFound(f"Transaction {number} was concluded from its stop only; the station knows no number of it.")
    request = RemoteStopTransactionRequest(transaction_id=int(number))
    return outcome(await caller.call(request, RemoteStopTransactionResponse))


@routes.translate
async def unlock(caller: Caller, command: Unlock) -> Outcome:
    """Unlock a connector (OCPP 1.6 5.18); a session on it is ended by the station first."""
    request = UnlockConnectorRequest(connector_id=connector_of(command.evse_id, command.connector_id))
    return unlocked_outcome(caller, command, await caller.call(request, UnlockConnectorResponse))


@routes.learn
def message_triggered(here: Here, request: TriggerMessageRequest, response: TriggerMessageResponse) -> None:
    """Let a station that is not accepted yet send what a raw call asked it for (OCPP 1.6 4.2)."""
    if response.status == "Accepted" and here.state.station.registration == "pending":
        here.state.triggered.add(request.requested_message)


@routes.learn
def more_triggered(
    here: Here, request: ExtendedTriggerMessageRequest, response: ExtendedTriggerMessageResponse
) -> None:
    """Let it send what an extended trigger asked it for too (whitepaper)."""
    if response.status == "Accepted" and here.state.station.registration == "pending":
        name = request.requested_message
        here.state.triggered.add("SignCertificate" if name.startswith("Sign") else name)


@routes.translate
async def trigger(caller: Caller, command: Trigger) -> Outcome:
    """Ask for a message (OCPP 1.6 5.17, whitepaper ExtendedTriggerMessage, the extension for Plug and Charge)."""
    if command.message == SIGN_V2G:
        return await plug_and_charge(caller, "TriggerMessage", {"requestedMessage": SIGN_V2G})
    name = _NAMES.get(command.message, command.message)
    if name not in _PLAIN and name not in _EXTENDED:
        raise NotSupportedByVersion(f"OCPP 1.6 has no trigger for {command.message}.")
    connector = connector_of(command.evse_id, command.connector_id) if command.evse_id else UNSET
    with awaited_while_pending(caller.state, "SignCertificate" if name.startswith("Sign") else name) as answered:
        if name in _PLAIN:
            plain = TriggerMessageRequest(requested_message=cast("MessageTrigger", name), connector_id=connector)
            return answered(outcome(await caller.call(plain, TriggerMessageResponse)))
        extended = ExtendedTriggerMessageRequest(
            requested_message=cast("ExtendedMessageTrigger", name), connector_id=connector
        )
        return answered(outcome(await caller.call(extended, ExtendedTriggerMessageResponse)))
