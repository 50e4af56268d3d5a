"""A charging station in software: a library that a device could embed, and what the simulator is made of."""

from voltherd.station.clock import Clock
from voltherd.station.config import EvseConfig, StationConfig
from voltherd.station.core import StationCore
from voltherd.station.evse import ConnectorState, Token, Transaction
from voltherd.station.journal import Journal, MemoryJournal, SqliteJournal
from voltherd.station.observer import Observer
from voltherd.station.station import Station
from voltherd.station.vehicle import Vehicle

__all__ = [
    "Clock",
    "ConnectorState",
    "EvseConfig",
    "Journal",
    "MemoryJournal",
    "Observer",
    "SqliteJournal",
    "Station",
    "StationConfig",
    "StationCore",
    "Token",
    "Transaction",
    "Vehicle",
]
