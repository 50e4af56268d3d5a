"""The profiles that come with the program: one TOML file each under `profiles/`, its name that of the file."""

import re
from importlib.resources import files
from typing import Final

import msgspec

from voltherd.domain.quirk import QuirkBook, QuirkProfile
from voltherd.services.state import StationState


def load() -> QuirkBook:
    """Read all profiles. Raises ValueError, naming the file, where one cannot be understood."""
    found = [file for file in files(__package__).joinpath("profiles").iterdir() if file.name.endswith(".toml")]
    return QuirkBook(_profile(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")) for file in found)


def _profile(name: str, text: str) -> QuirkProfile:
    try:
        profile = msgspec.toml.decode(text, type=QuirkProfile)
        for pattern in (profile.when.vendor, profile.when.model, profile.when.firmware) if profile.when else ():
            re.compile(pattern or "")
    except (msgspec.MsgspecError, re.error) as error:
        raise ValueError(f"quirk profile {name}: {error}") from None
    return msgspec.structs.replace(profile, name=name)


BOOK: Final = load()


def settle(state: StationState) -> None:
    """Let a station's state have what holds for it, by what it told at its last boot and what an operator set."""
    station = state.station
    found = BOOK.in_force(station.quirks, station.vendor, station.model, station.firmware_version)
    state.quirks, state.tolerated = found.switches, found.tolerated
