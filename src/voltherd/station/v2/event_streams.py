"""Periodic event streams of 2.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.event_streams import CloseStream, OpenStream, Stream, StreamValues
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.monitoring import stream_params
from voltherd.station.v2.words import info, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(OpenStream)
def open_stream(core: StationCore, report: OpenStream) -> Outgoing:
    """The station asks to send a stream."""
    request = v2.OpenPeriodicEventStreamRequest(constant_stream_data=_constant(report.stream))
    return Outgoing(action="OpenPeriodicEventStream", request=request)


@reads("OpenPeriodicEventStream")
def opened(core: StationCore, response: v2.OpenPeriodicEventStreamResponse) -> bool:
    """Whether it may."""
    return response.status == "Accepted"


@reports(CloseStream)
def close_stream(core: StationCore, report: CloseStream) -> Outgoing:
    """The station ends a stream."""
    return Outgoing(action="ClosePeriodicEventStream", request=v2.ClosePeriodicEventStreamRequest(id=report.id))


@reports(StreamValues)
def stream_values(core: StationCore, report: StreamValues) -> Outgoing:
    """Values of a stream, as a SEND that nothing answers (OCPP 2.1 N15.FR.01)."""
    request = v2.NotifyPeriodicEventStreamRequest(
        id=report.id,
        pending=report.pending,
        basetime=report.base,
        data=[v2.StreamDataElementType(t=after_s, v=value) for after_s, value in report.values],
    )
    return Outgoing(action="NotifyPeriodicEventStream", request=request, is_send=True)


@serves("GetPeriodicEventStream")
def get_streams(core: StationCore, request: v2.GetPeriodicEventStreamRequest) -> v2.GetPeriodicEventStreamResponse:
    """OCPP 2.1 N12."""
    streams = [_constant(stream) for stream in core.event_streams.open_streams]
    return v2.GetPeriodicEventStreamResponse(constant_stream_data=streams or UNSET)


@serves("AdjustPeriodicEventStream")
def adjust_stream(
    core: StationCore, request: v2.AdjustPeriodicEventStreamRequest
) -> v2.AdjustPeriodicEventStreamResponse:
    """OCPP 2.1 N14."""
    if core.event_streams.adjust(request.id, stream_params(request.params)):
        return v2.AdjustPeriodicEventStreamResponse(status="Accepted")
    why = info("InvalidStream", "There is no such stream, or nothing would be sent")
    return v2.AdjustPeriodicEventStreamResponse(status="Rejected", status_info=why)


def _constant(stream: Stream) -> v2.ConstantStreamDataType:
    params = stream.params
    return v2.ConstantStreamDataType(
        id=stream.id,
        variable_monitoring_id=stream.monitor_id,
        params=v2.PeriodicEventStreamParamsType(
            interval=UNSET if params.interval_s is None else params.interval_s,
            values=UNSET if params.values is None else params.values,
        ),
    )
