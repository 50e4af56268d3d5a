"""Limits of transactions (2.1, E16): when the answer to an event tells the station those that we want."""

from collections.abc import Iterator

from msgspec.structs import replace

from voltherd.domain.transaction import EventReport, Limits, LimitsOfTransaction


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
