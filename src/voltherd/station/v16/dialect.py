"""The dialect of 1.6, complete: importing this enters every message."""

from voltherd.station.v16 import (
    authorization,
    availability,
    configuration,
    data_transfer,
    metering,
    provisioning,
    remote_control,
    reservation,
    reset,
    transaction,
)
from voltherd.station.v16.words import V16

__all__ = [
    "V16",
    "authorization",
    "availability",
    "configuration",
    "data_transfer",
    "metering",
    "provisioning",
    "remote_control",
    "reservation",
    "reset",
    "transaction",
]
