"""A request with what every handler needs: who asks, the services, the body as a typed value."""

import re
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.datastructures import State
from msgspec import Struct

from voltherd.api.dependencies import Api
from voltherd.api.problems import BodyInvalid, BodyUnreadable, body_invalid
from voltherd.domain.access import AuditEntry
from voltherd.domain.errors import NotFound
from voltherd.domain.station import Station
from voltherd.domain.time import parse_rfc3339
from voltherd.services.access import Caller

T = TypeVar("T")
SLASH = "\ue000"
"""Stands for an encoded slash inside a path segment until the segment is read."""

MAX_DEPTH = 64
"""Bodies are not nested deeper; no message of OCPP needs a quarter of it."""
MAX_INTEGER = 2**63 - 1
_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH} levels."
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_BRACKETS = re.compile(rb"[\[\]{}]")


@cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


class ApiRequest(Request[Caller, str, State]):
    """One request."""

    @property
    def api(self) -> Api:
        """The services and ports."""
        return cast("Api", self.app.state["api"])

    @property
    def caller(self) -> Caller:
        """Who asks (only where the path is not public)."""
        return self.user

    @property
    def tenant_id(self) -> int:
        """The caller's tenant; nothing of another tenant is ever seen."""
        return self.user.tenant_id

    async def read(self, kind: type[T]) -> T:
        """Give the body as a typed value; an empty body is `{}`. Raises BodyInvalid, BodyUnreadable."""
        return decoded(await self.body() or b"{}", kind)

    def station(self, segment: str) -> Station:
        """Give the station that a path names. Raises NotFound."""
        return self.api.stations.require(segment_text(segment), tenant_id=self.tenant_id)

    async def audit(self, what: str, entity: str, before: Any = None, after: Any = None) -> None:
        """Record what the caller did."""
        await self.api.journal.committed(
            [
                AuditEntry(
                    id=self.api.ids(),
                    tenant_id=self.tenant_id,
                    at_ms=self.api.clock_ms(),
                    who=self.caller.name,
                    what=what,
                    entity=entity,
                    before=_text(before),
                    after=_text(after),
                )
            ]
        )


def decoded(body: bytes, kind: type[T]) -> T:
    """Give JSON as a typed value. Raises BodyInvalid, BodyUnreadable (also where it is nested too deeply)."""
    try:
        found = cast("T", _decoder(cast("Any", kind)).decode(body))
        body.decode("utf-8")
    except msgspec.ValidationError as error:
        raise body_invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BodyUnreadable(f"The body is not valid JSON: {error}.") from None
    except RecursionError:
        raise BodyUnreadable(_TOO_DEEP) from None
    if _is_deep(body):
        raise BodyUnreadable(_TOO_DEEP)
    return found


def _is_deep(body: bytes) -> bool:
    """Whether valid JSON is nested beyond MAX_DEPTH."""
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"{[" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def segment_text(segment: str) -> str:
    """Give the text of a path segment as the client meant it."""
    return segment.replace(SLASH, "/")


def number_of(segment: str, what: str) -> int:
    """Read one of our ids from a path. Raises NotFound: what is no number names nothing."""
    if not segment.isascii() or not segment.isdigit() or len(segment) > 19:
        raise NotFound(f"There is no {what} {segment_text(segment)!r}.")
    number = int(segment)
    if number > MAX_INTEGER:
        raise NotFound(f"There is no {what} {number}.")
    return number


def instant_ms(text: str | None, path: str) -> int | None:
    """Read RFC 3339. Raises BodyInvalid, naming the field."""
    if text is None:
        return None
    found = parse_rfc3339(text)
    if found is None:
        raise BodyInvalid(f"Expected an RFC 3339 timestamp with its zone (such as Z), got {text!r}", path)
    return found


async def station_ids(request: ApiRequest, identity: str | None) -> list[int] | None:
    """Give the ids of the records that a filter's identity has or had, deleted ones too; None: no filter."""
    if identity is None:
        return None
    return await request.api.records.station_ids(request.tenant_id, identity)


async def identities(request: ApiRequest, station_ids: set[int]) -> dict[int, str]:
    """Give the identities that go with ids of station records, those of deleted stations too."""
    return {station_id: await identity_of(request.api, request.tenant_id, station_id) for station_id in station_ids}


async def identity_of(api: Api, tenant_id: int, station_id: int) -> str:
    """Give the identity of a station record: from memory, and from the store for deleted ones."""
    known = api.stations.identity_of(station_id)
    if known is not None:
        return known
    snapshot = await api.records.snapshot(tenant_id, station_id)
    return snapshot.station.identity if snapshot else ""


def struct_fields(value: Struct) -> dict[str, Any]:
    """Give the fields that were set, for the audit log; secrets are left out."""
    fields = cast("dict[str, Any]", msgspec.to_builtins(value))
    return {name: "***" if name == "password" else item for name, item in fields.items()}
