"""A placement belongs to whoever wants it, of which deployments are one kind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("placement_by_node", "placement")
    op.rename_table("placement", "placement_of_deployments")
    op.create_table(
        "placement",
        sa.Column("owner", sa.String(), primary_key=True),
        sa.Column("part", sa.String(), primary_key=True),
        *_what_lies_where(),
    )
    op.execute(
        "INSERT INTO placement (owner, part, node, revision, since)"
        " SELECT 'deployment/' || deployment, tier, node, revision, since FROM placement_of_deployments"
    )
    op.drop_table("placement_of_deployments")
    op.create_index("placement_by_node", "placement", ["node"])


def downgrade() -> None:
    op.drop_index("placement_by_node", "placement")
    op.rename_table("placement", "placement_of_owners")
    op.create_table(
        "placement",
        sa.Column("deployment", sa.String(), sa.ForeignKey("deployment.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("tier", sa.String(), primary_key=True),
        *_what_lies_where(),
    )
    op.execute(
        "INSERT INTO placement (deployment, tier, node, revision, since)"
        " SELECT substr(owner, 12), part, node, revision, since FROM placement_of_owners"
        " WHERE owner LIKE 'deployment/%'"
    )
    op.drop_table("placement_of_owners")
    op.create_index("placement_by_node", "placement", ["node"])


def _what_lies_where() -> tuple[sa.Column[str], sa.Column[str], sa.Column[float]]:
    return (
        sa.Column("node", sa.String(), sa.ForeignKey("node.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.String(), sa.ForeignKey("workload.revision"), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
    )
