"""One part of a station's behaviour, with the moments it may want to know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from voltherd.station.setting import Setting

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse
    from voltherd.station.transaction import Transaction


class Fact(Struct, frozen=True, kw_only=True):
    """A read-only variable of the device model, as it is now."""

    component: str
    variable: str
    value: str
    kind: str
    instance: str | None = None
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    unit: str | None = None
    values: str | None = None
    least: float | None = None
    most: float | None = None


class Function:
    """A functional block of one station; `catalogue.py` lists them all.

    Times are `core.now`. What is to be done later goes to `core.timers`; nothing polls.
    """

    __slots__ = ("core",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    """The variables and configuration keys that it brings."""

    def __init__(self, core: StationCore) -> None:
        self.core = core

    def restore(self) -> None:
        """Take up what `core.storage` kept; called once, when all functions exist."""

    def accepted(self) -> None:
        """The CSMS has taken the station on, on this connection."""

    def disconnected(self) -> None:
        """The connection is gone."""

    def restarting(self) -> None:
        """The station restarts now: what lives in memory only is lost."""

    def setting_changed(self, name: str) -> None:
        """A setting has a new value."""

    def clock_changed(self) -> None:
        """The wall clock was set: what hangs on a date is to be timed anew."""

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """A transaction began; its first message is on its way."""

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """A transaction ended; its last message is on its way."""

    def evse_changed(self, evse: Evse) -> None:
        """Plug, vehicle, fault, offer or availability of an EVSE changed."""

    def facts(self) -> Iterator[Fact]:
        """The read-only variables that it knows, as they are now."""
        return iter(())
