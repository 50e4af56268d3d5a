"""Tariffs and cost on the station: what drivers are shown, and what a session comes to (functional block I)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.tariff_types import Tariff, TariffId

_TARIFF: dict[str, Any] = {
    "tariff_id": "day-2026",
    "currency": "EUR",
    "energy": {"prices": [{"price_kwh": 0.35}], "tax_rates": [{"type": "VAT", "tax": 19}]},
    "idle_time": {"prices": [{"price_minute": 0.1, "conditions": {"min_idle_time": 1800}}]},
}
Amount = Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,4})?$")]
"""An amount of money as decimal text."""


class CostUpdated(Command, kw_only=True):
    """Show the driver what a session costs so far; without `total_cost`, what it comes to by the setting `pricing`."""

    name = "cost-updated"
    summary = "Show the cost so far"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "1757419000001234", "total_cost": "4.20"}
    transaction_id: str
    total_cost: Amount | None = None
    """With tax, in the currency of the station's tariff."""


class SetDefaultTariff(Command, kw_only=True):
    """Install the tariff of an EVSE for drivers without their own; EVSE 0: of every EVSE."""

    name = "set-default-tariff"
    summary = "Install a tariff"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "tariff": _TARIFF}
    tariff: Tariff
    evse_id: int = 0


class GetTariffs(Command, kw_only=True):
    """Ask which tariffs an EVSE has; EVSE 0: every EVSE. The answer shows under `station-tariffs`."""

    name = "get-tariffs"
    summary = "Ask for the tariffs"
    example: ClassVar[dict[str, Any]] = {"evse_id": 0}
    evse_id: int = 0


class ClearTariffs(Command, kw_only=True):
    """Remove tariffs: those named, those of an EVSE, both, or all. Running sessions keep theirs."""

    name = "clear-tariffs"
    summary = "Remove tariffs"
    example: ClassVar[dict[str, Any]] = {"tariff_ids": ["day-2026"]}
    tariff_ids: list[TariffId] = field(default_factory=list)
    evse_id: int | None = None


class ChangeTransactionTariff(Command, kw_only=True):
    """Replace the tariff of a running session, in the same currency; the station calculates on with the new one."""

    name = "change-transaction-tariff"
    summary = "Change a session's tariff"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "1757419000001234", "tariff": _TARIFF}
    transaction_id: str
    tariff: Tariff


class NotifyWebPaymentStarted(Command, kw_only=True):
    """Tell the station that a driver is paying on the web for an EVSE, so that nobody else takes it meanwhile."""

    name = "notify-web-payment-started"
    summary = "Say that a driver is paying"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "timeout_s": 120}
    evse_id: int
    timeout_s: Annotated[int, Meta(ge=1, le=3600)] = 120


class StationTariff(Document, kw_only=True):
    """A tariff that a station calculates with: for all drivers, for one, or of one session.

    `status` is `installed`, `replaced`, `cleared` or `rejected` (the station's word in `answer`). `tariff` is null
    where only the station spoke of it.
    """

    kind = "station-tariffs"
    title = "tariff of a station"
    example: ClassVar[dict[str, Any]] = {
        "state": "installed",
        "evse_no": 0,
        "tariff_id": "day-2026",
        "tariff_kind": "DefaultTariff",
        "evse_ids": [1, 2],
        "id_tokens": [],
        "transaction_id": None,
        "valid_from": None,
        "answer": "Accepted",
        "tariff": _TARIFF,
    }
    tariff_id: str
    tariff_kind: Literal["DefaultTariff", "DriverTariff", "TransactionTariff"]
    evse_ids: list[int] = field(default_factory=list)
    """Where it is installed; 0: every EVSE."""
    id_tokens: list[str] = field(default_factory=list)
    transaction_id: str | None = None
    valid_from: str | None = None
    answer: str = ""
    tariff: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """A rejected one does not hide one of the same id that is installed."""
        refused = "rejected " if self.state == "rejected" else ""
        return f"{refused}{self.transaction_id or ''}|{self.tariff_id}"


class Settlement(Document, kw_only=True):
    """A payment at the terminal of a station, and how it was settled; amounts are decimal text.

    `status` is `settled`, `canceled`, `rejected` or `failed`.
    """

    kind = "settlements"
    title = "settlement"
    example: ClassVar[dict[str, Any]] = {
        "state": "settled",
        "evse_no": 0,
        "psp_ref": "PSP-4711",
        "transaction_id": "b7d3",
        "amount": "12.5",
        "settled_at_ms": 1757419000000,
        "status_info": None,
        "receipt_id": "R-1",
        "receipt_url": "https://receipts.example/R-1",
        "vat_number": None,
        "vat_company": None,
        "flags": [],
    }
    psp_ref: str
    transaction_id: str | None = None
    amount: str
    settled_at_ms: int
    status_info: str | None = None
    receipt_id: str | None = None
    receipt_url: str | None = None
    vat_number: str | None = None
    vat_company: dict[str, Any] | None = None
    flags: list[str] = field(default_factory=list)
    """`unknown-transaction`, `differs-from-cost`."""

    @property
    def key(self) -> str:
        """Attempts of one payment differ in time or outcome; the same report again is the same settlement."""
        return f"{self.psp_ref}|{self.settled_at_ms}|{self.state}"


class CostDetails(Document, kw_only=True):
    """What a 2.1 station calculated for a session itself, beside what it comes to by the setting `pricing`.

    `status` is `running`, `agrees`, `differs`, `not-compared` (no price of ours, or another currency) or `failed`
    (the station could not calculate).
    """

    kind = "cost-details"
    title = "cost breakdown"
    example: ClassVar[dict[str, Any]] = {
        "state": "agrees",
        "evse_no": 1,
        "transaction_id": "b7d3",
        "currency": "EUR",
        "total": "6.07",
        "total_without_tax": "5.1",
        "ours": "6.07",
        "details": {"total_usage": {"energy": 10000, "charging_time": 3600, "idle_time": 0}},
    }
    transaction_id: str
    currency: str
    total: str | None
    """With tax, or what can be made of what the station said."""
    total_without_tax: str | None
    ours: str | None = None
    details: dict[str, Any]
    """All that the station said, in our spelling."""

    @property
    def key(self) -> str:
        """One per session: the newest."""
        return self.transaction_id


COMMANDS: tuple[type[Command], ...] = (
    CostUpdated,
    SetDefaultTariff,
    GetTariffs,
    ClearTariffs,
    ChangeTransactionTariff,
    NotifyWebPaymentStarted,
)
DOCUMENTS: tuple[type[Document], ...] = (StationTariff, Settlement, CostDetails)
