"""A charging station in software: a library that a device could embed, and what the simulator is made of."""

from voltherd.station.clock import Clock
from voltherd.station.config import EvseConfig, StationConfig
from voltherd.station.core import StationCore
from voltherd.station.evse import ConnectorState
from voltherd.station.observer import Observer
from voltherd.station.station import Station
from voltherd.station.storage import MemoryStorage, SqliteStorage, Storage
from voltherd.station.token import Token
from voltherd.station.transaction import StopReason, Transaction

__all__ = [
    "Clock",
    "ConnectorState",
    "EvseConfig",
    "MemoryStorage",
    "Observer",
    "SqliteStorage",
    "Station",
    "StationConfig",
    "StationCore",
    "StopReason",
    "Storage",
    "Token",
    "Transaction",
]
