"""Charging profiles: named templates, and sending one to a station."""

from typing import Annotated, Any

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath
from msgspec import Meta, Struct

from voltherd.api import examples
from voltherd.api.commands import command_answer
from voltherd.api.describe import Cursor, Doc, Limit, Timeout, described
from voltherd.api.problems import BodyInvalid
from voltherd.api.request import ApiRequest, segment_text, struct_fields
from voltherd.api.views.command import CommandView
from voltherd.api.views.listed import Listed
from voltherd.domain.charging_profile import PROFILE_EXAMPLE, SetChargingProfile
from voltherd.domain.charging_schedule import ChargingProfile
from voltherd.domain.errors import Invalid
from voltherd.domain.time import format_ms
from voltherd.services.charging_templates import Stored, checked_id

TAG = "Charging profiles"
Name = Annotated[str, Meta(min_length=1, max_length=255)]


class ProfileBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A named profile; its `id` is that of the path and may be left out."""

    name: Name
    profile: ChargingProfile


class ProfileView(Struct, kw_only=True):
    """A named profile; `id` is the chargingProfileId on the wire."""

    id: int
    name: str
    profile: ChargingProfile
    created_at: str
    changed_at: str


class SendBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which profile goes where: `profile_id` names a stored one, `profile` is one given here."""

    profile_id: int | None = None
    profile: ChargingProfile | None = None
    evse_id: int | None = None
    """Left out: the EVSE of the transaction, else the station as a whole."""
    transaction_id: str | None = None
    """For a TxProfile: the record's id or the id on the wire."""


EXAMPLE: dict[str, Any] = {
    "id": 12,
    "name": "Sixteen amperes, ten after an hour",
    "profile": PROFILE_EXAMPLE,
    "created_at": "2026-01-05T12:00:00.000Z",
    "changed_at": "2026-01-05T12:00:00.000Z",
}
SENT_EXAMPLE = {
    **examples.COMMAND,
    "name": "set-charging-profile",
    "state": "accepted",
    "request": {"profile": PROFILE_EXAMPLE, "evse_id": 1},
    "answer": {"status": "Accepted"},
}


class ChargingProfilesController(Controller):
    """`/charging-profiles`."""

    path = "/charging-profiles"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="List charging profiles",
                description="The named profiles, in the order of their ids; what stations have is under "
                "`/installed-profiles`.",
                answer=Listed[ProfileView],
                example=examples.page(EXAMPLE),
            )
        )
    )
    async def list_profiles(
        self, request: ApiRequest, limit: Limit = 100, cursor: Cursor = None
    ) -> Listed[ProfileView]:
        after = 0 if cursor is None else _after(cursor)
        stored = await request.api.services.charging_profiles.templates.all(tenant_id=request.tenant_id)
        found = [_view(item) for item in stored if (item.template.profile.id or 0) > after]
        return Listed(items=found[:limit], next=str(found[limit - 1].id) if len(found) > limit else None)

    @get(
        "/{profile_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Show a charging profile",
                description="By its id on the wire.",
                answer=ProfileView,
                example=EXAMPLE,
                errors=(404,),
            )
        ),
    )
    async def show_profile(self, request: ApiRequest, profile_id: FromPath[str]) -> ProfileView:
        number = checked_id(segment_text(profile_id))
        return _view(await request.api.services.charging_profiles.templates.get(number, tenant_id=request.tenant_id))

    @put(
        "/{profile_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Create or replace a charging profile",
                description="`profile` is a ChargingProfileType of OCPP 2.x; the id in the path is the "
                "chargingProfileId on the wire, from 1 to 2147483647. What breaks a rule is refused with the rule's "
                "number. Stations that have the profile already keep what they have.",
                body=ProfileBody,
                body_example={"name": EXAMPLE["name"], "profile": PROFILE_EXAMPLE},
                answer=ProfileView,
                example=EXAMPLE,
                errors=(400, 404),
                also={201: ("The profile was created.", ProfileView, EXAMPLE)},
            )
        ),
    )
    async def put_profile(self, request: ApiRequest, profile_id: FromPath[str]) -> Response[ProfileView]:
        number, body = checked_id(segment_text(profile_id)), await request.read(ProfileBody)
        templates = request.api.services.charging_profiles.templates
        stored, created = await templates.put(number, body.name, body.profile, tenant_id=request.tenant_id)
        entity = f"charging profile {number}"
        await request.audit("create" if created else "change", entity, after=struct_fields(body))
        return Response(_view(stored), status_code=201 if created else 200)

    @delete(
        "/{profile_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Delete a charging profile",
                description="Stations that have it keep it: remove it there with `clear-charging-profile`.",
                errors=(404,),
            )
        ),
    )
    async def delete_profile(self, request: ApiRequest, profile_id: FromPath[str]) -> None:
        number = checked_id(segment_text(profile_id))
        await request.api.services.charging_profiles.templates.delete(number, tenant_id=request.tenant_id)
        await request.audit("delete", f"charging profile {number}")


@post(
    "/stations/{station_id:str}/charging-profiles",
    name="send charging profile",
    status_code=200,
    opt=described(
        Doc(
            tag=TAG,
            summary="Send a charging profile to a station",
            description="A stored profile or one given here, in the form of the station's version. The answer is the "
            "outcome of the command `set-charging-profile`: `accepted` when the station took it, `rejected`, or "
            "`failed` with the rule that it breaks.",
            body=SendBody,
            body_example={"profile_id": 12, "evse_id": 1},
            answer=CommandView,
            example=SENT_EXAMPLE,
            errors=(400, 404, 409),
        )
    ),
)
async def send_profile(request: ApiRequest, station_id: FromPath[str], timeout_s: Timeout = 30.0) -> Response[Any]:
    """Send a profile."""
    station = request.station(station_id)
    body = await request.read(SendBody)
    command = SetChargingProfile(
        profile=await _profile(request, body), evse_id=body.evse_id, transaction_id=body.transaction_id
    )
    record = await request.api.commands.submit(
        station.identity,
        command,
        requested_by=request.caller.name,
        timeout_s=timeout_s,
        tenant_id=request.tenant_id,
    )
    return await command_answer(request, station_id, record, timeout_s)


async def _profile(request: ApiRequest, body: SendBody) -> ChargingProfile:
    if (body.profile is None) == (body.profile_id is None):
        raise BodyInvalid("Name either a stored profile with profile_id, or give one as profile", "$.profile_id")
    if body.profile is not None:
        return body.profile
    templates = request.api.services.charging_profiles.templates
    found = await templates.get(checked_id(str(body.profile_id)), tenant_id=request.tenant_id)
    return found.template.profile


def _after(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 10:
        raise Invalid("The cursor is not one that a list gave.")
    return int(cursor)


def _view(stored: Stored) -> ProfileView:
    profile = stored.template.profile
    return ProfileView(
        id=profile.id or 0,
        name=stored.template.name,
        profile=profile,
        created_at=format_ms(stored.record.created_ms),
        changed_at=format_ms(stored.record.changed_ms),
    )


HANDLERS: list[Any] = [ChargingProfilesController, send_profile]
