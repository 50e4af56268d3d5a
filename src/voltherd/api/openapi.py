"""The OpenAPI document, made from the handlers' own descriptions, signatures and types."""

import asyncio
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

import msgspec
from litestar import Controller, Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from voltherd import __version__
from voltherd.api.auth import PUBLIC, needed_role
from voltherd.api.describe import JSON, Doc, described
from voltherd.api.problems import MEDIA_TYPE, TYPE_PREFIX, Problem
from voltherd.api.request import ApiRequest

REF = "#/components/schemas/{name}"
PATH_PARAMETERS = {
    "station_id": ("The station's identity, percent-encoded where it needs it.", "CP-0001"),
    "action": ("Name of the OCPP action.", "Reset"),
    "transaction": ("`id` of the transaction.", "174120381923328"),
    "command_id": ("Id of the command.", "174120381927424"),
    "token": ("The token's text; case does not matter.", "04A2B3C4"),
    "user_id": ("Id of the user.", "174120381935616"),
    "key_id": ("Id of the API key.", "174120381939712"),
    "document_id": ("`id` of what the station holds.", "174120381939713"),
    "profile_id": ("The chargingProfileId on the wire, from 1 to 2147483647.", "12"),
    "stream": ("`number` of the event stream.", "1"),
    "secret": ("The secret that the station was given.", "b7Xn0c0yJk4Tq8mQ3sVtR2wZ1pLdEfGhAiKjMlOnPuY"),
    "file_name": ("A file name, which is not looked at.", "diagnostics.zip"),
}
ERRORS = {
    400: ("unreadable", "The body is no JSON."),
    401: ("not-signed-in", "No key or session, or one that is not known."),
    403: ("not-allowed", "The caller's role is too small."),
    404: ("not-found", "What the path names does not exist."),
    409: ("conflict", "It contradicts what is recorded, or the station is offline."),
    422: ("invalid", "A value is not valid; `errors` names the fields."),
    429: ("too-many-attempts", "Too many attempts; `Retry-After` says when to come back."),
    502: ("call-refused", "The station answered with an error."),
    503: ("store-unavailable", "The records cannot be reached right now."),
    504: ("no-answer", "The station did not answer in time."),
}
ABOUT = (
    "Charging stations, their sessions and everything operators do with them. Errors are problem details (RFC 9457). "
    "Lists are pages: `next` is the `cursor` of the following page. Instants are RFC 3339 in UTC, ids are text, "
    "units stand in the names of the fields."
)
Handlers = Iterator[tuple[str, str, HTTPRouteHandler, Doc]]


def handlers(app: Litestar) -> Handlers:
    """Give path, method, handler and description of every endpoint of the API."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                doc = handler.opt.get("doc")
                if isinstance(doc, Doc):
                    yield route.path_format, method, handler, doc


def build(app: Litestar) -> dict[str, Any]:
    """Build the document."""
    schemas = _Schemas(app)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, doc in sorted(handlers(app), key=lambda item: item[:2]):
        paths.setdefault(path, {})[method.lower()] = _operation(schemas, path, method, handler, doc)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Voltherd",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in sorted({doc.tag for *_, doc in handlers(app)})],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "API key or session token."}
            },
            "schemas": schemas.components,
        },
    }


class _Schemas:
    """JSON schemas of all types that the endpoints name."""

    def __init__(self, app: Litestar) -> None:
        kinds: list[Any] = [Problem]
        for *_, doc in handlers(app):
            kinds += [kind for kind in (doc.body, doc.answer, *(also[1] for also in doc.also.values())) if kind]
        _, self.components = msgspec.json.schema_components(kinds, ref_template=REF)

    @staticmethod
    def of(kind: Any) -> dict[str, Any]:
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
        return schema


def _operation(schemas: _Schemas, path: str, method: str, handler: HTTPRouteHandler, doc: Doc) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [doc.tag],
        "summary": doc.summary,
        "description": doc.description,
        "operationId": (handler.name or handler.handler_name).replace(" ", "-").replace("_", "-"),
        "parameters": [*_path_parameters(path), *_parameters(path, handler)],
        "responses": _responses(schemas, method, handler, doc),
    }
    if handler.opt.get(PUBLIC):
        operation["security"] = []
    if doc.body is not None:
        content = {"schema": schemas.of(doc.body), "example": doc.body_example}
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    return operation


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        description, example = PATH_PARAMETERS[name]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
            "example": example,
        }


def _parameters(path: str, handler: HTTPRouteHandler) -> Iterator[dict[str, Any]]:
    for name, definition in handler.parsed_fn_signature.parameters.items():
        if name in ("self", "request") or f"{{{name}}}" in path:
            continue
        yield _parameter(name, definition)


def _parameter(name: str, definition: FieldDefinition) -> dict[str, Any]:
    known = cast("ParameterKwarg", definition.kwarg_definition)
    limits = {"minimum": known.ge, "maximum": known.le, "exclusiveMinimum": known.gt, "exclusiveMaximum": known.lt}
    schema = _Schemas.of(definition.annotation) | {key: value for key, value in limits.items() if value is not None}
    if definition.has_default and definition.default is not None:
        schema["default"] = definition.default
    return {
        "name": known.name or name,
        "in": known.param_type.value,
        "required": not definition.has_default,
        "description": known.description,
        "schema": schema,
    }


def _responses(schemas: _Schemas, method: str, handler: HTTPRouteHandler, doc: Doc) -> dict[str, Any]:
    success = handler.status_code
    found: dict[str, Any] = {str(success): {"description": HTTPStatus(success).phrase}}
    if doc.answer is not None:
        content = {"schema": schemas.of(doc.answer), "example": doc.example}
        found[str(success)]["content"] = {doc.media_type: content}
    for status, (description, kind, example) in doc.also.items():
        content = {"schema": schemas.of(kind), "example": example}
        found[str(status)] = {"description": description, "content": {JSON: content}}
    for status in sorted(_errors(method, handler, doc)):
        found[str(status)] = _error(schemas, status)
    return found


def _errors(method: str, handler: HTTPRouteHandler, doc: Doc) -> set[int]:
    errors = set(doc.errors)
    if not handler.opt.get(PUBLIC):
        errors.add(401)
        if needed_role(method, handler.opt) != "viewer":
            errors.add(403)
    if doc.body is not None:
        errors |= {400, 422}
    if any(name not in ("self", "request") for name in handler.parsed_fn_signature.parameters):
        errors.add(422)
    return errors


def _error(schemas: _Schemas, status: int) -> dict[str, Any]:
    kind, description = ERRORS[status]
    example = {"type": TYPE_PREFIX + kind, "title": HTTPStatus(status).phrase, "status": status, "detail": description}
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schemas.of(Problem), "example": example}},
    }


class OpenApiController(Controller):
    """`/openapi.json`; made on the first request, in a thread."""

    path = "/openapi.json"

    @get(
        opt=described(
            Doc(
                tag="Health",
                summary="Read this document",
                description="The description of every endpoint, in OpenAPI 3.1.",
                answer=dict[str, Any],
                example={"openapi": "3.1.0", "info": {"title": "Voltherd"}},
            ),
            **{PUBLIC: True},
        )
    )
    async def document(self, request: ApiRequest) -> Response[bytes]:
        app = request.app
        if "openapi" not in app.state:
            app.state["openapi"] = msgspec.json.encode(await asyncio.to_thread(build, app))
        return Response(app.state["openapi"], media_type="application/json", headers={"Cache-Control": "max-age=300"})
