"""OCPP 1.6 as a station speaks it: what it reports. What it is asked is in `v16_requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.payload import encode
from voltherd.ocpp.scalars import WireType
from voltherd.station.dialect import BootReason, Trigger
from voltherd.station.evse import ConnectorState, Evse, StopReason, Token, Transaction
from voltherd.station.meter import Reading
from voltherd.station.outbox import Outgoing
from voltherd.station.v16_requests import serve

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

UNKNOWN_TRANSACTION = -1
"""What stands for the number of a transaction whose start the CSMS never took."""

_REASONS: dict[StopReason, Any] = {
    "ImmediateReset": "HardReset",
    "Reset": "SoftReset",
    "StoppedByEV": "Local",
}


class V16:
    """Messages of 1.6. Connectors are numbered through the whole station, from 1."""

    def __init__(self, core: StationCore) -> None:
        self._core = core
        self.places = [(e.id, c) for e in core.evses.values() for c in e.connector_ids]

    def number_of(self, evse_id: int, connector_id: int) -> int:
        """The number of a connector."""
        return self.places.index((evse_id, connector_id)) + 1

    def place_of(self, number: int) -> tuple[int, int] | None:
        """EVSE and connector of a number, None if there is none."""
        return self.places[number - 1] if 1 <= number <= len(self.places) else None

    def boot(self, reason: BootReason) -> Outgoing:
        """A BootNotification; 1.6 has no reason in it."""
        config = self._core.config
        request = v16.BootNotificationRequest(
            charge_point_vendor=config.vendor[:20],
            charge_point_model=config.model[:20],
            charge_point_serial_number=config.serial_number[:25] or UNSET,
            firmware_version=config.firmware_version or UNSET,
        )
        return Outgoing(action="BootNotification", request=request)

    def heartbeat(self) -> Outgoing:
        """A Heartbeat."""
        return Outgoing(action="Heartbeat", request=v16.HeartbeatRequest(), on_answer=self._set_clock)

    def _set_clock(self, response: Any, error: object) -> None:
        if error is None:
            self._core.clock.set_wall(response.current_time, self._core.now)

    def status_word(self, state: ConnectorState) -> str:
        """1.6 names them all."""
        return state.value

    def status(self, evse: Evse, connector_id: int) -> Outgoing:
        """The status of one connector."""
        return self._status(
            self.number_of(evse.id, connector_id), evse.state(connector_id).value, evse.fault or "NoError"
        )

    def station_status(self) -> Outgoing:
        """The status of connector 0, the station."""
        return self._status(0, "Available" if self._core.station_operative else "Unavailable", "NoError")

    def _status(self, number: int, status: Any, error_code: Any) -> Outgoing:
        request = v16.StatusNotificationRequest(
            connector_id=number,
            error_code=error_code,
            status=status,
            timestamp=self._core.clock.text(self._core.now),
        )
        return Outgoing(action="StatusNotification", request=request)

    def authorize(self, token: Token) -> Outgoing:
        """The question whether a token may charge."""
        return Outgoing(action="Authorize", request=v16.AuthorizeRequest(id_tag=token.id[:20]))

    def is_allowed(self, response: Any) -> bool:
        """Whether the answer is yes."""
        return bool(response.id_tag_info.status == "Accepted")

    def started(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing:
        """StartTransaction; its answer brings the number."""
        request = v16.StartTransactionRequest(
            connector_id=self.number_of(evse.id, transaction.connector_id),
            id_tag=transaction.token.id[:20],
            meter_start=transaction.meter_start_wh,
            timestamp=transaction.started_at,
            reservation_id=UNSET if transaction.reservation_id is None else transaction.reservation_id,
        )
        return Outgoing(action="StartTransaction", request=request, transaction=transaction)

    def sampled(self, evse: Evse, transaction: Transaction, trigger: Trigger, reading: Reading) -> Outgoing | None:
        """MeterValues of a transaction."""
        context = "Trigger" if trigger == "Trigger" else "Sample.Periodic"
        request = self._meter_values(evse, transaction.connector_id, reading, context)
        request.transaction_id = UNKNOWN_TRANSACTION
        return Outgoing(action="MeterValues", request=request, transaction=transaction)

    def state_changed(self, evse: Evse, transaction: Transaction) -> Outgoing | None:
        """1.6 reports it as a status only."""
        return None

    def ended(
        self, evse: Evse, transaction: Transaction, reason: StopReason, trigger: Trigger, reading: Reading
    ) -> Outgoing:
        """StopTransaction."""
        request = v16.StopTransactionRequest(
            transaction_id=UNKNOWN_TRANSACTION,
            id_tag=transaction.token.id[:20],
            meter_stop=transaction.meter_last_wh,
            timestamp=self._core.clock.text(self._core.now),
            reason=_REASONS.get(reason, reason),
        )
        return Outgoing(action="StopTransaction", request=request, transaction=transaction)

    def meter_values(self, evse: Evse, reading: Reading) -> Outgoing:
        """MeterValues outside of a transaction."""
        request = self._meter_values(evse, evse.plugged or 1, reading, "Trigger")
        return Outgoing(action="MeterValues", request=request)

    def _meter_values(self, evse: Evse, connector_id: int, reading: Reading, context: Any) -> v16.MeterValuesRequest:
        samples = sampled_values(evse, reading, self._core.settings.members("measurands"), context)
        value = v16.MeterValue(timestamp=self._core.clock.text(self._core.now), sampled_value=samples)
        return v16.MeterValuesRequest(connector_id=self.number_of(evse.id, connector_id), meter_value=[value])

    def payload(self, message: Outgoing) -> bytes:
        """The payload, with the number the CSMS has given the transaction by now."""
        request = message.request
        if isinstance(request, v16.MeterValuesRequest | v16.StopTransactionRequest) and message.transaction:
            number = message.transaction.csms_id
            request.transaction_id = UNKNOWN_TRANSACTION if number is None else number
        return encode(request)

    def answered(self, message: Outgoing, response: Any) -> bool | None:
        """Take the number of a transaction; say whether its token is accepted."""
        transaction = message.transaction
        if transaction is None or message.action != "StartTransaction":
            return None
        transaction.csms_id = response.transaction_id
        return bool(response.id_tag_info.status == "Accepted")

    def handle(self, action: str, request: Any) -> WireType:
        """Serve a request of the CSMS."""
        return serve(self._core, self, action, request)


def sampled_values(evse: Evse, reading: Reading, measurands: tuple[str, ...], context: Any) -> list[v16.SampledValue]:
    """A reading in the words of 1.6; energy in Wh, power in W."""

    def sample(value: float, measurand: Any, unit: Any, phase: Any = UNSET) -> v16.SampledValue:
        return v16.SampledValue(
            value=f"{value:g}" if isinstance(value, float) and abs(value) < 1e5 else str(round(value)),
            context=context,
            measurand=measurand,
            unit=unit,
            phase=phase,
            location="Outlet",
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
