"""Reports of 2.x stations that come in parts: which parts came, also across a restart of the server (B07, B08, N02)."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from voltherd.domain.commands import Command
from voltherd.domain.device_model import MAX_PARTS, Report
from voltherd.domain.document import Document

What = Literal["variables", "monitors"]


class StationReport(Document, kw_only=True):
    """A report that a station sends in parts, asked for or not; what it tells is under `variables` or `monitors`.

    `status` is `coming`, `complete`, or `incomplete` (nothing came of it for so long that it was given up).
    """

    kind = "reports"
    title = "report"
    example: ClassVar[dict[str, Any]] = {
        "state": "incomplete",
        "evse_no": 0,
        "request_id": 71234,
        "what": "variables",
        "command_id": "1757419000001234",
        "items": 40,
        "highest": 3,
        "missing": [2],
        "last": 3,
        "whole": False,
        "began_at_ms": 1_777_883_460_000,
        "part_at_ms": 1_777_883_462_000,
    }
    state: Literal["coming", "complete", "incomplete"]
    request_id: int
    what: What
    command_id: str | None = None
    """The command that asked for it, if one did."""
    items: int = 0
    """So many variables or monitors came."""
    highest: int = -1
    """The highest number of a part that came; the first part is number 0."""
    missing: list[int]
    """Numbers of the parts before the last one (or the highest so far) that have not come."""
    last: int | None = None
    """Number of the part that the station marked as the last."""
    whole: bool = False
    """All monitors were asked for: what is not in it is gone."""
    began_at_ms: int
    part_at_ms: int
    """When something came of it last."""

    @property
    def key(self) -> str:
        return key_of(self.what, self.request_id)

    @property
    def words(self) -> str:
        """What came of it, and what did not."""
        return words_of(self.what, self.items, self.missing, ended=self.last is not None)

    def put_into(self, report: Report) -> None:
        """Take up what came before."""
        report.at_ms, report.began_ms, report.last = self.part_at_ms, self.began_at_ms, self.last
        report.variables = self.items
        report.parts = set(range(self.highest + 1)) - set(self.missing) if self.highest <= MAX_PARTS else {self.highest}


def key_of(what: What, request_id: int) -> str:
    """Give the key of a report's document."""
    return f"{what}-{request_id}"


def words_of(what: What, items: int, missing: Sequence[int], *, ended: bool) -> str:
    """Say what came of a report: gaps are told (interop trap 16)."""
    words = f"{items} {what} reported"
    if missing:
        words += f"; parts that never came: {', '.join(str(number) for number in missing)}"
    return words if ended else f"{words}; the last part was never marked"


COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = (StationReport,)
