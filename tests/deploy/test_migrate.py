"""Migrations: the same tables as the code declares, on both engines, all of them or none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from deploy import migrate
from deploy.migrations import comparing
from deploy.tables import metadata
from mailserver.store.search import create_index

# Runs the migrations and is killed before it can commit.
KILLED = """
import os, sys
from deploy import migrate
with migrate.engine_for(sys.argv[1]).begin() as conn:
    migrate.run_scripts(conn)
    os.kill(os.getpid(), 9)
"""


def tables(conn: Connection) -> set[str]:
    return set(inspect(conn).get_table_names())


def test_the_head_written_in_code_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_upgrading_makes_exactly_the_declared_tables(empty_database: str) -> None:
    assert migrate.upgrade(empty_database)
    engine = migrate.engine_for(empty_database)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_object": comparing.include_object})
        assert compare_metadata(context, metadata) == []
        assert migrate.revision(conn) == migrate.HEAD
    engine.dispose()


def full_text_objects(conn: Connection) -> list[str]:
    if conn.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_schema WHERE name LIKE 'message_fts%' AND sql IS NOT NULL ORDER BY name"
    else:
        query = (
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE '%lexemes%' UNION ALL"
            " SELECT generation_expression FROM information_schema.columns WHERE column_name = 'lexemes'"
        )
    return [str(row[0]).replace("IF NOT EXISTS ", "") for row in conn.execute(text(query))]


def test_the_full_text_index_is_the_one_that_the_store_makes(empty_database: str) -> None:
    engine = migrate.engine_for(empty_database)
    with engine.begin() as conn:
        metadata.create_all(conn)
        create_index(conn)
        wanted = full_text_objects(conn)
        conn.rollback()
    assert wanted
    migrate.upgrade(empty_database)
    with engine.connect() as conn:
        assert full_text_objects(conn) == wanted
    engine.dispose()


def sqlite_words(conn: Connection) -> dict[str, list[str]]:
    """The statement of each table, piece by piece in any order: AUTOINCREMENT and WITHOUT ROWID count too."""
    query = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    found = {row.name: row.sql for row in conn.execute(text(query))}
    found.pop("alembic_version", None)
    # A column that was added later stands behind the others on one line.
    ended = {name: re.sub(r"\)(\s*WITHOUT ROWID)?$", r"\n)\1", sql) for name, sql in found.items()}
    pieces = {name: [piece.strip() for piece in re.split("[,\n]", sql)] for name, sql in ended.items()}
    return {name: sorted(filter(None, found)) for name, found in pieces.items()}


def test_on_sqlite_the_statements_are_the_same_too(tmp_path: Path) -> None:
    declared, migrated = (f"sqlite:///{tmp_path / name}" for name in ("declared.sqlite3", "migrated.sqlite3"))
    engine = migrate.engine_for(declared)
    with engine.begin() as conn:
        metadata.create_all(conn)
        create_index(conn)
        wanted = sqlite_words(conn)
    engine.dispose()
    migrate.upgrade(migrated)
    engine = migrate.engine_for(migrated)
    with engine.connect() as conn:
        found = sqlite_words(conn)
    engine.dispose()
    assert found == wanted


def test_upgrading_again_changes_nothing(empty_database: str) -> None:
    assert migrate.upgrade(empty_database)
    assert not migrate.upgrade(empty_database)


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_start_completes(empty_database: str) -> None:
    migrate.engine_for(empty_database).dispose()
    done = subprocess.run([sys.executable, "-c", KILLED, empty_database], check=False, cwd=Path.cwd(), env=os.environ)
    assert done.returncode == -9
    engine = migrate.engine_for(empty_database)
    with engine.connect() as conn:
        assert tables(conn) == set()
    engine.dispose()
    assert migrate.upgrade(empty_database)


def test_a_newer_database_is_refused(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    engine = migrate.engine_for(empty_database)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.WrongSchema, match="9999"):
        migrate.upgrade(empty_database)
    with engine.connect() as conn, pytest.raises(migrate.WrongSchema, match="9999"):
        migrate.require_head(conn)
    engine.dispose()


def test_an_empty_database_is_told_from_a_ready_one(empty_database: str) -> None:
    engine = migrate.engine_for(empty_database)
    with engine.connect() as conn, pytest.raises(migrate.WrongSchema, match="vanthu init"):
        migrate.require_head(conn)
    migrate.upgrade(empty_database)
    with engine.connect() as conn:
        migrate.require_head(conn)
    engine.dispose()
