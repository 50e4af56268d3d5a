"""Events that stations report, and the values of their event streams."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _integer(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, INTEGER, nullable=null)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, TEXT, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "station_events",
        sa.Column("id", INTEGER, primary_key=True, autoincrement=False),
        _integer("tenant_id"),
        _integer("station_id"),
        _text("source"),
        _text("type"),
        _integer("at_ms"),
        _integer("received_ms"),
        _integer("event_id"),
        _text("trigger"),
        _text("actual_value"),
        _text("component"),
        _text("component_instance"),
        _text("variable"),
        _text("variable_instance"),
        _integer("evse_no"),
        _integer("connector_no"),
        _integer("cause", null=True),
        sa.Column("cleared", sa.Boolean(), nullable=True),
        _text("tech_code"),
        _text("tech_info"),
        _integer("severity", null=True),
        sa.Column("critical", sa.Boolean(), nullable=True),
        _text("transaction_id"),
        _text("notification_type"),
        _integer("monitor_id", null=True),
        _integer("digest"),
    )
    key = ["station_id", "source", "at_ms", "event_id", "digest"]
    op.create_index("station_events_key", "station_events", key, unique=True)
    op.create_index("station_events_of_tenant", "station_events", ["tenant_id", "source", "at_ms", "id"])
    known = sa.text("severity IS NOT NULL")
    for name, columns in (
        ("station_events_severe", ["tenant_id", "severity", "at_ms", "id"]),
        ("station_events_severe_of_station", ["station_id", "severity", "at_ms", "event_id", "digest"]),
    ):
        op.create_index(name, "station_events", columns, sqlite_where=known, postgresql_where=known)
    op.create_table(
        "stream_values",
        _integer("tenant_id"),
        _integer("station_id"),
        _integer("stream"),
        _integer("from_ms"),
        _integer("digest"),
        _integer("monitor_id"),
        _integer("to_ms"),
        _integer("received_ms"),
        _text("packed"),
    )
    op.create_index("stream_values_key", "stream_values", ["station_id", "stream", "from_ms", "digest"], unique=True)
    op.create_index("stream_values_received", "stream_values", ["received_ms"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("stream_values")
    op.drop_table("station_events")
