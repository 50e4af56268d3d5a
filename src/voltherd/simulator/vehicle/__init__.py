"""Electric vehicles: batteries, charging curves, what they say by ISO 15118, and kinds of them."""

from voltherd.simulator.vehicle.battery import Battery
from voltherd.simulator.vehicle.curve import Curve, constant_then_falling
from voltherd.simulator.vehicle.iso15118 import needs, plan
from voltherd.simulator.vehicle.models import CARS, MODELS, VehicleModel, model
from voltherd.simulator.vehicle.rating import EvseRating
from voltherd.simulator.vehicle.vehicle import Vehicle

__all__ = [
    "CARS",
    "MODELS",
    "Battery",
    "Curve",
    "EvseRating",
    "Vehicle",
    "VehicleModel",
    "constant_then_falling",
    "model",
    "needs",
    "plan",
]
