"""Battery swapping: batteries in and out of a swap station (functional block S)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

SwapEvent = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]


class RequestBatterySwap(Command):
    """Ask the station to swap batteries for a token, which must be one that may charge (S02.FR.03)."""

    name = "request-battery-swap"
    summary = "Swap batteries for a token"
    example: ClassVar[dict[str, Any]] = {"id_token": "04A2B3C4", "id_token_type": "Central"}
    id_token: Annotated[str, Meta(min_length=1, max_length=255)]
    id_token_type: str = "Central"
    expires_after_s: Annotated[int, Meta(ge=10, le=86_400)] = 600
    """When no battery was put in by then, the booking counts as expired here."""


class Battery(Struct, kw_only=True):
    """A battery as the station measured it; `soc_percent` is its charge, `soh_percent` its health."""

    slot: int
    """The EVSE that stands for the slot."""
    serial_number: str
    soc_percent: float
    soh_percent: float
    production_date: str | None = None
    vendor_info: str | None = None


class BatterySwap(Document):
    """A swap: what was put in, what was taken out, for whom.

    `status` is `requested`, `in`, `out` (taken out first), `completed`, `timeout` (nobody took the batteries that were
    offered), `mismatch` (as many out as in is not true, or the token differs), `expired` or `rejected`.
    """

    kind = "battery-swaps"
    title = "battery swap"
    example: ClassVar[dict[str, Any]] = {
        "state": "completed",
        "evse_no": 0,
        "request_id": 4711,
        "id_token": "04A2B3C4",
        "id_token_type": "Central",
        "authorization": "Accepted",
        "batteries_in": [{"slot": 1, "serial_number": "B-1", "soc_percent": 12, "soh_percent": 97}],
        "batteries_out": [{"slot": 2, "serial_number": "B-2", "soc_percent": 96, "soh_percent": 99}],
        "offered": [],
        "answer": "Accepted",
        "requested_at_ms": 1757419000000,
        "in_at_ms": 1757419060000,
        "out_at_ms": 1757419090000,
        "expires_at_ms": None,
        "flags": [],
        "run": 0,
    }
    request_id: int
    id_token: str
    id_token_type: str = ""
    authorization: str = ""
    """The verdict on the token; a swap is recorded whatever it was."""
    batteries_in: list[Battery] = field(default_factory=list)
    batteries_out: list[Battery] = field(default_factory=list)
    offered: list[Battery] = field(default_factory=list)
    """Those that nobody took."""
    answer: str = ""
    """The station's answer to our request, and its reason."""
    requested_at_ms: int | None = None
    in_at_ms: int | None = None
    out_at_ms: int | None = None
    expires_at_ms: int | None = None
    flags: list[str] = field(default_factory=list)
    """`other-token`, `count-differs`, `after-expiry`, `token-not-accepted`, `request-id-reused`."""
    run: int = 0
    """Tells swaps apart where a station uses a request id again."""

    @property
    def key(self) -> str:
        """The request id, by which stations tie in and out together (S03.FR.03)."""
        return f"{self.request_id}|{self.run}"


COMMANDS: tuple[type[Command], ...] = (RequestBatterySwap,)
DOCUMENTS: tuple[type[Document], ...] = (BatterySwap,)
