"""Metrics for Prometheus: counters kept in memory by the parts, read when scraped."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from litestar import Controller, Response, get
from litestar.types import Message, Scope
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from voltherd.api.dependencies import Api
from voltherd.api.describe import Doc, described
from voltherd.api.live import Live
from voltherd.api.request import ApiRequest

_NAME = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})?")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Requests:
    """Counts HTTP answers by status."""

    def __init__(self) -> None:
        self.by_status: Counter[int] = Counter()

    async def before_send(self, message: Message, scope: Scope) -> None:
        """Count; called with every part of an answer."""
        if message["type"] == "http.response.start":
            self.by_status[message["status"]] += 1


class PartsCollector(Collector):
    """Gathers what the parts tell."""

    def __init__(self, api: Api, live: Live, requests: Requests) -> None:
        self._api, self._live, self._requests = api, live, requests

    def collect(self) -> Iterable[Metric]:
        """Give all metrics."""
        values = {**self._own(), **self._api.gauges.collect()}
        families: dict[str, Metric] = {}
        for text, value in values.items():
            name, labels = _split(text)
            family = families.get(name)
            if family is None:
                family = families[name] = _family(name, sorted(labels))
            family.add_metric([labels[key] for key in sorted(labels)], value)  # type: ignore[attr-defined]
        return families.values()

    def _own(self) -> Mapping[str, float]:
        return {
            "voltherd_stream_subscribers": self._live.subscribers,
            "voltherd_stream_events_total": self._live.events,
            "voltherd_stream_dropped_clients_total": self._live.dropped,
            **{
                f'voltherd_http_answers_total{{status="{status}"}}': count
                for status, count in sorted(self._requests.by_status.items())
            },
        }


def _split(text: str) -> tuple[str, dict[str, str]]:
    match = _NAME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no name of a metric")
    return match["name"], dict(_LABEL.findall(match["labels"] or ""))


def _family(name: str, labels: list[str]) -> Metric:
    words = name.removeprefix("voltherd_").replace("_", " ")
    if name.endswith("_total"):
        return CounterMetricFamily(name.removesuffix("_total"), words.removesuffix(" total"), labels=labels)
    return GaugeMetricFamily(name, words, labels=labels)


def registry_of(collectors: Iterable[Collector]) -> CollectorRegistry:
    """Make a registry with these and the process's own figures."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in collectors:
        registry.register(collector)
    return registry


class MetricsController(Controller):
    """`/metrics`."""

    path = "/metrics"

    @get(
        opt=described(
            Doc(
                tag="Health",
                summary="Read metrics",
                description="In the text format of Prometheus; a scraper sends its key as a bearer token.",
                answer=str,
                example="voltherd_stations_online 24.0\n",
                media_type="text/plain",
            )
        )
    )
    async def metrics(self, request: ApiRequest) -> Response[bytes]:
        registry: CollectorRegistry = request.app.state["metrics"]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
