"""The message log of a station."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, Since, described
from voltherd.api.request import ApiRequest, instant_ms
from voltherd.api.views.listed import Listed
from voltherd.api.views.message import MessageView, message_view


class MessagesController(Controller):
    """`/stations/{id}/messages`."""

    path = "/stations/{station_id:str}/messages"

    @get(
        opt=described(
            Doc(
                tag="Messages",
                summary="Read the OCPP message log",
                description="Raw frames in both directions, newest first. The log is written behind and kept for as "
                "long as the setting `retention` says.",
                answer=Listed[MessageView],
                example=examples.page(examples.MESSAGE),
                errors=(404,),
            )
        )
    )
    async def list_messages(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        since: Since = None,
        action: Annotated[
            str | None, QueryParameter(description="Only frames of this action, answers included.")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Listed[MessageView]:
        station = request.station(station_id)
        await request.api.link.flush()
        page = await request.api.records.messages(
            request.tenant_id,
            station.id,
            since_ms=instant_ms(since, "query.since"),
            action=action,
            limit=limit,
            cursor=cursor,
        )
        return Listed(items=[message_view(item, station.identity) for item in page.items], next=page.next)
