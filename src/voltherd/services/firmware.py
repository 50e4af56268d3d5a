"""Follows updates and publications until the next boot proves them (functional block L)."""

from voltherd.services.dependencies import Dependencies


class Firmware:
    """Follows updates and publications until the next boot proves them (functional block L)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
