"""`voltherd serve`: the CSMS."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from voltherd.app import App
from voltherd.cli.running import ready_line, run, serve_until_signal, set_up_logging
from voltherd.config import load_settings

LogLevel = Literal["debug", "info", "warning", "error"]


def serve(
    *,
    config: Annotated[Path | None, Parameter(help="TOML file with settings.")] = None,
    http: Annotated[str | None, Parameter(help="Address of dashboard and API [127.0.0.1:8080].")] = None,
    ocpp: Annotated[str | None, Parameter(help="Address for stations [127.0.0.1:9000].")] = None,
    ocpp_tls: Annotated[str | None, Parameter(help="Address for stations over TLS.")] = None,
    data: Annotated[str | None, Parameter(help="Directory of the embedded store [voltherd-data].")] = None,
    database_url: Annotated[str | None, Parameter(help="postgresql://... instead of the embedded store.")] = None,
    unknown_stations: Annotated[
        Literal["refuse", "pending", "accept"] | None,
        Parameter(help="What happens when a station that nobody created connects [refuse]."),
    ] = None,
    unknown_tokens: Annotated[
        Literal["refuse", "accept"] | None,
        Parameter(help="What happens when a card that nobody created is presented [refuse]."),
    ] = None,
    ready_json: Annotated[
        bool, Parameter(help="Print one JSON line with the addresses when ready.", negative="")
    ] = False,
    log_level: Annotated[LogLevel, Parameter(help="How much is logged to standard error.")] = "info",
) -> None:
    """Run the charging station management system.

    Every setting can also be given in the TOML file or as an environment variable VOLTHERD_<NAME>; port 0 takes a
    free port.
    """
    flags = {
        "http": http,
        "ocpp": ocpp,
        "ocpp_tls": ocpp_tls,
        "data": data,
        "database_url": database_url,
        "unknown_stations": unknown_stations,
        "unknown_tokens": unknown_tokens,
    }
    settings = load_settings(flags, config=config)
    set_up_logging(log_level)
    run(serve_until_signal(settings, _announce_json if ready_json else _announce))


async def _announce_json(app: App) -> Callable[[], Awaitable[None]] | None:
    print(ready_line(app), flush=True)
    return None


async def _announce(app: App) -> Callable[[], Awaitable[None]] | None:
    addresses = app.addresses
    print(f"Dashboard  {addresses.http}")
    print(f"Stations   {addresses.ocpp}/<station id>")
    if addresses.ocpp_tls:
        print(f"           {addresses.ocpp_tls}/<station id>")
    token = app.access.setup_link_token()
    if token is not None:
        print(f"First use: create the administrator at {addresses.http}/setup?token={token}")
    print("Stop with Ctrl-C.", flush=True)
    return None
