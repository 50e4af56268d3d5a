"""Steps that do something: with the line, the power, as people and hardware do."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import field

from voltherd.simulator.scenarios.durations import Duration
from voltherd.simulator.scenarios.step import Step


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
