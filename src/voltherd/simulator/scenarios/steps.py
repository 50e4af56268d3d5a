"""The steps of scenarios, as data: what files say and what the Python API builds.

In a file a step is an object whose first key is the verb; the value of the verb is the step's main value, its other
keys are the other fields. In Python a step is an instance: `Expect(action="BootNotification", within=10)`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

from msgspec import Struct, field

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios.durations import Duration, seconds
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


# The line and the power --------------------------------------------------------------------------


class Connect(Step):
    """Switch the station on, and wait until its connection is open.

    Attributes:
        refused: the CSMS is expected to refuse the connection: with this HTTP status, or with any (true).
        password: the one to use from now on; its own without, none with null.
    """

    VERB: ClassVar[str] = "connect"

    refused: int | bool = False
    password: str | None = "${password}"
    within: Duration = 15.0


class Boot(Step):
    """Switch the station on if it is off, and wait until the CSMS has accepted it."""

    VERB: ClassVar[str] = "boot"

    within: Duration = 30.0


class Drop(Step):
    """Break the connection without a close frame; the station comes back by itself."""

    VERB: ClassVar[str] = "drop"

    at_once: bool = False


class Offline(Step):
    """The station's network is gone until `online`."""

    VERB: ClassVar[str] = "offline"


class Online(Step):
    """The station's network is back; waits until the CSMS has the station again."""

    VERB: ClassVar[str] = "online"

    within: Duration = 60.0


class PowerCut(Step):
    """The station's power goes for so long; storage and meters stay. Waits until it is back on."""

    VERB: ClassVar[str] = "power-cut"
    MAIN: ClassVar[str | None] = "for_"
    OPTIONAL: ClassVar[bool] = True
    TIMES: ClassVar[tuple[str, ...]] = ("for_",)

    for_: Duration = field(default=5.0, name="for")


class Restart(Step):
    """Somebody presses the reset button: the station restarts in order."""

    VERB: ClassVar[str] = "restart"


# What people and hardware do ---------------------------------------------------------------------


class Plug(Step):
    """A driver plugs a vehicle in at an EVSE.

    Attributes:
        vehicle: the kind of vehicle, by name; one that fits without.
        soc: how full its battery is, 0 to 1; `target-soc`: where it stops.
    """

    VERB: ClassVar[str] = "plug"
    MAIN: ClassVar[str | None] = "evse"
    OPTIONAL: ClassVar[bool] = True

    evse: int = 1
    connector: int | None = None
    vehicle: str | None = None
    soc: float = 0.3
    target_soc: float = 1.0
    emaid: str | None = None


class Unplug(Step):
    """The driver pulls the cable out of the vehicle."""

    VERB: ClassVar[str] = "unplug"
    MAIN: ClassVar[str | None] = "evse"
    OPTIONAL: ClassVar[bool] = True

    evse: int = 1


class Present(Step):
    """A driver holds a token to the reader.

    Attributes:
        kind: of the token, in the words of OCPP 2.x.
        accepted: what is expected: that it may charge (or stops its transaction), or that it may not; null: either.
    """

    VERB: ClassVar[str] = "present"
    MAIN: ClassVar[str | None] = "token"

    token: str
    evse: int = 1
    kind: str = "ISO14443"
    accepted: bool | None = None
    within: Duration = 30.0


class Fault(Step):
    """An EVSE breaks, with an error code of OCPP 1.6."""

    VERB: ClassVar[str] = "fault"
    MAIN: ClassVar[str | None] = "code"
    OPTIONAL: ClassVar[bool] = True

    code: str = "GroundFailure"
    evse: int = 1


class Repair(Step):
    """An EVSE is whole again."""

    VERB: ClassVar[str] = "repair"
    MAIN: ClassVar[str | None] = "evse"
    OPTIONAL: ClassVar[bool] = True

    evse: int = 1


class Vehicle(Step):
    """The vehicle pauses, goes on, or has enough."""

    VERB: ClassVar[str] = "vehicle"
    MAIN: ClassVar[str | None] = "does"

    does: Literal["pause", "go-on", "full"]
    evse: int = 1


class Set(Step):
    """Set settings of the station, by their keys of 1.6, `Component.Variable` of 2.x, or our names."""

    VERB: ClassVar[str] = "set"
    MAIN: ClassVar[str | None] = "settings"

    settings: dict[str, str | int | float | bool]


# What is said ------------------------------------------------------------------------------------


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


# What is expected --------------------------------------------------------------------------------


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


# Order and time ----------------------------------------------------------------------------------


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


# The other hand on the CSMS ----------------------------------------------------------------------


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


STEPS: Final[tuple[type[Step], ...]] = (
    Connect,
    Boot,
    Plug,
    Unplug,
    Present,
    Vehicle,
    Fault,
    Repair,
    Wait,
    Expect,
    Never,
    State,
    AnyOrder,
    Parallel,
    Repeat,
    Include,
    Send,
    SendRaw,
    Override,
    Alter,
    Faults,
    Heal,
    Drop,
    Offline,
    Online,
    PowerCut,
    Restart,
    Set,
    Let,
    Say,
    Ask,
    Http,
)
"""All kinds of steps, in the order of the reference."""

VERBS: Final = {step.VERB: step for step in STEPS}
