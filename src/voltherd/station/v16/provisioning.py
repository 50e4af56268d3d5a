"""BootNotification and Heartbeat of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.outbox import Outgoing
from voltherd.station.provisioning import Boot, Heartbeat, Registered
from voltherd.station.v16.words import reads, reports

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(Boot)
def boot(core: StationCore, report: Boot) -> Outgoing:
    """A BootNotification; 1.6 has no reason in it."""
    config = core.config
    request = v16.BootNotificationRequest(
        charge_point_vendor=config.vendor[:20],
        charge_point_model=config.model[:20],
        charge_point_serial_number=config.serial_number[:25] or UNSET,
        firmware_version=core.provisioning.firmware_version[:50] or UNSET,
    )
    return Outgoing(action="BootNotification", request=request)


@reads("BootNotification")
def registered(core: StationCore, response: v16.BootNotificationResponse) -> Registered:
    """What the CSMS says to it."""
    return Registered(response.status, response.current_time, response.interval)


@reports(Heartbeat)
def heartbeat(core: StationCore, report: Heartbeat) -> Outgoing:
    """A Heartbeat."""
    return Outgoing(action="Heartbeat", request=v16.HeartbeatRequest())


@reads("Heartbeat")
def time_of_csms(core: StationCore, response: v16.HeartbeatResponse) -> str:
    """The time of the CSMS."""
    return response.current_time
