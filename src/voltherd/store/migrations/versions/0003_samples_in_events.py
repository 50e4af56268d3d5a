"""Keep the samples that came in a transaction's event in the event's row."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGERS = ("tenant_id", "station_id", "transaction", "seq_no", "at_ms", "received_ms")
TEXTS = ("kind", "trigger_reason", "charging_state", "stopped_reason", "id_token")
KEPT = ", ".join(f'"{name}"' for name in (*INTEGERS, *TEXTS, "offline"))


def upgrade() -> None:
    op.rename_table("transaction_events", "earlier_events")
    op.create_table(
        "transaction_events",
        sa.Column("tenant_id", INTEGER, nullable=False),
        sa.Column("station_id", INTEGER, nullable=False),
        sa.Column("transaction", INTEGER, nullable=False),
        sa.Column("seq_no", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("trigger_reason", TEXT, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("received_ms", INTEGER, nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("charging_state", TEXT, nullable=False),
        sa.Column("stopped_reason", TEXT, nullable=False),
        sa.Column("id_token", TEXT, nullable=False),
        sa.Column("evse_no", INTEGER, nullable=False),
        sa.Column("connector_no", INTEGER, nullable=False),
        sa.Column("digest", INTEGER, nullable=False),
        sa.Column("samples", TEXT, nullable=True),
        sa.Column("details", TEXT, nullable=True),
    )
    op.execute(
        f"INSERT INTO transaction_events ({KEPT}, evse_no, connector_no, digest) "
        f"SELECT {KEPT}, 0, 0, 0 FROM earlier_events"
    )
    op.drop_table("earlier_events")
    key = ["transaction", "seq_no", "kind", "at_ms", "digest"]
    op.create_index("transaction_events_key", "transaction_events", key, unique=True)
    op.create_index(
        "transaction_events_samples",
        "transaction_events",
        ["at_ms"],
        sqlite_where=sa.text("samples IS NOT NULL"),
        postgresql_where=sa.text("samples IS NOT NULL"),
    )


def downgrade() -> None:
    """Is not needed: a newer store is never opened by older code."""
    raise NotImplementedError("The samples in events have no place in the earlier schema.")
