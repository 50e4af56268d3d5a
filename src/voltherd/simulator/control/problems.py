"""Errors of the control port are problem documents (RFC 9457); `type` is stable and meant for programs."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from voltherd.simulator.problems import ImpossibleError, SimulatorError, UnknownError

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:voltherd:simulator:problem:"

log = logging.getLogger(__name__)


class Problem(Struct, kw_only=True):
    """What went wrong; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str


_KINDS: Final[dict[type[SimulatorError], tuple[int, str, str]]] = {
    UnknownError: (404, "not-found", "Not found"),
    ImpossibleError: (409, "impossible", "Not possible now"),
    SimulatorError: (422, "invalid", "Invalid value"),
}


def answer(status: int, kind: str, title: str, detail: str) -> Response[bytes]:
    """A problem as a response."""
    problem = Problem(type=PREFIX + kind, title=title, status=status, detail=detail)
    return Response(msgspec.json.encode(problem), status_code=status, media_type=MEDIA_TYPE)


def on_our_error(_: Request[Any, Any, Any], error: SimulatorError) -> Response[bytes]:
    """One of our own."""
    status, kind, title = next(_KINDS[one] for one in type(error).__mro__ if one in _KINDS)
    return answer(status, kind, title, str(error))


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the web framework found."""
    status = error.status_code
    extra = error.extra if isinstance(error.extra, list) else []
    said = [str(one.get("message")) for one in extra if isinstance(one, dict)]
    if status == 400:
        return answer(422, "invalid", "Invalid value", "; ".join(said) or error.detail)
    path = request.scope["path"]
    details = {404: f"There is nothing at {path}.", 405: f"{request.method} is not possible at {path}."}
    phrase = HTTPStatus(status).phrase
    return answer(status, phrase.lower().replace(" ", "-"), phrase, details.get(status, error.detail))


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What nobody foresaw."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return answer(500, "internal", "Internal Server Error", "The simulator met an error it did not foresee.")
