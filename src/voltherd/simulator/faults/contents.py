"""Faults of the contents: frames that are no longer what OCPP says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final, Literal

import msgspec

from voltherd.simulator.faults.fault import Frame, FrameFault, Hold, PassOn, Side

_WORD: Final = re.compile(r"[A-Z][A-Za-z]*(?:\.[A-Za-z]+)*")
_ENERGY: Final = ("meterStart", "meterStop")


class _OfStation(FrameFault, frozen=True, kw_only=True):
    side: Side = "sent"


class Truncate(_OfStation, frozen=True, kw_only=True, tag="truncate"):
    """Frames end in the middle. `keep` is the share that is left."""

    KIND: ClassVar[str] = "truncate"

    keep: float = 0.5

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Cut it off."""
        text = frame.data.decode("utf-8", "replace")
        pass_on(text[: int(len(text) * self.keep)].encode())


class Garble(_OfStation, frozen=True, kw_only=True, tag="garble"):
    """Frames are not what they should be.

    Attributes:
        how: characters: some are replaced; no-json: a text that is none; no-array: an object in place of the array;
            no-id: the message id is a number; utf-8: bytes that are no text; empty: nothing at all.
    """

    KIND: ClassVar[str] = "garble"

    how: Literal["characters", "no-json", "no-array", "no-id", "utf-8", "empty"] = "characters"

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Spoil it."""
        pass_on(self._spoilt(frame, hold))

    def _spoilt(self, frame: Frame, hold: Hold) -> bytes:
        if self.how == "characters":
            data = bytearray(frame.data)
            for _ in range(max(len(data) // 40, 1)):
                data[hold.chance.below(len(data))] = 0x21 + hold.chance.below(0x5E)
            return bytes(data)
        if self.how == "no-array":
            return msgspec.json.encode({"frame": frame.data.decode("utf-8", "replace")})
        if self.how == "no-id":
            content = frame.content() or [2, "", ""]
            return msgspec.json.encode([content[0], hold.seen, *content[2:]])
        if self.how == "utf-8":
            return frame.data[:-1] + b"\xff\xfe]"
        return b"" if self.how == "empty" else b"meter=12345;state=ok"


class UnknownAction(_OfStation, frozen=True, kw_only=True, tag="unknown-action"):
    """Calls carry an action that there is not."""

    KIND: ClassVar[str] = "unknown-action"

    name: str = "VendorKeepAlive"

    def fits(self, frame: Frame) -> bool:
        """Calls only."""
        return frame.is_call and FrameFault.fits(self, frame)

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Rename it."""
        content = frame.content()
        if content is not None:
            content[2] = self.name
        pass_on(frame.data if content is None else msgspec.json.encode(content))


class _Field(_OfStation, frozen=True, kw_only=True):
    """Changes one field of the payload: the first one of that name, or a fitting one by chance."""

    field: str | None = None

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Change it; a frame without such a field passes as it is."""
        content = frame.content()
        if content is None or frame.kind not in (2, 3, 6):
            pass_on(frame.data)
            return
        places = [place for place in _fields(content[-1]) if self.field in (None, place[1]) and self.suits(*place)]
        if places:
            table, name = places[0] if self.field is not None else hold.chance.one_of(places)
            self.change(table, name)
        pass_on(msgspec.json.encode(content))

    def suits(self, table: dict[str, Any], name: str) -> bool:
        """Whether this field can be changed so."""
        return True

    def change(self, table: dict[str, Any], name: str) -> None:
        """Change the field."""
        raise NotImplementedError


class UnknownEnum(_Field, frozen=True, kw_only=True, tag="unknown-enum"):
    """A word of an enumeration is one that there is not."""

    KIND: ClassVar[str] = "unknown-enum"

    word: str = "Bogus"

    def suits(self, table: dict[str, Any], name: str) -> bool:
        """Words that look like those of OCPP's enumerations."""
        value = table[name]
        return isinstance(value, str) and (self.field is not None or _WORD.fullmatch(value) is not None)

    def change(self, table: dict[str, Any], name: str) -> None:
        """Put the other word."""
        table[name] = self.word


class WrongType(_Field, frozen=True, kw_only=True, tag="wrong-type"):
    """A field has a value of another type: text for a number, a number for text, a list for an object."""

    KIND: ClassVar[str] = "wrong-type"

    def change(self, table: dict[str, Any], name: str) -> None:
        """Put the other type."""
        value = table[name]
        if isinstance(value, str):
            table[name] = 42
        elif isinstance(value, dict):
            table[name] = [value]
        else:
            table[name] = str(value)


class MissingField(_Field, frozen=True, kw_only=True, tag="missing-field"):
    """A field is not there."""

    KIND: ClassVar[str] = "missing-field"

    def change(self, table: dict[str, Any], name: str) -> None:
        """Take it out."""
        del table[name]


class ExtraField(_Field, frozen=True, kw_only=True, tag="extra-field"):
    """A field that OCPP does not know is there; `field` is its name."""

    KIND: ClassVar[str] = "extra-field"

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Add it."""
        content = frame.content()
        if content is not None and isinstance(content[-1], dict):
            content[-1][self.field or "vendorExtra"] = "1"
            pass_on(msgspec.json.encode(content))
        else:
            pass_on(frame.data)


class Huge(_OfStation, frozen=True, kw_only=True, tag="huge"):
    """Frames are filled up to so many bytes: with blanks, which change nothing, or with a field of text."""

    KIND: ClassVar[str] = "huge"

    bytes: int = 1_000_000
    blanks: bool = False

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Fill it up."""
        more = self.bytes - len(frame.data)
        content = frame.content()
        if more <= 0 or content is None or not isinstance(content[-1], dict):
            pass_on(frame.data)
        elif self.blanks:
            pass_on(frame.data[:-1] + b" " * more + b"]")
        else:
            content[-1]["filling"] = "x" * more
            pass_on(msgspec.json.encode(content))


class WrongUnit(_OfStation, frozen=True, kw_only=True, tag="wrong-unit"):
    """Energy registers are sent times `factor` under the old unit, as meters do that count kWh and say Wh."""

    KIND: ClassVar[str] = "wrong-unit"

    factor: float = 0.001

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Change the values."""
        content = frame.content()
        if content is None or not frame.is_call:
            pass_on(frame.data)
            return
        for table, name in list(_fields(content[-1])):
            if name in _ENERGY:
                table[name] = round(table[name] * self.factor)
            elif name == "value" and str(table.get("measurand", "Energy.")).startswith("Energy."):
                table[name] = _scaled(table[name], self.factor)
        pass_on(msgspec.json.encode(content))


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, str):
        try:
            return f"{float(value) * factor:.3f}"
        except ValueError:
            return value
    return value * factor if isinstance(value, int | float) else value


def _fields(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """All fields of a payload, outer ones first: the object and the name."""
    if isinstance(value, dict):
        for name in value:
            yield value, name
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _fields(inner)


class Alter(_OfStation, frozen=True, kw_only=True, tag="alter"):
    """Values of the payload are others: `set` by path (`meterValue.0.timestamp`), `remove` takes paths out."""

    KIND: ClassVar[str] = "alter"

    set: dict[str, Any] = msgspec.field(default_factory=dict)
    remove: tuple[str, ...] = ()

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Change them; paths that are not there change nothing."""
        content = frame.content()
        if content is None or frame.kind not in (2, 3, 6):
            pass_on(frame.data)
            return
        for path in self.remove:
            _put(content[-1], path.split("."), None, remove=True)
        for path, value in self.set.items():
            _put(content[-1], path.split("."), value)
        pass_on(msgspec.json.encode(content))


def _put(holder: Any, path: list[str], value: Any, *, remove: bool = False) -> None:
    name, rest = path[0], path[1:]
    if isinstance(holder, list):
        place = int(name) if name.lstrip("-").isdigit() else len(holder)
        if not -len(holder) <= place < len(holder):
            return
        if rest:
            _put(holder[place], rest, value, remove=remove)
        elif remove:
            del holder[place]
        else:
            holder[place] = value
    elif isinstance(holder, dict):
        if rest:
            _put(holder.setdefault(name, {}) if not remove else holder.get(name), rest, value, remove=remove)
        elif remove:
            holder.pop(name, None)
        else:
            holder[name] = value
