"""Builds the ASGI application from what the composition root gives."""

import re
from typing import Any, cast
from urllib.parse import unquote

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.types import HTTPScope, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send

from voltherd.api import (
    certificates,
    charging_profiles,
    diagnostics,
    reservations,
    web_payments,
)
from voltherd.api.access import KeysController, SessionsController, UsersController
from voltherd.api.audit import AuditController
from voltherd.api.auth import BearerAuthentication, role_guard
from voltherd.api.calls import CallsController
from voltherd.api.commands import CommandsController, StationCommandsController, command_handlers
from voltherd.api.dashboard import dashboard_handler
from voltherd.api.dependencies import Api
from voltherd.api.documents import document_handlers
from voltherd.api.health import HealthController
from voltherd.api.history import HistoryController
from voltherd.api.live import Live
from voltherd.api.messages import MessagesController
from voltherd.api.metrics import MetricsController, PartsCollector, Requests, registry_of
from voltherd.api.openapi import OpenApiController
from voltherd.api.problems import on_any_error, on_http_error, on_our_error
from voltherd.api.request import SLASH, ApiRequest
from voltherd.api.settings import UnknownSettingController, setting_handlers
from voltherd.api.stations import StationsController
from voltherd.api.stream import EventsController
from voltherd.api.tokens import TokensController
from voltherd.api.transactions import TransactionsController
from voltherd.api.variables import VariablesController
from voltherd.domain.errors import VoltherdError

BASE = "/api/v1"
MAX_BODY_BYTES = 1024 * 1024
_ENCODED_SLASH = re.compile(rb"%2f", re.IGNORECASE)
_SLASH_BYTES = "".join(f"%{byte:02X}" for byte in SLASH.encode()).encode()

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", CONTENT_SECURITY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class ApiApp(Litestar):
    """Litestar, with encoded slashes kept inside path segments."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if scope["type"] == ScopeType.HTTP:
            request = cast("HTTPScope", scope)
            raw = request.get("raw_path") or b""
            if b"%2f" in raw.lower():
                request["path"] = unquote(_ENCODED_SLASH.sub(_SLASH_BYTES, raw).decode("ascii", "replace"))
        await super().__call__(scope, receive, send)


async def _secure(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = list(message.get("headers", ()))
        headers += SECURITY_HEADERS
        if scope["path"].startswith("/api/") and not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        message["headers"] = headers


def create_api(api: Api) -> Litestar:
    """Build the application. `app.state["live"].stop()` ends the streams and comes before the server's shutdown."""
    live, requests = Live(api), Requests()
    state = {"api": api, "live": live, "metrics": registry_of([PartsCollector(api, live, requests)])}
    return ApiApp(
        [_v1(), dashboard_handler(api.static)],
        state=State(state),
        request_class=ApiRequest,
        middleware=[DefineMiddleware(BearerAuthentication, access=api.access)],
        guards=[role_guard],
        exception_handlers=_exception_handlers(),
        before_send=[_secure, requests.before_send],
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def _exception_handlers() -> dict[type[Exception] | int, Any]:
    return {VoltherdError: on_our_error, HTTPException: on_http_error, Exception: on_any_error}


def _v1() -> Router:
    controllers: list[Any] = [
        HealthController,
        SessionsController,
        UsersController,
        KeysController,
        StationsController,
        CallsController,
        *command_handlers(),
        StationCommandsController,
        CommandsController,
        MessagesController,
        HistoryController,
        VariablesController,
        TransactionsController,
        TokensController,
        *document_handlers(),
        *certificates.HANDLERS,
        *charging_profiles.HANDLERS,
        *diagnostics.HANDLERS,
        *reservations.HANDLERS,
        *web_payments.HANDLERS,
        *setting_handlers(),
        UnknownSettingController,
        AuditController,
        EventsController,
        MetricsController,
        OpenApiController,
    ]
    return Router(BASE, route_handlers=controllers)
