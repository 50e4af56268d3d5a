"""The metadata that all tables share, and the kinds of columns there are: alike on SQLite and PostgreSQL.

Integers are 64 bits, text compares by bytes, instants are epoch milliseconds.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.visitors import iterate

metadata = MetaData()

INTEGER = BigInteger().with_variant(Integer(), "sqlite")
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def integer(name: str, *, null: bool = False) -> Column[int]:
    """Make a column of 64-bit integers."""
    return Column(name, INTEGER, nullable=null)


def text(name: str, *, null: bool = False) -> Column[str]:
    """Make a column of text that sorts by code point."""
    return Column(name, TEXT, nullable=null)


def text_with_default(name: str) -> Column[str]:
    """Make a column of text that was added later: rows from before have the empty text."""
    return Column(name, TEXT, nullable=False, server_default="")


def number(name: str) -> Column[float]:
    """Make a column of floating-point numbers; none where nothing was said."""
    return Column(name, Double(), nullable=True)


def boolean(name: str, *, null: bool = False) -> Column[bool]:
    """Make a column of truth values."""
    return Column(name, Boolean(), nullable=null)


def blob(name: str, *, null: bool = False) -> Column[bytes]:
    """Make a column of bytes."""
    return Column(name, LargeBinary(), nullable=null)


def id64() -> Column[int]:
    """Make the primary key column `id`, given out by us."""
    return Column("id", INTEGER, primary_key=True, autoincrement=False)


def rewritten(name: str, *items: SchemaItem) -> Table[Any]:
    """Make a table whose rows are replaced often: PostgreSQL leaves room beside them on the page."""
    return Table(name, metadata, *items, postgresql_with={"fillfactor": 80})


def appended(name: str, *items: SchemaItem) -> Table[Any]:
    """Make a table that mostly grows."""
    return Table(name, metadata, *items)


def clustered(name: str, *items: SchemaItem, fillfactor: int = 100) -> Table[Any]:
    """Make a table of small rows that live in their primary key: one B-tree on SQLite."""
    options: dict[str, Any] = {} if fillfactor == 100 else {"postgresql_with": {"fillfactor": fillfactor}}
    return Table(name, metadata, *items, sqlite_with_rowid=False, **options)


def partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> None:
    """Index only the rows that a condition holds for; a query uses it when it says the same condition."""
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
    _conditions.append(where)


_conditions: list[ColumnElement[bool]] = []


def partly_indexed_by(table: Table[Any]) -> set[Column[Any]]:
    """Give the columns that decide whether a row of a table is in one of its partial indexes."""
    return {
        node for where in _conditions for node in iterate(where) if isinstance(node, Column) and node.table is table
    }
