from voltherd.domain.station import Station
from voltherd.store import Store


async def test_x(store: Store) -> None:
    await store.journal.committed([Station(id=5, identity="CS1", flags=("a", "b"))])
    assert await store.records.station(1, "CS1")
    assert await store.records.snapshot(1, 5)
