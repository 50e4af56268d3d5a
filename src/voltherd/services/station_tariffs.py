"""Which tariffs stations calculate with, and which payments their terminals settled (functional block I, C18-C24)."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from voltherd.domain.commands import CommandRecord
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.tariff import ChangeTransactionTariff, Settlement, StationTariff
from voltherd.domain.tariff_cost import money
from voltherd.domain.time import parse_timestamp
from voltherd.domain.transaction import Transaction
from voltherd.services.documents import Documents
from voltherd.services.effects import Seen, effect_of
from voltherd.services.keeping import drop_oldest
from voltherd.services.settings import Pricing
from voltherd.services.state import StationState
from voltherd.services.work import Work

TARIFF_CHANGED: Final = "transaction-tariff"
INSTALLED: Final = "installed"
UNKNOWN_TRANSACTION: Final = "unknown-transaction"
DIFFERS_FROM_COST: Final = "differs-from-cost"
EVERYWHERE: Final = [0]


@effect_of(ChangeTransactionTariff)
def _changed(state: StationState, record: CommandRecord, command: ChangeTransactionTariff, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != TARIFF_CHANGED or fact.status != command.tariff.tariff_id:
        return None
    return f"the session goes on with tariff {fact.status}"


class StationTariffs:
    """Records what stations answer about tariffs; what they say overrides what was recorded."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def _held(self, state: StationState) -> dict[str, StationTariff]:
        return self._documents.held(state, StationTariff)

    def set_default(self, state: StationState, work: Work, evse_id: int, tariff: dict[str, Any], answer: str) -> None:
        """Record the answer to SetDefaultTariff; it replaces the one before unless it begins later (I07.FR.20)."""
        held = self._held(state)
        accepted = answer == "Accepted"
        new = StationTariff(
            state=INSTALLED if accepted else "rejected",
            evse_no=evse_id,
            tariff_id=tariff["tariff_id"],
            tariff_kind="DefaultTariff",
            evse_ids=[evse_id],
            valid_from=tariff.get("valid_from"),
            answer=answer,
            tariff=tariff,
        )
        if accepted and not _is_later(new, work.now_ms):
            for other in list(held.values()):
                if other.key != new.key and other.tariff_kind == "DefaultTariff":
                    self._take_from(state, work, other, new.evse_ids, "replaced")
        same = held.get(new.key)
        if accepted and same is not None and same.state == INSTALLED and evse_id:
            new.evse_ids = sorted({*same.evse_ids, evse_id})
            new.evse_no = evse_id if len(new.evse_ids) == 1 else 0
        self._documents.keep(state, work, new)

    def set_for_transaction(
        self, state: StationState, work: Work, transaction_id: str, tariff: dict[str, Any], answer: str
    ) -> None:
        """Record the answer to ChangeTransactionTariff; the session's tariff before it is replaced."""
        for other in self._held(state).values():
            same = other.transaction_id == transaction_id and other.tariff_id != tariff["tariff_id"]
            if answer == "Accepted" and same and other.state == INSTALLED:
                self._documents.keep(state, work, replace(other, state="replaced"))
        transaction = state.transactions.get(transaction_id)
        evse_no = transaction.evse_no if transaction else 0
        self._documents.keep(
            state,
            work,
            StationTariff(
                state=INSTALLED if answer == "Accepted" else "rejected",
                evse_no=evse_no,
                tariff_id=tariff["tariff_id"],
                tariff_kind="TransactionTariff",
                evse_ids=[evse_no] if evse_no else [],
                transaction_id=transaction_id,
                valid_from=tariff.get("valid_from"),
                answer=answer,
                tariff=tariff,
            ),
        )

    def reported(self, state: StationState, work: Work, evse_id: int, assignments: Iterable[dict[str, Any]]) -> None:
        """Record the answer to GetTariffs: these there are, and no others where it was asked for (I09)."""
        held = self._held(state)
        there = set()
        for said in assignments:
            there.add(said["tariff_id"])
            self._documents.keep(state, work, self._assigned(held, said, evse_id))
        for other in list(held.values()):
            if other.state == INSTALLED and other.tariff_id not in there:
                self._take_from(state, work, other, [evse_id], "cleared")

    @staticmethod
    def _assigned(held: dict[str, StationTariff], said: dict[str, Any], evse_id: int) -> StationTariff:
        known = held.get(f"|{said['tariff_id']}")
        evse_ids = said.get("evse_ids") or (known.evse_ids if known and not evse_id else [evse_id])
        if known is not None and evse_id and known.state == INSTALLED and known.evse_ids != EVERYWHERE:
            evse_ids = sorted({*known.evse_ids, *evse_ids})
        return StationTariff(
            state=INSTALLED,
            evse_no=evse_ids[0] if len(evse_ids) == 1 else 0,
            tariff_id=said["tariff_id"],
            tariff_kind=said["tariff_kind"],
            evse_ids=evse_ids,
            id_tokens=said.get("id_tokens", []),
            valid_from=said.get("valid_from"),
            answer="Accepted",
            tariff=known.tariff if known else None,
        )

    def cleared(
        self,
        state: StationState,
        work: Work,
        evse_id: int | None,
        asked: Iterable[str],
        results: Iterable[tuple[str | None, str]],
    ) -> None:
        """Record the answer to ClearTariffs (I10): what the station names as cleared, or does not know, is gone."""
        held, wanted = self._held(state), set(asked)
        gone: set[str] = set()
        for tariff_id, status in results:
            if status in ("Accepted", "NoTariff"):
                gone |= {tariff_id} if tariff_id else wanted or {item.tariff_id for item in held.values()}
        for other in list(held.values()):
            if other.state == INSTALLED and other.tariff_id in gone and other.transaction_id is None:
                self._take_from(state, work, other, [evse_id or 0], "cleared")

    def ended(self, state: StationState, work: Work, transaction_id: str) -> None:
        """The tariff of a session ends with it. Raises NotLoaded."""
        for other in list(self._held(state).values()):
            if other.transaction_id == transaction_id and other.state == INSTALLED:
                self._documents.keep(state, work, replace(other, state="cleared"))
                drop_oldest(self._documents, state, work, StationTariff, lambda tariff: tariff.state != INSTALLED)

    def require(self, state: StationState) -> None:
        """Raise NotLoaded unless the tariffs of the station are in memory."""
        self._held(state)

    def _take_from(
        self, state: StationState, work: Work, tariff: StationTariff, evse_ids: list[int], word: str
    ) -> None:
        """Take a tariff from EVSEs; where none is left, its state is the word."""
        if tariff.state != INSTALLED or tariff.transaction_id is not None:
            return
        left: list[int] = []
        if evse_ids != EVERYWHERE:
            known = sorted(state.evses) or EVERYWHERE
            before = known if tariff.evse_ids == EVERYWHERE else tariff.evse_ids
            left = before if before == EVERYWHERE else [number for number in before if number not in evse_ids]
            if left == tariff.evse_ids:
                return
        changed = replace(tariff, evse_ids=left) if left else replace(tariff, state=word)
        changed.evse_no = left[0] if len(left) == 1 else changed.evse_no if not left else 0
        self._documents.keep(state, work, changed)


def _is_later(tariff: StationTariff, now_ms: int) -> bool:
    from_ms = parse_timestamp(tariff.valid_from) if tariff.valid_from else None
    return from_ms is not None and from_ms > now_ms


class Settlements:
    """Records payments that terminals of stations settled."""

    def __init__(self, documents: Documents, pricing: Callable[[StationState], Pricing | None]) -> None:
        self._documents = documents
        self._pricing = pricing

    def settled(
        self, state: StationState, work: Work, settlement: Settlement, transaction: Transaction | None
    ) -> tuple[str, str] | None:
        """Record a settlement; gives id and address of a receipt where the terminal has none. Raises NotLoaded.

        What contradicts the records is flagged, never refused.
        """
        self._documents.held(state, Settlement)
        if transaction is not None:
            settlement.evse_no = transaction.evse_no
        elif settlement.transaction_id:
            settlement.flags.append(UNKNOWN_TRANSACTION)
        if transaction is not None and settlement.state == "settled" and _differs(settlement, transaction):
            settlement.flags.append(DIFFERS_FROM_COST)
        receipt = self._receipt(state, settlement, transaction)
        if receipt is not None:
            settlement.receipt_id, settlement.receipt_url = receipt
        self._documents.keep(state, work, settlement)
        drop_oldest(self._documents, state, work, Settlement, lambda _: True)
        return receipt

    def _receipt(
        self, state: StationState, settlement: Settlement, transaction: Transaction | None
    ) -> tuple[str, str] | None:
        pricing = self._pricing(state)
        has_own = settlement.receipt_url or settlement.receipt_id
        if pricing is None or not pricing.receipt_url or transaction is None or has_own:
            return None
        receipt_id = str(transaction.id)
        return receipt_id, pricing.receipt_url.replace("{receipt_id}", receipt_id)


def _differs(settlement: Settlement, transaction: Transaction) -> bool:
    if transaction.cost is None:
        return False
    ours = money(Decimal(repr(transaction.cost)), transaction.currency)
    return money(Decimal(settlement.amount), transaction.currency) != ours
