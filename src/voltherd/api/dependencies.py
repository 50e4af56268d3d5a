"""What the API is made of: services and ports, given by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from voltherd.services.access import Access
from voltherd.services.authorization import Tokens
from voltherd.services.ports import Journal, Link, News, Records
from voltherd.services.remote_control import Commands
from voltherd.services.settings import Settings
from voltherd.services.stations import Stations
from voltherd.services.transactions import Transactions
from voltherd.services.use_cases import Services

STATIC = Path(__file__).parent / "static"


class Gauges(Protocol):
    """Counters and gauges of all parts, read when scraped."""

    def collect(self) -> Mapping[str, float]:
        """Give values by Prometheus name, labels included where there are any: `name{direction="in"}`.

        Names that end in `_total` are counters, all others gauges.
        """


@dataclass(frozen=True, kw_only=True)
class Api:
    """Everything that a request may touch."""

    services: Services
    stations: Stations
    tokens: Tokens
    commands: Commands
    transactions: Transactions
    access: Access
    settings: Settings
    records: Records
    journal: Journal
    link: Link
    news: News
    gauges: Gauges
    ids: Callable[[], int]
    clock_ms: Callable[[], int]
    listening: Callable[[], bool]
    """Whether stations can connect (readiness)."""
    static: Path = STATIC
    """Where the built dashboard lies."""
