"""Brings a database to the schema of this code. Alembic is imported only when there is something to do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from voltherd.store.errors import CannotOpen
from voltherd.store.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

READ_REVISION = "SELECT version_num FROM alembic_version"


def alembic_config(connection: Connection | None = None) -> "Config":
    """Make the configuration that Alembic's own commands need, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Apply what is missing. Raises CannotOpen where the database is newer than this code."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), HEAD)
    except CommandError as error:
        raise CannotOpen(
            f"The database was written by a newer version of Voltherd (this one knows schema {HEAD}): {error}."
        ) from error
