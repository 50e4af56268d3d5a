"""Documents of stations; cost and limits of transactions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("tenant_id", INTEGER, nullable=False),
        sa.Column("station_id", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("evse_no", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("created_ms", INTEGER, nullable=False),
        sa.Column("changed_ms", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("station_id", "kind", "key"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("documents_id", "documents", ["id"], unique=True)
    op.create_index("documents_of_station", "documents", ["station_id", "kind", "id"])
    op.create_index("documents_of_tenant", "documents", ["tenant_id", "kind", "id"])
    op.create_index("documents_by_state", "documents", ["tenant_id", "kind", "state", "id"])
    op.add_column("transactions", sa.Column("cost", sa.Double(), nullable=True))
    op.add_column("transactions", sa.Column("currency", TEXT, nullable=False, server_default=""))
    op.add_column("transactions", sa.Column("limits", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_table("documents")
    for name in ("cost", "currency", "limits"):
        op.drop_column("transactions", name)
