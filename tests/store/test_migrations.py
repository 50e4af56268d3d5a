"""Migrations make exactly the tables of the code, on both databases, also when two nodes start at once."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from store.samples import station
from support.postgres import Postgres
from voltherd.domain.transaction import TransactionEvent
from voltherd.store import CannotOpen, open_store
from voltherd.store.migrate import alembic_config
from voltherd.store.migrations import HEAD
from voltherd.store.schema import metadata


async def run_sync(url: str, function: Any) -> Any:
    """Run a function on a SQLAlchemy connection to a database."""
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            return function(connection)
    asynchronous = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with asynchronous.connect() as connection:
        return await connection.run_sync(function)


def differences(connection: Connection) -> Any:
    return compare_metadata(MigrationContext.configure(connection), metadata)


async def test_migrations_make_the_tables_of_the_code(url: str) -> None:
    await (await open_store(url)).close()
    assert await run_sync(url, differences) == []


async def test_partial_indexes_are_those_of_the_code(url: str) -> None:
    """Alembic's comparison does not look at conditions and storage: the definitions are compared as text."""

    def definitions(connection: Connection) -> set[str]:
        if connection.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
        else:
            query = (
                "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' UNION "
                "SELECT relname || array_to_string(reloptions, ',') FROM pg_class WHERE reloptions IS NOT NULL AND"
                " relnamespace = 'public'::regnamespace"
            )
        return {" ".join(row[0].replace('"', "").split()) for row in connection.exec_driver_sql(query)}

    def remade(connection: Connection) -> set[str]:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        return definitions(connection)

    await (await open_store(url)).close()
    migrated = await run_sync(url, definitions)
    assert len(migrated) > 20
    assert await run_sync(url, remade) == migrated


async def test_events_of_the_earlier_schema_are_kept(url: str) -> None:
    def to_0002(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO transaction_events "
            "VALUES (1, 2, 3, 4, 'Started', 'Authorized', 5, 6, true, 'Charging', '', 'A')"
        )
        connection.commit()

    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    await run_sync(url, to_0002)
    store = await open_store(url)
    expected = TransactionEvent(2, 3, 4, "Started", "Authorized", 5, 6, True, "Charging", "", "A")
    assert await store.records.transaction_events(1, 3) == [expected]
    await store.close()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [HEAD]


async def test_opening_again_changes_nothing(url: str) -> None:
    store = await open_store(url)
    await store.journal.committed([station("CS1", 1)])
    await store.close()
    again = await open_store(url)
    assert len(await again.records.all_stations(1)) == 1
    await again.close()


async def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    await (await open_store(url)).close()
    statement = "UPDATE alembic_version SET version_num = 'from-the-future'"
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
    else:
        other = await asyncpg.connect(url)
        await other.execute(statement)
        await other.close()
    with pytest.raises(CannotOpen, match="newer version of Voltherd"):
        await open_store(url)


async def test_two_nodes_that_start_at_once_migrate_once(postgres: Postgres) -> None:
    url = await postgres.fresh_database()
    stores = await asyncio.gather(*(open_store(url, node=f"node{number}") for number in range(4)))
    for number, store in enumerate(stores, 1):
        await store.journal.committed([station(f"CS{number}", number)])
    assert len(await stores[0].records.all_stations(1)) == 4
    for store in stores:
        await store.close()


async def test_alembic_is_not_imported_when_there_is_nothing_to_do(url: str) -> None:
    await (await open_store(url)).close()
    code = (
        "import asyncio, sys\n"
        "from voltherd.store import open_store\n"
        f"asyncio.run(asyncio.wait_for((lambda: open_store({url!r}))(), 20))\n"
        "assert 'alembic' not in sys.modules\n"
        "import os; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


async def test_a_store_at_head_opens_fast(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/v.db"
    await (await open_store(url)).close()
    times = []
    for _ in range(3):
        began = time.perf_counter()
        await (await open_store(url)).close()
        times.append(time.perf_counter() - began)
    assert min(times) < 0.3
