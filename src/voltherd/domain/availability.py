"""Availability: what operators want of a station, an EVSE or a connector, held against what is reported of it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

State = Literal["accepted", "scheduled", "in-effect", "differs"]
Place = tuple[int, int]
"""EVSE and connector: (0, 0) is the station, (n, 0) an EVSE as a whole."""
STATION: Place = (0, 0)
_FREE = frozenset({"Available", "Reserved"})
_SILENT = frozenset({"Faulted", "Unknown"})


class AvailabilityIntent(Document, kw_only=True):
    """What was asked for with ChangeAvailability and agreed to, and whether reports agree with it.

    `accepted` and `scheduled` are the station's answer; `in-effect`: its reports agree since; `differs`: they
    contradict, after a start of the station or by a change that nobody here asked for.
    """

    kind = "availability"
    title = "availability asked for"
    example: ClassVar[dict[str, Any]] = {
        "state": "in-effect",
        "evse_no": 1,
        "connector_id": 0,
        "operational": False,
        "asked_at_ms": 1757419000000,
        "reported": "Unavailable",
        "reported_at_ms": 1757419002000,
        "sent_again_at_ms": None,
    }
    connector_id: int = 0
    """0: the EVSE or station as a whole."""
    operational: bool
    asked_at_ms: int
    reported: str | None = None
    """The status that was compared last."""
    reported_at_ms: int | None = None
    sent_again_at_ms: int | None = None
    """When a rule asked the station again after its start."""

    @property
    def key(self) -> str:
        return key_of((self.evse_no, self.connector_id))

    @property
    def place(self) -> Place:
        """Where it holds."""
        return self.evse_no, self.connector_id


def key_of(place: Place) -> str:
    """Give the key of what was asked for a place."""
    return f"{place[0]}/{place[1]}"


def deciding(asked: Mapping[str, AvailabilityIntent], place: Place) -> AvailabilityIntent | None:
    """Give what decides about a place: whoever says out of service, the widest first, else the narrowest word.

    A station or EVSE that is brought back leaves its parts as they were (OCPP 2.0.1 G03.FR.07, G04.FR.08).
    """
    places = list(dict.fromkeys((STATION, (place[0], 0), place)))
    found = [asked[key_of(one)] for one in places if key_of(one) in asked]
    return next((one for one in found if not one.operational), found[-1] if found else None)


def agrees(operational: bool, status: str) -> bool | None:
    """Whether a reported status (of any version) fits; None: it says nothing about it, such as a running session."""
    if status in _SILENT:
        return None
    if operational:
        return status != "Unavailable"
    return True if status == "Unavailable" else (False if status in _FREE else None)


def holds(operational: bool, statuses: Sequence[str]) -> bool:
    """Whether everything that was reported fits already; what is out of order says nothing either way."""
    telling = [status for status in statuses if status not in _SILENT]
    return bool(telling) and all(agrees(operational, status) for status in telling)


COMMANDS: tuple[type[Command], ...] = ()
DOCUMENTS: tuple[type[Document], ...] = (AvailabilityIntent,)
