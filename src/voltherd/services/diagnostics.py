"""Records logs, monitors, events, customer information and event streams (functional block N)."""

from voltherd.services.dependencies import Dependencies


class Diagnostics:
    """Records logs, monitors, events, customer information and event streams (functional block N)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
