"""The control port: REST and server-sent events, so that other programs can drive a fleet.

It is meant for the same machine or a test network: it asks for no password. Pages of other sites that run in somebody's
browser are refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from voltherd.simulator.control.problems import answer, on_any_error, on_http_error, on_our_error
from voltherd.simulator.control.routes import ROUTES
from voltherd.simulator.fleet import Fleet
from voltherd.simulator.problems import SimulatorError


def create(fleet: Fleet) -> Litestar:
    """The ASGI application."""
    return Litestar(
        route_handlers=ROUTES,
        state=State({"fleet": fleet}),
        before_request=_no_foreign_page,
        exception_handlers={SimulatorError: on_our_error, HTTPException: on_http_error, Exception: on_any_error},
        openapi_config=None,
        logging_config=None,
    )


async def _no_foreign_page(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Refuse what a page of another site sends through somebody's browser, also by a name that leads here."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not _is_address(host) or (origin is not None and origin != f"http://{host}"):
        return answer(
            403, "foreign", "Forbidden", "Only programs, and pages of this address, may use the control port."
        )
    return None


def _is_address(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


class ControlPort:
    """Serves the control port of a fleet, in the fleet's event loop.

    Attributes:
        url: where it is reached, once started.
    """

    def __init__(self, fleet: Fleet, address: str) -> None:
        """Read `HOST:PORT`; port 0 takes a free one.

        Raises:
            SimulatorError: it is no such thing.
        """
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise SimulatorError(f"--control is HOST:PORT, not {address!r}")
        self._address = (host.strip("[]"), int(port))
        self._app = create(fleet)
        self._server: _QuietServer | None = None
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen.

        Raises:
            SimulatorError: the address is taken, or not of this machine.
        """
        host, port = self._address
        try:
            listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as error:
            raise SimulatorError(f"The control port cannot listen at {host}:{port}: {error.strerror}") from None
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{listening.getsockname()[1]}"
        self._server = _QuietServer(
            uvicorn.Config(
                self._app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1
            )
        )
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Listen no more; streams are ended."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
