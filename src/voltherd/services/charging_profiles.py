"""Keeps what is installed where, and the limits that come from outside (functional block K)."""

from voltherd.services.dependencies import Dependencies


class ChargingProfiles:
    """Keeps what is installed where, and the limits that come from outside (functional block K)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
