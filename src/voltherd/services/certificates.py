"""Knows what stations have installed and asked to be signed (functional block M)."""

from voltherd.services.dependencies import Dependencies


class Certificates:
    """Knows what stations have installed and asked to be signed (functional block M)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
