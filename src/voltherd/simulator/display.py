"""What a fleet shows on a terminal."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from voltherd.simulator.statistics import Summary


class Numbers(Protocol):
    """A fleet, in this process or in several."""

    url: str

    def summary(self) -> Summary:
        """The numbers as they stand."""


async def watch(source: Numbers, duration_s: float | None, console: Console) -> None:
    """Show the fleet until `duration_s` real seconds are over, or for ever."""
    begin = time.monotonic()
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while duration_s is None or time.monotonic() - begin < duration_s:
            live.update(_picture(source, duration_s))
            left_s = 0.25 if duration_s is None else min(0.25, duration_s - (time.monotonic() - begin))
            await asyncio.sleep(max(left_s, 0.0))


def _picture(source: Numbers, duration_s: float | None) -> Group:
    now = source.summary()
    title = Text(f"{now.stations} stations -> {source.url}", style="bold")
    if duration_s is None:
        return Group(title, summary_table(now))
    return Group(title, ProgressBar(total=duration_s, completed=now.seconds, width=60), summary_table(now))


def summary_table(summary: Summary) -> Table:
    """The numbers of a fleet as a table."""
    table = Table.grid(padding=(0, 3))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_column(justify="right")
    rate = summary.messages_sent / summary.seconds if summary.seconds else 0.0
    rows = (
        ("Connected", f"{summary.connected} / {summary.stations}", "Accepted", str(summary.accepted)),
        ("Charging", str(summary.charging), "Power", f"{summary.power_kw:,.1f} kW"),
        ("Sessions started", str(summary.sessions_started), "ended", str(summary.sessions_ended)),
        ("Energy", f"{summary.energy_kwh:,.2f} kWh", "Commands received", str(summary.commands)),
        ("Messages sent", f"{summary.messages_sent:,}", "per second", f"{rate:,.1f}"),
        ("Answered in (p50)", f"{summary.p50_ms:.1f} ms", "(p99)", f"{summary.p99_ms:.1f} ms"),
        ("Calls failed", str(summary.calls_failed), "Connections lost", str(summary.disconnects)),
        ("Not yet delivered", str(summary.waiting_messages), "Connects failed", str(summary.connects_failed)),
    )
    for row in rows:
        table.add_row(*row)
    return table


def print_summary(summary: Summary, console: Console) -> None:
    """The end of a run: numbers, the errors by how often they came, and what to do about refused tokens."""
    console.print(f"[bold]{summary.stations} stations, {summary.seconds:.0f} s[/bold]")
    console.print(summary_table(summary))
    if summary.charging:
        console.print("Connections, charging and power are those before the drivers were sent home.", style="dim")
    if summary.connected and not summary.accepted:
        console.print(Text(NOT_TAKEN_ON, style="yellow"))
    for error, count in summary.errors.items():
        console.print(Text(f"{count:>6} x {error}", style="red"))
    if summary.tokens_refused:
        console.print(Text(refused_hint(summary.tokens_refused), style="yellow"))


NOT_TAKEN_ON = (
    "Stations connected, but none was taken on: the CSMS answered no BootNotification with Accepted. "
    "Have it accept them there, or let unknown stations in."
)


def refused_hint(count: int) -> str:
    """One line on what to do when the CSMS does not know the drivers' tokens."""
    return (
        f"Tokens refused {count:,} times: create them on the server, "
        "start it with --unknown-tokens accept, or name known ones with --token."
    )
