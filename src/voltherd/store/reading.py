"""Reading: SQLAlchemy Core statements compiled once, run on the bare driver (a third of the cost of an engine)."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Dialect, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement

from voltherd.store.mapping import Row

Statement = tuple[str, Sequence[Any]]
"""SQL in the driver's spelling, and its values in order."""


class Query:
    """A fixed SELECT with `bindparam`s; compiled once per dialect."""

    def __init__(self, select: Select[Any]) -> None:
        self.select = select
        self._compiled: dict[str, tuple[str, list[str], dict[str, Any]]] = {}

    def statement(self, dialect: Dialect, values: dict[str, Any]) -> Statement:
        """Give the SQL and its values in order."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self.select, dialect)
        sql, names, fixed = self._compiled[dialect.name]
        return sql, [values[name] if name in values else fixed[name] for name in names]


def statement_of(select: Select[Any], dialect: Dialect) -> Statement:
    """Compile a SELECT put together for this one time."""
    sql, names, values = _compile(select, dialect)
    return sql, [values[name] for name in names]


def _compile(select: Select[Any], dialect: Dialect) -> tuple[str, list[str], dict[str, Any]]:
    compiled = select.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), list(compiled.positiontup or ()), dict(compiled.params)


class Reader(Protocol):
    """A database that can be asked; many may ask at once, none waits for the writer."""

    @property
    def dialect(self) -> Dialect:
        """How SQL is spelled here."""

    async def run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run SELECTs one after the other on one connection. Raises StoreUnavailable."""

    async def close(self) -> None: ...


class OneOf(ColumnElement[bool]):
    """`column IN (any of these)` with one bound value, a JSON list, however many there are."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], wanted: ColumnElement[Any], *, integers: bool = False) -> None:
        self.column, self.wanted, self.integers = column, wanted, integers


@compiles(OneOf, "sqlite")
def _one_of_sqlite(element: OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = compiler.process(element.column, **options), compiler.process(element.wanted, **options)
    return f"{column} IN (SELECT value FROM json_each({wanted}))"


@compiles(OneOf, "postgresql")
def _one_of_postgresql(element: OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, wanted = compiler.process(element.column, **options), compiler.process(element.wanted, **options)
    cast = "::bigint" if element.integers else ""
    return f"{column} = ANY (ARRAY(SELECT json_array_elements_text(({wanted})::json){cast}))"


class RecordsBase:
    """What the queries of every noun share: a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def _fetch(self, query: Query, **values: Any) -> list[Row]:
        return (await self._reader.run([query.statement(self._reader.dialect, values)]))[0]

    async def _first(self, query: Query, **values: Any) -> Row | None:
        rows = await self._fetch(query, **values)
        return rows[0] if rows else None

    async def _select(self, select: Select[Any]) -> list[Row]:
        return (await self._reader.run([statement_of(select, self._reader.dialect)]))[0]
