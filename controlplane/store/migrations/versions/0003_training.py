"""Networks, configurations, training requests, announced streams, runs; aliases and notes of versions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_wanted()
    _create_announced()
    _create_runs()
    op.create_table(
        "model",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("last_version", sa.Integer(), nullable=False),
    )
    op.execute("INSERT INTO model SELECT name, MAX(version) FROM model_version GROUP BY name")
    op.create_table(
        "model_alias",
        sa.Column("model", sa.String(), primary_key=True),
        sa.Column("alias", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.add_column("model_version", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.add_column("model_version", sa.Column("weights", sa.LargeBinary(), nullable=True))


def _create_wanted() -> None:
    for table in ("network", "configuration"):
        op.create_table(
            table,
            sa.Column("name", sa.String(), primary_key=True),
            sa.Column("document", sa.LargeBinary(), nullable=False),
        )
    op.create_table(
        "training_request",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, unique=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("waits_since", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
    )


def _create_announced() -> None:
    op.create_table(
        "stream",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("cluster", sa.String(), nullable=False, index=True),
        sa.Column("control_topic", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("announcement", sa.LargeBinary(), nullable=False),
        sa.Column("announced_at", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
    )
    op.create_table(
        "announcement",
        sa.Column("cluster", sa.String(), primary_key=True),
        sa.Column("control_topic", sa.String(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("offset", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("timestamp_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
    )
    op.create_table(
        "kept",
        sa.Column("cluster", sa.String(), primary_key=True),
        sa.Column("topic", sa.String(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.Float(), nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )
    for column in ("request", "state", "stream"):
        op.create_index(f"run_by_{column}", "run", [column])


def downgrade() -> None:
    op.drop_column("model_version", "weights")
    op.drop_column("model_version", "note")
    for table in (
        "model_alias",
        "model",
        "run",
        "kept",
        "announcement",
        "stream",
        "training_request",
        "configuration",
        "network",
    ):
        op.drop_table(table)
