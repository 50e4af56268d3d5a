"""Whether the process lives, and whether it can do its work."""

from litestar import Controller, Response, get
from msgspec import Struct

from voltherd.api.auth import PUBLIC
from voltherd.api.describe import Doc, described
from voltherd.api.problems import TYPE_PREFIX, Problem, respond
from voltherd.api.request import ApiRequest

TAG = "Health"


class Health(Struct, kw_only=True):
    """`live` or `ready`."""

    status: str


class HealthController(Controller):
    """`/health`; no key is needed."""

    path = "/health"

    @get(
        "/live",
        opt=described(
            Doc(
                tag=TAG,
                summary="Is it alive?",
                description="Answers as long as the process does.",
                answer=Health,
                example={"status": "live"},
            ),
            **{PUBLIC: True},
        ),
    )
    async def live(self) -> Health:
        return Health(status="live")

    @get(
        "/ready",
        opt=described(
            Doc(
                tag=TAG,
                summary="Is it ready?",
                description="Ready when records can be stored and stations can connect; 503 says what is missing.",
                answer=Health,
                example={"status": "ready"},
                errors=(503,),
            ),
            **{PUBLIC: True},
        ),
    )
    async def ready(self, request: ApiRequest) -> Response[Health] | Response[bytes]:
        missing = []
        if not request.api.journal.available:
            missing.append("the store does not take records")
        if not request.api.listening():
            missing.append("stations cannot connect")
        if not missing:
            return Response(Health(status="ready"))
        detail = f"Not ready: {' and '.join(missing)}."
        return respond(Problem(type=f"{TYPE_PREFIX}not-ready", title="Not ready", status=503, detail=detail))
