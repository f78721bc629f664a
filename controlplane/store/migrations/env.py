"""Alembic's entry: runs on the connection the database hands over; `alembic revision` gets a scratch one."""

from alembic import context
from sqlmodel import SQLModel, create_engine

import controlplane.store.tables  # noqa: F401 - fills SQLModel.metadata

connection = context.config.attributes.get("connection")
if connection is None:
    connection = create_engine(context.config.get_main_option("sqlalchemy.url", "sqlite://")).connect()
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
