"""Moves stations to another CSMS, or another way to this one (functional block B)."""

from voltherd.services.dependencies import Dependencies


class NetworkProfiles:
    """Moves stations to another CSMS, or another way to this one (functional block B)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
