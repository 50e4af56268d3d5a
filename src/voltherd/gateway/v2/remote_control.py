"""Remote start, stop, unlock and trigger in OCPP 2.0.1 and 2.1."""

from typing import Final, cast, get_args

from msgspec import UNSET

from voltherd.domain.commands import Outcome, RemoteStart, RemoteStop, Trigger, Unlock
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import (
    all_outcome,
    awaited_while_pending,
    check_start_profile,
    outcome,
    transaction_named,
    unlocked_outcome,
    wire,
    without_limits,
)
from voltherd.gateway.v2.common import evse_of, text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from voltherd.ocpp.v2.enums import MessageTriggerEnumType
from voltherd.ocpp.v2.types import ChargingProfileType, IdTokenType
from voltherd.ocpp.version import OcppVersion
from voltherd.services.state import StationState

_TRIGGERS: Final = frozenset(get_args(MessageTriggerEnumType))
_SINCE_21: Final = frozenset({"CustomTrigger", "SignV2G20Certificate"})
_NAMES: Final = {
    "SignCertificate": "SignChargingStationCertificate",
    "SignChargePointCertificate": "SignChargingStationCertificate",
}
"""What 2.x calls differently."""
MAX_CONNECTORS: Final = 32


@routes.translate
async def remote_start(caller: Caller, command: RemoteStart) -> Outcome:
    """Start charging for a token (F01, F02) on an EVSE; limits follow with the first event (F07)."""
    group, profile = command.group_id_token, command.charging_profile
    if caller.version is OcppVersion.V201:
        without_limits(command, "2.0.1")
    wanted = UNSET if profile is None else wire(ChargingProfileType, profile, "charging_profile")
    if wanted is not UNSET:
        check_start_profile(wanted.charging_profile_purpose, wanted.transaction_id is not UNSET)
    request = RequestStartTransactionRequest(
        id_token=IdTokenType(id_token=command.id_token, type=command.id_token_type),
        remote_start_id=caller.request_id,
        evse_id=command.evse_id or UNSET,
        group_id_token=UNSET if group is None else IdTokenType(id_token=group, type="Central"),
        charging_profile=wanted,
    )
    return outcome(await caller.call(request, RequestStartTransactionResponse))


@routes.translate
async def remote_stop(caller: Caller, command: RemoteStop) -> Outcome:
    """Stop a transaction (F03). Raises NotFound."""
    transaction = transaction_named(caller.state, command.transaction_id)
    request = RequestStopTransactionRequest(transaction_id=transaction.transaction_id)
    return outcome(await caller.call(request, RequestStopTransactionResponse))


@routes.translate
async def unlock(caller: Caller, command: Unlock) -> Outcome:
    """Unlock a connector (F05); one with an authorised session stays locked (F05.FR.02)."""
    request = UnlockConnectorRequest(evse_id=command.evse_id, connector_id=command.connector_id)
    return unlocked_outcome(caller, command, await caller.call(request, UnlockConnectorResponse))


@routes.learn
def message_triggered(here: Here, request: TriggerMessageRequest, response: TriggerMessageResponse) -> None:
    """Let a station that is not accepted yet send what a raw call asked it for (B02.FR.02)."""
    if response.status == "Accepted" and here.state.station.registration == "pending":
        here.state.triggered.add(_action(request.requested_message, text(request.custom_trigger)))


def _action(message: str, custom: str) -> str:
    return "SignCertificate" if message.startswith("Sign") else custom or message


@routes.translate
async def trigger(caller: Caller, command: Trigger) -> Outcome:
    """Ask for a message (F06). Status is asked for connector by connector, as 2.x knows it no other way (F06.FR.13)."""
    name = "CustomTrigger" if command.custom else _NAMES.get(command.message, command.message)
    if name not in _TRIGGERS or (name in _SINCE_21 and caller.version is OcppVersion.V201):
        raise NotSupportedByVersion(f"OCPP {caller.version} has no trigger for {command.message}.")

    async def ask(evse_no: int | None, connector_no: int | None) -> Outcome:
        request = TriggerMessageRequest(
            requested_message=cast("MessageTriggerEnumType", name),
            evse=evse_of(evse_no, connector_no),
            custom_trigger=command.custom or UNSET,
        )
        return outcome(await caller.call(request, TriggerMessageResponse))

    places: list[tuple[int | None, int | None]] = [(command.evse_id, command.connector_id)]
    if name == "StatusNotification" and not command.connector_id:
        places = _connectors(caller.state, command.evse_id) or places
    with awaited_while_pending(caller.state, _action(name, command.custom or "")) as answered:
        return answered(all_outcome([await ask(*place) for place in places]))


def _connectors(state: StationState, evse_id: int | None) -> list[tuple[int | None, int | None]]:
    known = sorted(place for place in state.connectors if all(place) and evse_id in (None, 0, place[0]))
    if not known and evse_id:
        return [(evse_id, 1)]
    return [(evse_no, connector_no) for evse_no, connector_no in known[:MAX_CONNECTORS]]
