"""The bridge of OCPP 2.0.1 and 2.1, whose terms are those of the domain."""

from voltherd.gateway.v2 import (
    authorization,
    availability,
    data_transfer,
    device_model,
    metering,
    provisioning,
    remote_control,
    transactions,
)
from voltherd.gateway.v2.notifications import KEPT_NOTIFICATIONS
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.security import set_password

__all__ = [
    "KEPT_NOTIFICATIONS",
    "authorization",
    "availability",
    "data_transfer",
    "device_model",
    "metering",
    "provisioning",
    "remote_control",
    "routes",
    "set_password",
    "transactions",
]
