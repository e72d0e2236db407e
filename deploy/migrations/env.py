"""Alembic's way in: `deploy.migrate` hands over a connection; the caller commits."""

from __future__ import annotations

from typing import Any

from alembic import context

from deploy.tables import metadata

# Made by migrations in the database's own words: the tables declared in code know nothing of them.
FULL_TEXT = ("message_fts", "lexemes", "ix_message_text_lexemes")


def include_object(_thing: Any, name: str | None, _kind: str, reflected: bool, _other: Any) -> bool:
    """Leave the full-text objects out of comparisons; everything else must match."""
    return not (reflected and name is not None and name.startswith(FULL_TEXT))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=context.config.attributes.get("include_object", include_object),
    compare_type=True,
    compare_server_default=False,
    render_item=context.config.attributes.get("render_item"),
    # SQLite can roll back DDL; the engine begins its transactions itself.
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
