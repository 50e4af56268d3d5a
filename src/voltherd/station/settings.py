"""The settings of a station: which there are, which values are in force, what may be set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from voltherd.station.setting import Setting
from voltherd.station.storage import Storage

SetOutcome = Literal["Accepted", "Rejected", "RebootRequired"]

ROOM: Final = "setting"
"""Where changed values are kept."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


class Table:
    """All settings that stations of a build have; shared by all of them."""

    def __init__(self, settings: tuple[Setting, ...]) -> None:
        self.by_name = {setting.name: setting for setting in settings}
        if len(self.by_name) != len(settings):
            raise ValueError("Two settings have the same name")
        self.by_key = {s.key.casefold(): s for s in settings if s.key is not None}
        self.by_path = {
            _path(s.component, s.component_instance, s.variable, s.instance): s
            for s in settings
            if s.component is not None and s.variable is not None
        }
        self.components: dict[tuple[str, str], list[Setting]] = {}
        for path, setting in self.by_path.items():
            self.components.setdefault(path[:2], []).append(setting)

    def misfit(self, name: str, value: str) -> str | None:
        """Why a station cannot begin with a value, None if it can; in a sentence that names the setting."""
        setting = self.by_name.get(name)
        if setting is None:
            return f"There is no setting {name!r}"
        wrong = None if value == setting.default else misfit(setting, value)
        return None if wrong is None else f"The setting {name!r} cannot be {value!r}: {wrong}"


class Settings:
    """The values in force: the table's defaults, overruled by the station's own.

    `on_change` hears the name of each setting that was set from outside or by the station's own rules; `objection`
    is asked whether anything speaks against a value that comes from outside. What is `hidden` belongs to functions
    that this station does not offer: nobody outside sees it. First values that do not fit are a ValueError; stored
    ones that do not fit (any more) give way to the default.
    """

    __slots__ = ("_own", "_storage", "_table", "hidden", "is_v21", "objection", "on_change")

    def __init__(self, table: Table, storage: Storage, first: Mapping[str, str], *, is_v21: bool = False) -> None:
        self._table = table
        self._storage = storage
        self.is_v21 = is_v21
        self.hidden: frozenset[str] = frozenset()
        self.on_change: Callable[[str], None] = _nobody
        self.objection: Callable[[str, str], str | None] = _nothing
        for name, value in first.items():
            wrong = table.misfit(name, value)
            if wrong is not None:
                raise ValueError(wrong)
        self._own = dict(first)
        stored = {name: value.decode() for name, value in storage.all(ROOM).items()}
        self._own |= {name: value for name, value in stored.items() if table.misfit(name, value) is None}

    def __iter__(self) -> Iterator[Setting]:
        return (s for s in self._table.by_name.values() if self._is_seen(s))

    def _is_seen(self, setting: Setting) -> bool:
        return (self.is_v21 or not setting.since_v21) and setting.name not in self.hidden

    def setting(self, name: str) -> Setting:
        """The setting of that name."""
        return self._table.by_name[name]

    def text(self, name: str) -> str:
        """The value as text."""
        own = self._own.get(name)
        return self._table.by_name[name].default if own is None else own

    def number(self, name: str) -> int:
        """The value of an integer setting."""
        return int(self.text(name))

    def decimal(self, name: str) -> float:
        """The value of a decimal setting."""
        return float(self.text(name))

    def switch(self, name: str) -> bool:
        """The value of a boolean setting."""
        return self.text(name).casefold() == "true"

    def members(self, name: str) -> tuple[str, ...]:
        """The value of a list setting."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def by_key(self, key: str) -> Setting | None:
        """The setting with that 1.6 name, whatever its case (OCPP 1.6, 9)."""
        found = self._table.by_key.get(key.casefold())
        return found if found is not None and found.name not in self.hidden else None

    def by_path(
        self, component: str, variable: str, instance: str | None, component_instance: str | None = None
    ) -> Setting | None:
        """The setting with that name in the device model."""
        found = self._table.by_path.get(_path(component, component_instance, variable, instance))
        return found if found is not None and self._is_seen(found) else None

    def has_component(self, component: str, instance: str | None = None) -> bool:
        """Whether any setting belongs to the component."""
        wanted = (component.casefold(), (instance or "").casefold())
        return any(self._is_seen(setting) for setting in self._table.components.get(wanted, ()))

    def fix(self, name: str, value: str) -> None:
        """Set a value from inside, whatever its access; it is not kept over a restart."""
        self._own[name] = value

    def change(self, name: str, value: str) -> None:
        """Set a value by the station's own rules, whatever its access; kept and told like any other."""
        setting = self._table.by_name[name]
        self._own[name] = value
        if setting.persistent:
            self._storage.keep(ROOM, name, value.encode())
        self.on_change(name)

    def problem(self, setting: Setting, value: str) -> str | None:
        """Why a value from outside may not be set, None if it may."""
        if setting.access == "ReadOnly":
            return "It is read-only"
        return misfit(setting, value) or self.objection(setting.name, value)

    def set(self, setting: Setting, value: str) -> SetOutcome:
        """Set a value from outside, if it may be set and makes sense."""
        if self.problem(setting, value) is not None:
            return "Rejected"
        self.change(setting.name, value)
        return "RebootRequired" if setting.reboot else "Accepted"


def fits(setting: Setting, value: str) -> bool:
    """Whether a value is of the setting's kind and within its bounds."""
    return misfit(setting, value) is None


def misfit(setting: Setting, value: str) -> str | None:
    """What is wrong with a value, None if it is of the setting's kind and within its bounds."""
    if setting.required and not value.strip():
        return "It may not be empty"
    if setting.most_characters is not None and len(value) > setting.most_characters:
        return f"More than {setting.most_characters} characters"
    if setting.kind == "boolean":
        return None if value.casefold() in ("true", "false") else "Neither true nor false"
    if setting.kind in ("integer", "decimal"):
        return _number_misfit(setting, value)
    if setting.kind == "dateTime":
        return None if _is_date(value) or not value else "Not a date and time of RFC 3339"
    return _choice_misfit(setting, value)


def _number_misfit(setting: Setting, value: str) -> str | None:
    if (_INTEGER if setting.kind == "integer" else _DECIMAL).fullmatch(value) is None:
        return f"Not a number of the kind {setting.kind}"
    number = float(value)
    if setting.least is not None and number < setting.least:
        return f"Below {setting.least:g}"
    if setting.most is not None and number > setting.most:
        return f"Above {setting.most:g}"
    return None


def _choice_misfit(setting: Setting, value: str) -> str | None:
    if not setting.values:
        return None
    if setting.kind in ("MemberList", "SequenceList"):
        chosen = [part.strip() for part in value.split(",")] if value.strip() else []
    else:
        chosen = [value]
    strange = next((one for one in chosen if one not in setting.values), None)
    return None if strange is None else f"{strange!r} is none of the possible values"


def _is_date(value: str) -> bool:
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _path(
    component: str | None, component_instance: str | None, variable: str | None, instance: str | None
) -> tuple[str, str, str, str]:
    parts = (component, component_instance, variable, instance)
    a, b, c, d = ((part or "").casefold() for part in parts)
    return a, b, c, d


def _nothing(_name: str, _value: str) -> None:
    """Nothing speaks against it."""


def _nobody(_name: str) -> None:
    """Nobody listens."""
