"""Column types shared by all tables, so that SQLite and PostgreSQL agree on every value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

# SQLite gives rowid semantics (and AUTOINCREMENT) to INTEGER only.
BigId = BigInteger().with_variant(Integer, "sqlite")


def milliseconds(at: datetime) -> int:
    """As `UtcTime` keeps an aware time, for statements that name no column types."""
    return round(at.timestamp() * 1000)


def from_milliseconds(ms: int) -> datetime:
    """What `milliseconds` was told, aware, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime kept as whole milliseconds since 1970-01-01T00:00Z.

    Raises ValueError for a naive datetime: a time without a zone is a fault of the caller.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return milliseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)
