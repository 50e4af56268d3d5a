"""What one commit writes: the operations of many calls, gathered per table."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from voltherd.services.ports import Removed
from voltherd.store.mapping import PACKED, TABLES, RecordTable, Removal
from voltherd.store.schema import MAX_INTEGER, MIN_INTEGER

Operation = tuple[RecordTable[Any] | Removal, tuple[Any, ...]]
"""A row to write, or the key of a row to delete."""
Operations = list[Operation]


class RemovedKeys(Struct):
    """Many rows of one table to delete by key (retention)."""

    record: type[Struct]
    keys: Sequence[tuple[Any, ...]]


class TableWork(NamedTuple):
    """What happens to one table in a batch: first the keys are deleted, then the rows written."""

    table: RecordTable[Any]
    removed: list[tuple[Any, ...]]
    rows: list[tuple[Any, ...]]


def operations_of(records: Iterable[Struct]) -> Operations:
    """Turn records into rows as they are now. Raises TypeError for what has no table."""
    operations: Operations = []
    packed: dict[type[Struct], list[Struct]] = {}
    for record in records:
        kind = record.__class__
        table = TABLES.get(kind)
        if table is not None:
            operations.append((table, table.to_row(record)))
        elif kind in packed:
            packed[kind].append(record)
        elif kind in PACKED:
            packed[kind] = [record]
        else:
            operations.extend(_removals(record))
    for kind, items in packed.items():
        operations.extend(PACKED[kind](items))
    return operations


def _removals(record: Struct) -> Operations:
    if isinstance(record, RemovedKeys) and record.record in TABLES:
        removal = TABLES[record.record].removal
        return [(removal, key) for key in record.keys]
    if isinstance(record, Removed) and type(record.record) in TABLES:
        table = TABLES[type(record.record)]
        return [(table.removal, table.key_of_row(table.to_row(record.record)))]
    raise TypeError(f"{type(record).__name__} is not a record that can be stored")


def gather(calls: Sequence[Operations]) -> list[TableWork]:
    """Sort the operations of calls by table; of rows with the same key the last stays (or is merged)."""
    by_target: dict[RecordTable[Any] | Removal, list[tuple[Any, ...]]] = defaultdict(list)
    for operations in calls:
        for target, row in operations:
            by_target[target].append(row)
    if any(isinstance(target, Removal) for target in by_target):
        return _in_order(calls)
    return [TableWork(table, [], _unique(table, rows)) for table, rows in by_target.items()]  # type: ignore[arg-type]


def _unique(table: RecordTable[Any], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if len(rows) == 1 or table.mode == "append":
        return rows
    if table.mode == "put":
        return list({table.key_of_row(row): row for row in rows}.values())
    merged: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        key = table.key_of_row(row)
        merged[key] = table.over(merged.get(key), row)
    return list(merged.values())


def _in_order(calls: Sequence[Operations]) -> list[TableWork]:
    """Do as `gather` where rows are deleted too: what was said last of a key holds."""
    removed: dict[RecordTable[Any], dict[tuple[Any, ...], None]] = defaultdict(dict)
    rows: dict[RecordTable[Any], dict[tuple[Any, ...], tuple[Any, ...]]] = defaultdict(dict)
    for operations in calls:
        for target, row in operations:
            if isinstance(target, Removal):
                removed[target.of][row] = None
                rows[target.of].pop(row, None)
            elif target.mode == "append":
                rows[target].setdefault(target.key_of_row(row), row)
            else:
                key = target.key_of_row(row)
                rows[target][key] = target.over(rows[target].get(key), row)
    return [TableWork(table, list(removed[table]), list(rows[table].values())) for table in rows]


def cleaned(operations: Operations) -> Operations:
    """Replace what a database cannot hold: NUL and lone surrogates in text (interop trap 8), integers beyond 64 bits.

    A station may send such integers, the schemas set no bound: a call that is refused for them is repeated for ever.
    """
    return [(target, tuple(_clean(value) for value in row)) for target, row in operations]


def _clean(value: Any) -> Any:
    if isinstance(value, int):
        return max(MIN_INTEGER, min(value, MAX_INTEGER))
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
