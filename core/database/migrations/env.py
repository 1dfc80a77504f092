"""Alembic's environment: the caller hands in the connection, with the owner's role set and the lock held."""

from alembic import context

from core.database.migrate import VERSION_SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=VERSION_SCHEMA,
    on_version_apply=context.config.attributes["on_version_apply"],
)
context.run_migrations()
