"""Alembic runs this file for every command; the connection comes from `voltherd.store.migrate`."""

from alembic import context

from voltherd.store import records  # noqa: F401  (registers every table)
from voltherd.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
