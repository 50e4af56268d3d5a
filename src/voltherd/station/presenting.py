"""What a token on the reader does: begin, end, free a cable (OCPP 2.0.1 C01, C09, C16, E07; OCPP 1.6, 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from voltherd.station.evse import Evse, Permission
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.authorization import Contract
    from voltherd.station.core import StationCore

NOBODY: Final = Token("", "NoAuthorization")
"""Who charges where nobody needs to be authorized (OCPP 2.0.1 C02)."""


class Card(Struct, frozen=True, kw_only=True):
    """A token as it was presented, at the reader or from afar.

    Attributes:
        tell: hears whether it may charge, or ended something.
        contract: how a vehicle vouches for it.
    """

    token: Token
    tell: Callable[[bool], None]
    group: Token | None = None
    remote_start_id: int | None = None
    profile: Any = None
    contract: Contract | None = None


def present(core: StationCore, evse: Evse, card: Card) -> None:
    """A token was presented at an EVSE."""
    running = evse.transaction
    if running is None and core.charging.lock.is_owner(evse, card.token):
        core.charging.lock.free(evse)
        core.evse_changed(evse)
        card.tell(True)
    elif evse.permission is not None and running is not None:
        _end_or_ask(core, evse, evse.permission, card)
    elif running is not None and running.token is not None and not running.token.matches(card.token):
        _ask_for_master(core, evse, card)
    elif (
        _is_kept(core, evse, card)
        or not works(core, evse)
        or not core.reservations.might_leave(evse, card.token, card.group)
    ):
        card.tell(False)
    else:
        _ask(core, evse, card)


def _is_kept(core: StationCore, evse: Evse, card: Card) -> bool:
    """Whether somebody else pays for the EVSE just now (OCPP 2.1 C25.FR.22)."""
    return card.remote_start_id is None and core.payments.is_kept(evse)


def works(core: StationCore, evse: Evse) -> bool:
    """Whether a session may begin at an EVSE at all."""
    early = core.registration != "Accepted" and not core.settings.switch("charge_before_accepted")
    if early or evse.fault is not None:
        return False
    chosen = evse.connector_ids if evse.plugged is None else (evse.plugged,)
    return any(not evse.is_out_of_service(connector_id) for connector_id in chosen)


def _end_or_ask(core: StationCore, evse: Evse, permission: Permission, card: Card) -> None:
    """A token during a session: the same ends it, one of its group too (OCPP 2.0.1 C09, E07.FR.01)."""
    running = evse.transaction
    assert running is not None
    group = permission.group or running.group
    known = core.authorization.known(card.token)
    of_group = known is not None and known.is_accepted and _is_in(known.group, group)
    by_group = group is not None and group.matches(card.token)
    if permission.token.matches(card.token) or of_group or by_group:
        core.charging.deauthorize(evse, "StopAuthorized", "Local", card.token)
        card.tell(True)
    else:
        _ask_for_master(core, evse, card, group)


def _ask_for_master(core: StationCore, evse: Evse, card: Card, group: Token | None = None) -> None:
    """Somebody else's token: its group, or a master pass, may end what goes on (OCPP 2.0.1 C09.FR.05, C16)."""
    running = evse.transaction

    def decided(info: TokenInfo) -> None:
        if info.is_accepted and core.authorization.is_master(info):
            _end_all(core, card)
            card.tell(True)
            return
        ends = info.is_accepted and _is_in(info.group, group) and evse.transaction is running
        if ends:
            core.charging.deauthorize(evse, "StopAuthorized", "Local", card.token)
        card.tell(ends)

    core.authorization.decide(card.token, decided)


def _end_all(core: StationCore, card: Card) -> None:
    """A station without a display that lets one choose ends everything (OCPP 2.0.1 C16.FR.02)."""
    core.charging.stop_all("MasterPass", "StopAuthorized", token=card.token)


def _ask(core: StationCore, evse: Evse, card: Card) -> None:
    token = card.token
    if token.kind in ("Central", "NoAuthorization") and card.remote_start_id is not None:
        core.charging.permit(
            evse, token, group=card.group, remote_start_id=card.remote_start_id, profile=card.profile
        )  # OCPP 2.0.1 C05.FR.01
        card.tell(True)
        return
    evse.asking = token
    core.evse_changed(evse)

    def decided(info: TokenInfo) -> None:
        evse.asking = None
        allowed = _judge(core, evse, card, info)
        if allowed:
            core.charging_needs.authorized(evse, info.transfers)
            core.smart_charging.prioritise(evse, info.priority)
            core.tariffs.authorized(evse, info)
            core.charging.permit(
                evse,
                token,
                group=info.group or card.group,
                remote_start_id=card.remote_start_id,
                profile=card.profile,
            )
        card.tell(allowed)
        core.evse_changed(evse)

    core.authorization.decide(token, decided, card.contract)


def _judge(core: StationCore, evse: Evse, card: Card, info: TokenInfo) -> bool:
    """Whether an accepted token may charge here (OCPP 2.0.1 C01.FR.21, C16.FR.03, H03)."""
    if not info.is_accepted:
        return False
    if core.authorization.is_master(info):
        _end_all(core, card)
        return False
    if info.evse_ids and evse.id not in info.evse_ids:
        return False
    return core.charging.serves(evse, card.token, info.group or card.group)


def _is_in(group: Token | None, wanted: Token | None) -> bool:
    return group is not None and wanted is not None and group.matches(wanted)
