"""Alembic's way in: `deploy.migrate` hands over a connection; the caller commits."""

from __future__ import annotations

from alembic import context

from deploy.migrations.comparing import include_object
from deploy.tables import metadata

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=metadata,
    include_object=given.get("include_object", include_object),
    compare_type=True,
    compare_server_default=False,
    render_item=given.get("render_item"),
    # SQLite can roll back DDL; the engine begins its transactions itself.
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
