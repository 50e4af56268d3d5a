"""What real stations do differently: profiles as data, and what is let through although the schema forbids it."""

from voltherd.gateway.quirks.book import BOOK, settle
from voltherd.gateway.quirks.charging import ways_of
from voltherd.gateway.quirks.tolerance import STANDARD, Deviation, decode_tolerantly

__all__ = ["BOOK", "STANDARD", "Deviation", "decode_tolerantly", "settle", "ways_of"]
