"""A transaction: from plugging in or authorising until energy and contract are over, as recorded."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.metering import MeterSample
from voltherd.domain.station import DEFAULT_TENANT


class Transaction(Struct, kw_only=True):
    """One transaction (whole row; unique by station and `transaction_id`, the id on the wire)."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    station_id: int
    transaction_id: str
    evse_no: int
    connector_no: int
    id_token: str = ""
    id_token_type: str = ""
    authorization: str = ""
    """The verdict on the token at the start; the record stands whatever it was (interop trap 22)."""
    started_at_ms: int
    started_received_ms: int
    stopped_at_ms: int | None = None
    stopped_received_ms: int | None = None
    stop_reason: str = ""
    stop_id_token: str = ""
    meter_start_wh: float | None = None
    meter_last_wh: float | None = None
    meter_last_ms: int | None = None
    """Station's instant of the newest register reading; older ones that come late change no sum."""
    meter_stop_wh: float | None = None
    energy_wh: float | None = None
    power_w: float | None = None
    soc_percent: float | None = None
    active: bool = True
    charging_state: str = ""
    offline: bool = False
    """At least one of its events was made without a connection."""
    inferred: bool = False
    """Begin or end was concluded, not reported."""
    seq_no_first: int | None = None
    seq_no_last: int | None = None
    seq_gaps: tuple[int, ...] = ()
    """Sequence numbers not seen yet between the first and the last (at most 100 are listed)."""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    replay_key: str | None = None
    """1.6: station, connector, token, start time and meter in one; equal keys are one transaction (trap 19)."""
    flags: tuple[str, ...] = ()
    """Plausibility and interop findings, such as `register-jumped-back`."""
    close_reason: str = ""
    ocpp_version: str = ""
    updated_ms: int = 0
    cost: float | None = None
    """What it came to so far, in `currency`; None where no tariff applies."""
    currency: str = ""
    limits: str = ""
    """JSON of `LimitsOfTransaction` (2.1), empty for none."""


class TransactionEvent(Struct, gc=False):
    """One event of a transaction as received, with the samples that came in it (append-only).

    An event that is equal in everything to one before is the same event.
    """

    station_id: int
    transaction: int
    """`Transaction.id`."""
    seq_no: int
    kind: Literal["Started", "Updated", "Ended"]
    trigger_reason: str
    at_ms: int
    received_ms: int
    offline: bool = False
    charging_state: str = ""
    stopped_reason: str = ""
    id_token: str = ""
    tenant_id: int = DEFAULT_TENANT
    evse_no: int = 0
    connector_no: int = 0
    samples: Sequence[MeterSample] = ()
    """Whose they are, the event says; they are read through the records of the transaction's samples."""
    details: str = ""
    """JSON of what else it said, named as on the wire: phases used, cable, limits, costs, operation mode, ..."""


class StartReport(Struct, kw_only=True):
    """What a 1.6 station says when a transaction starts."""

    connector_no: int
    id_token: str
    meter_start_wh: int
    timestamp: str
    reservation_id: int | None = None


class StopReport(Struct, kw_only=True):
    """What a 1.6 station says when a transaction stops."""

    transaction_id: int
    meter_stop_wh: int
    timestamp: str
    reason: str = "Local"
    id_token: str | None = None
    samples: list[MeterSample] = field(default_factory=list)


class EventReport(Struct, kw_only=True):
    """What a 2.x station says in a TransactionEvent (E02)."""

    kind: Literal["Started", "Updated", "Ended"]
    transaction_id: str
    seq_no: int
    trigger_reason: str
    timestamp: str
    offline: bool = False
    evse_no: int | None = None
    connector_no: int | None = None
    id_token: str | None = None
    id_token_type: str = ""
    charging_state: str | UnsetType = UNSET
    stopped_reason: str = ""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    samples: list[MeterSample] = field(default_factory=list)
    limits: "Limits | None" = None
    """The limits that hold at the station (2.1)."""
    details: str = ""
    """JSON of what else it said: see `TransactionEvent.details`."""


class Limits(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far a transaction may go at most (OCPP 2.1 E16)."""

    max_cost: Annotated[float, Meta(ge=0)] | None = None
    max_energy_wh: Annotated[float, Meta(ge=0)] | None = None
    max_time_s: Annotated[int, Meta(ge=0)] | None = None
    max_soc_percent: Annotated[int, Meta(ge=0, le=100)] | None = None


class LimitsOfTransaction(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What we want, what we told the station of it, and what the station said last."""

    wanted: Limits | None = None
    reported: Limits | None = None
    told: Limits | None = None
    told_at_seq_no: int | None = None
    """With the answer to which event."""


_limits = msgspec.json.Decoder(LimitsOfTransaction).decode


def limits_of(transaction: Transaction) -> LimitsOfTransaction:
    """Read the limits of a transaction."""
    return _limits(transaction.limits) if transaction.limits else LimitsOfTransaction()


def set_limits(transaction: Transaction, limits: LimitsOfTransaction) -> None:
    """Write the limits of a transaction."""
    transaction.limits = msgspec.json.encode(limits).decode()


class GetTransactionStatus(Command):
    """Ask whether a transaction goes on, and whether messages of it (of any, without an id) still wait (2.x).

    `transaction_id` is the record's id or the id on the wire.
    """

    name = "get-transaction-status"
    summary = "Ask what became of a session"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "1757419000001234"}
    transaction_id: str | None = None


COMMANDS: tuple[type[Command], ...] = (GetTransactionStatus,)
DOCUMENTS: tuple[type[Document], ...] = ()
