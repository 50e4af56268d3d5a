"""Transactions, their events and their meter values as the API shows them."""

from typing import Any

from msgspec import Raw, Struct

from voltherd.api.views.listed import instant
from voltherd.domain.metering import MeterSample
from voltherd.domain.time import format_ms
from voltherd.domain.transaction import Transaction, TransactionEvent


class TransactionView(Struct, kw_only=True):
    """One transaction. `id` is ours and opaque; `transaction_id` is the one on the wire, as text."""

    id: str
    transaction_id: str
    station_id: str
    evse_id: int
    connector_id: int
    id_token: str
    id_token_type: str
    authorization: str
    """The verdict on the token when the transaction started."""
    active: bool
    charging_state: str | None
    started_at: str
    stopped_at: str | None
    stop_reason: str | None
    """As the station sent it."""
    meter_start_wh: float | None
    meter_last_wh: float | None
    meter_stop_wh: float | None
    energy_wh: float | None
    power_w: float | None
    soc_percent: float | None
    cost: float | None
    """What it came to so far, with tax; null where no price applies (setting `pricing`)."""
    currency: str | None
    limits: Raw | None
    """How far it may go (2.1): what is `wanted`, what of it was `told` to the station, and what that `reported`."""
    offline: bool
    """At least one of its events was made without a connection."""
    inferred: bool
    """Its begin or end was concluded, not reported."""
    seq_gaps: list[int]
    flags: list[str]
    remote_start_id: int | None
    reservation_id: int | None
    close_reason: str | None
    ocpp_version: str


class TransactionEventView(Struct, kw_only=True):
    """One event of a transaction, as received."""

    seq_no: int
    kind: str
    trigger_reason: str
    timestamp: str
    received_at: str
    offline: bool
    charging_state: str | None
    stopped_reason: str | None
    id_token: str | None
    evse_id: int | None
    details: Raw | None
    """What else it said, named as on the wire."""


class MeterValueView(Struct, kw_only=True):
    """One sampled value: `value` in the SI unit `unit`, null where the station sent no number, and `raw` as sent."""

    timestamp: str
    received_at: str
    measurand: str
    phase: str | None
    location: str
    context: str
    value: float | None
    unit: str
    raw: str
    raw_unit: str | None
    signed_data: str | None
    signature: Raw | None
    """How the signed data is to be read: signing method, encoding, public key, as far as the station said so."""


class StationMeterValueView(MeterValueView, kw_only=True):
    """One sampled value outside of transactions; EVSE 0 is the station's main meter."""

    evse_id: int
    connector_id: int | None


def transaction_view(record: Transaction, identity: str) -> TransactionView:
    """Show a transaction of the station `identity`."""
    return TransactionView(
        id=str(record.id),
        transaction_id=record.transaction_id,
        station_id=identity,
        evse_id=record.evse_no,
        connector_id=record.connector_no,
        id_token=record.id_token,
        id_token_type=record.id_token_type,
        authorization=record.authorization,
        active=record.active,
        charging_state=record.charging_state or None,
        started_at=format_ms(record.started_at_ms),
        stopped_at=instant(record.stopped_at_ms),
        stop_reason=record.stop_reason or None,
        meter_start_wh=record.meter_start_wh,
        meter_last_wh=record.meter_last_wh,
        meter_stop_wh=record.meter_stop_wh,
        energy_wh=record.energy_wh,
        power_w=record.power_w,
        soc_percent=record.soc_percent,
        cost=record.cost,
        currency=record.currency or None,
        limits=Raw(record.limits.encode()) if record.limits else None,
        offline=record.offline,
        inferred=record.inferred,
        seq_gaps=list(record.seq_gaps),
        flags=list(record.flags),
        remote_start_id=record.remote_start_id,
        reservation_id=record.reservation_id,
        close_reason=record.close_reason or None,
        ocpp_version=record.ocpp_version,
    )


def transaction_event_view(event: TransactionEvent) -> TransactionEventView:
    """Show one event."""
    return TransactionEventView(
        seq_no=event.seq_no,
        kind=event.kind,
        trigger_reason=event.trigger_reason,
        timestamp=format_ms(event.at_ms),
        received_at=format_ms(event.received_ms),
        offline=event.offline,
        charging_state=event.charging_state or None,
        stopped_reason=event.stopped_reason or None,
        id_token=event.id_token or None,
        evse_id=event.evse_no or None,
        details=Raw(event.details.encode()) if event.details else None,
    )


def meter_value_view(sample: MeterSample) -> MeterValueView:
    """Show one sampled value."""
    return MeterValueView(**_said(sample))


def station_meter_value_view(sample: MeterSample) -> StationMeterValueView:
    """Show one sampled value, and where it was measured."""
    return StationMeterValueView(**_said(sample), evse_id=sample.evse_no, connector_id=sample.connector_no or None)


def _said(sample: MeterSample) -> dict[str, Any]:
    return {
        "timestamp": format_ms(sample.at_ms),
        "received_at": format_ms(sample.received_ms),
        "measurand": sample.measurand,
        "phase": sample.phase or None,
        "location": sample.location,
        "context": sample.context,
        "value": sample.value,
        "unit": sample.unit,
        "raw": sample.raw_value,
        "raw_unit": sample.raw_unit or None,
        "signed_data": sample.signed_data,
        "signature": Raw(sample.signature.encode()) if sample.signature else None,
    }
