"""Statements straight to the driver, for the paths where the cost of a statement shows.

SQL is written once with "?" for parameters (none may stand in a literal) and works on SQLite and
PostgreSQL. A statement through SQLAlchemy Core costs some 25 µs of Python, one of these about 3.
They run inside the transaction that the SQLAlchemy connection has open.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection


def is_sqlite(conn: Connection) -> bool:
    return conn.dialect.name == "sqlite"


@lru_cache(maxsize=512)
def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _cursor(conn: Connection, sql: str, params: Sequence[Any]) -> Any:
    driver = conn.connection.driver_connection
    assert driver is not None
    return driver.execute(sql if is_sqlite(conn) else _percent(sql), params)


def rows(conn: Connection, sql: str, params: Sequence[Any] = ()) -> list[Any]:
    """All rows of a query, as plain tuples."""
    found: list[Any] = _cursor(conn, sql, params).fetchall()
    return found


def row(conn: Connection, sql: str, params: Sequence[Any] = ()) -> Any | None:
    """The first row of a query, or None."""
    return _cursor(conn, sql, params).fetchone()


def run(conn: Connection, sql: str, params: Sequence[Any] = ()) -> int:
    """Run a statement; how many rows it touched."""
    count: int = _cursor(conn, sql, params).rowcount
    return count


def run_many(conn: Connection, sql: str, params: Sequence[Sequence[Any]]) -> None:
    """Run one statement with each of many parameter sets."""
    if len(params) == 1:
        _cursor(conn, sql, params[0])
        return
    driver = conn.connection.driver_connection
    assert driver is not None
    if is_sqlite(conn):
        driver.executemany(sql, params)
        return
    with driver.cursor() as cursor:
        cursor.executemany(_percent(sql), params)


def literally(text: str) -> str:
    """`text` for a pattern of LIKE … ESCAPE '!', in which it stands for itself."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def among(conn: Connection, column: str, numbers: Collection[int]) -> tuple[str, Any]:
    """A condition "column is one of numbers" with its single parameter, however many they are.

    `column` is an SQL name from this package's code, never from a request.
    """
    if len(numbers) == 1:
        return f"{column} = ?", next(iter(numbers))
    if is_sqlite(conn):
        return f"{column} IN (SELECT value FROM json_each(?))", to_json(list(numbers))
    return f"{column} = ANY(?::bigint[])", list(numbers)


def among_uids(conn: Connection, uids: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    """A condition on `uid` for ascending uids: a range where there are no gaps, else `among`."""
    if uids and uids[-1] - uids[0] + 1 == len(uids):
        return "uid BETWEEN ? AND ?", (uids[0], uids[-1])
    condition, numbers = among(conn, "uid", uids)
    return condition, (numbers,)


def from_json(value: Any) -> Any:
    """A JSON column as read by `rows`: PostgreSQL's driver has parsed it already."""
    return json.loads(value) if isinstance(value, str) else value


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """Compact JSON text for a JSON column."""
    return _encode(value)
