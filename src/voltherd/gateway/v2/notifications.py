"""Notifications of OCPP 2.x that are acknowledged and kept as they came; what they mean is told by other parts."""

from typing import Final

from voltherd.gateway.translating import acknowledge
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.version import OcppVersion

ACKNOWLEDGED: Final = frozenset[str]()
KEPT_NOTIFICATIONS: Final = ACKNOWLEDGED
"""Actions whose frame is stored durably before they are answered."""

acknowledge(routes, OcppVersion.V21, ACKNOWLEDGED)
