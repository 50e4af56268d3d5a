"""The bridge of OCPP 1.6: connector n is EVSE n with its connector 1, connector 0 is the station (EVSE 0)."""

from voltherd.gateway.v16 import (
    authorization,
    availability,
    certificate,
    charging_profile,
    data_transfer,
    device_model,
    diagnostics,
    firmware,
    local_list,
    metering,
    provisioning,
    remote_control,
    reservation,
    tariff,
    transactions,
)
from voltherd.gateway.v16.notifications import KEPT_NOTIFICATIONS
from voltherd.gateway.v16.routes import routes
from voltherd.gateway.v16.security import set_password

__all__ = [
    "KEPT_NOTIFICATIONS",
    "authorization",
    "availability",
    "certificate",
    "charging_profile",
    "data_transfer",
    "device_model",
    "diagnostics",
    "firmware",
    "local_list",
    "metering",
    "provisioning",
    "remote_control",
    "reservation",
    "routes",
    "set_password",
    "tariff",
    "transactions",
]
