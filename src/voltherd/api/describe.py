"""What the OpenAPI document says of an endpoint, written beside its handler; and the query parameters many share."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar.params import QueryParameter

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class Doc:
    """The description of one endpoint."""

    tag: str
    summary: str
    description: str
    answer: Any = None
    """Type of the answer's body; None: there is none."""
    example: Any = None
    """Example of the answer."""
    body: Any = None
    """Type of the request's body."""
    body_example: Any = None
    media_type: str = JSON
    errors: tuple[int, ...] = ()
    """Statuses of errors beyond 401, 403 and 422 where they follow by themselves."""
    also: dict[int, tuple[str, Any, Any]] = field(default_factory=dict)
    """Further successes: status to description, type and example."""


def described(doc: Doc, **opt: Any) -> dict[str, Any]:
    """Make the `opt` of a handler."""
    return {"doc": doc, **opt}


Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="How many items a page has at most.")]
Cursor = Annotated[str | None, QueryParameter(description="Where the page starts: `next` of the page before it.")]
Since = Annotated[str | None, QueryParameter(description="Only what is not older than this instant (RFC 3339).")]
StationFilter = Annotated[str | None, QueryParameter(description="Only of this station; deleted ones of this id too.")]
Timeout = Annotated[
    float, QueryParameter(gt=0, le=600, description="How long to wait for the station's answer, in seconds.")
]
