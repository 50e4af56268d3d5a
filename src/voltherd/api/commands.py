"""Commands: what operators want of stations, free of versions, and what became of it."""

from typing import Annotated, Any, Literal

from litestar import Controller, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from voltherd.api import examples
from voltherd.api.describe import Cursor, Doc, Limit, StationFilter, Timeout, described
from voltherd.api.request import ApiRequest, identities, identity_of, number_of, segment_text, station_ids
from voltherd.api.views.command import CommandAccepted, CommandView, command_view
from voltherd.api.views.listed import Listed
from voltherd.domain.catalogue import COMMANDS
from voltherd.domain.commands import Command, CommandRecord
from voltherd.domain.errors import NotFound

TAG = "Commands"
Wait = Annotated[bool, QueryParameter(description="Answer with the outcome instead of the id alone.")]
NotAfter = Annotated[
    float,
    QueryParameter(gt=0, le=604_800, description="The command is not sent later than this many seconds from now."),
]
WhenOffline = Annotated[
    Literal["fail", "queue"],
    QueryParameter(description="Without a connection: refuse with 409, or keep it until there is one."),
]
TAKEN = {"command_id": examples.COMMAND["command_id"]}


def command_handlers() -> list[HTTPRouteHandler]:
    """Make one endpoint per command, so that each is described with its own fields."""
    return [_command_handler(kind) for kind in COMMANDS.values()]


def _command_handler(kind: type[Command]) -> HTTPRouteHandler:
    @post(
        f"/stations/{{station_id:str}}/commands/{kind.name}",
        name=f"command {kind.name}",
        status_code=202,
        opt=described(
            Doc(
                tag=TAG,
                summary=kind.summary,
                description=f"{(kind.__doc__ or '').strip()} The field names of 2.x are used for every version.",
                body=kind,
                body_example=kind.example,
                answer=CommandAccepted,
                example=TAKEN,
                errors=(400, 404, 409),
                also={
                    200: (
                        "With `wait=true`: the outcome so far.",
                        CommandView,
                        _outcome_example(kind.name, kind.example),
                    )
                },
            )
        ),
    )
    async def send(
        request: ApiRequest,
        station_id: FromPath[str],
        wait: Wait = False,
        timeout_s: Timeout = 30.0,
        not_after_s: NotAfter = 120.0,
        when_offline: WhenOffline = "fail",
    ) -> Response[CommandAccepted | CommandView]:
        command = await request.read(kind)
        record = await request.api.commands.submit(
            segment_text(station_id),
            command,
            requested_by=request.caller.name,
            timeout_s=timeout_s,
            not_after_s=not_after_s,
            when_offline=when_offline,
            tenant_id=request.tenant_id,
        )
        return await command_answer(request, station_id, record, timeout_s if wait else None)

    return send


def _outcome_example(name: str, request: dict[str, Any]) -> dict[str, Any]:
    return {**examples.COMMAND, "name": name, "request": request}


async def command_answer(
    request: ApiRequest, station_id: str, record: CommandRecord, wait_s: float | None
) -> Response[CommandAccepted | CommandView]:
    """Answer with a command's id or, where it is waited for, with its outcome so far."""
    if wait_s is None:
        return Response(CommandAccepted(command_id=str(record.id)), status_code=202)
    record = await request.api.commands.outcome(record.id, wait_s, tenant_id=request.tenant_id)
    return Response(command_view(record, segment_text(station_id)), status_code=200)


class StationCommandsController(Controller):
    """What is not one command of its own under `/stations/{id}`."""

    path = "/stations/{station_id:str}"

    @post("/commands/{name:str}", include_in_schema=False)
    async def unknown_command(self, request: ApiRequest, station_id: FromPath[str], name: FromPath[str]) -> None:
        raise NotFound(f"There is no command {segment_text(name)!r}; there are {', '.join(sorted(COMMANDS))}.")

    @post(
        "/credentials/rotate",
        status_code=202,
        opt=described(
            Doc(
                tag=TAG,
                summary="Give the station a new password",
                description="Makes a random password, sets it on the station (SetVariables, or the key "
                "AuthorizationKey in 1.6) and, once the station accepted it, here. It is shown nowhere.",
                answer=CommandAccepted,
                example=TAKEN,
                errors=(404, 409),
                also={200: ("With `wait=true`: the outcome.", CommandView, _outcome_example("rotate-password", {}))},
            )
        ),
    )
    async def rotate_credentials(
        self, request: ApiRequest, station_id: FromPath[str], wait: Wait = False, timeout_s: Timeout = 30.0
    ) -> Response[CommandAccepted | CommandView]:
        record = await request.api.commands.rotate_password(
            segment_text(station_id), requested_by=request.caller.name, tenant_id=request.tenant_id
        )
        return await command_answer(request, station_id, record, timeout_s if wait else None)


class CommandsController(Controller):
    """`/commands`."""

    path = "/commands"

    @get(
        opt=described(
            Doc(
                tag=TAG,
                summary="List commands",
                description="Newest first.",
                answer=Listed[CommandView],
                example=examples.page(examples.COMMAND),
            )
        )
    )
    async def list_commands(
        self, request: ApiRequest, station_id: StationFilter = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Listed[CommandView]:
        page = await request.api.records.commands(
            request.tenant_id, station_id=await station_ids(request, station_id), limit=limit, cursor=cursor
        )
        names = await identities(request, {record.station_id for record in page.items})
        return Listed(items=[command_view(item, names[item.station_id]) for item in page.items], next=page.next)

    @get(
        "/{command_id:str}",
        opt=described(
            Doc(
                tag=TAG,
                summary="Show a command",
                description="`accepted` is not success yet: the state becomes `effect_seen` when what was asked for "
                "has been observed, or `expired` when it was not.",
                answer=CommandView,
                example=examples.COMMAND,
                errors=(404,),
            )
        ),
    )
    async def show_command(self, request: ApiRequest, command_id: FromPath[str]) -> CommandView:
        number = number_of(command_id, "command")
        record = await request.api.records.command(request.tenant_id, number)
        if record is None:
            raise NotFound(f"There is no command {number}.")
        return command_view(record, await identity_of(request.api, request.tenant_id, record.station_id))
