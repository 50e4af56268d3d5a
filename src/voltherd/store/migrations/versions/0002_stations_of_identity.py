"""Find every station record of an identity, deleted ones too."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("stations_of_identity", "stations", ["tenant_id", "identity", "id"])


def downgrade() -> None:
    op.drop_index("stations_of_identity", "stations")
