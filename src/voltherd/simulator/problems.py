"""What can be wrong with what a person or a program asks of the simulator."""

from __future__ import annotations


class SimulatorError(Exception):
    """Cannot be done; the text is one line for whoever asked."""


class FileError(SimulatorError):
    """A file of ours cannot be read; the text names file, place and what was expected."""


class UnknownError(SimulatorError):
    """There is no station, EVSE, persona or vehicle of that name."""


class ImpossibleError(SimulatorError):
    """It cannot be done now: the socket is taken, the station is without power."""
