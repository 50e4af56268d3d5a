"""Says which energy transfer a session may use (functional block Q)."""

from voltherd.services.dependencies import Dependencies


class V2x:
    """Says which energy transfer a session may use (functional block Q)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
