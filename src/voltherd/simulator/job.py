"""What a fleet is to do, as one document: for this process, or shared out among several."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import asdict

from voltherd.simulator.cards import token_problem
from voltherd.simulator.fleet import Fleet, FleetOptions
from voltherd.simulator.fleet_file import FleetOfFile, FleetTable, read_fleet
from voltherd.simulator.habits import Habits
from voltherd.simulator.plan import TOKENS, FleetPlan, FleetVersion, tokens
from voltherd.simulator.problems import FileError
from voltherd.station import Token

URL = "ws://127.0.0.1:9000/ocpp"

LONGEST_PAST_S: Final = 20 * 365.25 * 86_400
"""How far in the past an accelerated fleet may begin."""


class FleetJob(Struct, frozen=True, kw_only=True):
    """A fleet as a command line asks for it; None leaves it to the fleet file, or to the default.

    Attributes:
        stations, ocpp, prefix, persona: the fleet, where no file says it.
        fleet: path of a fleet file.
        part, parts: which share of it, for one of several processes.
    """

    url: str | None = None
    stations: int = 24
    ocpp: FleetVersion = "mix"
    prefix: str = "SIM-"
    persona: str | None = None
    fleet: str | None = None
    password: str | None = None
    cards: tuple[str, ...] | int | None = None
    accelerate: float | None = None
    duration_s: float | None = None
    idle_s: float | None = None
    stay_s: float | None = None
    meter_interval_s: int | None = None
    ramp_per_s: float | None = None
    seed: int | None = None
    part: int = 0
    parts: int = 1

    def build(self) -> Fleet:
        """The fleet, not yet switched on.

        Raises:
            FileError: the fleet file cannot be used.
            UnknownError: there is no such persona.
        """
        file = None if self.fleet is None else read_fleet(Path(self.fleet))
        said = file.options if file is not None else FleetTable()
        options = self._options(said, file)
        plan = self._plan(file, options.seed).part(self.part, self.parts)
        url = next(one for one in (self.url, said.url, URL) if one is not None)
        _check(url, options, plan)
        return Fleet(url, plan=plan, options=options)

    def _plan(self, file: FleetOfFile | None, seed: int) -> FleetPlan:
        given = tokens(self.cards) if isinstance(self.cards, int) else self.cards
        if file is not None:
            plan = FleetPlan.of_file(file, seed=seed, password=self.password)
            return FleetPlan(plan.stations, given or plan.tokens, plan.incidents)
        try:
            return FleetPlan.of(
                self.stations,
                self.ocpp,
                prefix=self.prefix,
                password=self.password,
                tokens=given or TOKENS,
                seed=seed,
                kind=self.persona,
            )
        except ValueError as error:
            raise FileError(str(error)) from None

    def _options(self, said: FleetTable, file: FleetOfFile | None) -> FleetOptions:
        asked = {name: value for name, value in asdict(self).items() if name in _OPTIONS and value is not None}
        told = {name: value for name, value in asdict(said).items() if name in _OPTIONS and value is not None}
        values: dict[str, Any] = {"ramp_per_s": 100.0, "meter_interval_s": 60, "seed": 1} | told | asked
        values["ramp_per_s"] = values["ramp_per_s"] / self.parts
        return FleetOptions(**values, compression=said.compression, habits=self._habits(file))

    def _habits(self, file: FleetOfFile | None) -> Habits:
        """Drivers who come all day long, or by the hours of the day where a file does not say otherwise."""
        if file is not None and self.idle_s is None and self.stay_s is None:
            return Habits()
        return Habits(idle_s=self.idle_s or 60.0, stay_s=self.stay_s or 600.0)


def _check(url: str, options: FleetOptions, plan: FleetPlan) -> None:
    """What can be told without a single try.

    Raises:
        FileError: it cannot work; the text says why.
    """
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise FileError(f"{url!r} is not where stations can connect: it begins with ws:// or wss:// and names a host")
    if options.duration_s is not None and options.duration_s * (options.accelerate - 1.0) > LONGEST_PAST_S:
        raise FileError("so long a time, accelerated so much, would have to begin more than 20 years ago")
    for version in {station.version for station in plan.stations}:
        for token in plan.tokens:
            if (problem := token_problem(Token(token), version)) is not None:
                raise FileError(f"{problem}; there are stations of OCPP {version}")


_OPTIONS = ("accelerate", "duration_s", "ramp_per_s", "meter_interval_s", "seed")
