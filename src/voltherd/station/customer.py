"""What is stored about a customer: told and forgotten on demand (OCPP 2.0.1 N09, N10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from voltherd.station.chain import HashData
from voltherd.station.function import Function
from voltherd.station.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

Outcome = Literal["Accepted", "Rejected", "Invalid"]
PART: Final = 512
"""Characters of one NotifyCustomerInformation."""


class CustomerRequest(Struct, frozen=True, kw_only=True):
    """Whom it is about, by one of three names, and what to do."""

    request_id: int
    is_to_report: bool
    is_to_clear: bool
    token: Token | None = None
    certificate: HashData | None = None
    identifier: str | None = None


class CustomerInformation(Struct, frozen=True):
    """One part of what is known."""

    request_id: int
    seq_no: int
    more: bool
    data: str


class Customers(Function):
    """Gathers what the functions know of a customer.

    Forgetting spares what is not the station's to forget: the local list is the CSMS's (N10.FR.02), and reservations
    and transactions go on.
    """

    __slots__ = ()

    def customer_data(self, token: Token) -> Iterator[str]:
        """Where a customer charges or is expected."""
        for evse in self.core.evses.values():
            if evse.permission is not None and evse.permission.token.matches(token):
                running = evse.transaction
                yield f"EVSE {evse.id}: authorized" + ("" if running is None else f", transaction {running.id}")
            if evse.reservation is not None and evse.reservation.token.matches(token):
                yield f"EVSE {evse.id}: reservation {evse.reservation.id}"
        listed = self.core.local_list.find(token)
        if listed is not None:
            yield f"local list: {listed.status}"

    def serve(self, request: CustomerRequest) -> Outcome:
        """Tell and forget, after the answer to the request in hand."""
        names = (request.token, request.certificate, request.identifier)
        if sum(name is not None for name in names) != 1:
            return "Invalid"  # N09.FR.09
        if not (request.is_to_report or request.is_to_clear):
            return "Rejected"  # N09.FR.07, N10.FR.07
        token = request.token or (Token(request.identifier) if request.identifier is not None else None)
        known = list(self._known(token)) if token is not None else []
        if request.is_to_clear and token is not None:
            for function in self.core.functions:
                function.forget_customer(token)
        self._tell(request, known)
        return "Accepted"

    def _known(self, token: Token) -> Iterator[str]:
        for function in self.core.functions:
            yield from function.customer_data(token)

    def _tell(self, request: CustomerRequest, known: list[str]) -> None:
        """In parts (N09.FR.05), or in one that says that there is nothing, or that it was forgotten (N09.FR.06)."""
        if not known:
            text = "No data was found."
        elif request.is_to_report:
            text = "\n".join(known)
        else:
            text = "The data was cleared."  # N10.FR.06
        parts = [text[start : start + PART] for start in range(0, len(text), PART)]
        for seq_no, part in enumerate(parts):
            more = seq_no < len(parts) - 1
            self.core.trigger(CustomerInformation(request.request_id, seq_no, more, part))
