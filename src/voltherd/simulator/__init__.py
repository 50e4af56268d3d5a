"""Fleets of software stations: drivers, vehicles, meters and numbers about them."""

from voltherd.simulator.fleet import Fleet, FleetError, FleetOptions
from voltherd.simulator.habits import Habits
from voltherd.simulator.plan import TOKENS, FleetPlan, StationPlan
from voltherd.simulator.statistics import Summary

__all__ = [
    "TOKENS",
    "Fleet",
    "FleetError",
    "FleetOptions",
    "FleetPlan",
    "Habits",
    "StationPlan",
    "Summary",
]
