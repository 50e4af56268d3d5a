"""Reserves EVSEs, and follows what becomes of it (functional block H)."""

from voltherd.services.dependencies import Dependencies


class Reservations:
    """Reserves EVSEs, and follows what becomes of it (functional block H)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
