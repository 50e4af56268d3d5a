"""One thing that can be set on a station, with both its names: of 1.6 and of the device model of 2.x."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from voltherd.ocpp.v2.enums import DataEnumType

Access = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
Kind = DataEnumType
Family = Literal["1.6", "2.x"]


class Setting(Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        name: what the station's own code calls it.
        default: its first value, as text.
        key: its name in 1.6, None where 1.6 has none.
        component, variable, instance: its names in 2.x, None where 2.x has none.
        least, most: the bounds of a number.
        most_characters: the bound of a text or a list.
        reboot: a new value has all its effect after a restart only.
        values: what a list may hold; empty lets everything in.
        required: an empty text or list makes no sense.
        since_v21: 2.0.1 does not know it.
        persistent: survives a restart.
    """

    name: str
    default: str
    kind: Kind
    key: str | None = None
    component: str | None = None
    variable: str | None = None
    instance: str | None = None
    component_instance: str | None = None
    access: Access = "ReadWrite"
    unit: str | None = None
    least: float | None = None
    most: float | None = None
    most_characters: int | None = None
    reboot: bool = False
    values: tuple[str, ...] = ()
    required: bool = False
    since_v21: bool = False
    persistent: bool = True


def number(
    name: str,
    default: int,
    key: str | None = None,
    path: str | None = None,
    *,
    unit: str | None = "s",
    least: float | None = 0,
    most: float | None = None,
    access: Access = "ReadWrite",
    reboot: bool = False,
    since_v21: bool = False,
) -> Setting:
    """A whole number; `path` is `Component.Variable` or `Component.Variable/Instance`."""
    component, variable, instance = _parts(path)
    return Setting(
        name=name,
        default=str(default),
        kind="integer",
        key=key,
        component=component,
        variable=variable,
        instance=instance,
        unit=unit,
        least=least,
        most=most,
        access=access,
        reboot=reboot,
        since_v21=since_v21,
    )


def switch(
    name: str,
    default: bool,
    key: str | None = None,
    path: str | None = None,
    *,
    access: Access = "ReadWrite",
    since_v21: bool = False,
) -> Setting:
    """Something that is on or off."""
    component, variable, instance = _parts(path)
    return Setting(
        name=name,
        default="true" if default else "false",
        kind="boolean",
        key=key,
        component=component,
        variable=variable,
        instance=instance,
        access=access,
        since_v21=since_v21,
    )


def text(
    name: str,
    default: str,
    key: str | None = None,
    path: str | None = None,
    *,
    kind: Kind = "string",
    values: tuple[str, ...] = (),
    required: bool = False,
    access: Access = "ReadWrite",
    most_characters: int | None = None,
    reboot: bool = False,
    since_v21: bool = False,
) -> Setting:
    """A text, an option or a list; lists are separated by commas."""
    component, variable, instance = _parts(path)
    return Setting(
        name=name,
        default=default,
        kind=kind,
        key=key,
        component=component,
        variable=variable,
        instance=instance,
        access=access,
        values=values,
        required=required,
        most_characters=most_characters,
        reboot=reboot,
        since_v21=since_v21,
    )


def _parts(path: str | None) -> tuple[str | None, str | None, str | None]:
    if path is None:
        return None, None, None
    component, _, rest = path.partition(".")
    variable, _, instance = rest.partition("/")
    return component, variable, instance or None
