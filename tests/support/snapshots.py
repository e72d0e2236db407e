"""What a store held once, put into another: far cheaper than bringing it about a second time."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table, func, select

from mailserver.store.database import Database
from mailserver.store.schema import blob, folder
from mailserver.store.sqlite import file_of
from mailserver.store.store import Store

T = TypeVar("T")
_TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
# What has been made in this session, by kind and database: what was answered, and the rows.
_MADE: dict[tuple[Hashable, str], tuple[Any, Snapshot]] = {}


def made_once(store: Store, kind: Hashable, make: Callable[[], T]) -> T:
    """What `make` answers after it has filled the store, which must be as new and have the template's tables.

    For each kind and database it is called once; afterwards the rows are copied. So its answer must be something
    that nobody changes, and all that are of one kind must be made alike. Blobs are not copied: there may be none.
    """
    assert _count(store, folder) == 0
    key = (kind, store.db.dialect)
    if key in _MADE:
        made, rows = _MADE[key]
        rows.put_into(store.db)
        return cast(T, made)
    made = make()
    assert _count(store, blob) == 0
    _MADE[key] = (made, _taken_of(store.db))
    return made


def _count(store: Store, table: Table) -> int:
    return store.db.read(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


class Snapshot(ABC):
    """The rows of a database, but no blobs."""

    @abstractmethod
    def put_into(self, db: Database) -> None:
        """Give a database that is as new these rows. Nobody else may use it meanwhile."""


def _taken_of(db: Database) -> Snapshot:
    return OfSqlite(db) if db.dialect == "sqlite" else OfPostgres(db)


class OfSqlite(Snapshot):
    def __init__(self, db: Database) -> None:
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        with _file_of(db) as file:
            file.backup(self._copy)

    def put_into(self, db: Database) -> None:
        with _file_of(db) as file:
            self._copy.backup(file)


class OfPostgres(Snapshot):
    """Neither triggers nor foreign keys are heeded when the rows come back."""

    def __init__(self, db: Database) -> None:
        self._rows: list[tuple[sql.Identifier, bytes]] = []
        with _connected(db) as conn, conn.cursor() as cursor:
            for names in cursor.execute(_TABLES).fetchall():
                table = sql.Identifier(*names)
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
                    octets = b"".join(bytes(part) for part in copy)
                if octets:
                    self._rows.append((table, octets))
            sequences = cursor.execute(_SEQUENCES).fetchall()
            # One statement for all of them.
            self._sequences = [(sql.Identifier(*names).as_string(conn), value) for *names, value in sequences]

    def put_into(self, db: Database) -> None:
        with _connected(db) as conn, conn.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, octets in self._rows:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                    copy.write(octets)
            names, values = [name for name, _ in self._sequences], [value for _, value in self._sequences]
            cursor.execute(
                "SELECT setval(name::regclass, value) FROM unnest(%s::text[], %s::bigint[]) AS one (name, value)",
                (names, values),
            )


@contextmanager
def _file_of(db: Database) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file_of(db.url))
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _connected(db: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """In a transaction, which is committed at the end."""
    with db.engine.begin() as conn:
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        yield driver
