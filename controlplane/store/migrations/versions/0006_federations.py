"""Federations, and the editions that were given to their names."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "federation",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("is_over", sa.Boolean(), nullable=False, index=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("progress", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "federation_name",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("last_edition", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for table in ("federation_name", "federation"):
        op.drop_table(table)
