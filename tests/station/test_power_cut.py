"""The power is cut at any point of a transaction: the energy is right, no session lost or doubled."""

from pathlib import Path
from random import Random

import pytest

from support.exact_csms import Books
from support.station_line import V16, V21, V201, Line
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import Observer, SqliteStorage, Token, Transaction

CUTS = 334
CARD = Token("CARD")


class PowerCutError(Exception):
    """The power is gone."""


class Fuse:
    """Stands before a storage and cuts the power before or after the n-th thing that is made durable."""

    def __init__(self, storage: SqliteStorage) -> None:
        self._storage = storage
        self.left: int | None = None
        self.before = False

    def __getattr__(self, name):
        done = getattr(self._storage, name)
        if name not in ("keep_message", "drop_message", "keep", "drop"):
            return done

        def guarded(*args):
            if self.left is not None:
                self.left -= 1
                if self.left < 0 or (self.left == 0 and self.before):
                    raise PowerCutError
            done(*args)
            if self.left == 0:
                self.left = -1
                raise PowerCutError

        return guarded


class Watch(Observer):
    """Sees which transactions began."""

    def __init__(self) -> None:
        self.begun: set[str] = set()

    def on_transaction_started(self, transaction: Transaction) -> None:
        self.begun.add(transaction.id)


class Day:
    """A station with power cuts, and the truth about what was charged: the meter, read where nobody else looks."""

    def __init__(self, version, path: Path, seed: int, **settings: str) -> None:
        self.random = Random(seed)
        self.version = version
        self.settings = {"meter_interval_s": "20"} | settings
        self.path = path
        self.books = Books(version)
        self.watch = Watch()
        self.hardware = None
        self.is_plugged = False
        self.line = self._switch_on(0.0)

    def _switch_on(self, now: float) -> Line:
        self.database = SqliteStorage(self.path)
        self.fuse = Fuse(self.database)
        line = Line(self.version, storage=self.fuse, hardware=self.hardware, settings=self.settings)
        line.core.observer = self.watch
        self.hardware = line.hardware
        for evse in self.hardware.values():
            evse.power_back(now)
        line.replies |= self.books.answers()
        line.now = line.core.now = now
        return line

    @property
    def meter(self):
        return self.hardware[1]

    def cut(self) -> None:
        """The power goes; what the CSMS had not answered yet is open; and it comes back."""
        now = self.line.now
        self.meter.power_cut(now)
        self.database.close()
        self.line = self._switch_on(now + 30)
        if self.is_plugged:
            self.line.core.charging.plugged_in(1, 1, now + 30)

    def step(self) -> None:
        """One thing happens, a moment after the last one: 1.6 tells two starts apart by their times alone."""
        line = self.line
        line.wait(0.1)
        match self.random.randrange(8):
            case 0 | 1 if line.core.is_connected:
                line.lose()
            case 0 | 1 | 2 if not line.core.is_connected:
                line.connect()
            case 3 | 4 if not self.is_plugged:
                self.is_plugged = True
                line.plug(Vehicle(soc=0.1))
            case 3 if line.core.evses[1].transaction is None and line.core.evses[1].plugged:
                self.is_plugged = False
                line.unplug()
            case 4 | 5:
                line.present(CARD)
            case 6:
                line.wait(self.random.uniform(1, 200))
            case _:
                line.wait(self.random.uniform(0.1, 5))

    def run(self, steps: int, *, cut_at: int, before: bool) -> None:
        """A few steps, with a cut in the middle of one of them, and the rest of the day."""
        self.fuse.left, self.fuse.before = cut_at, before
        for _ in range(steps):
            try:
                self.step()
            except PowerCutError:
                self.cut()
        self.fuse.left = None

    def close(self) -> None:
        """The line comes back, the session ends, and everything is said."""
        line = self.line
        if not line.core.is_connected:
            line.connect()
        line.wait(300)
        if line.core.evses[1].transaction is not None:
            line.present(CARD)
        line.wait(300)
        assert line.core.outbox.kept_count == 0
        assert line.core.transactions.open() == []
        self.database.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("version", "settings"), [(V16, {}), (V201, {}), (V21, {}), (V21, {"resume_within_s": "600"})])
def test_e12_e17_a_power_cut_at_any_point_loses_no_energy_and_no_session(version, settings, tmp_path):
    sessions = 0
    for seed in range(CUTS):
        day = Day(version, tmp_path / f"{seed}.sqlite", seed, **settings)
        day.run(day.random.randrange(5, 30), cut_at=day.random.randrange(40), before=day.random.random() < 0.5)
        day.close()
        assert day.books.faults == [], seed
        assert day.books.gaps() == [], seed
        charged = 0
        for name, (start, end) in day.books.sessions.items():
            assert end is not None, f"{seed}: {name} never ended"
            charged += end - start
        begun, told = len(day.watch.begun), len(day.books.sessions)
        assert begun <= told <= begun + 1, f"{seed}: one may have begun in the moment of the cut"
        assert charged == pytest.approx(day.meter.energy_import_wh, abs=len(day.books.sessions)), seed
        sessions += len(day.books.sessions)
    assert sessions > CUTS / 2
