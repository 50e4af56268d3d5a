"""Scenarios from files: YAML in, a checked `Scenario` out, or an error that names the line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from voltherd.ocpp.version import OcppVersion, messages
from voltherd.simulator.faults import read_fault
from voltherd.simulator.first_settings import named
from voltherd.simulator.personas import factory
from voltherd.simulator.problems import FileError
from voltherd.simulator.scenarios.marks import DEEPEST, Document, Path_, ScenarioError, read_document, read_file
from voltherd.simulator.scenarios.patterns import captures
from voltherd.simulator.scenarios.scenario import Scenario, StationSpec, walk
from voltherd.simulator.scenarios.steps import VERBS, Include, Step
from voltherd.simulator.scenarios.variables import BUILT_IN, references
from voltherd.simulator.vehicle import MODELS

T = TypeVar("T", bound=Struct)

TOP: Final = (
    "scenario",
    "description",
    "ocpp",
    "station",
    "stations",
    "variables",
    "accelerate",
    "seed",
    "steps",
)
"""What may stand at the top of a file."""

MOST: Final = 2**53
"""The highest number at the top of a file."""

MOST_STEPS: Final = 20_000
"""How many steps a scenario may have, with those of all that it includes."""

_AT: Final = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_STEP_IN: Final = re.compile(r"\.([\w-]+)|\[(\d+)\]|\[\.\.\.\]")


def shipped() -> dict[str, Traversable]:
    """The scenarios that are shipped, by name."""
    found = (one for one in files(__package__).joinpath("library").iterdir() if one.name.endswith(".yaml"))
    return {one.name[:-5]: one for one in sorted(found, key=lambda one: one.name)}


def load(name: str | Path, given: Iterable[str] = ()) -> Scenario:
    """A scenario from a file, or a shipped one by its name; `given` are variables that whoever runs it gives.

    Raises:
        ScenarioError: it cannot be read, or something in it is wrong; the text names file and line.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml") and not path.exists():
        library = shipped()
        if str(name) not in library:
            close = get_close_matches(str(name), library, 1)
            hint = f"did you mean {close[0]}?" if close else "`voltherd scenario list` tells which there are"
            raise ScenarioError(
                read_document("", str(name)).mark(), f"there is no such file or shipped scenario; {hint}"
            )
        document = read_document(library[str(name)].read_text("utf-8"), f"{name}.yaml")
        return _Reader(document, None, ()).scenario(str(name), given)
    return _Reader(read_file(path), path.parent, (path.resolve(),)).scenario(path.stem, given)


def loads(text: str, file: str = "scenario.yaml", given: Iterable[str] = ()) -> Scenario:
    """A scenario from text.

    Raises:
        ScenarioError: as `load`.
    """
    return _Reader(read_document(text, file), None, ()).scenario(Path(file).stem, given)


@cache
def _fields(kind: type[Step]) -> tuple[tuple[str, str], ...]:
    """The fields of a step: as Python calls them, and as files do."""
    return tuple((one.name, one.encode_name) for one in msgspec.structs.fields(kind))


class _Budget:
    """How many steps a scenario may yet have, with all that it includes."""

    def __init__(self) -> None:
        self.left = MOST_STEPS


class _Reader:
    """Reads one document; `within` are the files that include it."""

    def __init__(
        self, document: Document, folder: Path | None, within: tuple[Path, ...], budget: _Budget | None = None
    ) -> None:
        self._document = document
        self._budget = budget or _Budget()
        self._folder = folder
        self._within = within
        self._stations: tuple[str, ...] = ()
        self._versions: tuple[OcppVersion, ...] = tuple(OcppVersion)

    def scenario(self, name: str, given: Iterable[str] = (), *, is_included: bool = False) -> Scenario:
        """The whole of it."""
        top = self._document.value
        if not isinstance(top, dict):
            raise self._wrong((), f"a scenario is an object with {', '.join(TOP)}")
        self._known(top, TOP, (), "a scenario has")
        for needed in ("scenario", "steps"):
            if needed not in top:
                raise self._wrong((), f"{needed!r} is missing")
        self._versions = self._read_versions(top.get("ocpp"))
        stations = self._read_stations(top)
        self._stations = tuple(stations)
        steps = self._some_steps(top["steps"], ("steps",))
        scenario = Scenario(
            title=self._text(top["scenario"], ("scenario",)),
            description=self._text(top.get("description", ""), ("description",)).strip(),
            ocpp=self._versions,
            stations=stations,
            variables=self._table(top.get("variables"), ("variables",)),
            accelerate=self._number(top.get("accelerate", 1.0), ("accelerate",)),
            seed=int(self._number(top.get("seed", 1), ("seed",))),
            steps=steps,
            name=name,
            where=self._document.mark(("scenario",)),
        )
        if not is_included:
            self._check_variables(scenario, set(given))
        return scenario

    # The head --------------------------------------------------------------------------------

    def _read_versions(self, value: Any) -> tuple[OcppVersion, ...]:
        if value is None:
            return tuple(OcppVersion)
        found = [str(one) for one in (value if isinstance(value, list) else [value])]
        for one in found:
            if one not in tuple(OcppVersion):
                raise self._wrong(("ocpp",), f"there is no OCPP {one!r}; there are {', '.join(OcppVersion)}")
        return tuple(OcppVersion(one) for one in found)

    def _read_stations(self, top: dict[str, Any]) -> dict[str, StationSpec]:
        if "station" in top and "stations" in top:
            raise self._wrong(("stations",), "give either station or stations")
        if "stations" not in top:
            return {"station": self._station(top.get("station") or {}, ("station",))}
        table = self._table(top["stations"], ("stations",))
        if not table:
            raise self._wrong(("stations",), "there is no station in it")
        return {name: self._station(value or {}, ("stations", name)) for name, value in table.items()}

    def _station(self, value: Any, path: Path_) -> StationSpec:
        table = dict(self._table(value, path))
        if "ocpp" in table:
            table["ocpp"] = str(table["ocpp"])
        spec = self._convert(table, StationSpec, path)
        if spec.persona not in factory():
            raise self._wrong((*path, "persona"), f"there is no persona {spec.persona!r}; there are {_list(factory())}")
        self._settings(spec.settings, (*path, "settings"))
        self._faults(spec.faults, (*path, "faults"))
        return spec

    # Steps -----------------------------------------------------------------------------------

    def _some_steps(self, value: Any, path: Path_) -> list[Step]:
        if value == []:
            raise self._wrong(path, "there are no steps here: nothing would be tried")
        return self._steps(value, path)

    def _steps(self, value: Any, path: Path_) -> list[Step]:
        if not isinstance(value, list):
            raise self._wrong(path, "steps are a list: each begins with a dash")
        self._budget.left -= len(value)
        if self._budget.left < 0:
            raise self._wrong(path, f"with all that is included there are more than {MOST_STEPS} steps")
        return [self._step(one, (*path, place)) for place, one in enumerate(value)]

    def _step(self, value: Any, path: Path_) -> Step:
        if isinstance(value, str):
            value = {value: None}
        if not isinstance(value, dict) or not value:
            raise self._wrong(path, f"a step is a word or an object that begins with one of {_list(VERBS)}")
        verb = next(iter(value))
        kind = VERBS.get(verb)
        if kind is None:
            raise self._wrong(path, f"there is no step {verb!r}{_did_you_mean(verb, VERBS)}; there are {_list(VERBS)}")
        step = self._convert(self._fields_of(kind, value, path), kind, path, self._main_name(kind))
        step.where = self._document.mark(path)
        self._nested(step, value, path)
        self._check_step(step, path)
        return step

    def _fields_of(self, kind: type[Step], value: dict[str, Any], path: Path_) -> dict[str, Any]:
        verb, main = value[kind.VERB], self._main_name(kind)
        rest = {name: one for name, one in value.items() if name != kind.VERB}
        fields = [written for name, written in _fields(kind) if name != "where"]
        if kind.VERB == "include":
            fields.remove("steps")
        for name in rest:
            if name not in fields or name == main:
                allowed = [one for one in fields if one != main]
                text = f"{kind.VERB} has no {name!r}{_did_you_mean(name, allowed)}; it has {_list(allowed)}"
                raise self._wrong((*path, name), text)
        if main is None:
            if verb is not None:
                raise self._wrong((*path, kind.VERB), f"{kind.VERB} has no value: write `- {kind.VERB}`")
        elif verb is not None:
            rest[main] = verb
        elif not kind.OPTIONAL:
            raise self._wrong((*path, kind.VERB), f"{kind.VERB} wants a value: its {main}")
        if "only" in rest:
            only = rest["only"]
            rest["only"] = [str(one) for one in only] if isinstance(only, list) else str(only)
        return {name: [] if name in kind.NESTED else one for name, one in rest.items()}

    @staticmethod
    def _main_name(kind: type[Step]) -> str | None:
        return next((written for name, written in _fields(kind) if name == kind.MAIN), None)

    def _nested(self, step: Step, value: dict[str, Any], path: Path_) -> None:
        for name in step.NESTED:
            key = step.VERB if name == step.MAIN else name
            inner = value.get(key)
            if name == "branches":
                if not isinstance(inner, list):
                    raise self._wrong((*path, key), "parallel wants a list of lists of steps")
                step.branches = [  # type: ignore[attr-defined]
                    self._some_steps(one, (*path, key, place)) for place, one in enumerate(inner)
                ]
            else:
                setattr(step, name, self._some_steps(inner, (*path, key)))
        if isinstance(step, Include):
            step.steps = self._included(step, path)

    def _included(self, step: Include, path: Path_) -> list[Step]:
        if "\0" in step.file:
            raise self._wrong(path, f"{step.file!r} cannot be read: no file is called so")
        place = (self._folder or Path()) / step.file
        if place.suffix in (".yaml", ".yml"):
            if place.resolve() in self._within:
                raise self._wrong(path, f"{step.file} includes itself")
            if len(self._within) >= DEEPEST:
                raise self._wrong(path, f"{step.file} is included too deeply: more than {DEEPEST} in one another")
            document = read_file(place, mark=self._document.mark(path))
            reader = _Reader(document, place.parent, (*self._within, place.resolve()), self._budget)
        elif step.file in shipped():
            document = read_document(shipped()[step.file].read_text("utf-8"), f"{step.file}.yaml")
            reader = _Reader(document, None, (), self._budget)
        else:
            raise self._wrong(path, f"there is no file and no shipped scenario {step.file!r}")
        inner = reader.scenario(step.file, is_included=True)
        unknown = {one.station for one in walk(inner.steps)} - {None} - set(self._stations)
        if unknown:
            raise self._wrong(
                path, f"{step.file} is about stations that are not here: {_list(sorted(map(str, unknown)))}"
            )
        step.variables = inner.variables | step.variables
        return inner.steps

    # Checks ----------------------------------------------------------------------------------

    def _check_step(self, step: Step, path: Path_) -> None:
        if step.station is not None and step.station not in self._stations:
            text = f"there is no station {step.station!r}; there are {_list(self._stations)}"
            raise self._wrong((*path, "station"), text)
        if step.VERB in ("expect", "never", "send", "override", "alter"):
            self._check_action(step, path)
        if step.VERB == "faults":
            self._faults(step.faults, (*path, step.VERB))  # type: ignore[attr-defined]
        if step.VERB == "plug" and step.vehicle not in (None, *(one.name for one in MODELS)):  # type: ignore[attr-defined]
            text = f"there is no vehicle {step.vehicle!r}; there are {_list(one.name for one in MODELS)}"  # type: ignore[attr-defined]
            raise self._wrong((*path, "vehicle"), text)
        if step.VERB == "any-order":
            wrong = next((one for one in step.steps if one.VERB not in ("expect", "state")), None)  # type: ignore[attr-defined]
            if wrong is not None:
                raise ScenarioError(wrong.mark, "any-order holds expect and state only")

    def _check_action(self, step: Step, path: Path_) -> None:
        """Actions must be of OCPP, but for `send` with `check: false`."""
        action: str = step.action  # type: ignore[attr-defined]
        if action == "*" or "${" in action or (step.VERB == "send" and not step.check):  # type: ignore[attr-defined]
            return
        versions = [one for one in self._versions if step.holds_in(one)]
        known = {name for version in versions for name in messages(version)}
        if action not in known:
            told = f"there is no action {action!r} in OCPP {', '.join(versions)}"
            raise self._wrong((*path, step.VERB), f"{told}{_did_you_mean(action, known)}")

    def _faults(self, tables: list[dict[str, Any]], path: Path_) -> None:
        for place, table in enumerate(tables):
            try:
                if "${" not in str(table):
                    read_fault(table)
            except FileError as error:
                raise self._wrong((*path, place), str(error)) from None

    def _settings(self, settings: dict[str, Any], path: Path_) -> None:
        for name, value in settings.items():
            try:
                named({name: value})
            except ValueError as error:
                raise self._wrong((*path, name), str(error)) from None
        try:
            named(settings)
        except ValueError as error:
            raise self._wrong(path, str(error)) from None

    def _check_variables(self, scenario: Scenario, given: set[str]) -> None:
        known = set(BUILT_IN) | given | scenario.variables.keys() | {"round"}
        known |= {f"identity.{name}" for name in scenario.stations}
        steps = walk(scenario.steps)
        for step in steps:
            table = {name: getattr(step, name) for name in step.__struct_fields__ if name not in ("where", "steps")}
            known |= set(captures(table))
            known |= getattr(step, "variables", {}).keys() if step.VERB in ("let", "include") else set()
            known |= getattr(step, "values", {}).keys() if step.VERB == "ask" else set()
        for step in steps:
            table = {
                name: getattr(step, name)
                for name in step.__struct_fields__
                if name not in ("where", *step.NESTED, "steps")
            }
            for name in references(table):
                if name not in known:
                    text = (
                        f"there is no variable {name!r}{_did_you_mean(name, known)}; there are {_list(sorted(known))}"
                    )
                    raise ScenarioError(step.mark, text)

    # Values ----------------------------------------------------------------------------------

    def _convert(self, table: dict[str, Any], kind: type[T], path: Path_, main: str | None = None) -> T:
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            text = str(error)
            at = _AT.search(text)
            inner = _path(at[1]) if at is not None else ()
            if inner and inner[0] == main:
                inner = (kind.VERB, *inner[1:])  # type: ignore[attr-defined]
            where = ".".join(str(one) for one in inner)
            text = _AT.sub("", text)
            text = text[:1].lower() + text[1:]
            raise self._wrong((*path, *inner), f"{where}: {text}" if where else text) from None

    def _known(self, table: dict[str, Any], names: Iterable[str], path: Path_, has: str) -> None:
        for name in table:
            if name not in names:
                text = f"there is no {name!r} here{_did_you_mean(name, names)}; {has} {_list(names)}"
                raise self._wrong((*path, name), text)

    def _table(self, value: Any, path: Path_) -> dict[str, Any]:
        if value is not None and not isinstance(value, dict):
            raise self._wrong(path, f"{path[-1]} is an object: names with values")
        return value or {}

    def _text(self, value: Any, path: Path_) -> str:
        if not isinstance(value, str):
            raise self._wrong(path, f"{path[-1]} is text, not {value!r}")
        return value

    def _number(self, value: Any, path: Path_) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= MOST:
            told = value if len(str(value)) < 40 else f"{str(value)[:36]}..."
            raise self._wrong(path, f"{path[-1]} is a number above 0, at most {MOST:,.0f}, not {told!r}")
        return float(value)

    def _wrong(self, path: Path_, text: str) -> ScenarioError:
        return ScenarioError(self._document.mark(path), text)


def _path(text: str) -> Path_:
    found: list[str | int] = []
    for match in _STEP_IN.finditer(text):
        if match[1] is not None:
            found.append(match[1])
        elif match[2] is not None:
            found.append(int(match[2]))
    return tuple(found)


def _list(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def steps_of(document: Document, value: Any, path: Path_) -> list[Step]:
    """Steps of another kind of file.

    Raises:
        ScenarioError: something in them is wrong.
    """
    return _Reader(document, None, ())._steps(value, path)
