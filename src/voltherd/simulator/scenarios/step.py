"""What all steps of scenarios have in common."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios.durations import seconds
from voltherd.simulator.scenarios.marks import Mark, here
from voltherd.simulator.scenarios.patterns import check


class Step(Struct, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One step.

    Attributes:
        station: whose, by its name in the scenario; the first one's without.
        only: OCPP versions in which it is done; in others it is left out.
        note: words for the report.
        where: the line it stands in.
    """

    VERB: ClassVar[str] = ""
    MAIN: ClassVar[str | None] = None
    """The field that the verb's value goes to; None: the verb has no value."""
    OPTIONAL: ClassVar[bool] = False
    """Whether the verb may stand without a value."""
    NESTED: ClassVar[tuple[str, ...]] = ()
    """Fields that hold steps."""
    PATTERNS: ClassVar[tuple[str, ...]] = ()
    """Fields that hold patterns."""
    TIMES: ClassVar[tuple[str, ...]] = ("within",)
    """Fields that hold lengths of time."""

    station: str | None = None
    only: OcppVersion | list[OcppVersion] | None = None
    note: str = ""
    where: Mark | None = None

    def __post_init__(self) -> None:
        """Check it, and note where it was written.

        Raises:
            ValueError: something that cannot be.
        """
        for name in self.TIMES:
            value = getattr(self, name, None)
            if value is not None and not (isinstance(value, str) and "${" in value):
                seconds(value)
        for name in self.PATTERNS:
            check(getattr(self, name))
        if self.where is None:
            self.where = here()

    @property
    def mark(self) -> Mark:
        """The line it stands in."""
        return self.where or Mark("", 0)

    def holds_in(self, version: OcppVersion) -> bool:
        """Whether it is done in a version."""
        only = [self.only] if isinstance(self.only, OcppVersion) else self.only
        return only is None or version in only

    def title(self) -> str:
        """The step in a few words."""
        main = getattr(self, self.MAIN) if self.MAIN is not None else None
        told = isinstance(main, str | int | float) and main is not None
        return f"{self.VERB} {main}" if told else self.VERB
