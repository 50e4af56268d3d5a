"""The dialect of 1.6, complete: importing this enters every message."""

from voltherd.station.v16 import (
    authorization,
    availability,
    certificate,
    configuration,
    data_transfer,
    firmware,
    local_list,
    logs,
    metering,
    provisioning,
    remote_control,
    reservation,
    reset,
    security,
    smart_charging,
    transaction,
)
from voltherd.station.v16.words import V16

__all__ = [
    "V16",
    "authorization",
    "availability",
    "certificate",
    "configuration",
    "data_transfer",
    "firmware",
    "logs",
    "local_list",
    "metering",
    "provisioning",
    "remote_control",
    "reservation",
    "reset",
    "security",
    "smart_charging",
    "transaction",
]
