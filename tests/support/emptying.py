"""Making a used PostgreSQL database as good as new: making another one takes fifty times as long."""

from __future__ import annotations

import psycopg
from psycopg import Connection

# What any change of the schema leaves traces in; DROP changes the count, all else the newest number.
_SCHEMA = """
SELECT md5(string_agg(found::text, ' ' ORDER BY found::text)) FROM (
    SELECT ('class', count(*), max(xmin::text::bigint)) FROM pg_class
    UNION ALL SELECT ('attribute', count(*), max(xmin::text::bigint)) FROM pg_attribute
    UNION ALL SELECT ('constraint', count(*), max(xmin::text::bigint)) FROM pg_constraint
    UNION ALL SELECT ('trigger', count(*), max(xmin::text::bigint)) FROM pg_trigger
    UNION ALL SELECT ('proc', count(*), max(xmin::text::bigint)) FROM pg_proc
    UNION ALL SELECT ('default', count(*), max(xmin::text::bigint)) FROM pg_attrdef
    UNION ALL SELECT ('setting', count(*), max(xmin::text::bigint)) FROM pg_db_role_setting
) AS one (found)"""
# A table that never had a row has no page; one that had keeps its pages.
_EMPTYING = """
SELECT string_agg('DELETE FROM ' || oid::regclass, '; ') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0"""
_BEGINNING_ANEW = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL"""
_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def schema_of(conninfo: str) -> str:
    """What the schema is now; another answer after any change of it."""
    with psycopg.connect(conninfo, autocommit=True) as conn:
        return _schema(conn)


def empty(conninfo: str, schema: str) -> bool:
    """Take every row out, whoever is still connected; False if the schema is not `schema` any more.

    Sequences begin anew. Neither triggers nor foreign keys are heeded.
    """
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute(_OTHERS)
        if _schema(conn) != schema:
            return False
        with conn.transaction():
            conn.execute("SET LOCAL session_replication_role = replica")
            row = conn.execute(_EMPTYING).fetchone()
            if row is not None and row[0]:
                conn.execute(row[0])
            conn.execute(_BEGINNING_ANEW)
    return True


def _schema(conn: Connection[tuple[object, ...]]) -> str:
    row = conn.execute(_SCHEMA).fetchone()
    assert row is not None
    return str(row[0])
