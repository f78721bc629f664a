"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "node",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("labels", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("statuses", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.Float(), nullable=False),
        sa.Column("last_seen", sa.Float(), nullable=True),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.String(), nullable=False),
        sa.Column("observed_generation", sa.Integer(), nullable=False),
        sa.Column("highest_generation", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.Column("report_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "credential",
        sa.Column("sha256", sa.String(), primary_key=True),
        sa.Column("node", sa.String(), sa.ForeignKey("node.name", ondelete="CASCADE"), nullable=True, index=True),
    )
    op.create_table(
        "enrolment_token",
        sa.Column("sha256", sa.String(), primary_key=True),
        sa.Column("labels", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=True),
    )
    op.create_table(
        "cluster",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "model_version",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("rollout", sa.LargeBinary(), nullable=False),
        sa.Column("unplaced", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
    )
    op.create_table(
        "workload",
        sa.Column("revision", sa.String(), primary_key=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "placement",
        sa.Column("deployment", sa.String(), sa.ForeignKey("deployment.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("tier", sa.String(), primary_key=True),
        sa.Column("node", sa.String(), sa.ForeignKey("node.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.String(), sa.ForeignKey("workload.revision"), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
    )
    op.create_index("placement_by_node", "placement", ["node"])
    op.create_table(
        "phase",
        sa.Column("node", sa.String(), sa.ForeignKey("node.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("workload", sa.String(), primary_key=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("sequence", sa.Integer(), primary_key=True),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in (
        "event",
        "phase",
        "placement",
        "workload",
        "deployment",
        "model_version",
        "cluster",
        "enrolment_token",
        "credential",
        "node",
    ):
        op.drop_table(table)
