"""Records of every kind to store, filled field by field from their types."""

import dataclasses
from itertools import count
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from voltherd.domain.message import InboundMessage, LoggedMessage
from voltherd.domain.metering import MeterSample
from voltherd.domain.station import Station
from voltherd.domain.transaction import Transaction
from voltherd.store.mapping import TABLES
from voltherd.store.messages import MessageRow
from voltherd.store.metering import MeterReading
from voltherd.store.stream_values import StreamRow
from voltherd.store.transaction_events import EventRow

PACKED_ROWS = (EventRow, MeterReading, MessageRow, StreamRow)
RECORDS = sorted((kind for kind in TABLES if kind not in PACKED_ROWS), key=lambda kind: kind.__name__)
"""Records that are stored as they are; samples, events and logged messages are packed."""
_numbers = count(1)


def full(kind: type[Struct], /, **fixed: Any) -> Any:
    """Make a record with a value of its own in every field."""
    fields = msgspec.structs.fields(kind)
    return kind(**{field.name: _value(field.type, field.name) for field in fields} | {"tenant_id": 1} | fixed)


def _value(annotation: Any, name: str) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is Literal:
        return get_args(annotation)[-1]
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        return (_value(inner, name), _value(inner, name))
    number = next(_numbers)
    return {int: 2**40 + number, float: number + 0.125, bool: True, bytes: b"\x00\xff%d" % number}.get(
        annotation, f'{name} "{number}" \u00e9\u4e2d\U0001f50c'
    )


def minimal(kind: type[Struct], /, **fixed: Any) -> Any:
    """Make a record with defaults where there are any."""
    required = [field for field in msgspec.structs.fields(kind) if field.required]
    return kind(**{field.name: _value(field.type, field.name) for field in required} | fixed)


def station(identity: str, id_: int, **more: Any) -> Station:
    return Station(id=id_, identity=identity, **more)


def transaction(id_: int, station_id: int = 1, **more: Any) -> Transaction:
    values: dict[str, Any] = {"transaction_id": str(id_), "evse_no": 1, "connector_no": 1, "started_at_ms": id_ * 1000}
    return Transaction(id=id_, station_id=station_id, **values | {"started_received_ms": id_ * 1000} | more)


def meter_sample(at_ms: int, transaction_id: int | None = 9, **more: Any) -> MeterSample:
    values: dict[str, Any] = {
        "station_id": 1,
        "evse_no": 1,
        "connector_no": 1,
        "measurand": "Energy.Active.Import.Register",
        "phase": "",
        "location": "Outlet",
        "context": "Sample.Periodic",
        "received_ms": at_ms + 5,
        "value": 1234.5,
        "unit": "Wh",
        "raw_value": "1.2345",
        "raw_unit": "kWh",
    }
    return MeterSample(at_ms=at_ms, transaction=transaction_id, **values | more)


def reply(message_id: str, station_id: int = 1, at_ms: int = 1, **more: Any) -> InboundMessage:
    values = {"payload_hash": b"h", "reply": b"{}"} | more
    return InboundMessage(station_id=station_id, message_id=message_id, at_ms=at_ms, **values)


def logged(id_: int, station_id: int = 1, action: str = "Heartbeat", **more: Any) -> LoggedMessage:
    values: dict[str, Any] = {"at_ms": id_, "direction": "in", "message_type": "call", "message_id": str(id_)}
    return LoggedMessage(id=id_, station_id=station_id, action=action, frame="[2]", **values | more)


@dataclasses.dataclass
class Answers:
    """Notes what each call came to, in the order it was told."""

    order: list[object] = dataclasses.field(default_factory=list)
    errors: dict[object, BaseException | None] = dataclasses.field(default_factory=dict)

    def of(self, name: object) -> Any:
        def done(error: BaseException | None) -> None:
            self.order.append(name)
            self.errors[name] = error

        return done
