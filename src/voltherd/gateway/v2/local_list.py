"""Local authorisation lists in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.id_token import TokenStatus
from voltherd.domain.local_list import GetLocalListVersion, ListEntry, SendLocalList
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.sending_lists import Words, send_list
from voltherd.gateway.v2.common import MAX_TOKEN, TYPES_OF_201
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    SendLocalListRequest,
    SendLocalListResponse,
)
from voltherd.ocpp.v2.enums import AuthorizationStatusEnumType
from voltherd.ocpp.v2.types import AuthorizationData, IdTokenInfoType, IdTokenType
from voltherd.ocpp.version import OcppVersion

_STATUS: dict[TokenStatus, AuthorizationStatusEnumType] = {
    "accepted": "Accepted",
    "blocked": "Blocked",
    "expired": "Expired",
    "invalid": "Invalid",
}
_MEANT: dict[str, TokenStatus] = {word: status for status, word in _STATUS.items()}


@routes.translate
async def send_local_list(caller: Caller, command: SendLocalList) -> Outcome:
    """Send the list (D01), no more at once than the station takes (D01.FR.11)."""

    async def send(version: int, full: bool, entries: list[AuthorizationData]) -> str:
        request = SendLocalListRequest(
            version_number=version,
            update_type="Full" if full else "Differential",
            local_authorization_list=entries or UNSET,
        )
        return (await caller.call(request, SendLocalListResponse)).status

    async def ask() -> int:
        return (await caller.call(GetLocalListVersionRequest(), GetLocalListVersionResponse)).version_number

    return await send_list(caller, command, Words(lambda entry: _wire(entry, caller.version), send, ask))


def _wire(entry: ListEntry, version: OcppVersion) -> AuthorizationData:
    """Put an entry on the wire; one without information is taken out (D01.FR.17). Raises PayloadInvalid."""
    if len(entry.id_token) > MAX_TOKEN[version]:
        words = f"A token has at most {MAX_TOKEN[version]} characters in OCPP {version}; {entry.id_token!r} has more."
        raise PayloadInvalid(words, "PropertyConstraintViolation")
    if version is OcppVersion.V201 and entry.id_token_type not in TYPES_OF_201:
        words = f"OCPP {version} has no tokens of type {entry.id_token_type}."
        raise PayloadInvalid(words, "PropertyConstraintViolation")
    group = entry.group_id
    fits = group and len(group) <= MAX_TOKEN[version]
    info = IdTokenInfoType(
        status=_STATUS[entry.status],
        cache_expiry_date_time=entry.expires_at or UNSET,
        group_id_token=IdTokenType(id_token=group, type="Central") if group and fits else UNSET,
    )
    token = IdTokenType(id_token=entry.id_token, type=entry.id_token_type)
    return AuthorizationData(id_token=token, id_token_info=UNSET if entry.remove else info)


@routes.translate
async def get_local_list_version(caller: Caller, command: GetLocalListVersion) -> Outcome:
    """Ask for the list's version (D02): 0 says that there is none."""
    found = await caller.call(GetLocalListVersionRequest(), GetLocalListVersionResponse)
    return Outcome(accepted=True, status="Accepted", answer={"versionNumber": found.version_number})


@routes.learn
def list_sent(here: Here, request: SendLocalListRequest, response: SendLocalListResponse) -> None:
    """Record what a station took, or why it did not (D01.FR.02)."""
    entries = request.local_authorization_list
    here.services.local_lists.sent(
        here.state,
        here.work,
        version=request.version_number,
        full=request.update_type == "Full",
        entries=[_entry(item) for item in entries] if entries is not UNSET else [],
        status=response.status,
    )


def _entry(item: AuthorizationData) -> ListEntry:
    token, info = item.id_token, item.id_token_info
    if info is UNSET:
        return ListEntry(id_token=token.id_token, id_token_type=token.type, remove=True)
    group, expires_at = info.group_id_token, info.cache_expiry_date_time
    return ListEntry(
        id_token=token.id_token,
        id_token_type=token.type,
        status=_MEANT.get(info.status, "invalid"),
        expires_at=expires_at if expires_at is not UNSET else None,
        group_id=group.id_token if group is not UNSET else None,
    )


@routes.learn
def version_told(here: Here, request: GetLocalListVersionRequest, response: GetLocalListVersionResponse) -> None:
    """Record which version a station has (D02.FR.01 to .03)."""
    here.services.local_lists.reported(here.state, here.work, response.version_number)
