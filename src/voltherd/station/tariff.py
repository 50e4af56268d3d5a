"""Tariffs of OCPP 2.1: those of EVSEs and of drivers, and what transactions cost by them (I07 to I12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from voltherd.station.device_model import Place
from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.tariff_cost import Bill, Now, Tariff
from voltherd.station.timers import Timer
from voltherd.station.token import TokenInfo
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "tariff"
PROBLEM_SEVERITY: Final = 4
MOST_ELEMENTS: Final = 20

Refused = Literal["TooManyElements", "DuplicateTariffId", "Rejected", "TxNotFound", "NoCurrencyChange"]


class Assigned(Struct, frozen=True, kw_only=True):
    """A tariff that is there: as the default of EVSEs, or of drivers whose transactions go on."""

    tariff: Tariff
    is_default: bool
    evse_ids: tuple[int, ...]
    tokens: tuple[str, ...] = ()


class Tariffs(Function):
    """Keeps tariffs and reckons costs. `_drivers` are tariffs of drivers who may charge, by EVSE."""

    __slots__ = ("_defaults", "_drivers", "_problem", "_timers")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("tariffs_available", True, None, "TariffCostCtrlr.Available/Tariff", access="ReadOnly"),
        switch("tariffs_enabled", True, None, "TariffCostCtrlr.Enabled/Tariff"),
        switch("costs_available", True, None, "TariffCostCtrlr.Available/Cost", access="ReadOnly"),
        switch("costs_enabled", True, None, "TariffCostCtrlr.Enabled/Cost"),
        switch("running_cost", False, None, "TariffCostCtrlr.Enabled/RunningCost", since_v21=True),
        number("running_cost_s", 60, None, "TariffCostCtrlr.Interval/Cost", least=1, since_v21=True),
        number("tariff_interval_s", 10, None, "TariffCostCtrlr.Interval/Tariff", since_v21=True, access="ReadOnly"),
        number(
            "tariff_elements",
            MOST_ELEMENTS,
            None,
            "TariffCostCtrlr.MaxElements/Tariff",
            unit=None,
            access="ReadOnly",
            since_v21=True,
        ),
        switch(
            "tariff_conditions",
            True,
            None,
            "TariffCostCtrlr.ConditionsSupported/Tariff",
            access="ReadOnly",
            since_v21=True,
        ),
        text(
            "failed_tariff",
            "UseDefaultTariff",
            None,
            "TariffCostCtrlr.HandleFailedTariff/Tariff",
            kind="OptionList",
            values=("Deauthorize", "UseDefaultTariff", "CentralCost"),
            since_v21=True,
        ),
        text("currency", "EUR", None, "TariffCostCtrlr.Currency", most_characters=3, required=True),
        text("tariff_fallback", "", None, "TariffCostCtrlr.TariffFallbackMessage", most_characters=255),
        text("cost_fallback", "", None, "TariffCostCtrlr.TotalCostFallbackMessage", most_characters=255),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._defaults: dict[int, list[Tariff]] | None = None
        self._drivers: dict[int, Tariff] | None = None
        self._problem = False
        self._timers: dict[int, Timer] | None = None

    @property
    def reckons(self) -> bool:
        """Whether costs are reckoned here."""
        settings = self.core.settings
        return self.core.is_v21 and settings.switch("tariffs_enabled") and settings.switch("costs_enabled")

    def restore(self) -> None:
        """Default tariffs outlive a restart (I07.FR.13)."""
        kept = self.core.storage.all(ROOM).get("")
        if kept is not None:
            self._defaults = msgspec.json.decode(kept, type=dict[int, list[Tariff]]) or None

    def _keep(self) -> None:
        self._defaults = {evse_id: there for evse_id, there in (self._defaults or {}).items() if there} or None
        self.core.storage.keep(ROOM, "", msgspec.json.encode(self._defaults or {}))

    # Default tariffs -------------------------------------------------------------------------

    def set_default(self, evse_id: int, tariff: Tariff) -> Refused | None:
        """Install a default tariff at an EVSE, or at all (0); gives why not (I07.FR.02 to I07.FR.12)."""
        refusal = self._refusal(tariff)
        if refusal is None and evse_id != 0 and evse_id not in self.core.evses:
            refusal = "Rejected"
        if refusal is None and tariff.tariff_id in {one.tariff.tariff_id for one in self.assigned(0)}:
            refusal = "DuplicateTariffId"
        if refusal is not None:
            return refusal
        defaults = self._defaults = self._defaults or {}
        for one in self.core.evses if evse_id == 0 else (evse_id,):
            defaults[one] = [*self._that_stay(one, tariff), tariff]
        self._keep()
        return None

    def _that_stay(self, evse_id: int, new: Tariff) -> list[Tariff]:
        """Those that become valid later than a new one (I07.FR.20 to I07.FR.23)."""
        there = (self._defaults or {}).get(evse_id, [])
        if self._begin(new) > self.core.now:
            return [one for one in there if one.valid_from != new.valid_from]
        return [one for one in there if self._begin(one) > max(self._begin(new), self.core.now)]

    def _drop_succeeded(self) -> None:
        before = self._defaults or {}
        after = {}
        for one, tariffs in before.items():
            valid = self.default_of(one)
            after[one] = [t for t in tariffs if t is valid or self._begin(t) > self.core.now]
        if after != before:
            self._defaults = after
            self._keep()

    def _begin(self, tariff: Tariff) -> float:
        begin = self.core.clock.at(tariff.valid_from, self.core.now) if tariff.valid_from is not None else None
        return float("-inf") if begin is None else begin

    def _refusal(self, tariff: Tariff) -> Refused | None:
        elements = [len(prices.prices) for _, prices in tariff.parts()]
        if not elements:
            return "Rejected"
        return "TooManyElements" if max(elements) > self.core.settings.number("tariff_elements") else None

    def default_of(self, evse_id: int) -> Tariff | None:
        """The tariff of those without their own, the one that became valid last (I07.FR.14, I07.FR.19)."""
        valid = [one for one in (self._defaults or {}).get(evse_id, ()) if self._begin(one) <= self.core.now]
        return max(valid, key=self._begin, default=None)

    def assigned(self, evse_id: int) -> list[Assigned]:
        """What there is, at one EVSE or at all (I09); one whose successor has become valid is gone (I07.FR.20)."""
        self._drop_succeeded()
        found: dict[str, Assigned] = {}
        for one, tariffs in (self._defaults or {}).items():
            for tariff in tariffs if evse_id in (0, one) else ():
                before = found.get(tariff.tariff_id)
                evse_ids = (*(before.evse_ids if before else ()), one)
                found[tariff.tariff_id] = Assigned(tariff=tariff, is_default=True, evse_ids=evse_ids)
        for one, tariff in (self._drivers or {}).items():
            if evse_id in (0, one) and tariff.tariff_id not in found:
                found[tariff.tariff_id] = self._of_driver(one, tariff)
        return list(found.values())

    def _of_driver(self, evse_id: int, tariff: Tariff) -> Assigned:
        permission = self.core.evses[evse_id].permission
        tokens = (permission.token.id,) if permission is not None else ()
        return Assigned(tariff=tariff, is_default=False, evse_ids=(evse_id,), tokens=tokens)

    def clear(self, tariff_ids: list[str] | None, evse_id: int | None) -> list[str]:
        """Remove tariffs; transactions that use them go on doing so. Gives the removed ones (I10)."""
        cleared = dict[str, None]()
        for store in (self._defaults or {}, self._drivers or {}):
            for one, there in list(store.items()):
                tariffs = there if isinstance(there, list) else [there]
                for tariff in list(tariffs):
                    if evse_id in (None, one) and (tariff_ids is None or tariff.tariff_id in tariff_ids):
                        cleared[tariff.tariff_id] = None
        for one in list(self._defaults or {}) if evse_id is None else [evse_id]:
            if self._defaults is not None and one in self._defaults:
                self._defaults[one] = [t for t in self._defaults[one] if t.tariff_id not in cleared]
            if self._drivers is not None and one in self._drivers and self._drivers[one].tariff_id in cleared:
                del self._drivers[one]
        self._drivers = self._drivers or None
        self._keep()
        return list(cleared)

    # Drivers ---------------------------------------------------------------------------------

    def authorized(self, evse: Evse, info: TokenInfo) -> None:
        """A token may charge; perhaps it has a tariff of its own, and words for its owner (I01, I08)."""
        self.core.display.prefer(evse.id, info.language)
        if info.message:
            self.core.display.tell(evse.id, "personal", info.message)
        if self._drivers is not None:
            self._drivers.pop(evse.id, None)
        if info.tariff is None or not self.core.is_v21 or not self.core.settings.switch("tariffs_enabled"):
            return
        tariff = msgspec.json.decode(info.tariff, type=Tariff)
        failed = self._refusal(tariff) is not None
        self._note_problem(failed)
        if not failed:
            self._drivers = self._drivers or {}
            self._drivers[evse.id] = tariff

    def _note_problem(self, failed: bool) -> None:
        """A tariff could not be used, or can again (I08.FR.30, I08.FR.35)."""
        if failed is not self._problem:
            self._problem = failed
            place = Place(component="TariffCostCtrlr", variable="Problem")
            self.core.monitoring.notify(place, "true" if failed else "false", PROBLEM_SEVERITY)

    # Transactions ----------------------------------------------------------------------------

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """Running costs are told from now on, where that is set (I12.FR.02)."""
        if self.reckons and self.core.settings.switch("running_cost"):
            self._tell_later(evse)

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """A driver's tariff ends with the transaction (I08.FR.06)."""
        if self._drivers is not None:
            self._drivers.pop(evse.id, None)
            self._drivers = self._drivers or None
        if self._timers is not None and evse.id in self._timers:
            self._timers.pop(evse.id).cancel()

    def _tell_later(self, evse: Evse) -> None:
        self._timers = self._timers or {}
        when = self.core.now + self.core.settings.number("running_cost_s")
        self._timers[evse.id] = self.core.timers.at(when, lambda: self._tell(evse))

    def _tell(self, evse: Evse) -> None:
        if evse.transaction is not None:
            self._tell_later(evse)
            if evse.transaction.bill is not None:
                self.core.charging.updated(evse, "RunningCost")

    def reckon(self, evse: Evse, transaction: Transaction) -> None:
        """Bring the bill of a transaction up to now; it begins with the authorization."""
        if not self.reckons:
            return
        if transaction.bill is not None:
            transaction.bill.advance(self._now(evse, transaction))
        elif transaction.is_authorized and transaction.is_open:
            tariff = (self._drivers or {}).get(evse.id) or self.default_of(evse.id)
            if tariff is not None:
                self._open(evse, transaction, tariff)

    def _open(self, evse: Evse, transaction: Transaction, tariff: Tariff) -> None:
        now = self._now(evse, transaction)
        transaction.bill = Bill(tariff=tariff, begun=now.local, last=now, first_wh=transaction.meter_start_wh)
        transaction.bill.begin(reservation_s=transaction.reserved_s)
        transaction.tariff_told = False

    def _now(self, evse: Evse, transaction: Transaction) -> Now:
        core, reading = self.core, evse.hardware.read(self.core.now)
        return Now(
            local=core.clock.wall(core.now),
            text=core.clock.text(core.now),
            energy_wh=reading.energy_import_wh,
            power_w=reading.power_w,
            current_a=sum(reading.currents_a),
            is_charging=transaction.charging_state == "Charging",
            is_dc=evse.config.is_dc,
        )

    def change(self, transaction_id: str, tariff: Tariff) -> Refused | None:
        """Charge a running transaction by another tariff from now on; gives why not (I11)."""
        evse = self.core.charging.find(transaction_id)
        running = evse.transaction if evse is not None else None
        if evse is None or running is None:
            return "TxNotFound"
        refusal = self._refusal(tariff)
        bill = running.bill
        if refusal is None and bill is not None and bill.tariff.currency != tariff.currency:
            refusal = "NoCurrencyChange"
        if refusal is not None:
            return refusal
        self.reckon(evse, running)
        if bill is not None:
            bill.change(tariff)
        else:
            self._open(evse, running, tariff)
        running.tariff_told = False
        self.core.afterwards(lambda: self.core.charging.updated(evse, "TariffChanged"))
        return None

    def refused(self, evse: Evse) -> None:
        """The driver does not accept the tariff (I07.FR.30, I08.FR.20)."""
        running = evse.transaction
        if running is not None:
            running.bill, running.tariff_told = None, False
            self.core.charging.deauthorize(evse, "TariffNotAccepted", "DeAuthorized")

    def facts(self) -> Iterator[Fact]:
        """Whether the last tariff could be used."""
        if self.core.is_v21:
            value = "true" if self._problem else "false"
            yield Fact(component="TariffCostCtrlr", variable="Problem", value=value, kind="boolean")
