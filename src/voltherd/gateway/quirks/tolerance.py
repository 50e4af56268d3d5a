"""What is let through although the schema forbids it: which fields and words says the station's quirk profile.

Observe aggressively, block reluctantly: an unknown word in a field that only describes, or a timestamp in an odd shape,
is kept as the station sent it, and the station is flagged. Everything else gets its CALLERROR.
"""

import re
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from voltherd.domain.quirk import DEFAULT_PROFILE, Tolerance
from voltherd.gateway.quirks.book import BOOK
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

STANDARD: Final = BOOK.find(DEFAULT_PROFILE).tolerated
ODD_INSTANT: Final = "1970-01-01T00:00:00Z"
"""Stands for a timestamp of odd shape while the rest is decoded (interop trap 29)."""
MAX_REPAIRS: Final = 32
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_DROP: Final = object()
"""In place of a replacement: the field goes, nothing is put back into the message."""


class Deviation(NamedTuple):
    """Where a payload broke the schema and what stood there."""

    path: str
    value: Any

    @property
    def flag(self) -> str:
        """The word noted at the station, without list positions."""
        return "deviation:" + re.sub(r"\[\d+\]", "", self.path).removeprefix("$.")


def decode_tolerantly(
    version: OcppVersion, action: str, raw: Raw | bytes, error: OcppError, tolerance: Tolerance = STANDARD
) -> tuple[Struct, list[Deviation]]:
    """Decode a payload that `decode_request` refused with `error`, if its deviations are all known and harmless.

    The values stay as they were sent; what a message has no place for is passed over. Raises the OcppError of the first
    deviation that is not harmless.
    """
    deviations: list[Deviation] = []
    restored: list[Deviation] = []
    tree: Any = None
    while len(deviations) < MAX_REPAIRS:
        steps = _steps(error)
        replacement = _replacement(version, action, steps, error, tolerance)
        if replacement is None:
            raise error
        if tree is None:
            tree = msgspec.json.decode(raw)
        found = Deviation(str(error.details["path"]), _repair(tree, steps, replacement, error))
        deviations.append(found)
        if replacement is not _DROP:
            restored.append(found)
        try:
            message: Struct = decode_request(version, action, msgspec.json.encode(tree))
        except OcppError as next_error:
            error = next_error
        else:
            for deviation in restored:
                _restore(message, deviation)
            return message, deviations
    raise error


def _steps(error: OcppError) -> list[Any]:
    path = str(error.details.get("path", ""))
    return [name or int(index) for name, index in _STEP.findall(path)]


def _replacement(version: OcppVersion, action: str, steps: list[Any], error: OcppError, tolerance: Tolerance) -> Any:
    """Say what to put in place of what broke the schema; None: nothing can be."""
    if not steps or not isinstance(steps[-1], str):
        return None
    field, rule = steps[-1], error.details.get("rule")
    if rule == "enum":
        return tolerance.words.get(f"{action}.{field}") or tolerance.words.get(field)
    if rule == "format" and field in tolerance.timestamps:
        return ODD_INSTANT
    if rule == "type" and field == "value" and "sampledValue" in steps and tolerance.numbers:
        return "0" if version is OcppVersion.V16 else 0
    if rule == "unknown" and tolerance.unknown_fields:
        return _DROP
    if rule == "items" and field == "sampledValue" and tolerance.empty_samples:
        return [{"value": "0" if version is OcppVersion.V16 else 0}]
    return None


def _repair(tree: Any, steps: list[Any], replacement: Any, error: OcppError) -> Any:
    """Put the replacement in; gives what stood there. Raises the error where the path leads nowhere (dots in names)."""
    try:
        holder = _walk(tree, steps[:-1])
        found = holder[steps[-1]]
    except (KeyError, IndexError, TypeError):
        raise error from None
    if replacement is _DROP:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = replacement
    return found


def _walk(tree: Any, steps: list[Any]) -> Any:
    for step in steps:
        tree = tree[step]
    return tree


def _restore(message: Struct, deviation: Deviation) -> None:
    """Put the value that was sent back into the decoded message: a list as it was, all else as text."""
    steps = [name or int(index) for name, index in _STEP.findall(deviation.path)]
    holder: Any = message
    for step in steps[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, _attribute(holder, step))
    value = deviation.value
    sent = value if isinstance(value, str | list) else msgspec.json.encode(value).decode()
    setattr(holder, _attribute(holder, str(steps[-1])), sent)


def _attribute(holder: Struct, wire_name: str) -> str:
    position = holder.__struct_encode_fields__.index(wire_name)
    return holder.__struct_fields__[position]
