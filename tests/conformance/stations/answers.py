"""What the CSMS by hand answers where a case says nothing else: that all is well."""

import copy
from datetime import UTC, datetime
from typing import Any


def instant() -> str:
    """Give the time."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Now:
    """Stands in an answer for the time at which it is sent."""


NOW: Any = Now()
ACCEPTED = {"status": "Accepted"}
_16: dict[str, Any] = {
    "Authorize": {"idTagInfo": ACCEPTED},
    "BootNotification": {"currentTime": NOW, "interval": 86_400, "status": "Accepted"},
    "DataTransfer": ACCEPTED,
    "Heartbeat": {"currentTime": NOW},
    "SignCertificate": ACCEPTED,
    "StopTransaction": {"idTagInfo": ACCEPTED},
}
_2X: dict[str, Any] = {
    "Authorize": {"idTokenInfo": ACCEPTED},
    "BootNotification": {"currentTime": NOW, "interval": 86_400, "status": "Accepted"},
    "DataTransfer": ACCEPTED,
    "Heartbeat": {"currentTime": NOW},
    "SignCertificate": ACCEPTED,
    "NotifyEVChargingNeeds": ACCEPTED,
    "NotifyEVChargingSchedule": ACCEPTED,
    "GetCertificateStatus": {"status": "Failed"},
    "Get15118EVCertificate": {"status": "Failed", "exiResponse": ""},
    "OpenPeriodicEventStream": ACCEPTED,
    "BatterySwap": {},
    "VatNumberValidation": {"vatNumber": "", "status": "Rejected"},
}
_numbers = iter(range(1001, 10_000_000))


def _started(_request: dict[str, Any]) -> dict[str, Any]:
    return {"idTagInfo": ACCEPTED, "transactionId": next(_numbers)}


def _event(request: dict[str, Any]) -> dict[str, Any]:
    return {"idTokenInfo": ACCEPTED} if "idToken" in request else {}


ANSWERS: dict[bool, dict[str, Any]] = {
    True: _16 | {"StartTransaction": _started},
    False: _2X | {"TransactionEvent": _event},
}
"""By action; True: of 1.6."""
QUIET = frozenset(
    {"Heartbeat", "StatusNotification", "NotifyEvent", "MeterValues", "SecurityEventNotification", "BootNotification"}
)
"""What may come at any time."""


def answered(answer: Any, time: str) -> Any:
    """The answer with the time in its place."""
    if answer is None:
        return None
    return {name: time if value is NOW else copy.deepcopy(value) for name, value in answer.items()}
