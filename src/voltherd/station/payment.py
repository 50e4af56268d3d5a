"""Paying at the station: over a QR code, and by a payment terminal (OCPP 2.1 C20 to C25).

The terminal is hardware: it tells what became of a payment by `settled`, and may ask for a company by its VAT number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Literal
from urllib.parse import quote, urlencode

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.ocpp.errors import OcppError
    from voltherd.station.core import StationCore

VERSION_1: Final = "v1"
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLACE: Final = re.compile(r"\{([A-Za-z]+)\}")
_PLACES: Final = frozenset({"totp", "version", "chargingstationid", "evse", "roamingevseid"})

SettlementStatus = Literal["Settled", "Canceled", "Rejected", "Failed"]


class Company(Struct, frozen=True, kw_only=True):
    """Who pays."""

    name: str
    address1: str
    city: str
    country: str
    address2: str | None = None
    postal_code: str | None = None


class Settlement(Struct, frozen=True, kw_only=True):
    """What became of a payment; `settled_at` as OCPP writes it. The answer is a `Receipt`."""

    reference: str
    status: SettlementStatus
    amount: float
    settled_at: str
    transaction_id: str | None = None
    reason: str | None = None
    receipt_id: str | None = None
    receipt_url: str | None = None
    vat_number: str | None = None
    company: Company | None = None


class Receipt(Struct, frozen=True):
    """Where the CSMS keeps a receipt."""

    url: str | None = None
    id: str | None = None


class VatNumber(Struct, frozen=True):
    """Whose VAT number is it? The answer is a `Company`, or None for a number that is none."""

    number: str
    evse_id: int | None = None


class Payments(Function):
    """Shows where to pay, keeps an EVSE for who pays, and tells of settlements."""

    __slots__ = ("_kept",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("web_payments", False, None, "WebPaymentsCtrlr.Enabled", since_v21=True),
        text("web_payment_url", "", None, "WebPaymentsCtrlr.URLTemplate", most_characters=500, since_v21=True),
        text("web_payment_parameters", "maxtime,maxenergy,maxcost", None, "WebPaymentsCtrlr.URLParameters",
             kind="MemberList", access="ReadOnly", since_v21=True),
        text("totp_version", VERSION_1, None, "WebPaymentsCtrlr.TOTPVersion", kind="OptionList", values=(VERSION_1,),
             since_v21=True),
        number("totp_validity_s", 30, None, "WebPaymentsCtrlr.ValidityTime", least=1, since_v21=True),
        text("totp_secret", "", None, "WebPaymentsCtrlr.SharedSecret", access="WriteOnly", most_characters=500,
             since_v21=True),
        number("totp_length", 8, None, "WebPaymentsCtrlr.Length", unit=None, least=4, most=32, since_v21=True),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._kept: dict[int, Timer] | None = None

    @property
    def is_offered(self) -> bool:
        """2.1 has payments."""
        return self.core.is_v21

    def objects_to(self, name: str, value: str) -> str | None:
        """A template must lead the CSMS to the station (OCPP 2.1 C25.FR.50)."""
        if name != "web_payment_url" or not value:
            return None
        places = {place.casefold() for place in _PLACE.findall(value)}
        if places - _PLACES:
            return "The template has an unknown placeholder"
        complete = {"totp", "version"} <= places and places & {"chargingstationid", "roamingevseid"}
        return None if complete else "The template needs {totp}, {version} and {chargingstationid}"

    # Over a QR code --------------------------------------------------------------------------

    def password(self) -> str:
        """The password in the address of this moment (algorithm version 1 of OCPP 2.1 C25)."""
        settings = self.core.settings
        at_s = int(self.core.clock.wall(self.core.now).timestamp())
        interval = (at_s // settings.number("totp_validity_s")).to_bytes(8, "big")
        found = hmac.digest(settings.text("totp_secret").encode(), interval, hashlib.sha256)
        first = found[-1] & 0x0F
        places = range(first, first + settings.number("totp_length"))
        return "".join(_ALPHABET[found[place % len(found)] % len(_ALPHABET)] for place in places)

    def url(
        self,
        evse_id: int,
        *,
        max_time_s: int | None = None,
        max_energy_wh: int | None = None,
        max_cost: float | None = None,
    ) -> str | None:
        """The address in the QR code of an EVSE now, with what the driver chose; None without web payments.

        OCPP 2.1 C25.FR.01, FR.51 to FR.58.
        """
        settings = self.core.settings
        template = settings.text("web_payment_url")
        if not settings.switch("web_payments") or not template:
            return None
        words = {
            "totp": self.password(),
            "version": settings.text("totp_version"),
            "chargingstationid": quote(self.core.target().identity, safe=""),
            "evse": str(evse_id),
            "roamingevseid": str(evse_id),
        }
        address = _PLACE.sub(lambda place: words[place[1].casefold()], template)
        chosen = {"maxtime": max_time_s, "maxenergy": max_energy_wh, "maxcost": max_cost}
        query = urlencode({name: value for name, value in chosen.items() if value is not None})
        return address + (("&" if "?" in address else "?") + query if query else "")

    def started(self, evse_id: int, timeout_s: int) -> None:
        """Somebody pays for an EVSE (0: any) on the web: nobody else begins there meanwhile (OCPP 2.1 C25.FR.22)."""
        for evse in self.core.evses.values():
            if evse_id in (0, evse.id):
                self._free(evse.id)
                self._keep(evse, timeout_s)

    def is_kept(self, evse: Evse) -> bool:
        """Whether an EVSE is kept for somebody who pays."""
        return self._kept is not None and evse.id in self._kept

    def _keep(self, evse: Evse, timeout_s: int) -> None:
        self._kept = self._kept or {}
        self._kept[evse.id] = self.core.timers.at(self.core.now + timeout_s, lambda: self._free(evse.id))
        self.core.display.tell(evse.id, "instruction", "Payment started")

    def _free(self, evse_id: int) -> None:
        timer = self._kept.pop(evse_id, None) if self._kept else None
        if timer is not None:
            timer.cancel()
            self._kept = self._kept or None
            self.core.display.tell(evse_id, "instruction", "")

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """Who paid charges."""
        self._free(evse.id)

    # By a terminal ---------------------------------------------------------------------------

    def settled(
        self, settlement: Settlement, on_receipt: Callable[[Receipt | None, OcppError | None], None] | None = None
    ) -> None:
        """The terminal tells what became of a payment (OCPP 2.1 C20.FR.05, C21.FR.02, C22)."""
        if self.is_offered:
            self.core.queue(settlement, on_receipt)

    def whose_number(
        self, vat_number: str, tell: Callable[[Company | None, OcppError | None], None], evse_id: int | None = None
    ) -> None:
        """Ask the CSMS for the company with a VAT number; `tell` hears None for a number that is none."""
        self.core.say(VatNumber(vat_number, evse_id), tell)
