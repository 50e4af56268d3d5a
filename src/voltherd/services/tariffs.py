"""Tells stations and drivers what charging costs (functional block I).

The price is the flat one of the setting `pricing`. A change of it holds for running sessions from their next event;
ended sessions keep what they came to, unless readings of theirs come late.
"""

import hashlib
from collections import OrderedDict
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from voltherd.domain.events import Progressed
from voltherd.domain.tariff import CostDetails, CostUpdated
from voltherd.domain.tariff_cost import Cost, Money, Prices, cost, money, wording
from voltherd.domain.tariff_types import (
    EnergyPrice,
    EnergyPrices,
    FixedPrice,
    FixedPrices,
    Tariff,
    TaxRate,
    Text,
    TimePrice,
    TimePrices,
)
from voltherd.domain.transaction import Transaction
from voltherd.services.abilities import COST_MESSAGES, LOCAL_COST, TARIFF_TEXT, Abilities
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import observe
from voltherd.services.keeping import drop_oldest
from voltherd.services.metering import flag
from voltherd.services.settings import Pricing
from voltherd.services.state import StationState
from voltherd.services.station_tariffs import TARIFF_CHANGED, Settlements, StationTariffs
from voltherd.services.work import Work

COST_DIFFERS: Final = "cost-differs"
ENERGY_UNKNOWN: Final = "cost-without-energy"
RUNNING_COST: Final = "rule: tell the running cost (I02)"
_MAX_RUNNING: Final = 100_000


class Breakdown(Struct, kw_only=True):
    """What a station calculated itself (I12)."""

    currency: str
    with_tax: Decimal | None = None
    without_tax: Decimal | None = None
    failed: bool = False
    ended: bool = False
    details: dict[str, Any]


class _Running(Struct):
    """What a running session's driver was told."""

    words: str
    told_at_ms: int


class Tariffs:
    """Tells stations and drivers what charging costs (functional block I)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._settings = needs.settings
        self._enabled = False
        needs.settings.watch(Pricing, self._switched)
        self.abilities = Abilities(needs.records)
        self.installed = StationTariffs(needs.documents)
        self.settlements = Settlements(needs.documents, self.pricing)
        self._running: OrderedDict[tuple[int, str], _Running] = OrderedDict()

    def pricing(self, state: StationState) -> Pricing | None:
        """Give the setting where it applies."""
        if not self._enabled:
            return None
        found = self._settings.get(Pricing, tenant_id=state.station.tenant_id)
        return found if found.enabled else None

    def _switched(self, value: Pricing) -> None:
        self._enabled = value.enabled

    # -- what drivers are told ------------------------------------------------------------------------------------

    def words(self, state: StationState, now_ms: int) -> Text | None:
        """Give the tariff in words, where the station can show it (I01.FR.02). Raises NotLoaded."""
        pricing = self.pricing(state)
        if pricing is None or not pricing.tell_tariff or TARIFF_TEXT not in self.abilities.of(state, now_ms):
            return None
        return Text(content=_words(pricing), language=pricing.language)

    def tariff(self, state: StationState, now_ms: int) -> Tariff | None:
        """Give the tariff for a station that calculates the cost itself (I08.FR.01). Raises NotLoaded."""
        pricing = self.pricing(state)
        if pricing is None or not pricing.local_cost or LOCAL_COST not in self.abilities.of(state, now_ms):
            return None
        return _tariff(pricing)

    def changed_words(self, state: StationState, transaction_id: str, now_ms: int) -> Text | None:
        """Give the tariff in words if it changed since a running session's driver knew it (I06). Raises NotLoaded."""
        pricing = self.pricing(state)
        known = self._running.get((state.station.id, transaction_id))
        if pricing is None or known is None or known.words == _words(pricing):
            return None
        return self.words(state, now_ms)

    def price_messages(self, state: StationState, now_ms: int, *, fresh: bool = False) -> Pricing | None:
        """Give the price where a 1.6 station takes price and cost as vendor data. Raises NotLoaded.

        `fresh`: what the station said of itself is read again after a minute.
        """
        pricing = self.pricing(state)
        if pricing is None:
            return None
        able = self.abilities.of(state, now_ms) if fresh else self.abilities.known(state, now_ms)
        return pricing if COST_MESSAGES in able else None

    def tell_by_call(
        self, state: StationState, work: Work, transaction: Transaction, pricing: Pricing, amount: Decimal
    ) -> None:
        """Tell the cost so far by a call of ours, at most once per interval, where answers have no place for it."""
        key = (state.station.id, transaction.transaction_id)
        running = self._running.setdefault(key, _Running(_words(pricing), 0))
        if len(self._running) > _MAX_RUNNING:
            self._running.popitem(last=False)
        if pricing.running_cost != "off":
            self._follow_up(work, transaction, running, pricing, amount)

    def forget(self, state: StationState, transaction: Transaction) -> None:
        """A session is over: nothing more is told of it."""
        self._running.pop((state.station.id, transaction.transaction_id), None)

    @staticmethod
    def unit_prices(pricing: Pricing) -> tuple[Decimal, Decimal, Decimal]:
        """Give the prices with tax: per kWh, per hour, per session."""
        prices = _prices(pricing)
        each = (prices.energy_per_kwh, prices.per_minute * 60, prices.per_session)
        return prices.with_tax(each[0]), prices.with_tax(each[1]), prices.with_tax(each[2])

    @staticmethod
    def wording(pricing: Pricing) -> str:
        """Give the tariff in words."""
        return _words(pricing)

    # -- what sessions come to ------------------------------------------------------------------------------------

    def price(self, state: StationState, transaction: Transaction, at_ms: int) -> Decimal | None:
        """Set on the record what a session comes to; None where no price applies. `at_ms` counts while it runs."""
        pricing = self.pricing(state)
        if pricing is None:
            return None
        found = _cost(pricing, transaction, at_ms)
        if not transaction.active and transaction.energy_wh is None:
            flag(transaction, ENERGY_UNKNOWN)
        transaction.cost, transaction.currency = float(found.total.amount), pricing.currency
        return found.total.amount

    def told(self, state: StationState, work: Work, transaction: Transaction, amount: Decimal) -> Decimal | None:
        """Give what goes into the answer to an event: the final cost (I03.FR.02), or the cost so far (I02.FR.01).

        Where it is to be told by CostUpdated, that follows.
        """
        pricing = self.pricing(state)
        key = (state.station.id, transaction.transaction_id)
        if pricing is None:
            return None
        if not transaction.active:
            self._running.pop(key, None)
            return amount
        running = self._running.get(key)
        if running is None:
            self._running[key] = _Running(_words(pricing), 0)
            if len(self._running) > _MAX_RUNNING:
                self._running.popitem(last=False)
        else:
            running.words = _words(pricing)
            if pricing.running_cost == "cost-updated":
                self._follow_up(work, transaction, running, pricing, amount)
        return amount if pricing.running_cost == "answer" else None

    @staticmethod
    def _follow_up(work: Work, transaction: Transaction, running: _Running, pricing: Pricing, amount: Decimal) -> None:
        if work.now_ms - running.told_at_ms >= pricing.running_cost_interval_s * 1000:
            running.told_at_ms = work.now_ms
            command = CostUpdated(transaction_id=transaction.transaction_id, total_cost=f"{amount:f}")
            work.follow_up(command, RUNNING_COST)

    # -- what stations calculate ----------------------------------------------------------------------------------

    def require(self, state: StationState) -> None:
        """Raise NotLoaded unless the breakdowns of the station are in memory."""
        self._documents.held(state, CostDetails)

    def broken_down(
        self, state: StationState, work: Work, transaction: Transaction, said: Breakdown, at_ms: int
    ) -> None:
        """Keep what the station calculated, and compare a final cost with ours (I12); a difference is flagged.

        A running cost that comes late does not replace the final one.
        """
        known = self._documents.held(state, CostDetails).get(transaction.transaction_id)
        if known is not None and known.state != "running" and not said.ended:
            return
        pricing = self.pricing(state)
        ours = None if pricing is None or pricing.currency != said.currency else _cost(pricing, transaction, at_ms)
        verdict = _verdict(said, ours)
        if verdict == "differs":
            flag(transaction, COST_DIFFERS)
        self._documents.keep(
            state,
            work,
            CostDetails(
                state=verdict,
                evse_no=transaction.evse_no,
                transaction_id=transaction.transaction_id,
                currency=said.currency,
                total=None if said.with_tax is None else f"{said.with_tax:f}",
                total_without_tax=None if said.without_tax is None else f"{said.without_tax:f}",
                ours=None if ours is None else f"{ours.total.amount:f}",
                details=said.details,
            ),
        )
        drop_oldest(self._documents, state, work, CostDetails, lambda details: details.state != "running")

    @staticmethod
    def changed(state: StationState, work: Work, tariff_id: str) -> None:
        """A station calculates on with another tariff (I11.FR.07)."""
        observe(state, work, Progressed(TARIFF_CHANGED, None, tariff_id))


@lru_cache(maxsize=64)
def _prices(pricing: Pricing) -> Prices:
    return Prices(
        pricing.currency,
        Decimal(pricing.energy_per_kwh),
        Decimal(pricing.per_minute),
        Decimal(pricing.per_session),
        Decimal(pricing.tax_percent),
    )


@lru_cache(maxsize=64)
def _words(pricing: Pricing) -> str:
    return pricing.tariff_text or wording(_prices(pricing))


@lru_cache(maxsize=64)
def _tariff(pricing: Pricing) -> Tariff:
    """Put the flat price into the station's terms; its id follows from its content (I08.FR.08, .09)."""
    taxes = [TaxRate(type="VAT", tax=float(pricing.tax_percent))]
    found = Tariff(
        tariff_id="-",
        currency=pricing.currency,
        description=[Text(content=_words(pricing), language=pricing.language)],
        energy=EnergyPrices(prices=[EnergyPrice(price_kwh=float(pricing.energy_per_kwh))], tax_rates=taxes),
    )
    if Decimal(pricing.per_minute):
        per_minute = TimePrices(prices=[TimePrice(price_minute=float(pricing.per_minute))], tax_rates=taxes)
        found.charging_time = found.idle_time = per_minute
    if Decimal(pricing.per_session):
        fee = FixedPrice(price_fixed=float(pricing.per_session))
        found.fixed_fee = FixedPrices(prices=[fee], tax_rates=taxes)
    found.tariff_id = f"flat-{hashlib.sha256(msgspec.json.encode(found)).hexdigest()[:24]}"
    return found


def _cost(pricing: Pricing, transaction: Transaction, at_ms: int) -> Cost:
    end_ms = transaction.stopped_at_ms if transaction.stopped_at_ms is not None else at_ms
    return cost(_prices(pricing), transaction.energy_wh, end_ms - transaction.started_at_ms)


def _verdict(said: Breakdown, ours: Cost | None) -> str:
    if said.failed:
        return "failed"
    if not said.ended:
        return "running"
    if ours is None or (said.with_tax is None and said.without_tax is None):
        return "not-compared"
    theirs, mine = (said.with_tax, ours.total) if said.with_tax is not None else (said.without_tax, ours.without_tax)
    assert theirs is not None
    return "agrees" if _close(money(theirs, said.currency), mine) else "differs"


def _close(one: Money, other: Money) -> bool:
    """Whether two amounts differ by rounding at most."""
    return abs(one.minor - other.minor) <= 1
