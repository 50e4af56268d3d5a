"""The data transfers that the station understands (OCPP 2.0.1 P; OCPP 1.6, 4.3 and 5.6)."""

from typing import Final, Literal

VENDOR_ID: Final = "org.voltherd"
"""The vendor whose data transfers the station understands; message id `echo` gives the data back."""


def outcome(vendor_id: str, message_id: object) -> Literal["Accepted", "UnknownVendorId", "UnknownMessageId"]:
    """Whether a data transfer is understood."""
    if vendor_id != VENDOR_ID:
        return "UnknownVendorId"
    return "Accepted" if message_id == "echo" else "UnknownMessageId"
