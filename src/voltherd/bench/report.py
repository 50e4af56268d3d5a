"""The figures of a benchmark run, as JSON and as a table."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.table import Table

from voltherd.bench.load import LoadResult

DURABLE, MEMORY, OCPP, ECHO = "durable", "memory", "ocpp", "echo"
NAMES = {
    DURABLE: "Voltherd, durable",
    MEMORY: "Voltherd, memory",
    OCPP: "ocpp + websockets",
    ECHO: "picows echo",
}


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one server did in its window."""

    us_per_message: float
    messages_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int
    server_cores: float
    load_cores: float
    load_is_bottleneck: bool

    @classmethod
    def of(cls, result: LoadResult) -> Cost:
        """Rounded for reading."""
        return cls(
            us_per_message=round(result.us_per_message, 2),
            messages_per_s=round(result.messages_per_s, 1),
            p50_ms=round(result.p50_ms, 3),
            p99_ms=round(result.p99_ms, 3),
            errors=result.errors,
            server_cores=round(result.server_cpu_s / result.window_s, 2),
            load_cores=round(result.load_cpu_s / result.window_s, 2),
            load_is_bottleneck=result.load_is_bottleneck,
        )


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of idle connections."""

    held: int
    kb_per_connection: float
    """Connected only."""
    kb_per_booted_station: float
    """Connected and booted."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run. The figures on top are means over the versions, except p99 (the worst) and those of memory."""

    durable_us_per_message: float
    memory_us_per_message: float
    baseline_us_per_message: float
    picows_echo_us_per_message: float
    ratio_to_baseline: float
    """Baseline without durability, divided by Voltherd with durability."""
    messages_per_s: float
    p50_ms: float
    p99_ms: float
    kb_per_idle_connection: float | None
    kb_per_booted_station: float | None
    idle_connections_held: int
    load_generator_bottleneck: bool
    errors: int
    connections: int
    seconds: float
    mean_request_bytes: dict[str, float]
    versions: dict[str, dict[str, Cost]]
    """Per version, the four servers."""


def summarise(
    versions: dict[str, dict[str, Cost]],
    idle: Idle | None,
    *,
    connections: int,
    seconds: float,
    mean_request_bytes: dict[str, float],
) -> Report:
    """Means over the versions."""
    durable = [costs[DURABLE] for costs in versions.values()]
    every = [cost for costs in versions.values() for cost in costs.values()]
    ours, baseline = _mean_us(versions, DURABLE), _mean_us(versions, OCPP)
    return Report(
        durable_us_per_message=ours,
        memory_us_per_message=_mean_us(versions, MEMORY),
        baseline_us_per_message=baseline,
        picows_echo_us_per_message=_mean_us(versions, ECHO),
        ratio_to_baseline=round(baseline / ours, 2) if ours else 0.0,
        messages_per_s=round(sum(cost.messages_per_s for cost in durable) / len(durable), 1),
        p50_ms=round(sum(cost.p50_ms for cost in durable) / len(durable), 3),
        p99_ms=max(cost.p99_ms for cost in durable),
        kb_per_idle_connection=idle.kb_per_connection if idle else None,
        kb_per_booted_station=idle.kb_per_booted_station if idle else None,
        idle_connections_held=idle.held if idle else 0,
        load_generator_bottleneck=any(costs[DURABLE].load_is_bottleneck for costs in versions.values()),
        errors=sum(cost.errors for cost in every),
        connections=connections,
        seconds=seconds,
        mean_request_bytes=mean_request_bytes,
        versions=versions,
    )


def _mean_us(versions: dict[str, dict[str, Cost]], server: str) -> float:
    return round(sum(costs[server].us_per_message for costs in versions.values()) / len(versions), 2)


def show(report: Report, console: Console) -> None:
    """Prints tables and the sentences that they come to."""
    for version, costs in report.versions.items():
        console.print(_table(version, costs, report))
    console.print("CPU us: of the server, per message; cores: used by the server; load: cores used by the generator.")
    ratio = f"[bold]{report.ratio_to_baseline:.1f} times[/bold] less CPU per message than ocpp + websockets"
    console.print(f"Durable, Voltherd takes {ratio}, which keeps nothing.")
    if report.idle_connections_held:
        console.print(
            f"{report.idle_connections_held:,} idle connections held: {report.kb_per_idle_connection:.1f} KB each,"
            f" {report.kb_per_booted_station:.1f} KB once booted."
        )
    if report.load_generator_bottleneck:
        console.print("[yellow]The load generator was the bottleneck: rates are higher than shown.[/yellow]")
    if report.errors:
        console.print(f"[red]{report.errors} requests were not answered with a result.[/red]")


def _table(version: str, costs: dict[str, Cost], report: Report) -> Table:
    size = report.mean_request_bytes[version]
    table = Table(
        title=f"OCPP {version}: {report.connections} stations, {size:.0f} bytes a request", title_justify="left"
    )
    table.add_column("Server", no_wrap=True)
    for name in ("CPU us", "msg/s", "p50 ms", "p99 ms", "cores", "load"):
        table.add_column(name, justify="right", no_wrap=True)
    for server, cost in costs.items():
        table.add_row(
            NAMES[server],
            f"{cost.us_per_message:.1f}",
            f"{cost.messages_per_s:,.0f}",
            f"{cost.p50_ms:.2f}",
            f"{cost.p99_ms:.2f}",
            f"{cost.server_cores:.2f}",
            f"{cost.load_cores:.2f}" + (" !" if cost.load_is_bottleneck else ""),
        )
    return table
