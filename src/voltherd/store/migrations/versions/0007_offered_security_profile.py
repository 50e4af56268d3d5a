"""A security profile that a station agreed to and did not use yet."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("stations", sa.Column("offered_security_profile", INTEGER, nullable=True))


def downgrade() -> None:
    op.drop_column("stations", "offered_security_profile")
