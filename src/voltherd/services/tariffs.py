"""Tells stations and drivers what charging costs (functional block I)."""

from voltherd.services.dependencies import Dependencies


class Tariffs:
    """Tells stations and drivers what charging costs (functional block I)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
