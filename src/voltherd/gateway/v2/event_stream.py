"""Periodic event streams in OCPP 2.1 (N11 to N15)."""

import math
from typing import Final

import msgspec
from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.event_stream import AdjustPeriodicEventStream, GetPeriodicEventStream
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    AdjustPeriodicEventStreamRequest,
    AdjustPeriodicEventStreamResponse,
    ClosePeriodicEventStreamRequest,
    ClosePeriodicEventStreamResponse,
    GetPeriodicEventStreamRequest,
    GetPeriodicEventStreamResponse,
    NotifyPeriodicEventStreamRequest,
    OpenPeriodicEventStreamRequest,
    OpenPeriodicEventStreamResponse,
)
from voltherd.ocpp.v2.types import ConstantStreamDataType, PeriodicEventStreamParamsType
from voltherd.ocpp.version import OcppVersion
from voltherd.services.event_streams import Stream

_CLOSED: Final = ClosePeriodicEventStreamResponse()


@routes.handle()
def open_stream(here: Here, request: OpenPeriodicEventStreamRequest) -> OpenPeriodicEventStreamResponse:
    """Let a station send values of a monitor as a stream, or not (N11.FR.05, .06)."""
    stream = _stream(request.constant_stream_data)
    accepted = here.services.diagnostics.streams.opened(here.state, here.work, stream)
    return OpenPeriodicEventStreamResponse(status="Accepted" if accepted else "Rejected")


@routes.handle()
def close_stream(here: Here, request: ClosePeriodicEventStreamRequest) -> ClosePeriodicEventStreamResponse:
    """Record that a stream ended (N13.FR.02)."""
    here.services.diagnostics.streams.closed(here.state, here.work, request.id)
    return _CLOSED


@routes.handle()
def notify_stream(here: Here, request: NotifyPeriodicEventStreamRequest) -> None:
    """Record the values of a stream; nothing answers them (N15.FR.02)."""
    values = [(_seconds(item.t), item.v) for item in request.data]
    here.services.diagnostics.streams.received(
        here.state, here.work, request.id, request.basetime, values, request.pending
    )


def _seconds(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


@routes.translate
async def get_streams(caller: Caller, command: GetPeriodicEventStream) -> Outcome:
    """Ask which streams are open (N12)."""
    _check(caller)
    answer = await caller.call(GetPeriodicEventStreamRequest(), GetPeriodicEventStreamResponse)
    return Outcome(accepted=True, status="Accepted", answer=msgspec.to_builtins(answer))


@routes.learn
def streams_told(here: Here, request: GetPeriodicEventStreamRequest, response: GetPeriodicEventStreamResponse) -> None:
    """Record which streams are open, and that others are not (N12.FR.01)."""
    told = response.constant_stream_data if response.constant_stream_data is not UNSET else []
    here.services.diagnostics.streams.listed(here.state, here.work, [_stream(item) for item in told])


@routes.translate
async def adjust_stream(caller: Caller, command: AdjustPeriodicEventStream) -> Outcome:
    """Change how often a stream sends (N14.FR.01)."""
    _check(caller)
    if command.interval_s is None and command.values is None:
        raise PayloadInvalid("Name interval_s, values, or both.", "OccurrenceConstraintViolation")
    params = PeriodicEventStreamParamsType(
        interval=UNSET if command.interval_s is None else command.interval_s,
        values=UNSET if command.values is None else command.values,
    )
    request = AdjustPeriodicEventStreamRequest(id=command.stream_id, params=params)
    return outcome(await caller.call(request, AdjustPeriodicEventStreamResponse))


@routes.learn
def stream_adjusted(
    here: Here, request: AdjustPeriodicEventStreamRequest, response: AdjustPeriodicEventStreamResponse
) -> None:
    """Record how often it sends from now on (N14.FR.03)."""
    if response.status == "Accepted":
        interval, values = request.params.interval, request.params.values
        here.services.diagnostics.streams.adjusted(
            here.state,
            here.work,
            request.id,
            interval if interval is not UNSET else None,
            values if values is not UNSET else None,
        )


def _check(caller: Caller) -> None:
    if caller.version is OcppVersion.V201:
        raise NotSupportedByVersion("OCPP 2.0.1 has no event streams.")


def _stream(data: ConstantStreamDataType) -> Stream:
    interval, values = data.params.interval, data.params.values
    return Stream(
        number=data.id,
        monitor_id=data.variable_monitoring_id,
        interval_s=interval if interval is not UNSET else None,
        values=values if values is not UNSET else None,
    )
