"""Matches batteries that come out with those that went in (functional block S)."""

from voltherd.services.dependencies import Dependencies


class BatterySwaps:
    """Matches batteries that come out with those that went in (functional block S)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
