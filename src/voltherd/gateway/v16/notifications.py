"""Notifications of OCPP 1.6 that are acknowledged and kept as they came; what they mean is told by other parts."""

from typing import Final

from voltherd.gateway.translating import acknowledge
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.version import OcppVersion

KEPT_NOTIFICATIONS: Final[frozenset[str]] = frozenset()
"""Actions whose frame is stored durably before they are answered."""

acknowledge(routes, OcppVersion.V16, KEPT_NOTIFICATIONS)
