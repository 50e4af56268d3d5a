"""A station as the API shows it: the record, what its connectors reported, and whether it is reachable now."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from voltherd.api.views.listed import instant
from voltherd.domain.quirk import ChosenBy, QuirksInForce
from voltherd.domain.station import Connector, Evse, summary_status
from voltherd.domain.transaction import Transaction
from voltherd.services.ports import Presence, StationSnapshot


class ConnectorView(Struct, kw_only=True):
    """One connector as reported last. Words are those of the station's OCPP version."""

    connector_id: int
    status: str
    error_code: str | None
    vendor_error_code: str | None
    info: str | None
    changed_at: str | None


class EvseView(Struct, kw_only=True):
    """One EVSE; a connector of an OCPP 1.6 station is an EVSE with one connector."""

    evse_id: int
    operational: bool | None
    """The operator's intent; null: never said."""
    max_power_w: float | None
    status: str
    power_w: float | None
    transaction_id: str | None
    """`id` of the open transaction."""
    connectors: list[ConnectorView]


class QuirksView(Struct, kw_only=True):
    """What this kind of station does differently, see the reference of quirks."""

    profile: str
    title: str
    chosen_by: ChosenBy
    """`boot`: by vendor, model and firmware; `operator`: set for this station."""
    switches: dict[str, Any]
    """Those in force."""
    overrides: dict[str, Any]
    """Those of them that an operator set for this station."""


class StationView(Struct, kw_only=True):
    """One station. `status` is one word for all of it: a summary of its connectors, or `Offline`."""

    station_id: str
    name: str
    status: str
    online: bool
    registration: str
    ocpp_version: str | None
    pinned_version: str | None
    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    site: str | None
    security_profile: int
    quirks: QuirksView
    flags: list[str]
    last_seen_at: str | None
    last_frame_age_s: float | None
    connected_since: str | None
    booted_at: str | None
    boot_reason: str | None
    iccid: str | None
    imsi: str | None
    power_w: float | None
    """Sum over the open transactions; null where some are open and none tells its power."""
    station_status: str | None
    """What the station reported for itself as a whole (connector 0)."""
    items_per_message: int | None
    bytes_per_message: int | None
    evses: list[EvseView]


class StationGone(Struct, kw_only=True):
    """Told on the stream when a station was deleted."""

    station_id: str
    deleted: bool = True


def is_online(presence: Presence | None, now_ms: int) -> bool:
    """Whether the lease of a connection holds."""
    return presence is not None and now_ms <= presence.lease_until_ms


def station_view(
    snapshot: StationSnapshot, presence: Presence | None, now_ms: int, quirks: QuirksInForce
) -> StationView:
    """Show a station. Its last seen instant is that of the connection where there is one."""
    station = snapshot.station
    online = is_online(presence, now_ms)
    active = [item for item in snapshot.transactions if item.active]
    evses = [_evse_view(number, snapshot, active) for number in _numbers(snapshot)]
    words = [one.status for one in snapshot.connectors if one.evse_no or one.connector_no]
    last_seen_ms = max(station.last_seen_ms or 0, presence.last_frame_ms if presence else 0)
    return StationView(
        station_id=station.identity,
        name=station.name,
        status=summary_status(words, charging=bool(active)) if online else "Offline",
        online=online,
        registration=station.registration,
        ocpp_version=presence.ocpp_version if presence else station.ocpp_version,
        pinned_version=station.pinned_version,
        vendor=station.vendor,
        model=station.model,
        serial_number=station.serial_number,
        firmware_version=station.firmware_version,
        site=station.site,
        security_profile=station.security_profile,
        quirks=_quirks_view(quirks),
        flags=list(station.flags),
        last_seen_at=instant(last_seen_ms),
        last_frame_age_s=max(0, now_ms - last_seen_ms) / 1000 if last_seen_ms else None,
        connected_since=instant(presence.connected_since_ms) if presence and online else None,
        booted_at=instant(station.booted_at_ms),
        boot_reason=station.boot_reason or None,
        iccid=station.iccid or None,
        imsi=station.imsi or None,
        power_w=_power_w(active),
        station_status=next((one.status for one in snapshot.connectors if not one.evse_no), None),
        items_per_message=station.items_per_message,
        bytes_per_message=station.bytes_per_message,
        evses=evses,
    )


def _quirks_view(found: QuirksInForce) -> QuirksView:
    return QuirksView(
        profile=found.profile.name,
        title=found.profile.title,
        chosen_by=found.chosen_by,
        switches=msgspec.to_builtins(found.switches),
        overrides=found.overrides,
    )


def _numbers(snapshot: StationSnapshot) -> list[int]:
    known = {one.evse_no for one in snapshot.evses} | {one.evse_no for one in snapshot.connectors}
    known |= {one.evse_no for one in snapshot.transactions if one.active}
    return sorted(number for number in known if number > 0)


def _evse_view(number: int, snapshot: StationSnapshot, active: list[Transaction]) -> EvseView:
    evse = next((one for one in snapshot.evses if one.evse_no == number), None) or Evse(station_id=0, evse_no=number)
    connectors = sorted((one for one in snapshot.connectors if one.evse_no == number), key=lambda one: one.connector_no)
    running = [one for one in active if one.evse_no == number]
    return EvseView(
        evse_id=number,
        operational=evse.operational,
        max_power_w=evse.max_power_w,
        status=summary_status([one.status for one in connectors], charging=bool(running)),
        power_w=_power_w(running),
        transaction_id=str(running[0].id) if running else None,
        connectors=[_connector_view(one) for one in connectors if one.connector_no],
    )


def _connector_view(connector: Connector) -> ConnectorView:
    return ConnectorView(
        connector_id=connector.connector_no,
        status=connector.status,
        error_code=connector.error_code or None,
        vendor_error_code=connector.vendor_error_code or None,
        info=connector.info or None,
        changed_at=instant(connector.changed_at_ms),
    )


def _power_w(active: Iterable[Transaction]) -> float | None:
    active = list(active)
    known = [one.power_w for one in active if one.power_w is not None]
    return None if active and not known else sum(known, 0.0)
