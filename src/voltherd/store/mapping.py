"""How a record Struct becomes a row and a row a record: one plain function each way, written from the table once."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from operator import itemgetter
from types import UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Table

Row = Sequence[Any]
Mode = Literal["put", "append", "merge"]
R = TypeVar("R", bound=Struct)

_dump = msgspec.json.Encoder().encode


def dump_json(rows: Sequence[Sequence[Any]]) -> bytes:
    """Write values as JSON; a lone surrogate, which has no UTF-8, becomes a question mark (interop trap 8)."""
    try:
        return _dump(rows)
    except UnicodeEncodeError:
        return _dump([[_utf8(value) for value in row] for row in rows])


def _utf8(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


_load_list = msgspec.json.Decoder(list[Any]).decode


class RecordTable(Generic[R]):
    """A record class, its table and key, and the functions between the two.

    `mode` put replaces the row with the same key, append leaves it as it is, merge lays the new row over it: None
    leaves what was there. `derived` gives columns that no field holds, computed from the record when it is written.
    `zero` names fields whose None is stored as 0 (keys).
    """

    def __init__(
        self,
        record: type[R],
        table: Table,
        *,
        key: tuple[str, ...],
        mode: Mode = "put",
        derived: Dict[str, Callable[[R], Any]] | None = None,
        zero: tuple[str, ...] = (),
    ) -> None:
        self.record, self.table, self.key, self.mode = record, table, key, mode
        derived = derived or {}
        self.names: tuple[str, ...] = tuple(column.name for column in table.columns)
        stored = [column for column in table.columns if column.name not in derived]
        self.columns: list[Column[Any]] = stored
        """The columns that `from_row` reads, in their order."""
        kinds = {field.name: _kind(field.type) for field in msgspec.structs.fields(record)}
        kinds.update(dict.fromkeys(zero, "zero"))
        self.to_row: Callable[[R], tuple[Any, ...]] = _writer(self.names, kinds, derived)
        self.from_row: Callable[[Row], R] = _reader(record, [column.name for column in stored], kinds)
        self._key_of = self.getter(key)
        self.removal = Removal(self)
        TABLES[record] = self

    def getter(self, names: Sequence[str]) -> Callable[[Row], Any]:
        """Make a function that takes columns out of a row: a tuple, or the bare value of a single one."""
        return itemgetter(*(self.names.index(name) for name in names))

    def key_of_row(self, row: Row) -> tuple[Any, ...]:
        """Give the key of a row, always a tuple."""
        found = self._key_of(row)
        return found if len(self.key) > 1 else (found,)

    def over(self, old: tuple[Any, ...] | None, new: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give the row that stays of two with the same key."""
        if old is None or self.mode != "merge":
            return new
        return tuple(before if now is None else now for before, now in zip(old, new, strict=True))

    def assignments(self, columns: Sequence[str]) -> str:
        """Give what an upsert sets columns to, in the SQL of both databases."""
        if self.mode == "merge":
            return ", ".join(f'"{name}" = coalesce(excluded."{name}", {self.table.name}."{name}")' for name in columns)
        return ", ".join(f'"{name}" = excluded."{name}"' for name in columns)


class Removal:
    """Marks an operation that deletes the row with a key."""

    __slots__ = ("of",)

    def __init__(self, of: RecordTable[Any]) -> None:
        self.of = of


TABLES: dict[type[Struct], RecordTable[Any]] = {}
"""Every record class that can be stored; filled as the modules of the nouns are imported."""


Packer = Callable[[Sequence[Any]], list[tuple[RecordTable[Any], tuple[Any, ...]]]]
PACKED: dict[type[Struct], Packer] = {}
"""Record classes of which many, in one call, become one row."""


def _kind(annotation: Any) -> str:
    arguments = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    if bool in arguments:
        return "bool" if len(arguments) == 1 else "bool_or_none"
    return "tuple" if any(get_origin(each) is tuple for each in arguments) else "plain"


_WRITE = {
    "tuple": "(dump(r.{0}).decode() if r.{0} else '[]')",
    "zero": "(r.{0} or 0)",
}
_READ = {
    "tuple": "(tuple(load(row[{0}])) if row[{0}] != '[]' else ())",
    "zero": "(row[{0}] or None)",
    "bool": "bool(row[{0}])",
    "bool_or_none": "(None if row[{0}] is None else bool(row[{0}]))",
}


def _writer(names: Sequence[str], kinds: Dict[str, str], derived: Dict[str, Callable[[R], Any]]) -> Any:
    parts = [
        f"derived_{name}(r)" if name in derived else _WRITE.get(kinds[name], "r.{0}").format(name) for name in names
    ]
    namespace: dict[str, Any] = {"dump": _dump} | {f"derived_{name}": of for name, of in derived.items()}
    return eval(f"lambda r: ({', '.join(parts)},)", namespace)


def _reader(record: type[R], names: Sequence[str], kinds: Dict[str, str]) -> Any:
    parts = [f"{name}={_READ.get(kinds[name], 'row[{0}]').format(at)}" for at, name in enumerate(names)]
    return eval(f"lambda row: record({', '.join(parts)})", {"record": record, "load": _load_list})
