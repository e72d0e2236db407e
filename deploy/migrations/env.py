"""Alembic's way in: `deploy.migrate` hands over a connection; the caller commits."""

from __future__ import annotations

from typing import Any

from alembic import context

from deploy.tables import metadata

# Made by a migration in the database's own words; autogenerate cannot see them in the metadata.
FULL_TEXT = "message_fts"


def include_object(_thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave the full-text objects out of comparisons; everything else must match."""
    return not (reflected and name is not None and kind in ("table", "index", "column") and FULL_TEXT in name)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=include_object,
    compare_type=True,
    compare_server_default=False,
    # SQLite can roll back DDL; the engine begins its transactions itself.
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
