"""The arithmetic of a report, on figures that are given."""

import msgspec
import pytest
from rich.console import Console

from voltherd.bench.load import LoadResult
from voltherd.bench.report import DURABLE, ECHO, MEMORY, OCPP, Cost, Idle, Report, show, summarise


def result(cpu_s: float, messages: int = 1000, load_cpu_s: float = 0.1) -> LoadResult:
    return LoadResult(
        messages=messages,
        errors=0,
        first_error="",
        window_s=1.0,
        server_cpu_s=cpu_s,
        load_cpu_s=load_cpu_s,
        p50_ms=1.0,
        p99_ms=2.0,
    )


def costs(factor: float = 1.0) -> dict[str, Cost]:
    given = {DURABLE: 0.020, MEMORY: 0.010, OCPP: 0.400, ECHO: 0.005}
    return {name: Cost.of(result(cpu_s * factor)) for name, cpu_s in given.items()}


def report(idle: Idle | None = None) -> Report:
    return summarise(
        {"1.6": costs(), "2.0.1": costs(2)},
        idle,
        connections=200,
        seconds=1,
        mean_request_bytes={"1.6": 508, "2.0.1": 560},
    )


def test_cpu_per_message_is_cpu_divided_by_messages() -> None:
    assert result(0.5, messages=10_000).us_per_message == pytest.approx(50)


def test_the_summary_is_the_mean_of_the_versions() -> None:
    summary = report()
    assert summary.durable_us_per_message == pytest.approx(30)
    assert summary.memory_us_per_message == pytest.approx(15)
    assert summary.baseline_us_per_message == pytest.approx(600)
    assert summary.picows_echo_us_per_message == pytest.approx(7.5)
    assert summary.ratio_to_baseline == pytest.approx(20)
    assert summary.kb_per_idle_connection is None


@pytest.mark.parametrize(
    ("server_cpu_s", "load_cpu_s", "bottleneck"), [(0.5, 0.95, True), (0.95, 0.95, False), (0.5, 0.5, False)]
)
def test_the_load_generator_says_when_it_is_the_bottleneck(
    server_cpu_s: float, load_cpu_s: float, bottleneck: bool
) -> None:
    assert result(server_cpu_s, load_cpu_s=load_cpu_s).load_is_bottleneck is bottleneck


def test_the_promised_keys_are_in_the_json() -> None:
    written = msgspec.to_builtins(report(Idle(held=10_000, kb_per_connection=9.5, kb_per_booted_station=14.0)))
    assert {
        "durable_us_per_message",
        "memory_us_per_message",
        "baseline_us_per_message",
        "ratio_to_baseline",
        "picows_echo_us_per_message",
        "kb_per_idle_connection",
        "idle_connections_held",
        "messages_per_s",
        "p50_ms",
        "p99_ms",
        "load_generator_bottleneck",
        "versions",
    } <= written.keys()
    assert written["kb_per_idle_connection"] == 9.5


def test_the_table_names_servers_and_figures() -> None:
    console = Console(record=True, width=80)
    show(report(Idle(held=10_000, kb_per_connection=9.5, kb_per_booted_station=14.0)), console)
    text = console.export_text()
    for expected in ("OCPP 1.6", "OCPP 2.0.1", "picows echo", "20.0 times", "10,000 idle connections", "9.5 KB"):
        assert expected in text
    assert "│ ocpp + websockets │" in text
