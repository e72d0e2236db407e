"""What to leave out where the tables in code are compared with those in a database."""

from __future__ import annotations

from typing import Any

# Made by migrations in the database's own words: the tables declared in code know nothing of them.
FULL_TEXT = ("message_fts", "lexemes", "ix_message_text_lexemes")
# Declared for one of the databases.
ONLY_SQLITE = ("ix_message_subject_folded",)


def include_object(_thing: Any, name: str | None, _kind: str, reflected: bool, _other: Any) -> bool:
    """Leave the full-text objects out, and what one database lacks; everything else must match."""
    if not reflected and name in ONLY_SQLITE:
        return False
    return not (reflected and name is not None and (name.startswith(FULL_TEXT) or name == "alembic_version"))
