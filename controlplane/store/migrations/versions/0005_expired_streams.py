"""Since when a stream has been known to be gone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stream", sa.Column("expired_since", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("stream", "expired_since")
