"""The charging station, its EVSEs and connectors, as recorded.

Three things are kept apart: the operator's intent (`operational`), what the station reported (`status`), and
reachability, which is no column here at all: it follows from the age of the last frame.
"""

from typing import Literal

from msgspec import Struct

Registration = Literal["accepted", "pending", "rejected"]

DEFAULT_TENANT = 1


class Station(Struct, kw_only=True):
    """One charging station (whole row; unique by tenant and identity)."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    identity: str
    name: str = ""
    registration: Registration = "accepted"
    ocpp_version: str | None = None
    """Version negotiated last: `1.6`, `2.0.1`, `2.1`."""
    pinned_version: str | None = None
    security_profile: int = 0
    password_hash: bytes | None = None
    offered_password_hash: bytes | None = None
    """Of a password that was sent to the station and not refused: it counts once the station uses it."""
    offered_security_profile: int | None = None
    """A higher profile that the station agreed to: it counts once the station comes with it (A05)."""
    site: str | None = None
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    quirks: str | None = None
    """What an operator set of `domain.quirk`: the name of a profile, or JSON; None: chosen at boot."""
    flags: tuple[str, ...] = ()
    """Oddities observed, such as `empty-vendor`."""
    items_per_message: int | None = None
    bytes_per_message: int | None = None
    booted_at_ms: int | None = None
    boot_reason: str = ""
    last_seen_ms: int | None = None
    """Written now and then and at disconnect; the live age comes from the connection."""
    created_at_ms: int = 0
    deleted_at_ms: int | None = None


class Evse(Struct, kw_only=True):
    """One EVSE; number 0 stands for the whole station. 1.6 connectors appear as EVSEs with one connector."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    evse_no: int
    operational: bool | None = None
    """The operator's intent, from the last ChangeAvailability; None: never said."""
    max_power_w: float | None = None
    phases: int | None = None


class Connector(Struct, kw_only=True):
    """One connector's status as the station reported it last. Connector 0 carries the status of its EVSE or station."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    evse_no: int
    connector_no: int
    status: str = "Unknown"
    error_code: str = ""
    vendor_error_code: str = ""
    info: str = ""
    changed_at_ms: int = 0
    """The station's timestamp where it is plausible, else the instant of receipt."""
    received_at_ms: int = 0


class StatusInterval(Struct, kw_only=True):
    """A connector had this status from an instant on; kept for years for reports of uptime (append-only)."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    evse_no: int
    connector_no: int
    from_ms: int
    status: str
    error_code: str = ""


class ConnectionLog(Struct, kw_only=True):
    """One connection of a station: opened and, later, closed with a reason."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    station_id: int
    generation: int
    node: str
    opened_at_ms: int
    ocpp_version: str
    peer: str = ""
    security_profile: int = 0
    closed_at_ms: int | None = None
    close_code: int | None = None
    close_reason: str = ""


SUMMARY_ORDER = ("Faulted", "Charging", "Occupied", "Reserved", "Available", "Unavailable", "Unknown")


def summary_status(statuses: list[str], *, charging: bool) -> str:
    """Fold connector statuses (any version's words) into the one word a list shows."""
    kinds = {_SUMMARY.get(status, "Unknown") for status in statuses}
    if charging:
        kinds.add("Charging")
    return next((word for word in SUMMARY_ORDER if word in kinds), "Unknown")


_SUMMARY = {
    "Available": "Available",
    "Occupied": "Occupied",
    "Preparing": "Occupied",
    "Charging": "Charging",
    "SuspendedEV": "Occupied",
    "SuspendedEVSE": "Occupied",
    "Finishing": "Occupied",
    "Reserved": "Reserved",
    "Unavailable": "Unavailable",
    "Faulted": "Faulted",
}
