"""Sequence numbers of transaction events: the range seen and what is missing in it (interop trap 23)."""

from voltherd.domain.transaction import Transaction

MAX_GAPS = 100


def count(transaction: Transaction, seq_no: int) -> None:
    """Note that an event with this number came; the same number again changes nothing."""
    first, last = transaction.seq_no_first, transaction.seq_no_last
    if first is None or last is None:
        transaction.seq_no_first = transaction.seq_no_last = seq_no
        return
    if seq_no == last + 1:
        transaction.seq_no_last = seq_no
        return
    gaps = set(transaction.seq_gaps)
    gaps.discard(seq_no)
    if seq_no > last:
        gaps.update(range(last + 1, min(seq_no, last + 1 + MAX_GAPS)))
        transaction.seq_no_last = seq_no
    elif seq_no < first:
        gaps.update(range(max(seq_no + 1, first - MAX_GAPS), first))
        transaction.seq_no_first = seq_no
    if gaps or transaction.seq_gaps:
        transaction.seq_gaps = tuple(sorted(gaps)[:MAX_GAPS])
