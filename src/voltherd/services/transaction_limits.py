"""Limits of transactions (2.1, E16): when the answer to an event tells the station those that we want."""

from collections.abc import Iterator

from msgspec.structs import replace

from voltherd.domain.transaction import EventReport, Limits, LimitsOfTransaction
from voltherd.services.ports import Records

_NAMES = {
    "max_cost": ("maxCost",),
    "max_energy_wh": ("maxEnergy",),
    "max_time_s": ("maxTime", "maxLength"),
    "max_soc_percent": ("maxSoC",),
}
"""What `TxCtrlr.SupportedLimits` calls them; for the time the specification has two words."""


async def unsupported(records: Records, tenant_id: int, station_id: int, limits: Limits) -> list[str]:
    """Give the limits that the station says it does not know (E16.FR.12); none where it never said which it knows."""
    said = await _supported(records, tenant_id, station_id)
    if said is None:
        return []
    known = {word.strip().casefold() for word in said.split(",")}
    wanted = [name for name in _NAMES if getattr(limits, name) is not None]
    return [name for name in wanted if not any(word.casefold() in known for word in _NAMES[name])]


async def _supported(records: Records, tenant_id: int, station_id: int) -> str | None:
    cursor: str | None = None
    while True:
        page = await records.variables(tenant_id, station_id, cursor=cursor)
        for item in page.items:
            if (item.component, item.variable, item.attribute) == ("TxCtrlr", "SupportedLimits", "Actual"):
                return item.actual_value or ""
        cursor = page.next
        if cursor is None:
            return None


def to_tell(limits: LimitsOfTransaction, report: EventReport) -> LimitsOfTransaction:
    """Note in `told` and `told_at_seq_no` what the answer to this event must tell; unchanged: nothing.

    Once for every change (E16.FR.02), and again where the event is repeated, as its answer was lost, or where the
    station goes beyond what we want (E16.FR.07). What the station keeps below by itself stays (E16.FR.08).
    """
    wanted, said = limits.wanted, report.limits
    if wanted is None:
        return limits
    if said is not None and _kept(said, wanted):
        return limits if said == limits.told else replace(limits, told=wanted, told_at_seq_no=None)
    if limits.told == wanted and limits.told_at_seq_no != report.seq_no and not _exceeded(said, wanted):
        return limits
    return replace(limits, told=wanted, told_at_seq_no=report.seq_no)


def _pairs(said: Limits, wanted: Limits) -> Iterator[tuple[float | None, float]]:
    """Give each limit that we want, after the station's own."""
    for name in wanted.__struct_fields__:
        ours = getattr(wanted, name)
        if ours is not None:
            yield getattr(said, name), ours


def _kept(said: Limits, wanted: Limits) -> bool:
    return all(theirs is not None and theirs <= ours for theirs, ours in _pairs(said, wanted))


def _exceeded(said: Limits | None, wanted: Limits) -> bool:
    return said is not None and any(theirs is not None and theirs > ours for theirs, ours in _pairs(said, wanted))
