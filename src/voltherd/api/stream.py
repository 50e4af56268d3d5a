"""The live stream: server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from litestar import Controller, get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from voltherd.api.describe import Doc, described
from voltherd.api.live import TICK_S, Live, Watcher
from voltherd.api.problems import BodyInvalid
from voltherd.api.request import ApiRequest
from voltherd.services.ports import Topic

TOPICS: tuple[Topic, ...] = ("station", "transaction", "command", "message")
DEFAULT_TOPICS = "station,transaction,command"
HEARTBEAT_S = 15.0
HEARTBEAT, RECONNECT = b": keep-alive\n\n", b"retry: 2000\n\n"
EXAMPLE = """id: 1777883412345000
event: snapshot
data: {"at":"2026-05-04T08:30:12.345Z","resync":false}

id: 1777883412345001
event: station
data: {"station_id":"CP-0001","online":true,"status":"Charging"}

"""


class EventsController(Controller):
    """`/events`."""

    path = "/events"

    @get(
        opt=described(
            Doc(
                tag="Events",
                summary="Follow what changes",
                description="Server-sent events. First comes `snapshot`: the instant from which changes are told, the "
                "moment to read the lists. Then `station`, `transaction`, `command` and `message` events, each with "
                "the same JSON as in the lists (`deleted: true` for a station that is gone), gathered to about "
                f"{round(1 / TICK_S)} pieces a second. With `Last-Event-ID` the stream resumes; where too much "
                "happened since, `snapshot` comes again with `resync: true`. A comment every 15 s keeps the "
                "connection; clients that do not keep up are cut off and may resume. The token goes into the "
                "header only: URLs end up in logs.",
                answer=str,
                example=EXAMPLE,
                media_type="text/event-stream",
            )
        )
    )
    async def events(
        self,
        request: ApiRequest,
        topics: Annotated[
            str, QueryParameter(description="Comma-separated: station, transaction, command, message.")
        ] = DEFAULT_TOPICS,
        station_id: Annotated[
            str | None, QueryParameter(description="Only of this station; the topic `message` needs it.")
        ] = None,
        last_event_id: Annotated[
            str | None, HeaderParameter(name="Last-Event-ID", description="Resume after this event.")
        ] = None,
    ) -> Stream:
        wanted = read_topics(topics)
        if "message" in wanted and station_id is None:
            raise BodyInvalid("The topic message needs a station", "query.station_id")
        live = cast("Live", request.app.state["live"])
        last_id = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
        if last_event_id and last_id is None:
            last_id = -1
        watcher = live.watch(request.tenant_id, wanted, station_id, last_id)
        return Stream(
            _pieces(request, live, watcher),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


def read_topics(text: str) -> frozenset[Topic]:
    """Read the topics. Raises BodyInvalid."""
    found = frozenset(topic for topic in TOPICS if topic in text.split(","))
    unknown = {word for word in text.split(",") if word} - set(TOPICS)
    if unknown or not found:
        raise BodyInvalid(f"Topics are {', '.join(TOPICS)}; got {text!r}", "query.topics")
    return found


async def _pieces(request: ApiRequest, live: Live, watcher: Watcher) -> AsyncIterator[bytes]:
    """Give pieces until the client leaves, falls behind, or its key or session ends."""
    access, token = request.api.access, request.auth
    try:
        yield RECONNECT
        while (piece := await watcher.next(HEARTBEAT_S)) is not None:
            if access.verify(token) is None:
                return
            yield piece or HEARTBEAT
    finally:
        live.leave(watcher)
