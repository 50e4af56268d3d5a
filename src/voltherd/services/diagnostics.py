"""Records logs, monitors, events, customer information and event streams (functional block N)."""

from voltherd.services.customer_information import CustomerReports
from voltherd.services.dependencies import Dependencies
from voltherd.services.event_streams import EventStreams
from voltherd.services.logs import Logs
from voltherd.services.monitoring import Monitors
from voltherd.services.station_events import StationEvents


class Diagnostics:
    """What stations tell of themselves, one part per noun."""

    def __init__(self, needs: Dependencies) -> None:
        self.logs = Logs(needs)
        self.customers = CustomerReports(needs)
        self.monitors = Monitors(needs)
        self.events = StationEvents(needs)
        self.streams = EventStreams(needs)
