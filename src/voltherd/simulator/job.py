"""What a fleet is to do, as one document: for this process, or shared out among several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from voltherd.simulator.fleet import Fleet, FleetOptions
from voltherd.simulator.fleet_file import FleetOfFile, FleetTable, read_fleet
from voltherd.simulator.habits import Habits
from voltherd.simulator.plan import TOKENS, FleetPlan, FleetVersion, tokens
from voltherd.simulator.problems import FileError

URL = "ws://127.0.0.1:9000/ocpp"


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
        return Fleet(self.url or said.url or URL, plan=plan, options=options)

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


_OPTIONS = ("accelerate", "duration_s", "ramp_per_s", "meter_interval_s", "seed")
