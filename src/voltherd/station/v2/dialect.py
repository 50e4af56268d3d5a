"""The dialect of 2.0.1 and 2.1, complete: importing this enters every message."""

from voltherd.station.v2 import (
    authorization,
    availability,
    certificate,
    customer,
    data_transfer,
    device_model,
    ev_certificate,
    firmware,
    logs,
    metering,
    network,
    provisioning,
    remote_control,
    reservation,
    reset,
    security,
    transaction,
)
from voltherd.station.v2.words import V2

__all__ = [
    "V2",
    "authorization",
    "availability",
    "certificate",
    "customer",
    "data_transfer",
    "device_model",
    "ev_certificate",
    "firmware",
    "logs",
    "metering",
    "network",
    "provisioning",
    "remote_control",
    "reservation",
    "reset",
    "security",
    "transaction",
]
