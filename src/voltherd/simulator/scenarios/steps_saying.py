"""Steps about messages: what is said in the station's name, and what is expected."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from msgspec import field

from voltherd.simulator.scenarios.durations import Duration
from voltherd.simulator.scenarios.marks import here
from voltherd.simulator.scenarios.state_fields import check as check_state
from voltherd.simulator.scenarios.step import Step


class Send(Step):
    """Send a call as it is, whatever the station's rules say, and wait for its answer.

    Attributes:
        answer: what the answer must look like; `error`: that it is refused, with a code that fits.
        check: false sends what the schema of the version refuses.
        wait: false does not wait for an answer.
    """

    VERB: ClassVar[str] = "send"
    MAIN: ClassVar[str | None] = "action"
    PATTERNS: ClassVar[tuple[str, ...]] = ("answer", "error")

    action: str
    payload: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    error: Any = None
    check: bool = True
    wait: bool = True
    within: Duration = 30.0


class SendRaw(Step):
    """Put a text on the line as it is."""

    VERB: ClassVar[str] = "send-raw"
    MAIN: ClassVar[str | None] = "text"

    text: str


class Override(Step):
    """Answer an action of the CSMS in the station's place, without doing what it asks; exactly one of the first four.

    Attributes:
        answer: the payload of the answer; `error`: a code for CALLERROR; `silence`: no answer.
        delay: the station answers itself, so late.
        times: so often, then no more; null: until `heal`.
    """

    VERB: ClassVar[str] = "override"
    MAIN: ClassVar[str | None] = "action"
    TIMES: ClassVar[tuple[str, ...]] = ("delay",)

    action: str
    answer: dict[str, Any] | None = None
    error: str | None = None
    silence: bool = False
    delay: Duration | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: not exactly one way is given.
        """
        if self.where is None:
            self.where = here()
        Step.__post_init__(self)
        ways = (self.answer is not None, self.error is not None, self.silence, self.delay is not None)
        if sum(ways) != 1:
            raise ValueError("override wants exactly one of answer, error, silence, delay")


class Alter(Step):
    """Change what the station says in an action, calls and answers alike.

    Attributes:
        set: new values by path, such as `meterValue.0.sampledValue.0.value`.
        remove: paths to take out.
        times: so often, then no more; null: until `heal`.
    """

    VERB: ClassVar[str] = "alter"
    MAIN: ClassVar[str | None] = "action"

    action: str
    set: dict[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    times: int | None = None


class Faults(Step):
    """Let faults be in force from now on; see the table of faults."""

    VERB: ClassVar[str] = "faults"
    MAIN: ClassVar[str | None] = "faults"

    faults: list[dict[str, Any]]


class Heal(Step):
    """End all faults, overrides and alterations, or those of one kind."""

    VERB: ClassVar[str] = "heal"
    MAIN: ClassVar[str | None] = "kind"
    OPTIONAL: ClassVar[bool] = True

    kind: str | None = None


class Expect(Step):
    """Wait for a call on the wire that comes after the one expected before.

    Attributes:
        action: its action; `*` for any.
        with_: what its payload must look like.
        answer: what the other side's answer must look like; `error`: that it is refused, with a code that fits.
        from_: who must send it; either side without.
    """

    VERB: ClassVar[str] = "expect"
    MAIN: ClassVar[str | None] = "action"
    PATTERNS: ClassVar[tuple[str, ...]] = ("with_", "answer", "error")

    action: str
    with_: Any = field(default=None, name="with")
    answer: Any = None
    error: Any = None
    from_: Literal["station", "csms"] | None = field(default=None, name="from")
    within: Duration = 30.0


class Never(Step):
    """No such call has come since the one expected before, and none comes for so long."""

    VERB: ClassVar[str] = "never"
    MAIN: ClassVar[str | None] = "action"
    PATTERNS: ClassVar[tuple[str, ...]] = ("with_",)
    TIMES: ClassVar[tuple[str, ...]] = ("for_",)

    action: str
    with_: Any = field(default=None, name="with")
    from_: Literal["station", "csms"] | None = field(default=None, name="from")
    for_: Duration = field(default=1.0, name="for")


class State(Step):
    """Wait until the station, or one EVSE of it, is as the pattern says."""

    VERB: ClassVar[str] = "state"
    MAIN: ClassVar[str | None] = "pattern"
    PATTERNS: ClassVar[tuple[str, ...]] = ("pattern",)

    pattern: dict[str, Any]
    evse: int | None = None
    within: Duration = 30.0

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: the pattern is about something that there is not.
        """
        if self.where is None:
            self.where = here()
        Step.__post_init__(self)
        check_state(self.pattern, is_evse=self.evse is not None)
