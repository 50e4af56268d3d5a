"""Records which grid rules are in force at a station (functional block R)."""

from voltherd.services.dependencies import Dependencies


class DerControl:
    """Records which grid rules are in force at a station (functional block R)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
