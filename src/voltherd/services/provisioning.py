"""Provisioning: a station boots, is registered, and keeps in touch (functional block B)."""

import random
from collections.abc import Callable

from msgspec import Struct

from voltherd.domain.commands import Trigger
from voltherd.domain.events import Booted
from voltherd.domain.station import Registration
from voltherd.services.effects import observe
from voltherd.services.settings import Connecting
from voltherd.services.state import StationState
from voltherd.services.work import Work

NO_BOOT = "no-boot-notification"
"""The station connected and did not say who it is."""
ASKED_WHO = "rule: the station connected and did not boot"


class BootReport(Struct, kw_only=True):
    """What a station says of itself when it boots."""

    vendor: str
    model: str
    serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    reason: str = ""


class BootAnswer(Struct):
    """Registration and the interval in s: of heartbeats when accepted, until the next boot otherwise."""

    registration: Registration
    interval_s: int


class Provisioning:
    """Answers boots. Retry intervals are spread so that a fleet does not come back in step (interop trap 17)."""

    def __init__(
        self,
        *,
        heartbeat_interval_s: int = 300,
        retry_interval_s: int = 60,
        retry_spread: float = 0.25,
        spread: Callable[[], float] = random.random,
        settle: Callable[[StationState], None] = lambda _: None,
        connecting: Callable[[], Connecting] = Connecting,
    ) -> None:
        """`settle` chooses the station's quirks by what it told of itself."""
        self._settle = settle
        self._connecting = connecting
        self._heartbeat_interval_s = heartbeat_interval_s
        self._retry_interval_s = retry_interval_s
        self._retry_spread = retry_spread
        self._spread = spread

    def boot(self, state: StationState, work: Work, report: BootReport) -> BootAnswer:
        """Record what the station is and answer its registration (B01, B02, B03)."""
        station = state.station
        station.vendor, station.model = report.vendor.strip(), report.model.strip()
        station.serial_number = report.serial_number
        station.firmware_version = report.firmware_version
        station.iccid, station.imsi = report.iccid, report.imsi
        station.booted_at_ms, station.boot_reason = work.now_ms, report.reason
        _flag(state, "empty-vendor", not station.vendor)
        _flag(state, "empty-model", not station.model)
        _flag(state, NO_BOOT, False)
        work.put(station)
        work.tell("station", station.identity)
        observe(state, work, Booted(report.reason, report.firmware_version))
        self._settle(state)
        return BootAnswer(station.registration, self.interval_s(state))

    def boot_settled(self, state: StationState, work: Work, connected_ms: int) -> bool:
        """Ask a station that has connected without telling who it is, once per connection (interop trap 10).

        Gives whether that is settled: it booted, was asked, or is not to be asked. Meanwhile it is served all the same.
        """
        station, rule = state.station, self._connecting()
        if (station.booted_at_ms or 0) >= connected_ms or station.registration == "rejected":
            return True
        wanted = rule.trigger_boot == "always" or station.booted_at_ms is None or state.quirks.no_boot_after_reconnect
        if rule.trigger_boot == "never" or not wanted:
            return True
        if work.now_ms < connected_ms + rule.trigger_boot_after_s * 1000:
            return False
        _flag(state, NO_BOOT, True)
        work.put(station)
        work.tell("station", station.identity)
        if not state.quirks.no_trigger:
            work.follow_up(Trigger(message="BootNotification"), ASKED_WHO, after_s=0.0)
        return True

    def interval_s(self, state: StationState) -> int:
        """Give the interval that goes with a station's registration, in s."""
        if state.station.registration == "accepted":
            return state.quirks.heartbeat_interval_s or self._heartbeat_interval_s
        return max(1, round(self._retry_interval_s * (1.0 + self._retry_spread * self._spread())))


def _flag(state: StationState, flag: str, on: bool) -> None:
    flags = tuple(item for item in state.station.flags if item != flag)
    state.station.flags = (*flags, flag) if on else flags
