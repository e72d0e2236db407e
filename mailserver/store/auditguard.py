"""Triggers by which the database itself refuses to change or remove records of the audit.

Whoever may change the schema can take them away; then the chain of hashes still shows it (`audit`).
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.store import raw

SQLITE_DDL = (
    "CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'records of the audit are never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'records of the audit are never removed'); END",
)
POSTGRESQL_DDL = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'records of the audit are never changed or removed'; END $$",
    "CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def create_guard(conn: Connection) -> None:
    """For tests and for migrations."""
    for statement in SQLITE_DDL if raw.is_sqlite(conn) else POSTGRESQL_DDL:
        conn.exec_driver_sql(statement)


def stands(conn: Connection) -> bool:
    """Whether the triggers are there and fire."""
    if raw.is_sqlite(conn):
        query = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"
        wanted = len(SQLITE_DDL)
    else:
        query = (
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled <> 'D'"
            " AND NOT tgisinternal"
        )
        wanted = 1
    found = raw.row(conn, query)
    return found is not None and found[0] >= wanted
