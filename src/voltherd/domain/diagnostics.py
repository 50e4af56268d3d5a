"""Diagnostics: logs that stations upload, and what they hold of customers (functional block N)."""

import hashlib
import re
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

LogType = Literal["diagnostics", "security", "data_collector"]
LogState = Literal["accepted", "uploading", "uploaded", "failed", "cancelled", "rejected", "unknown"]
CustomerState = Literal["accepted", "receiving", "complete", "rejected", "invalid", "unknown"]
OPEN_LOGS: Final = ("accepted", "uploading")
MAX_HISTORY: Final = 100
MAX_CUSTOMER_CHARACTERS: Final = 500_000
"""No more is kept of one report about a customer."""
UPLOAD_PATH: Final = "/api/v1/log-uploads/"
_UPLOAD: Final = re.compile(re.escape(UPLOAD_PATH) + r"([A-Za-z0-9_-]{43})(?:/|$)")


def upload_name(secret: str) -> str:
    """Give the name under which a file is kept that is uploaded with a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def upload_in(location: str) -> tuple[str, str | None]:
    """Give a location as it may be shown, and the name of the file that is uploaded to us there; None: elsewhere."""
    found = _UPLOAD.search(location)
    if found is None:
        return location, None
    return location[: found.start(1)] + "***", upload_name(found[1])


class GetLog(Command):
    """Let a station upload a log. Without `location` it comes to this server.

    `location` is a URL, to which the station uploads a file by the protocol that the URL names; it may hold a user and
    a password. For a file of ours the setting `diagnostics` must say under which address stations reach this server.
    """

    name = "get-log"
    summary = "Fetch a log"
    example: ClassVar[dict[str, Any]] = {"type": "diagnostics", "location": "https://logs.example/upload", "retries": 2}
    type: LogType = "diagnostics"
    location: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    retries: Annotated[int, Meta(ge=0)] | None = None
    retry_interval_s: Annotated[int, Meta(ge=0)] | None = None
    oldest_at: str | None = None
    """Only what is not older (RFC 3339)."""
    latest_at: str | None = None
    """Only what is not younger (RFC 3339)."""


class CertificateHash(Struct, kw_only=True, forbid_unknown_fields=True):
    """A certificate by its hashes, as stations know it."""

    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class GetCustomerInformation(Command):
    """Let a station report, or clear, or both, what it holds about one customer.

    The customer is named by exactly one of `id_token`, `certificate` and `customer_identifier`. What is reported comes
    in parts and is found under `/customer-information`.
    """

    name = "get-customer-information"
    summary = "Report or clear what is held about a customer"
    example: ClassVar[dict[str, Any]] = {"report": True, "id_token": "04A2B3C4", "id_token_type": "ISO14443"}
    report: bool = True
    clear: bool = False
    id_token: str | None = None
    id_token_type: str = "Central"
    certificate: CertificateHash | None = None
    customer_identifier: str | None = None


class UploadStatus(Struct, kw_only=True):
    """One status as the station told it."""

    status: str
    at: str
    """When it came (RFC 3339)."""
    info: str = ""
    """What the station added (2.1)."""


class Log(Document, kw_only=True):
    """A log that a station was asked to upload: where to, its file name as told, and every status with its time.

    `status` is `accepted`, `uploading`, `uploaded`, `failed`, `cancelled` (a newer request came), `rejected`, or
    `unknown` (a status came for a request that is not known). With `upload` the file is kept by this server:
    `GET /logs/{id}/file`.
    """

    kind = "logs"
    title = "log"
    example: ClassVar[dict[str, Any]] = {
        "state": "uploaded",
        "evse_no": 0,
        "name": "1234",
        "number": 1234,
        "type": "diagnostics",
        "location": "https://logs.example/upload",
        "file_name": "diagnostics-2026-05-04.zip",
        "upload": None,
        "history": [{"status": "Uploaded", "at": "2026-05-04T08:31:00.000Z", "info": ""}],
        "ended_at_ms": 1_777_883_460_000,
    }
    state: LogState
    name: str
    """Tells it from the others of the station: its number, and a count where the number was used before."""
    number: int | None = None
    """requestId on the wire; 1.6 gives diagnostics none."""
    type: str = ""
    location: str = ""
    file_name: str = ""
    upload: str | None = None
    history: list[UploadStatus] = field(default_factory=list)
    ended_at_ms: int | None = None

    @property
    def key(self) -> str:
        return self.name


class CustomerInformation(Document, kw_only=True):
    """What a station reported about a customer, put together in the order of its parts.

    `status` is `accepted`, `receiving`, `complete`, `rejected`, `invalid` or `unknown` (nobody asked). `truncated`
    tells that more came than is kept.
    """

    kind = "customer-information"
    title = "report about a customer"
    example: ClassVar[dict[str, Any]] = {
        "state": "complete",
        "evse_no": 0,
        "name": "1234",
        "number": 1234,
        "report": True,
        "clear": False,
        "customer": "id_token 04A2B3C4",
        "id_token": "04A2B3C4",
        "text": "last charged 2026-05-01",
        "truncated": False,
        "parts": 1,
        "waiting": {},
        "last_part": 0,
        "ended_at_ms": 1_777_883_460_000,
    }
    state: CustomerState
    name: str
    """As that of a log."""
    number: int
    """requestId on the wire."""
    report: bool = False
    clear: bool = False
    customer: str = ""
    """How the customer was named."""
    id_token: str | None = None
    """The token, where the customer was named by one."""
    text: str = ""
    truncated: bool = False
    parts: int = 0
    """So many parts are in `text`."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Parts that came before those in front of them, by number."""
    last_part: int | None = None
    ended_at_ms: int | None = None

    @property
    def key(self) -> str:
        return self.name


COMMANDS: tuple[type[Command], ...] = (GetLog, GetCustomerInformation)
DOCUMENTS: tuple[type[Document], ...] = (Log, CustomerInformation)
