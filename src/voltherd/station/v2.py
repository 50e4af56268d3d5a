"""OCPP 2.0.1 and 2.1 as a station speaks them: what it reports. What it is asked is in `v2_requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.ocpp.payload import encode
from voltherd.ocpp.scalars import WireType
from voltherd.station.dialect import BootReason, Trigger
from voltherd.station.evse import ConnectorState, Evse, StopReason, Token, Transaction
from voltherd.station.meter import Reading
from voltherd.station.outbox import Outgoing
from voltherd.station.v2_requests import serve

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_OCCUPIED = (
    ConnectorState.PREPARING,
    ConnectorState.CHARGING,
    ConnectorState.SUSPENDED_EV,
    ConnectorState.SUSPENDED_EVSE,
    ConnectorState.FINISHING,
)
_CHARGING_STATES: dict[ConnectorState, Any] = {
    ConnectorState.CHARGING: "Charging",
    ConnectorState.SUSPENDED_EV: "SuspendedEV",
    ConnectorState.SUSPENDED_EVSE: "SuspendedEVSE",
}
_REASONS: dict[StopReason, Any] = {"Reset": "ImmediateReset", "UnlockCommand": "Remote"}


class V2:
    """Messages of 2.0.1 and 2.1."""

    def __init__(self, core: StationCore) -> None:
        self._core = core

    def boot(self, reason: BootReason) -> Outgoing:
        """A BootNotification."""
        config = self._core.config
        station = v2.ChargingStationType(
            model=config.model[:20],
            vendor_name=config.vendor[:50],
            serial_number=config.serial_number[:25] or UNSET,
            firmware_version=config.firmware_version or UNSET,
        )
        request = v2.BootNotificationRequest(charging_station=station, reason=reason)
        return Outgoing(action="BootNotification", request=request)

    def heartbeat(self) -> Outgoing:
        """A Heartbeat."""
        return Outgoing(action="Heartbeat", request=v2.HeartbeatRequest(), on_answer=self._set_clock)

    def _set_clock(self, response: Any, error: object) -> None:
        if error is None:
            self._core.clock.set_wall(response.current_time, self._core.now)

    def status_word(self, state: ConnectorState) -> str:
        """2.x tells five states apart."""
        return "Occupied" if state in _OCCUPIED else state.value

    def status(self, evse: Evse, connector_id: int) -> Outgoing:
        """The status of one connector."""
        status: Any = self.status_word(evse.state(connector_id))
        request = v2.StatusNotificationRequest(
            timestamp=self._timestamp(), connector_status=status, evse_id=evse.id, connector_id=connector_id
        )
        return Outgoing(action="StatusNotification", request=request)

    def station_status(self) -> Outgoing | None:
        """2.x reports no status of the station as such."""
        return None

    def authorize(self, token: Token) -> Outgoing:
        """The question whether a token may charge."""
        return Outgoing(action="Authorize", request=v2.AuthorizeRequest(id_token=_id_token(token)))

    def is_allowed(self, response: Any) -> bool:
        """Whether the answer is yes."""
        return bool(response.id_token_info.status == "Accepted")

    def started(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing:
        """TransactionEvent Started."""
        message, request = self._event(evse, transaction, "Started", trigger)
        request.timestamp = transaction.started_at
        request.id_token = _id_token(transaction.token)
        request.meter_value = [self._meter_value(evse, reading, "Transaction.Begin", "measurands")]
        request.transaction_info.charging_state = _charging_state(evse, transaction)
        if transaction.remote_start_id is not None:
            request.transaction_info.remote_start_id = transaction.remote_start_id
        if transaction.reservation_id is not None:
            request.reservation_id = transaction.reservation_id
        return message

    def sampled(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing | None:
        """TransactionEvent Updated with meter values."""
        message, request = self._event(evse, transaction, "Updated", trigger)
        context = "Trigger" if trigger == "Trigger" else "Sample.Periodic"
        request.meter_value = [self._meter_value(evse, reading, context, "measurands")]
        request.transaction_info.charging_state = _charging_state(evse, transaction)
        return message

    def state_changed(self, evse: Evse, transaction: Transaction) -> Outgoing | None:
        """TransactionEvent Updated with the new charging state."""
        message, request = self._event(evse, transaction, "Updated", "ChargingStateChanged")
        request.transaction_info.charging_state = _charging_state(evse, transaction)
        return message

    def ended(
        self, evse: Evse, transaction: Transaction, reason: StopReason, trigger: Trigger, reading: Reading
    ) -> Outgoing:
        """TransactionEvent Ended."""
        message, request = self._event(evse, transaction, "Ended", trigger)
        info = request.transaction_info
        info.stopped_reason = _REASONS.get(reason, reason)
        info.charging_state = "Idle" if evse.plugged is None or reason == "EVDisconnected" else "EVConnected"
        request.meter_value = [self._meter_value(evse, reading, "Transaction.End", "stop_measurands")]
        if trigger == "StopAuthorized":
            request.id_token = _id_token(transaction.token)
        return message

    def meter_values(self, evse: Evse, reading: Reading) -> Outgoing:
        """MeterValues outside of a transaction."""
        value = self._meter_value(evse, reading, "Trigger", "measurands")
        return Outgoing(action="MeterValues", request=v2.MeterValuesRequest(evse_id=evse.id, meter_value=[value]))

    def payload(self, message: Outgoing) -> bytes:
        """The payload; nothing in it depends on when it is sent."""
        return encode(message.request)

    def answered(self, message: Outgoing, response: Any) -> bool | None:
        """Whether the token of the transaction is accepted, where the answer says so."""
        if response.id_token_info is UNSET:
            return None
        return bool(response.id_token_info.status == "Accepted")

    def handle(self, action: str, request: Any) -> WireType:
        """Serve a request of the CSMS."""
        return serve(self._core, self, action, request)

    def _timestamp(self) -> str:
        return self._core.clock.text(self._core.now)

    def _event(
        self, evse: Evse, transaction: Transaction, kind: Any, trigger: Trigger
    ) -> tuple[Outgoing, v2.TransactionEventRequest]:
        request = v2.TransactionEventRequest(
            event_type=kind,
            timestamp=self._timestamp(),
            trigger_reason=trigger,
            seq_no=transaction.next_seq_no(),
            transaction_info=v2.TransactionType(transaction_id=transaction.id),
            evse=v2.EVSEType(id=evse.id, connector_id=transaction.connector_id),
        )
        if not self._core.is_online:
            request.offline = True
        return Outgoing(action="TransactionEvent", request=request, transaction=transaction), request

    def _meter_value(self, evse: Evse, reading: Reading, context: Any, setting: str) -> v2.MeterValueType:
        samples = sampled_values(evse, reading, self._core.settings.members(setting), context)
        return v2.MeterValueType(timestamp=self._timestamp(), sampled_value=samples)


def _charging_state(evse: Evse, transaction: Transaction) -> Any:
    return _CHARGING_STATES.get(evse.state(transaction.connector_id), "EVConnected")


def _id_token(token: Token) -> v2.IdTokenType:
    return v2.IdTokenType(id_token=token.id, type=token.kind)


def sampled_values(
    evse: Evse, reading: Reading, measurands: tuple[str, ...], context: Any
) -> list[v2.SampledValueType]:
    """A reading in the words of 2.x; energy in Wh, power in W."""

    def sample(value: float, measurand: Any, unit: str, phase: Any = UNSET) -> v2.SampledValueType:
        return v2.SampledValueType(
            value=value,
            context=context,
            measurand=measurand,
            phase=phase,
            location="Outlet",
            unit_of_measure=v2.UnitOfMeasureType(unit=unit),
        )

    phases: list[Any] = [UNSET] if evse.config.is_dc else ["L1", "L2", "L3"]
    neutral: list[Any] = [UNSET] if evse.config.is_dc else ["L1-N", "L2-N", "L3-N"]
    samples = []
    for name in measurands:
        if name == "Energy.Active.Import.Register":
            samples.append(sample(round(reading.energy_wh), name, "Wh"))
        elif name == "Power.Active.Import":
            samples.append(sample(round(reading.power_w), name, "W"))
        elif name == "Current.Import":
            samples += [sample(a, name, "A", p) for a, p in zip(reading.currents_a, phases, strict=False)]
        elif name == "Voltage":
            samples += [sample(v, name, "V", p) for v, p in zip(reading.voltages_v, neutral, strict=False)]
        elif name == "SoC" and reading.soc_percent is not None:
            samples.append(sample(reading.soc_percent, name, "Percent"))
        elif name == "Power.Offered":
            samples.append(sample(round(evse.limit_w), name, "W"))
        elif name == "Current.Offered":
            share = evse.limit_w / evse.config.max_power_w
            samples.append(sample(round(evse.config.max_current_a * share, 1), name, "A"))
    return samples or [sample(round(reading.energy_wh), "Energy.Active.Import.Register", "Wh")]
