"""Knows what stations show to drivers (functional block O)."""

from voltherd.services.dependencies import Dependencies


class DisplayMessages:
    """Knows what stations show to drivers (functional block O)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
