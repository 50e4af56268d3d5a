import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.domain.ids import IdSource

START_MS = 1_790_000_000_000


@given(st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=200))
def test_ids_grow_and_never_repeat_also_when_the_clock_steps_back(steps: list[int]) -> None:
    now = START_MS
    source = IdSource(lambda: now)
    ids = []
    for step in steps:
        now += step
        ids.append(source())
    assert ids == sorted(set(ids))


def test_more_ids_than_a_millisecond_holds_stay_unique() -> None:
    source = IdSource(lambda: START_MS)
    assert len({source() for _ in range(20_000)}) == 20_000


def test_nodes_never_make_the_same_id() -> None:
    one, other = IdSource(lambda: START_MS, node=1), IdSource(lambda: START_MS, node=2)
    assert not {one() for _ in range(9_000)} & {other() for _ in range(9_000)}


def test_ids_fit_a_signed_64_bit_column() -> None:
    assert 0 < IdSource(lambda: 4_000_000_000_000, node=255)() < 2**63


def test_a_node_number_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.255"):
        IdSource(lambda: START_MS, node=256)
