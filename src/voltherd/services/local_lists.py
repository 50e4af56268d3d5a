"""Knows which local list each station has, and repairs what drifted (functional block D)."""

from voltherd.services.dependencies import Dependencies


class LocalLists:
    """Knows which local list each station has, and repairs what drifted (functional block D)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
