"""One part of a station's behaviour, with the moments it may want to know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from voltherd.station.setting import Setting

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse
    from voltherd.station.token import Token
    from voltherd.station.transaction import Transaction


class Fact(Struct, frozen=True, kw_only=True):
    """A variable of the device model that no setting stands for, as it is now.

    Attributes:
        target: the Target attribute, None without one.
        max_set: the MaxSet attribute, which the CSMS may write; None without one.
        is_constant: never changes while the station runs, so that nobody can monitor it.
        write: takes a new actual value from the CSMS, and gives what is wrong with it; None where it is read-only.
        is_secret: may be written, and not be read.
    """

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
    target: str | None = None
    max_set: str | None = None
    is_constant: bool = False
    write: Callable[[str], str | None] | None = None
    is_secret: bool = False


class Function:
    """A functional block of one station; `catalogue.py` lists them all.

    Times are `core.now`. What is to be done later goes to `core.timers`; nothing polls.
    """

    __slots__ = ("core",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    """The variables and configuration keys that it brings."""

    def __init__(self, core: StationCore) -> None:
        self.core = core

    @property
    def is_offered(self) -> bool:
        """Whether this station has it at all; the settings of what it has not are not seen from outside."""
        return True

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

    def objects_to(self, name: str, value: str) -> str | None:
        """Why a setting must not get a value from outside, None if it may."""
        return None

    def clock_changed(self) -> None:
        """The wall clock was set: what hangs on a date is to be timed anew."""

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """A transaction began; its first message is on its way."""

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """A transaction ended; its last message is on its way."""

    def evse_changed(self, evse: Evse) -> None:
        """Plug, vehicle, fault, offer or availability of an EVSE changed."""

    def customer_data(self, token: Token) -> Iterator[str]:
        """What it has stored about a customer, a line each (OCPP 2.0.1 N09)."""
        return iter(())

    def forget_customer(self, token: Token) -> None:
        """Remove what it has stored about a customer (OCPP 2.0.1 N10)."""

    def objects_to_reset(self) -> str | None:
        """Why the station cannot restart now, None if it can (OCPP 2.0.1 B11.FR.06)."""
        return None

    def facts(self) -> Iterator[Fact]:
        """The read-only variables that it knows, as they are now."""
        return iter(())
