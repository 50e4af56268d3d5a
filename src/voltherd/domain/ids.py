"""Record ids: 64 bits, unique over nodes, growing with time, made without asking the store."""

from collections.abc import Callable

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
_NODE_BITS, _SEQUENCE_BITS = 8, 12


class IdSource:
    """Makes ids of 43 bits of time, 8 of node and 12 of sequence; never one twice, also when the clock steps back."""

    def __init__(self, clock_ms: Callable[[], int], node: int = 0) -> None:
        if not 0 <= node < 1 << _NODE_BITS:
            raise ValueError(f"node must be 0..255, not {node}")
        self._clock_ms = clock_ms
        self._node = node << _SEQUENCE_BITS
        self._ms = 0
        self._sequence = 0

    def __call__(self) -> int:
        """Give the next id."""
        now_ms = self._clock_ms() - _EPOCH_MS
        if now_ms > self._ms:
            self._ms, self._sequence = now_ms, 0
        else:
            self._sequence += 1
            if self._sequence >> _SEQUENCE_BITS:
                self._ms, self._sequence = self._ms + 1, 0
        return self._ms << (_NODE_BITS + _SEQUENCE_BITS) | self._node | self._sequence
