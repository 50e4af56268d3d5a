"""Tokens with a prepaid balance."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("id_tokens", sa.Column("prepaid_balance", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("id_tokens", "prepaid_balance")
