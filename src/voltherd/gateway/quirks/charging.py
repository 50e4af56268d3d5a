"""What a quirk profile says of charging profiles, as the ways that are taken from the start (interop trap 36)."""

from voltherd.domain.charging_ways import AMPS, RELATIVE, STACK_LEVEL_0, WATTS
from voltherd.domain.quirk import Quirks


def ways_of(quirks: Quirks) -> tuple[str, ...]:
    """Give the ways that need not be found out by a refusal."""
    found = (
        (STACK_LEVEL_0, quirks.stack_level_zero),
        (RELATIVE, quirks.relative_only),
        (WATTS, quirks.charging_rate_unit == "W"),
        (AMPS, quirks.charging_rate_unit == "A"),
    )
    return tuple(way for way, holds in found if holds)
