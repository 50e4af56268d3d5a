"""Bounds on what is kept of a station's documents, so that years of them do not fill memory and store."""

from collections.abc import Callable
from typing import Final

from voltherd.domain.document import D
from voltherd.services.documents import Documents
from voltherd.services.state import StationState
from voltherd.services.work import Work

KEPT: Final = 500
"""Documents of a kind that are over, per station; the message log and the events of transactions reach further back."""


def drop_oldest(
    documents: Documents, state: StationState, work: Work, kind: type[D], is_over: Callable[[D], bool]
) -> None:
    """Drop the oldest that are over, beyond what is kept. Raises NotLoaded, so call it after `keep`."""
    held = documents.held(state, kind)
    if len(held) > KEPT:
        over = [document for document in held.values() if is_over(document)]
        for document in over[: max(0, len(held) - KEPT)]:
            documents.drop(state, work, document)
