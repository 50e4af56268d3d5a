"""Settings that change while the system runs: one pair of endpoints for each, described with its own fields."""

from typing import Any

from litestar import Controller, Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from voltherd.api.auth import ROLE
from voltherd.api.describe import Doc, described
from voltherd.api.request import ApiRequest, segment_text
from voltherd.services.settings import SETTINGS, Setting

TAG = "Settings"
EXAMPLES: dict[str, dict[str, Any]] = {
    "iso15118": {"provisioning_service_url": "https://provisioning.example/v2", "ocsp_policy": "require"},
    "onboarding": {"unknown_stations": "pending"},
    "retention": {"messages_days": 28, "meter_samples_days": 400, "status_intervals_days": None},
}


def setting_handlers() -> list[HTTPRouteHandler]:
    """Make the endpoints of every setting."""
    return [make(name, kind) for name, kind in SETTINGS.items() for make in (_reader, _writer)]


def _reader(name: str, kind: type[Setting]) -> HTTPRouteHandler:
    @get(
        f"/settings/{name}",
        name=f"get setting {name}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Read the setting {name}",
                description=f"{(kind.__doc__ or '').strip()} Defaults where nothing was set.",
                answer=kind,
                example=EXAMPLES.get(name),
            )
        ),
    )
    async def read(request: ApiRequest) -> Response[Setting]:
        return Response(request.api.settings.get(kind, tenant_id=request.tenant_id))

    return read


def _writer(name: str, kind: type[Setting]) -> HTTPRouteHandler:
    @put(
        f"/settings/{name}",
        name=f"put setting {name}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Set {name}",
                description=f"{(kind.__doc__ or '').strip()} Replaces the whole: what is left out gets its default.",
                body=kind,
                body_example=EXAMPLES.get(name),
                answer=kind,
                example=EXAMPLES.get(name),
                errors=(400,),
            ),
            **{ROLE: "admin"},
        ),
    )
    async def write(request: ApiRequest) -> Response[Setting]:
        value = await request.read(kind)
        await request.api.settings.put(value, who=request.caller.name, tenant_id=request.tenant_id)
        return Response(value)

    return write


class UnknownSettingController(Controller):
    """Says which settings there are."""

    path = "/settings/{name:str}"

    @get(include_in_schema=False)
    async def read_unknown(self, request: ApiRequest, name: FromPath[str]) -> None:
        request.api.settings.kind(segment_text(name))

    @put(include_in_schema=False, opt={ROLE: "admin"})
    async def write_unknown(self, request: ApiRequest, name: FromPath[str]) -> None:
        request.api.settings.kind(segment_text(name))
