"""Stations, frames and numbers in words and colours."""

from __future__ import annotations

from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from voltherd.simulator.events import Event
from voltherd.simulator.picture import EvsePicture
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.statistics import Summary

COLUMNS: Final = ("Station", "Kind", "OCPP", "Line", "EVSEs", "Power")

_MARKS: Final = {
    "Available": "-",
    "Preparing": "p",
    "Charging": "C",
    "SuspendedEV": "s",
    "SuspendedEVSE": "S",
    "Finishing": "f",
    "Reserved": "r",
    "Unavailable": "u",
    "Faulted": "!",
}


def row(station: SimulatedStation) -> tuple[str, ...]:
    """A station in the list; one mark per EVSE: `C` charges, `-` is free, `!` is broken."""
    core, config = station.core, station.config
    marks = "".join(_MARKS[evse.state(evse.plugged or 1)] for evse in core.evses.values()) if station.has_power else ""
    power_kw = station.power_w / 1000
    return (
        config.identity,
        station.persona,
        str(config.version),
        station.line,
        marks,
        f"{power_kw:.1f} kW" if power_kw else "",
    )


def summary_line(now: Summary, url: str) -> Text:
    """The fleet in one line."""
    return Text.assemble(
        (f" {now.accepted}/{now.stations} accepted ", "bold"),
        f"at {url}   {now.charging} charge with {now.power_kw:,.1f} kW   {now.sessions_ended} sessions ended, ",
        f"{now.energy_kwh:,.1f} kWh   {now.messages_sent:,} sent   p50 {now.p50_ms:.1f} ms   ",
        (f"{now.calls_failed} failed", "red" if now.calls_failed else "dim"),
    )


def describe(station: SimulatedStation, evse_id: int) -> RenderableType:
    """A station in full; the EVSE to which something would be done is marked."""
    now = station.picture()
    head = Text.assemble(
        (now.identity, "bold"),
        f"  {now.vendor} {now.model}, firmware {now.firmware}, OCPP {now.ocpp}\n",
        ("line ", "dim"),
        (now.line, "green" if now.line == "accepted" else "yellow"),
        (f"   {now.waiting_messages} messages wait", "yellow" if now.waiting_messages else "dim"),
        f"   limit {now.limit_w:,.0f} W" if now.limit_w is not None else "",
    )
    table = Table(box=None, pad_edge=False, expand=True)
    for name in ("", "Status", "Offered", "Power", "Register", "Vehicle", "Transaction"):
        table.add_column(name, no_wrap=True)
    for evse in now.evses:
        table.add_row(*_cells(evse, ">" if evse.evse_id == evse_id else " "))
    return Group(head, table)


def _cells(evse: EvsePicture, mark: str) -> tuple[str, ...]:
    car, running = evse.vehicle, evse.transaction
    vehicle = "" if car is None else f"{car.model} {car.soc_percent:.1f} % of {car.target_soc_percent:.0f} %"
    session = "" if running is None else f"{running.token} {running.energy_wh / 1000:.2f} kWh"
    status = "/".join(connector.status for connector in evse.connectors)
    return (
        f"{mark} {evse.evse_id}",
        status if evse.fault is None else f"{status} ({evse.fault})",
        f"{evse.offered_w / 1000:.1f} kW",
        f"{evse.power_w / 1000:.1f} kW",
        f"{evse.energy_import_wh / 1000:.1f} kWh",
        vehicle,
        session,
    )


def frame_line(event: Event) -> Text:
    """A frame, or something else that happened, in a line of the log."""
    time = event.time[11:19]
    if event.kind == "frame-sent":
        return Text.assemble((f"{time} > ", "cyan"), event.data["frame"])
    if event.kind == "frame-received":
        return Text.assemble((f"{time} < ", "green"), event.data["frame"])
    place = f" EVSE {event.evse_id}" if event.evse_id is not None else ""
    told = msgspec.json.encode(event.data).decode() if event.data else ""
    return Text(f"{time} * {event.kind}{place} {told}", style="yellow")
