"""Every error is a problem document (RFC 9457), in words a person can act on, never with a trace."""

import logging
import re
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, Struct, UnsetType

from voltherd.domain.errors import (
    AnswerInvalid,
    CallRefused,
    Conflict,
    Denied,
    Invalid,
    NoAnswer,
    NotFound,
    NotSent,
    NotSupportedByVersion,
    PayloadInvalid,
    StationError,
    StationOffline,
    StoreUnavailable,
    VoltherdError,
)
from voltherd.services.passwords import TooManyAttempts

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:voltherd:problem:"
CHALLENGE = 'Bearer realm="voltherd"'
log = logging.getLogger(__name__)


class FieldProblem(Struct, kw_only=True):
    """What is wrong with one field: a JSON path for the body (`$.evses[0].evse_id`), else `query.limit`."""

    path: str
    message: str


class Problem(Struct, kw_only=True, omit_defaults=True):
    """A problem document. `type` is stable and meant for programs, `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    ocpp_code: str | UnsetType = UNSET
    details: Any = UNSET
    errors: list[FieldProblem] | UnsetType = UNSET


class BodyInvalid(Invalid):
    """The request's body does not fit; knows the field."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(f"{message} (at {path})")
        self.path, self.message = path, message


class BodyUnreadable(VoltherdError):
    """The request's body is no JSON of the expected kind."""

    title = "The body cannot be read"


_STATUS: dict[type[VoltherdError], tuple[int, str]] = {
    NotFound: (404, "not-found"),
    Conflict: (409, "conflict"),
    Invalid: (422, "invalid"),
    BodyUnreadable: (400, "unreadable"),
    StoreUnavailable: (503, "store-unavailable"),
    StationOffline: (409, "station-offline"),
    NotSent: (409, "not-sent"),
    NotSupportedByVersion: (422, "not-supported-by-version"),
    PayloadInvalid: (422, "payload-invalid"),
    CallRefused: (502, "call-refused"),
    NoAnswer: (504, "no-answer"),
    AnswerInvalid: (502, "answer-invalid"),
    StationError: (502, "station-error"),
    VoltherdError: (500, "internal"),
    TooManyAttempts: (429, "too-many-attempts"),
}

_PLACE = re.compile(r"^(?P<said>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:required|unknown) field `(?P<name>[^`]+)`")


def body_invalid(error: msgspec.ValidationError) -> BodyInvalid:
    """Say which field of the body is wrong, and how."""
    match = _PLACE.match(str(error))
    said, path = (match["said"], match["path"] or "$") if match else (str(error), "$")
    named = _FIELD.search(said)
    if named:
        path = f"{path}.{named['name']}"
    return BodyInvalid(said, path)


def status_of(error: VoltherdError) -> tuple[int, str]:
    """Give HTTP status and the last part of the problem's type."""
    if isinstance(error, Denied) and not isinstance(error, TooManyAttempts):
        return (403, "not-allowed") if error.signed_in else (401, "not-signed-in")
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def problem_of(error: VoltherdError) -> Problem:
    """Write one of our errors as a problem."""
    status, kind = status_of(error)
    problem = Problem(type=TYPE_PREFIX + kind, title=error.title, status=status, detail=str(error))
    if isinstance(error, PayloadInvalid | CallRefused):
        problem.ocpp_code = error.ocpp_code
    if isinstance(error, CallRefused) and error.details:
        problem.details = error.details
    if isinstance(error, BodyInvalid):
        problem.errors = [FieldProblem(path=error.path, message=error.message)]
    return problem


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Answer with a problem."""
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers or {}
    )


def on_our_error(_: Request[Any, Any, Any], error: VoltherdError) -> Response[bytes]:
    """Answer one of our errors."""
    problem, headers = problem_of(error), dict[str, str]()
    if problem.status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, StoreUnavailable):
        headers["Retry-After"] = "2"
    if problem.status == 500:
        log.error("%s: %s", error.title, error)
    return respond(problem, headers)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the web framework found: no such path, wrong method, a bad parameter, a body too large."""
    fields = _fields(error.extra)
    if fields:
        detail = "; ".join(f"{field.message} (at {field.path})" for field in fields)
        return respond(
            Problem(type=f"{TYPE_PREFIX}invalid", title="Invalid value", status=422, detail=detail, errors=fields)
        )
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    kind = phrase.lower().replace(" ", "-")
    detail = _UNFORESEEN if status >= 500 else error.detail
    if status in _DETAILS:
        detail = _DETAILS[status].format(method=request.method, path=request.scope["path"])
    return respond(Problem(type=TYPE_PREFIX + kind, title=phrase, status=status, detail=detail), error.headers)


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody foresaw, and leave the trace to the log."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return respond(
        Problem(type=f"{TYPE_PREFIX}internal", title="Internal Server Error", status=500, detail=_UNFORESEEN)
    )


_UNFORESEEN = "The server met an error it did not foresee; its log says more."
_DETAILS = {
    404: "There is nothing at {path}.",
    405: "{method} is not possible at {path}.",
    413: "The body is larger than the 1 MiB that are taken.",
}


def _fields(extra: Any) -> list[FieldProblem]:
    found = []
    for item in extra if isinstance(extra, list) else ():
        if isinstance(item, dict) and "message" in item:
            source = str(getattr(item.get("source"), "value", item.get("source")) or "query")
            found.append(FieldProblem(path=f"{source}.{item.get('key', '')}", message=str(item["message"])))
    return found
