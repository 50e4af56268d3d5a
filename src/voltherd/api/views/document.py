"""Documents as the API shows them: what all have in common, then the fields of their kind.

Names follow the contract: instants are RFC 3339 (`expires_at_ms` is shown as `expires_at`), EVSEs are `evse_id`, the
state is `status`.
"""

from functools import cache
from typing import Any, Union, cast

import msgspec
from msgspec import Struct

from voltherd.domain.document import Document, DocumentRecord
from voltherd.domain.time import format_ms

_RENAMED = {"state": "status", "evse_no": "evse_id"}


class DocumentView(Struct, kw_only=True):
    """What all documents have in common."""

    id: str
    station_id: str
    """Empty for what belongs to no station."""
    created_at: str
    changed_at: str


@cache
def view_type(kind: type[Document]) -> type[DocumentView]:
    """Make the type that describes documents of a kind."""
    fields = [_described(field) for field in msgspec.structs.fields(kind)]
    name = f"{kind.__name__}View"
    made = msgspec.defstruct(name, fields, bases=(DocumentView,), kw_only=True, namespace={"__doc__": kind.__doc__})
    return cast("type[DocumentView]", made)


def _described(field: msgspec.structs.FieldInfo) -> tuple[str, Any]:
    name = _shown(field.name)
    return (name, Union[str, None]) if _is_instant(field.name) else (name, field.type)  # noqa: UP007


def _is_instant(name: str) -> bool:
    return name.endswith("_at_ms")


def _shown(name: str) -> str:
    return name.removesuffix("_ms") if _is_instant(name) else _RENAMED.get(name, name)


def document_view(record: DocumentRecord, identity: str) -> dict[str, Any]:
    """Show a document of the station `identity`."""
    said: dict[str, Any] = msgspec.json.decode(record.data)
    shown = {_shown(name): _instant(value) if _is_instant(name) else value for name, value in said.items()}
    return {
        "id": str(record.id),
        "station_id": identity,
        "created_at": format_ms(record.created_ms),
        "changed_at": format_ms(record.changed_ms),
        **shown,
    }


def _instant(epoch_ms: int | None) -> str | None:
    return format_ms(epoch_ms) if epoch_ms else None
