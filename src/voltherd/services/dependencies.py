"""What use cases are made of: ports and other use cases, handed over once by the composition root."""

from collections.abc import Callable
from typing import NamedTuple

from voltherd.services.authorization import Tokens
from voltherd.services.documents import Documents
from voltherd.services.ports import Journal, LogFiles, News, Records, Web
from voltherd.services.remote_control import Commands
from voltherd.services.settings import Settings
from voltherd.services.stations import Stations


class Dependencies(NamedTuple):
    """Ports, clocks and the use cases that others build on."""

    journal: Journal
    records: Records
    news: News
    ids: Callable[[], int]
    clock_ms: Callable[[], int]
    settings: Settings
    stations: Stations
    tokens: Tokens
    documents: Documents
    commands: Commands
    web: Web
    log_files: LogFiles | None = None
    """Where logs that stations upload to us are kept; None: nowhere."""
