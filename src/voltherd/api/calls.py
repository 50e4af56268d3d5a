"""Raw calls: exactly this OCPP request, and exactly the station's answer."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath, QueryParameter
from msgspec import Raw, Struct

from voltherd.api.describe import Doc, Timeout, described
from voltherd.api.request import ApiRequest, decoded, segment_text


class CallAnswer(Struct, kw_only=True):
    """The station's answer, byte for byte, and the id under which the call stands in the message log."""

    message_id: str
    result: dict[str, Any]


class CallsController(Controller):
    """`/stations/{id}/calls/{Action}`."""

    path = "/stations/{station_id:str}/calls"

    @post(
        "/{action:str}",
        status_code=200,
        opt=described(
            Doc(
                tag="Calls",
                summary="Send an OCPP request",
                description="Sends the body unchanged as the payload of this action, in the OCPP version that the "
                "station negotiated. 409: not connected; 422: not valid for the version (`ocpp_code` says how); "
                "502: the station answered CALLERROR (`ocpp_code`) or nonsense; 504: no answer in time. Recorded "
                "like any command.",
                body=dict[str, Any],
                body_example={"type": "Soft"},
                answer=CallAnswer,
                example={"message_id": "5f1c", "result": {"status": "Accepted"}},
                errors=(400, 404, 409, 502, 504),
            )
        ),
    )
    async def call(
        self,
        request: ApiRequest,
        station_id: FromPath[str],
        action: FromPath[str],
        validate: Annotated[
            bool, QueryParameter(description="Check the payload against the version's schema first.")
        ] = True,
        timeout_s: Timeout = 30.0,
    ) -> Response[bytes]:
        payload = await read_object(request)
        answer = await request.api.commands.call_raw(
            segment_text(station_id),
            segment_text(action),
            payload,
            requested_by=request.caller.name,
            timeout_s=timeout_s,
            validate=validate,
            tenant_id=request.tenant_id,
        )
        head = b'{"message_id":' + msgspec.json.encode(answer.message_id) + b',"result":'
        return Response(head + answer.payload + b"}", media_type="application/json")


async def read_object(request: ApiRequest) -> bytes:
    """Give the body's bytes as they came, once they are known to be a JSON object; an empty body is `{}`."""
    payload = (await request.body()).strip() or b"{}"
    decoded(payload, dict[str, Raw])
    return payload
