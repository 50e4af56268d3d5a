"""The directory of stations holds what is stored, also when storing fails."""

from pathlib import Path

import pytest

from voltherd.bus.local import LocalNews
from voltherd.domain.errors import StoreUnavailable
from voltherd.domain.ids import IdSource
from voltherd.services.stations import StationChanges, Stations
from voltherd.store import open_store

SECRET = b"0" * 32


def now_ms() -> int:
    return 1_790_000_000_000


async def test_a_station_that_could_not_be_stored_is_not_in_the_directory(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/v.db")
    stations = Stations(store.journal, store.records, LocalNews(), IdSource(now_ms), now_ms, SECRET)
    await stations.put("KNOWN", StationChanges(name="before"), who="test")
    await store.close()
    for identity in ("NEW", "KNOWN"):
        with pytest.raises(StoreUnavailable):
            await stations.put(identity, StationChanges(name="after"), who="test")
    assert stations.find("NEW") is None
    known = stations.find("KNOWN")
    assert known is not None
    assert known.name == "before"
