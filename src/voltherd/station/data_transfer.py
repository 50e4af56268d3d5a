"""Data transfers of vendors, in both directions (OCPP 2.0.1 P; OCPP 1.6, 4.3 and 5.6).

What a station understands is in `DataTransfer.handlers`; a vendor's code enters itself there at import:

    DataTransfer.handlers["org.example", "lights"] = set_lights
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, switch

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

VENDOR_ID: Final = "org.voltherd"
"""The vendor whose data transfers the station understands by itself; message id `echo` gives the data back."""

TransferStatus = Literal["Accepted", "Rejected", "UnknownVendorId", "UnknownMessageId"]


class Transferred(Struct, frozen=True):
    """The answer to a data transfer; `data` None where there is none."""

    status: TransferStatus
    data: Any = None


class Transfer(Struct, frozen=True, kw_only=True):
    """Data for the CSMS; the answer is a `Transferred`. 1.6 carries text only: other data is sent as JSON there."""

    vendor_id: str
    message_id: str | None = None
    data: Any = None


Handler = Callable[["StationCore", Any], Transferred]
"""Serves one kind of message of a vendor: is given the data (None without), gives the answer."""


def echo(core: StationCore, data: Any) -> Transferred:
    """Give the data back."""
    return Transferred("Accepted", data)


class DataTransfer(Function):
    """Finds who understands a data transfer.

    `handlers` are by vendor and message id, shared by all stations; a message id of None serves every other one.
    """

    __slots__ = ()

    handlers: ClassVar[dict[tuple[str, str | None], Handler]] = {(VENDOR_ID, "echo"): echo}

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("custom_transfers", True, None, f"CustomizationCtrlr.CustomImplementationEnabled/{VENDOR_ID}"),
    )

    def serve(self, vendor_id: str, message_id: str | None, data: Any) -> Transferred:
        """Answer a data transfer of the CSMS (OCPP 2.0.1 P01.FR.05, FR.06)."""
        known = any(vendor == vendor_id for vendor, _ in self.handlers)
        if not known or (vendor_id == VENDOR_ID and not self.core.settings.switch("custom_transfers")):
            return Transferred("UnknownVendorId")
        handler = self.handlers.get((vendor_id, message_id)) or self.handlers.get((vendor_id, None))
        return Transferred("UnknownMessageId") if handler is None else handler(self.core, data)

    def send(
        self,
        vendor_id: str,
        message_id: str | None = None,
        data: Any = None,
        on_answer: Callable[[Transferred | None, OcppError | None], None] | None = None,
    ) -> None:
        """Send data to the CSMS; lost when it cannot be reached (OCPP 2.0.1 P02)."""
        self.core.say(Transfer(vendor_id=vendor_id, message_id=message_id, data=data), on_answer)

    def facts(self) -> Iterator[Fact]:
        """The triggers that vendors entered (CustomTriggers of 2.1)."""
        if self.core.is_v21:
            names = ",".join(sorted(self.core.remote_control.custom_triggers))
            yield Fact(
                component="CustomizationCtrlr",
                variable="CustomTriggers",
                value=names,
                values=names,
                kind="MemberList",
                is_constant=True,
            )
