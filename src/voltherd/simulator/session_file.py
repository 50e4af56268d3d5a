"""Sessions of a CSV file, to be charged again by simulated drivers.

Columns: `arrival` and `departure` (ISO 8601 instants, or numbers of steps of `step_s` seconds), `kwh` (energy asked
for, at the meter), `station` (where; each name stands for one EVSE); optional `token` and `vehicle` (the name of a
model). Others are passed over. Lines may stand in any order.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Final

from msgspec import Struct

from voltherd.simulator.problems import FileError
from voltherd.simulator.vehicle import MODELS, EvseRating, Vehicle, VehicleModel
from voltherd.simulator.vehicle import model as vehicle_model

STEP_S: Final = 300.0
COLUMNS: Final = ("arrival", "departure", "kwh", "station")


class Session(Struct, frozen=True, order=True):
    """One visit: seconds from the begin of the file, and what is to be charged."""

    arrival_s: float
    departure_s: float
    energy_wh: float
    station: str
    token: str | None = None
    vehicle: str | None = None

    def car(self, rating: EvseRating, kinds: Iterable[VehicleModel] = MODELS) -> Vehicle:
        """A vehicle that asks for this energy there: the smallest that fits, unless the file names one."""
        kind = vehicle_model(self.vehicle) if self.vehicle else self._smallest(rating, kinds)
        efficiency = kind.dc_efficiency if rating.is_dc else kind.ac_efficiency
        share = min(self.energy_wh * efficiency / kind.battery_wh, 1.0)
        target_soc = min(max(0.8, share), 1.0)
        return Vehicle(kind, soc=max(target_soc - share, 0.0), target_soc=target_soc)

    def _smallest(self, rating: EvseRating, kinds: Iterable[VehicleModel]) -> VehicleModel:
        fitting = [
            kind for kind in kinds if (kind.dc_curve if rating.is_dc else kind.ac_phases >= min(rating.phases, 3))
        ]
        fitting.sort(key=lambda kind: kind.battery_wh)
        return next((kind for kind in fitting if kind.battery_wh * 0.75 >= self.energy_wh), fitting[-1])


def read_sessions(path: Path, *, step_s: float = STEP_S) -> list[Session]:
    """The sessions of a file, by arrival; the first arrival is at 0 where the file has instants, else step 0 is.

    Raises:
        FileError: the file, a column or a value is not as it must be; the text names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise FileError(f"{path}: no column {', '.join(missing)}; there must be {', '.join(COLUMNS)}")
            found = [_session(row, step_s, f"{path}:{rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path}: {error}") from None
    if not found:
        raise FileError(f"{path}: no session")
    return _from_begin(sorted(found))


def _session(row: Mapping[str, str | None], step_s: float, where: str) -> Session:
    try:
        arrival_s, departure_s = (_second(row[name] or "", step_s) for name in ("arrival", "departure"))
        energy_wh = float(row["kwh"] or "") * 1000
        station, token, vehicle = ((row.get(name) or "").strip() for name in ("station", "token", "vehicle"))
        if not 0 <= arrival_s < inf or departure_s == inf:
            raise ValueError("arrival and departure are not negative, and not for ever")
        if not departure_s > arrival_s:
            raise ValueError("departure is not after arrival")
        if not 0 <= energy_wh < 2_000_000 or not station:
            raise ValueError("kwh is a number from 0 to 2000, station is not empty")
        if vehicle:
            vehicle_model(vehicle)
    except (ValueError, KeyError) as error:
        raise FileError(f"{where}: {error.args[0]}") from None
    return Session(arrival_s, departure_s, energy_wh, station, token or None, vehicle or None)


def _second(text: str, step_s: float) -> float:
    """A number of steps, or an instant, as seconds."""
    try:
        return float(text) * step_s
    except ValueError:
        instant = datetime.fromisoformat(text.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _from_begin(found: list[Session]) -> list[Session]:
    begin_s = found[0].arrival_s
    if begin_s < 1e8:  # steps; seconds since 1970 are instants
        return found
    return [
        Session(one.arrival_s - begin_s, one.departure_s - begin_s, one.energy_wh, one.station, one.token, one.vehicle)
        for one in found
    ]


def by_place(found: Iterable[Session], places: int) -> list[list[Session]]:
    """Deal sessions out to so many EVSEs: those of one name stay together, names go round in order of their first.

    Sessions that begin while the one before at the same EVSE goes on are left out.
    """
    order: dict[str, int] = {}
    dealt: dict[int, list[Session]] = defaultdict(list)
    for session in sorted(found):
        place = order.setdefault(session.station, len(order) % places)
        if not dealt[place] or dealt[place][-1].departure_s <= session.arrival_s:
            dealt[place].append(session)
    return [dealt[place] for place in range(places)]
