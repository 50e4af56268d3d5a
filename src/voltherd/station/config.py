"""What a station is: its identity, its outlets and how it behaves on the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voltherd.ocpp.version import OcppVersion


@dataclass(frozen=True, slots=True)
class EvseConfig:
    """One EVSE: it charges one vehicle at a time, through one of its connectors.

    `phases` is 1 or 3 for AC and 0 for DC. `connectors` are connector types as OCPP 2.x names them. `max_discharge_w`
    is the most power it takes from a vehicle, 0 where it only charges, None where its hardware alone knows.
    """

    max_power_w: float = 22_000.0
    phases: int = 3
    voltage_v: float = 230.0
    connectors: tuple[str, ...] = ("cType2",)
    max_discharge_w: float | None = None

    @property
    def is_dc(self) -> bool:
        """Whether it feeds the battery directly."""
        return self.phases == 0

    @property
    def max_current_a(self) -> float:
        """The largest current per phase (AC) or of the cable (DC, at 400 V), in amperes."""
        return self.max_power_w / (400.0 if self.is_dc else self.voltage_v * self.phases)


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One station.

    Attributes:
        identity: the last segment of the URL it connects to, and the user of Basic auth.
        url: the CSMS without the identity, `ws://host:port/path`.
        tls_url: the CSMS for security profiles 2 and 3, where that is not `url` with `wss`.
        password: for Basic auth; None connects without.
        settings: first values of settings, by their names in `voltherd.station.settings`.
        call_timeout_s: how long an answer is waited for.
        reboot_s: how long a restart takes.
        reconnect_min_s: the first wait after a lost connection; doubles up to `reconnect_max_s`, with jitter.
        boot_on_reconnect: send a BootNotification after a mere loss of connection, as some stations do.
        swaps_batteries: every EVSE is a slot for a battery (2.1).
    """

    identity: str
    url: str
    version: OcppVersion = OcppVersion.V201
    evses: tuple[EvseConfig, ...] = (EvseConfig(),)
    vendor: str = "Voltherd"
    model: str = "Software station"
    serial_number: str = ""
    firmware_version: str = "1.0.0"
    password: str | bytes | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    call_timeout_s: float = 30.0
    reboot_s: float = 3.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0
    boot_on_reconnect: bool = False
    compression: bool = False
    tls_url: str = ""
    swaps_batteries: bool = False
