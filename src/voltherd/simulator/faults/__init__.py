"""Faults: what goes wrong between a station and its CSMS, and in the station, as data.

    line = LineFaults(station, read_faults([{"kind": "delay", "most-s": 3.0, "what": "answers"}]), seed=7)

`line.add` and `line.remove` change what is in force. The same seed and the same frames bring the same harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Union

import msgspec

from voltherd.simulator.faults.answers import Pretend, Refuse
from voltherd.simulator.faults.contents import (
    Alter,
    ExtraField,
    Garble,
    Huge,
    MissingField,
    Truncate,
    UnknownAction,
    UnknownEnum,
    WrongType,
    WrongUnit,
)
from voltherd.simulator.faults.fault import Fault, FrameFault, TimedFault
from voltherd.simulator.faults.frames import Delay, Duplicate, Lose, Reorder
from voltherd.simulator.faults.happenings import ClockJump, MeterReset, RebootLoop, ReconnectStorm
from voltherd.simulator.faults.line import BlackHole, Drop, HalfOpen, PowerCut
from voltherd.simulator.faults.line_faults import LineFaults
from voltherd.simulator.problems import FileError

FAULTS: Final[tuple[type[Fault], ...]] = (
    Lose,
    Delay,
    Reorder,
    Duplicate,
    Truncate,
    Garble,
    UnknownAction,
    UnknownEnum,
    WrongType,
    MissingField,
    ExtraField,
    Huge,
    WrongUnit,
    Alter,
    Refuse,
    Pretend,
    Drop,
    HalfOpen,
    BlackHole,
    PowerCut,
    ClockJump,
    MeterReset,
    RebootLoop,
    ReconnectStorm,
)
"""All kinds."""

KINDS: Final = {fault.KIND: fault for fault in FAULTS}

_ANY: Final = Union[FAULTS]  # noqa: UP007 - of a tuple


def read_fault(table: Mapping[str, Any]) -> Fault:
    """A fault of its table, as TOML, YAML or JSON give it.

    Raises:
        FileError: there is no such kind, or it has no such value; the text says which there are.
    """
    kind = table.get("kind")
    if kind not in KINDS:
        raise FileError(f"There is no fault {kind!r}; there are {', '.join(KINDS)}")
    try:
        found: Fault = msgspec.convert(dict(table), _ANY)
    except msgspec.ValidationError as error:
        text = str(error)
        if "unknown field" in text:
            text += f"; {kind} has {', '.join(fields(KINDS[kind]))}"
        raise FileError(text) from None
    return found


def read_faults(tables: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Faults of their tables.

    Raises:
        FileError: as `read_fault`.
    """
    return tuple(read_fault(table) for table in tables)


def fields(kind: type[Fault]) -> tuple[str, ...]:
    """The names of what can be said of a fault, as files write them."""
    return tuple(one.encode_name for one in msgspec.structs.fields(kind))


__all__ = [
    "FAULTS",
    "KINDS",
    "Alter",
    "BlackHole",
    "ClockJump",
    "Delay",
    "Drop",
    "Duplicate",
    "ExtraField",
    "Fault",
    "FrameFault",
    "Garble",
    "HalfOpen",
    "Huge",
    "LineFaults",
    "Lose",
    "MeterReset",
    "MissingField",
    "PowerCut",
    "Pretend",
    "RebootLoop",
    "ReconnectStorm",
    "Refuse",
    "Reorder",
    "TimedFault",
    "Truncate",
    "UnknownAction",
    "UnknownEnum",
    "WrongType",
    "WrongUnit",
    "fields",
    "read_fault",
    "read_faults",
]
