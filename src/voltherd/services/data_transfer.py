"""Data transfer: a registry of vendor extensions (functional block P). What nobody registered is never accepted."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from voltherd.services.state import StationState
from voltherd.services.work import Work

DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]


class DataTransferAnswer(Struct):
    """Status and, where the handler gives some, data."""

    status: DataTransferStatus
    data: object = None


Handler = Callable[[StationState, Work, object], DataTransferAnswer]


class DataTransfers:
    """Handlers by vendor id and message id."""

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, Handler]] = {}

    def register(self, vendor_id: str, message_id: str, handler: Handler) -> None:
        """Let a handler answer one vendor message; `message_id` may be empty."""
        self._handlers.setdefault(vendor_id, {})[message_id] = handler

    def receive(
        self, state: StationState, work: Work, vendor_id: str, message_id: str, data: object
    ) -> DataTransferAnswer:
        """Answer a station's vendor message (P02)."""
        messages = self._handlers.get(vendor_id)
        if messages is None:
            return DataTransferAnswer("UnknownVendorId")
        handler = messages.get(message_id)
        return handler(state, work, data) if handler else DataTransferAnswer("UnknownMessageId")
