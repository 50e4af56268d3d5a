"""What is let through although the schema forbids it: data, not code in the main path.

Observe aggressively, block reluctantly: an unknown word in a field that only describes, or a timestamp in an odd shape,
is kept as the station sent it, and the station is flagged. Everything else gets its CALLERROR.
"""

import re
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

DESCRIPTIVE_ENUMS: dict[str, str] = {
    "errorCode": "OtherError",
    "reason": "",
    "stoppedReason": "Other",
    "measurand": "Voltage",
    "context": "Other",
    "location": "Outlet",
    "phase": "N",
    "unit": "Wh",
    "format": "Raw",
}
"""Fields whose unknown words are kept as text (interop trap 27), and a valid word to decode the rest with."""

FALLBACK_WORDS: dict[tuple[str, str], str] = {
    ("StopTransaction", "reason"): "Other",
    ("BootNotification", "reason"): "Unknown",
}
ODD_INSTANT = "1970-01-01T00:00:00Z"
"""Stands for a timestamp of odd shape while the rest is decoded (interop trap 29)."""
TIMESTAMPS = frozenset({"timestamp"})
MAX_REPAIRS = 32
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class Deviation(NamedTuple):
    """Where a payload broke the schema and what stood there."""

    path: str
    value: Any

    @property
    def flag(self) -> str:
        """The word noted at the station, without list positions."""
        return "deviation:" + re.sub(r"\[\d+\]", "", self.path).removeprefix("$.")


def decode_tolerantly(
    version: OcppVersion, action: str, raw: Raw | bytes, error: OcppError
) -> tuple[Struct, list[Deviation]]:
    """Decode a payload that `decode_request` refused with `error`, if its deviations are all known and harmless.

    The values stay as they were sent. Raises the OcppError of the first deviation that is not.
    """
    deviations: list[Deviation] = []
    tree: Any = None
    while len(deviations) < MAX_REPAIRS:
        steps = _steps(error)
        replacement = _replacement(version, action, steps, error)
        if replacement is None:
            raise error
        if tree is None:
            tree = msgspec.json.decode(raw)
        holder = _walk(tree, steps[:-1])
        deviations.append(Deviation(str(error.details["path"]), holder[steps[-1]]))
        holder[steps[-1]] = replacement
        try:
            message: Struct = decode_request(version, action, msgspec.json.encode(tree))
        except OcppError as next_error:
            error = next_error
        else:
            for deviation in deviations:
                _restore(message, deviation)
            return message, deviations
    raise error


def _steps(error: OcppError) -> list[Any]:
    path = str(error.details.get("path", ""))
    return [name or int(index) for name, index in _STEP.findall(path)]


def _replacement(version: OcppVersion, action: str, steps: list[Any], error: OcppError) -> str | int | None:
    if not steps or not isinstance(steps[-1], str):
        return None
    field, rule = steps[-1], error.details.get("rule")
    if rule == "enum" and field in DESCRIPTIVE_ENUMS:
        return FALLBACK_WORDS.get((action, field), DESCRIPTIVE_ENUMS[field]) or None
    if rule == "format" and field in TIMESTAMPS:
        return ODD_INSTANT
    if rule == "type" and field == "value" and "sampledValue" in steps:
        return "0" if version is OcppVersion.V16 else 0
    return None


def _walk(tree: Any, steps: list[Any]) -> Any:
    for step in steps:
        tree = tree[step]
    return tree


def _restore(message: Struct, deviation: Deviation) -> None:
    """Put the value that was sent back into the decoded message, as text."""
    steps = [name or int(index) for name, index in _STEP.findall(deviation.path)]
    holder: Any = message
    for step in steps[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, _attribute(holder, step))
    value = deviation.value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    setattr(holder, _attribute(holder, str(steps[-1])), text)


def _attribute(holder: Struct, wire_name: str) -> str:
    position = holder.__struct_encode_fields__.index(wire_name)
    return holder.__struct_fields__[position]
