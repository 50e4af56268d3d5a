"""Local authorisation lists in OCPP 1.6."""

from msgspec import UNSET

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.id_token import KEY_CODE, TokenStatus
from voltherd.domain.local_list import GetLocalListVersion, ListEntry, SendLocalList
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.sending_lists import Words, send_list
from voltherd.gateway.v16.common import MAX_ID_TAG, checked_id_tag
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
    SendLocalListRequest,
    SendLocalListResponse,
)
from voltherd.ocpp.v16.enums import AuthorizationStatus
from voltherd.ocpp.v16.types import AuthorizationData, IdTagInfo

_STATUS: dict[TokenStatus, AuthorizationStatus] = {
    "accepted": "Accepted",
    "blocked": "Blocked",
    "expired": "Expired",
    "invalid": "Invalid",
}
_MEANT: dict[str, TokenStatus] = {word: status for status, word in _STATUS.items()}


@routes.translate
async def send_local_list(caller: Caller, command: SendLocalList) -> Outcome:
    """Send the list (OCPP 1.6 5.15), no more at once than SendLocalListMaxLength."""

    async def send(version: int, full: bool, entries: list[AuthorizationData]) -> str:
        request = SendLocalListRequest(
            list_version=version,
            update_type="Full" if full else "Differential",
            local_authorization_list=entries,
        )
        return (await caller.call(request, SendLocalListResponse)).status

    async def ask() -> int:
        return (await caller.call(GetLocalListVersionRequest(), GetLocalListVersionResponse)).list_version

    return await send_list(caller, command, Words(_wire, send, ask))


def _wire(entry: ListEntry) -> AuthorizationData:
    """Put an entry into the words of 1.6; one without information is taken out. Raises PayloadInvalid.

    1.6 knows no types: a PIN in a list would be a card that charges.
    """
    if entry.id_token_type == KEY_CODE:
        raise PayloadInvalid(f"OCPP 1.6 has no tokens of type {KEY_CODE}.", "PropertyConstraintViolation")
    group = entry.group_id
    info = IdTagInfo(
        status=_STATUS[entry.status],
        expiry_date=entry.expires_at or UNSET,
        parent_id_tag=group if group and len(group) <= MAX_ID_TAG else UNSET,
    )
    return AuthorizationData(id_tag=checked_id_tag(entry.id_token), id_tag_info=UNSET if entry.remove else info)


@routes.translate
async def get_local_list_version(caller: Caller, command: GetLocalListVersion) -> Outcome:
    """Ask for the list's version (OCPP 1.6 5.10): 0 is an empty list, -1 says that there are none."""
    found = await caller.call(GetLocalListVersionRequest(), GetLocalListVersionResponse)
    status = "NotSupported" if found.list_version < 0 else "Accepted"
    return Outcome(accepted=found.list_version >= 0, status=status, answer={"listVersion": found.list_version})


@routes.learn
def list_sent(here: Here, request: SendLocalListRequest, response: SendLocalListResponse) -> None:
    """Record what a station took, or why it did not."""
    entries = request.local_authorization_list
    here.services.local_lists.sent(
        here.state,
        here.work,
        version=request.list_version,
        full=request.update_type == "Full",
        entries=[_entry(item) for item in entries] if entries is not UNSET else [],
        status=response.status,
    )


def _entry(item: AuthorizationData) -> ListEntry:
    info = item.id_tag_info
    if info is UNSET:
        return ListEntry(id_token=item.id_tag, remove=True)
    return ListEntry(
        id_token=item.id_tag,
        status=_MEANT.get(info.status, "invalid"),
        expires_at=info.expiry_date or None,
        group_id=info.parent_id_tag or None,
    )


@routes.learn
def version_told(here: Here, request: GetLocalListVersionRequest, response: GetLocalListVersionResponse) -> None:
    """Record which version a station has."""
    here.services.local_lists.reported(here.state, here.work, response.list_version)
