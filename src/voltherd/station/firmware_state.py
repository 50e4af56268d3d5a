"""The states of a firmware update, and what it consists of."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from voltherd.ocpp.v2.enums import FirmwareStatusEnumType

FirmwareState = FirmwareStatusEnumType
Outcome = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate"]
OVER: Final = (
    "Idle",
    "DownloadFailed",
    "InvalidSignature",
    "InstallVerificationFailed",
    "InstallationFailed",
    "Installed",
)
"""States in which nothing is under way."""


class FirmwareStatus(Struct, frozen=True):
    """How an update goes. `is_signed` tells the two messages of 1.6 apart; `request_id` is None when idle."""

    state: FirmwareState
    request_id: int | None
    is_signed: bool
    reason: str = ""


class UpdateRequest(Struct, frozen=True, kw_only=True):
    """What a CSMS wants installed. Times as OCPP writes them; `request_id` is None in plain 1.6.

    Attributes:
        certificate_pem: of the manufacturer, who signed; None without a signature (L02).
        signature: over the file, in Base64.
    """

    url: str
    retrieve_at: str
    install_at: str | None = None
    request_id: int | None = None
    certificate_pem: str | None = None
    signature: str | None = None
    retries: int | None = None
    retry_interval_s: float | None = None

    @property
    def is_signed(self) -> bool:
        """Whether the file is to be verified."""
        return self.signature is not None


class Progress(Struct, frozen=True):
    """What survives a power cut."""

    request: UpdateRequest
    state: FirmwareState
    version: str = ""
    """The version that the restart brings, once it is written."""
