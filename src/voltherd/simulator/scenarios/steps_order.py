"""Steps about order, time and variables, and the other hand on the CSMS."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from msgspec import field

from voltherd.simulator.scenarios.durations import Duration
from voltherd.simulator.scenarios.marks import here
from voltherd.simulator.scenarios.step import Step

MOST_TIMES: Final = 1_000_000
"""How often steps may be repeated."""


class Wait(Step):
    """Let so much time of the station's clock pass."""

    VERB: ClassVar[str] = "wait"
    MAIN: ClassVar[str | None] = "for_"
    TIMES: ClassVar[tuple[str, ...]] = ("for_",)

    for_: Duration = field(name="for")


class AnyOrder(Step):
    """Expectations whose order does not matter; what follows comes after all of them."""

    VERB: ClassVar[str] = "any-order"
    MAIN: ClassVar[str | None] = "steps"
    NESTED: ClassVar[tuple[str, ...]] = ("steps",)

    steps: list[Step]


class Parallel(Step):
    """Lists of steps that are done at the same time; each begins with an own view of what was expected."""

    VERB: ClassVar[str] = "parallel"
    MAIN: ClassVar[str | None] = "branches"
    NESTED: ClassVar[tuple[str, ...]] = ("branches",)

    branches: list[list[Step]]


class Repeat(Step):
    """Steps that are done so many times; `${round}` counts from 1."""

    VERB: ClassVar[str] = "repeat"
    MAIN: ClassVar[str | None] = "times"
    NESTED: ClassVar[tuple[str, ...]] = ("steps",)

    times: int
    steps: list[Step]

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: it cannot be done so many times.
        """
        if self.where is None:
            self.where = here()
        Step.__post_init__(self)
        if not 1 <= self.times <= MOST_TIMES:
            raise ValueError(f"repeat wants a number from 1 to {MOST_TIMES}, not {self.times}")


class Include(Step):
    """The steps of another scenario: a file beside this one, or a shipped one. `variables` go before its own."""

    VERB: ClassVar[str] = "include"
    MAIN: ClassVar[str | None] = "file"

    file: str
    variables: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


class Let(Step):
    """Set variables."""

    VERB: ClassVar[str] = "let"
    MAIN: ClassVar[str | None] = "variables"

    variables: dict[str, Any]


class Say(Step):
    """Say something in the report."""

    VERB: ClassVar[str] = "say"
    MAIN: ClassVar[str | None] = "text"

    text: str


class Ask(Step):
    """Have the CSMS do something: by the requests that `--csms` names, or by a person who reads `text`.

    Attributes:
        values: what the request may refer to, as variables.
    """

    VERB: ClassVar[str] = "ask"
    MAIN: ClassVar[str | None] = "request"

    request: str
    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)


class Http(Step):
    """Send an HTTP request, such as one to the API of the CSMS.

    Attributes:
        request: method and address, `POST https://...`.
        body: sent as JSON.
        status: those that are well; the answer must have one of them.
        answer: what its JSON must look like.
        wait: false goes on without waiting; what comes of it counts at the end.
    """

    VERB: ClassVar[str] = "http"
    MAIN: ClassVar[str | None] = "request"
    PATTERNS: ClassVar[tuple[str, ...]] = ("answer",)

    request: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int | list[int] = field(default_factory=lambda: [200, 201, 202, 204])
    answer: Any = None
    wait: bool = True
    within: Duration = 30.0
