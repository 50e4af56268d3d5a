"""Documents: what a station holds besides charging (reservations, display messages, monitors, profiles, ...).

Each noun has a Struct of its own with typed fields, found by its key among the documents of its kind at a station. What
all have in common is what an operator asks first: which station, which EVSE, in which state, since when.
"""

from typing import Any, ClassVar, TypeVar

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT


class Document(Struct, kw_only=True):
    """Base of all documents. `state` is a word of the noun's own."""

    kind: ClassVar[str]
    """Name in the store and in the API's paths, such as `display-messages`."""
    title: ClassVar[str]
    """What one of them is, for people."""
    example: ClassVar[dict[str, Any]]
    """One as the API's reference shows it: the fields of its Struct as JSON."""
    state: str
    evse_no: int = 0
    """0: the station as a whole."""

    @property
    def key(self) -> str:
        """What tells it from the others of its kind at the station."""
        raise NotImplementedError


D = TypeVar("D", bound=Document)


class DocumentRecord(Struct, kw_only=True):
    """A document as a row: unique by station, kind and key."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    """0: of the tenant, of no station."""
    kind: str
    key: str
    id: int
    """Opaque, for paths of the API; stays when the document is replaced."""
    evse_no: int
    state: str
    data: str
    """JSON of the document's Struct."""
    created_ms: int
    changed_ms: int
