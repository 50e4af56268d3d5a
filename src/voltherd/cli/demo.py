"""`voltherd demo`: the CSMS with simulated stations around it, to look at in a browser."""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Awaitable, Callable
from typing import Annotated

from cyclopts import Parameter

from voltherd.app import App
from voltherd.cli.running import ready_line, run, serve_until_signal, set_up_logging
from voltherd.config import load_settings, parse_address
from voltherd.services.authorization import TokenChanges
from voltherd.services.stations import EvseChanges, StationChanges
from voltherd.simulator import Fleet, FleetOptions, FleetPlan, StationPlan

HTTP, OCPP = "127.0.0.1:8080", "127.0.0.1:9000"
SITES = ("Harbour depot", "Town hall", "Mill lane")
DRIVERS = ("Ada", "Bram", "Chiara", "Dorte", "Emre", "Fenna", "Goran", "Hana")
WHO = "demo"


def demo(
    *,
    http: Annotated[str | None, Parameter(help=f"Address of dashboard and API [{HTTP}, or a free port].")] = None,
    ocpp: Annotated[str | None, Parameter(help=f"Address for stations [{OCPP}, or a free port].")] = None,
    data: Annotated[str | None, Parameter(help="Directory to keep the records in [forgotten at the end].")] = None,
    ready_json: Annotated[
        bool, Parameter(help="Print one JSON line with the addresses when ready.", negative="")
    ] = False,
) -> None:
    """Run the management system with 24 simulated stations and their drivers, to look around.

    Eight stations of each OCPP version charge in real time. VOLTHERD_ADMIN_PASSWORD sets the operator's password.
    """
    password = os.environ.get("VOLTHERD_ADMIN_PASSWORD") or f"demo-{secrets.token_hex(4)}"
    with contextlib.ExitStack() as cleanup:
        flags = {
            "http": http or _free(HTTP),
            "ocpp": ocpp or _free(OCPP),
            "data": data or cleanup.enter_context(tempfile.TemporaryDirectory(prefix="voltherd-demo-")),
            "admin_password": password,
        }
        settings = load_settings(flags)
        set_up_logging("warning")
        run(serve_until_signal(settings, Demo(password, as_json=ready_json).started))


def _free(address: str) -> str:
    """Give an address if nobody listens there, else the same host with a free port."""
    host, port = parse_address(address, "http")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return f"{host}:0"
    return address


class Demo:
    """The fleet beside the server."""

    def __init__(self, password: str, *, as_json: bool) -> None:
        self._password = password
        self._as_json = as_json

    async def started(self, app: App) -> Callable[[], Awaitable[None]]:
        """Create stations and tokens, switch the fleet on, and say where to look."""
        plan = FleetPlan.demo(password=secrets.token_hex(8))
        for number, station in enumerate(plan.stations):
            await app.stations.put(station.identity, _record(number, station), who=WHO)
        for number, token in enumerate(plan.tokens):
            await app.tokens.put(token, TokenChanges(type="ISO14443", driver=DRIVERS[number % len(DRIVERS)]))
        fleet = Fleet(app.addresses.ocpp, plan=plan, options=FleetOptions.demo())
        await fleet.start()
        self._announce(app)
        return fleet.stop

    def _announce(self, app: App) -> None:
        if self._as_json:
            print(ready_line(app), flush=True)
            return
        print(f"\n  Dashboard  {app.addresses.http}")
        print(f"  Sign in    admin / {self._password}")
        print(f"  Stations   24 simulated ones, eight each of OCPP 1.6, 2.0.1 and 2.1, at {app.addresses.ocpp}")
        print("\n  Stop with Ctrl-C.\n", flush=True)


def _record(number: int, station: StationPlan) -> StationChanges:
    site = SITES[number % len(SITES)]
    evses = [
        EvseChanges(evse_id=evse_id, max_power_w=evse.max_power_w, phases=evse.phases or None)
        for evse_id, evse in enumerate(station.persona.evses, 1)
    ]
    return StationChanges(
        registration="accepted",
        security_profile=1,
        password=station.password,
        name=f"{site} {number // len(SITES) + 1}",
        site=site,
        evses=evses,
    )
