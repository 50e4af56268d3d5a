"""BootNotification and Heartbeat of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.outbox import Outgoing
from voltherd.station.provisioning import Boot, Heartbeat, Registered
from voltherd.station.v2.words import reads, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(Boot)
def boot(core: StationCore, report: Boot) -> Outgoing:
    """A BootNotification."""
    config = core.config
    station = v2.ChargingStationType(
        model=config.model[:20],
        vendor_name=config.vendor[:50],
        serial_number=config.serial_number[:25] or UNSET,
        firmware_version=core.provisioning.firmware_version[:50] or UNSET,
    )
    request = v2.BootNotificationRequest(charging_station=station, reason=report.reason)
    return Outgoing(action="BootNotification", request=request)


@reads("BootNotification")
def registered(core: StationCore, response: v2.BootNotificationResponse) -> Registered:
    """What the CSMS says to it."""
    return Registered(response.status, response.current_time, response.interval)


@reports(Heartbeat)
def heartbeat(core: StationCore, report: Heartbeat) -> Outgoing:
    """A Heartbeat."""
    return Outgoing(action="Heartbeat", request=v2.HeartbeatRequest())


@reads("Heartbeat")
def time_of_csms(core: StationCore, response: v2.HeartbeatResponse) -> str:
    """The time of the CSMS."""
    return response.current_time
