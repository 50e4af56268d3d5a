"""The settings of a station: which there are, which values are in force, what may be set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from voltherd.station.setting import Setting
from voltherd.station.storage import Storage

SetOutcome = Literal["Accepted", "Rejected", "RebootRequired"]

ROOM = "setting"
"""Where changed values are kept."""


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
        self.components = {path[:2] for path in self.by_path}


class Settings:
    """The values in force: the table's defaults, overruled by the station's own.

    `on_change` hears the name of each setting that was set from outside or by the station's own rules.
    """

    __slots__ = ("_own", "_storage", "_table", "is_v21", "on_change")

    def __init__(self, table: Table, storage: Storage, first: Mapping[str, str], *, is_v21: bool = False) -> None:
        self._table = table
        self._storage = storage
        self.is_v21 = is_v21
        self.on_change: Callable[[str], None] = _nobody
        for name in first:
            if name not in table.by_name:
                raise ValueError(f"There is no setting {name!r}")
        self._own = dict(first)
        for name, value in storage.all(ROOM).items():
            if name in table.by_name:
                self._own[name] = value.decode()

    def __iter__(self) -> Iterator[Setting]:
        return (s for s in self._table.by_name.values() if self.is_v21 or not s.since_v21)

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
        return self._table.by_key.get(key.casefold())

    def by_path(
        self, component: str, variable: str, instance: str | None, component_instance: str | None = None
    ) -> Setting | None:
        """The setting with that name in the device model."""
        found = self._table.by_path.get(_path(component, component_instance, variable, instance))
        return found if found is not None and (self.is_v21 or not found.since_v21) else None

    def has_component(self, component: str, instance: str | None = None) -> bool:
        """Whether any setting belongs to the component."""
        return (component.casefold(), (instance or "").casefold()) in self._table.components

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

    def set(self, setting: Setting, value: str) -> SetOutcome:
        """Set a value from outside, if it may be set and makes sense."""
        if setting.access == "ReadOnly" or not fits(setting, value):
            return "Rejected"
        self.change(setting.name, value)
        return "RebootRequired" if setting.reboot else "Accepted"


def fits(setting: Setting, value: str) -> bool:
    """Whether a value is of the setting's kind and within its bounds."""
    if setting.most_characters is not None and len(value) > setting.most_characters:
        return False
    if setting.kind == "boolean":
        return value.casefold() in ("true", "false")
    if setting.kind in ("integer", "decimal"):
        return _is_number_within(setting, value)
    if setting.kind == "dateTime":
        return _is_date(value)
    if setting.kind == "OptionList":
        return not setting.values or value in setting.values
    if setting.values:
        return all(part.strip() in setting.values for part in value.split(",") if part.strip())
    return True


def _is_number_within(setting: Setting, value: str) -> bool:
    try:
        number = int(value) if setting.kind == "integer" else float(value)
    except ValueError:
        return False
    return not (
        (setting.least is not None and number < setting.least) or (setting.most is not None and number > setting.most)
    )


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _path(
    component: str | None, component_instance: str | None, variable: str | None, instance: str | None
) -> tuple[str, str, str, str]:
    parts = (component, component_instance, variable, instance)
    a, b, c, d = ((part or "").casefold() for part in parts)
    return a, b, c, d


def _nobody(_name: str) -> None:
    """Nobody listens."""
