"""The dialect of 2.0.1 and 2.1, complete: importing this enters every message."""

from voltherd.station.v2 import (
    authorization,
    availability,
    data_transfer,
    device_model,
    metering,
    provisioning,
    remote_control,
    reservation,
    reset,
    transaction,
)
from voltherd.station.v2.words import V2

__all__ = [
    "V2",
    "authorization",
    "availability",
    "data_transfer",
    "device_model",
    "metering",
    "provisioning",
    "remote_control",
    "reservation",
    "reset",
    "transaction",
]
