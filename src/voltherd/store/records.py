"""The readable side of the store: the queries of every noun in one object."""

from voltherd.store.access import AccessRecords
from voltherd.store.commands import CommandRecords
from voltherd.store.device_model import DeviceModelRecords
from voltherd.store.documents import DocumentRecords
from voltherd.store.id_tokens import IdTokenRecords
from voltherd.store.messages import MessageRecords
from voltherd.store.metering import MeteringRecords
from voltherd.store.station_events import StationEventRecords
from voltherd.store.stations import StationRecords
from voltherd.store.stream_values import StreamRecords
from voltherd.store.transactions import TransactionRecords


class StoreRecords(
    StationRecords,
    TransactionRecords,
    MeteringRecords,
    IdTokenRecords,
    DeviceModelRecords,
    DocumentRecords,
    CommandRecords,
    MessageRecords,
    StationEventRecords,
    StreamRecords,
    AccessRecords,
):
    """Implements `services.ports.Records` on any Reader."""
