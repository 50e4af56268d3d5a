"""Messages that a CSMS may trigger (OCPP 2.0.1 F06; OCPP 1.6, 5.17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from voltherd.station.availability import ConnectorStatus, StationStatus
from voltherd.station.metering import MeterValues

if TYPE_CHECKING:
    from voltherd.station.core import StationCore
    from voltherd.station.evse import Evse

TriggerOutcome = Literal["Accepted", "Rejected", "NotImplemented"]


class Asked(Struct, frozen=True, kw_only=True):
    """What a message is triggered for; None where the CSMS names nothing.

    Attributes:
        custom: the custom trigger of 2.1.
    """

    evse_id: int | None = None
    connector_id: int | None = None
    custom: str | None = None

    def evses(self, core: StationCore) -> list[Evse]:
        """The EVSEs it is about: the named one, or all."""
        if self.evse_id is None:
            return list(core.evses.values())
        return [evse for evse in (core.evses.get(self.evse_id),) if evse is not None]


SayNow = Callable[["StationCore", Asked], TriggerOutcome]


def boot(core: StationCore, asked: Asked) -> TriggerOutcome:
    """BootNotification: 2.x sends none once it is accepted (OCPP 2.0.1 F06.FR.17)."""
    if core.dialect.family == "2.x" and core.registration == "Accepted":
        return "Rejected"
    core.provisioning.boot_as_told()
    return "Accepted"


def heartbeat(core: StationCore, asked: Asked) -> TriggerOutcome:
    """Heartbeat."""
    core.afterwards(core.provisioning.beat)
    return "Accepted"


def status(core: StationCore, asked: Asked) -> TriggerOutcome:
    """StatusNotification of one connector, or of all (OCPP 2.0.1 F06.FR.11)."""
    if asked.evse_id is None:
        core.trigger(StationStatus(core.availability.station_operative))
    for evse in asked.evses(core):
        chosen = evse.connector_ids if asked.connector_id is None else (asked.connector_id,)
        for connector_id in chosen:
            core.trigger(ConnectorStatus(evse, connector_id, evse.state(connector_id)))
    return "Accepted"


def meter_values(core: StationCore, asked: Asked) -> TriggerOutcome:
    """MeterValues with the measurands of the aligned data (OCPP 2.0.1 F06.FR.06)."""
    for evse in asked.evses(core):
        core.trigger(MeterValues(evse, (core.metering.sample(evse, "Trigger"),)))
    return "Accepted"


def transactions(core: StationCore, asked: Asked) -> TriggerOutcome:
    """TransactionEvent of the transactions that go on (OCPP 2.0.1 F06.FR.07)."""
    running = [evse for evse in asked.evses(core) if evse.transaction is not None]
    if not running:
        return "Rejected"

    def tell() -> None:
        for evse in running:
            core.charging.updated(evse, "Trigger", core.metering.sample(evse, "Trigger"))

    core.afterwards(tell)
    return "Accepted"


TRIGGERS: Final[dict[str, SayNow]] = {
    "BootNotification": boot,
    "Heartbeat": heartbeat,
    "StatusNotification": status,
    "MeterValues": meter_values,
    "TransactionEvent": transactions,
}
"""By the name of the message."""
