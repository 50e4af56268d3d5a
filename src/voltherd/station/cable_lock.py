"""Locking the cables that drivers bring (OCPP 2.0.1 E07.FR.07, E09, E10, G05).

Only sockets have a lock; a cable that belongs to the station hangs there anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from voltherd.station.device_model import Place
from voltherd.station.evse import Evse, LooseCable, Permission
from voltherd.station.function import Fact
from voltherd.station.token import Token
from voltherd.station.transaction import StopReason

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


LOCK: Final = "ConnectorPlugRetentionLock"
SEVERITY: Final = 3
"""Of a lock that fails, in the degrees of OCPP 2.0.1 (an error)."""


class LockProblem(Struct, frozen=True, eq=False):
    """The lock of a connector does not work, or works again."""

    evse: Evse
    connector_id: int
    is_there: bool


class CableLock:
    """Locks and unlocks; `kept_for` are the owners of cables that stay locked after a session, by EVSE."""

    __slots__ = ("core", "kept_for")

    def __init__(self, core: StationCore) -> None:
        self.core = core
        self.kept_for: dict[int, Token] | None = None

    def engage(self, evse: Evse, connector_id: int) -> None:
        """Lock the cable; if it does not lock, nothing may flow (OCPP 2.0.1 G05)."""
        if not evse.has_socket(connector_id):
            return
        failed = not evse.hardware.lock(connector_id)
        if failed is not evse.lock_failed:
            evse.lock_failed = failed
            self._tell(evse, connector_id, failed)

    def _tell(self, evse: Evse, connector_id: int, failed: bool) -> None:
        """OCPP 2.0.1 G05.FR.02; 1.6 has an error code for it."""
        if self.core.dialect.family == "1.6":
            self.core.queue(LockProblem(evse, connector_id, failed))
        else:
            place = Place(component=LOCK, variable="Problem", evse_id=evse.id, connector_id=connector_id)
            self.core.monitoring.notify(place, "true" if failed else "false", SEVERITY, trigger="Delta")

    def facts(self) -> Iterator[Fact]:
        """Whether the locks work, and the connectors that have one."""
        for evse in self.core.evses.values():
            for connector_id in evse.connector_ids:
                if evse.has_socket(connector_id):
                    problem = evse.lock_failed and evse.plugged in (None, connector_id)
                    yield Fact(
                        component=LOCK,
                        variable="Problem",
                        value="true" if problem else "false",
                        kind="boolean",
                        evse_id=evse.id,
                        connector_id=connector_id,
                    )

    def pulled_at_vehicle(self, evse: Evse, connector_id: int, permission: Permission | None) -> None:
        """The cable is out of the vehicle: the station's end stays locked until its owner comes, unless it may go."""
        settings = self.core.settings
        ends = permission is None or settings.switch("stop_on_unplug")
        owner = permission.token if permission is not None else (self.kept_for or {}).pop(evse.id, None)
        if owner is None or (ends and settings.switch("unlock_on_unplug")) or not evse.has_socket(connector_id):
            self._open(evse, connector_id)
        else:
            group = permission.group if permission is not None else None
            evse.loose = LooseCable(connector_id=connector_id, token=owner, group=group)

    def keep_for_owner(self, evse: Evse) -> None:
        """The session ends without its owner: the cable stays until a token of the owner's comes (E05.FR.11)."""
        if evse.plugged is not None and evse.has_socket(evse.plugged) and evse.permission is not None:
            self.kept_for = self.kept_for or {}
            self.kept_for[evse.id] = evse.permission.token

    def ended(self, evse: Evse, reason: StopReason) -> None:
        """A transaction ended: the cable is free (OCPP 2.0.1 E06.FR.10)."""
        if evse.loose is not None:
            if reason in ("Local", "Remote", "UnlockCommand", "MasterPass"):
                self.free(evse)
        elif evse.plugged is not None and evse.id not in (self.kept_for or {}):
            self._open(evse, evse.plugged)

    def is_owner(self, evse: Evse, token: Token) -> bool:
        """Whether a cable waits, locked, for this token."""
        if evse.loose is not None:
            return evse.loose.token.matches(token) or (evse.loose.group is not None and evse.loose.group.matches(token))
        owner = (self.kept_for or {}).get(evse.id)
        return owner is not None and owner.matches(token)

    def free(self, evse: Evse) -> None:
        """The owner came: the cable goes."""
        connector_id = evse.holds
        self.let_go(evse)
        if connector_id is not None:
            self._open(evse, connector_id)

    def let_go(self, evse: Evse) -> None:
        """The cable is kept for nobody any more."""
        evse.loose = None
        if self.kept_for is not None:
            self.kept_for.pop(evse.id, None)
            self.kept_for = self.kept_for or None

    def _open(self, evse: Evse, connector_id: int) -> None:
        if evse.has_socket(connector_id):
            evse.hardware.unlock(connector_id)
