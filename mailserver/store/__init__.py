"""The store: folders, entries, messages, blobs, events and audit in one database, and who may reach them."""

from __future__ import annotations

from sqlalchemy import Engine

__all__ = ["create_all"]


def create_all(engine: Engine) -> None:
    """Make every table that has been declared on `metadata`, the full-text index, and the audit's guard.

    Rooms above declare theirs on the same metadata; import their schema before.
    """
    import mailserver.directory.schema  # noqa: F401 (declares its tables)
    from mailserver.store.auditguard import create_guard
    from mailserver.store.schema import metadata
    from mailserver.store.search import create_index

    with engine.begin() as conn:
        metadata.create_all(conn)
        create_index(conn)
        create_guard(conn)
