"""Settings that change while the system runs: endpoints for each, described with its own fields."""

from typing import Any

from litestar import Controller, Response, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from voltherd.api.auth import ROLE
from voltherd.api.describe import Doc, described
from voltherd.api.request import ApiRequest, segment_text
from voltherd.services.settings import SETTINGS, Setting, without_secrets

TAG = "Settings"
EXAMPLES: dict[str, dict[str, Any]] = {
    "diagnostics": {"upload_base_url": "https://csms.example", "unknown_event_streams": "accept"},
    "authorization": {"webhook_url": "https://accounts.example/authorize", "timeout_s": 2.5, "ask": "undecided"},
    "web_payments": {
        "url_template": "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}",
        "validity_time_s": 30,
        "length": 8,
    },
    "connecting": {
        "trigger_boot": "unknown",
        "trigger_boot_after_s": 5,
        "resend_availability": False,
        "admissions_per_s": 1000,
    },
    "local_lists": {"keep_in_step": True, "max_entries": 1000},
    "iso15118": {"provisioning_service_url": "https://provisioning.example/v2", "ocsp_policy": "require"},
    "onboarding": {"unknown_stations": "pending"},
    "pricing": {"enabled": True, "currency": "EUR", "energy_per_kwh": "0.35", "tax_percent": "19"},
    "retention": {
        "messages_days": 28,
        "meter_samples_days": 400,
        "status_intervals_days": None,
        "station_events_days": 366,
    },
    "v2x": {"allowed_energy_transfer": ["AC_three_phase", "DC"], "by_group": {"fleet-a": ["DC", "DC_BPT"]}},
}


def setting_handlers() -> list[HTTPRouteHandler]:
    """Make the endpoints of every setting."""
    return [make(name, kind) for name, kind in SETTINGS.items() for make in (_reader, _writer, _resetter)]


def _reader(name: str, kind: type[Setting]) -> HTTPRouteHandler:
    @get(
        f"/settings/{name}",
        name=f"get setting {name}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Read the setting {name}",
                description=f"{(kind.__doc__ or '').strip()} Where nothing was set, what the configuration says.",
                answer=kind,
                example=EXAMPLES.get(name),
            )
        ),
    )
    async def read(request: ApiRequest) -> Response[Setting]:
        return Response(without_secrets(request.api.settings.get(kind, tenant_id=request.tenant_id)))

    return read


def _writer(name: str, kind: type[Setting]) -> HTTPRouteHandler:
    @put(
        f"/settings/{name}",
        name=f"put setting {name}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Set {name}",
                description=f"{(kind.__doc__ or '').strip()} Fields left out keep their value. From now on, "
                "also after a start, it holds instead of flag, environment and file.",
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
        await request.read(kind)
        fields = await request.read(dict[str, Any])
        value = await request.api.settings.change(kind, fields, who=request.caller.name, tenant_id=request.tenant_id)
        return Response(without_secrets(value))

    return write


def _resetter(name: str, kind: type[Setting]) -> HTTPRouteHandler:
    @delete(
        f"/settings/{name}",
        name=f"reset setting {name}",
        opt=described(
            Doc(
                tag=TAG,
                summary=f"Reset {name}",
                description="Forgets what was set here: what flag, environment or file say holds again, else the "
                "built-in default.",
            ),
            **{ROLE: "admin"},
        ),
    )
    async def reset(request: ApiRequest) -> None:
        await request.api.settings.reset(kind, who=request.caller.name, tenant_id=request.tenant_id)

    return reset


class UnknownSettingController(Controller):
    """Says which settings there are."""

    path = "/settings/{name:str}"

    @get(include_in_schema=False)
    async def read_unknown(self, request: ApiRequest, name: FromPath[str]) -> None:
        request.api.settings.kind(segment_text(name))

    @put(include_in_schema=False, opt={ROLE: "admin"})
    async def write_unknown(self, request: ApiRequest, name: FromPath[str]) -> None:
        request.api.settings.kind(segment_text(name))

    @delete(include_in_schema=False, opt={ROLE: "admin"})
    async def reset_unknown(self, request: ApiRequest, name: FromPath[str]) -> None:
        request.api.settings.kind(segment_text(name))
