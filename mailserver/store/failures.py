"""Which failures of drivers and of the disk are temporary, and how they are called here."""

from __future__ import annotations

import errno
import sqlite3
import sys
from typing import TYPE_CHECKING

from sqlalchemy import exc

from mailserver.store.errors import StoreError, StoreFull, StoreUnavailable

if TYPE_CHECKING:
    import psycopg

_FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Primary result codes (the low octet) after which nothing is wrong with the request itself.
_SQLITE_TEMPORARY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    # Nothing can be had from a file that is damaged or none of SQLite's, until somebody has put it right.
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
# SQLSTATE classes: connection, insufficient resources, a lock not to be had in time, operator intervention,
# system error.
_PG_TEMPORARY = ("08", "53", "55P03", "57", "58")
_PG_RETRY = ("40001", "40P01")
_PG_DISK_FULL = "53100"


def _original(error: BaseException) -> BaseException:
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        return error.orig
    return error


def _of_postgres(cause: BaseException) -> psycopg.Error | None:
    """The error as psycopg's. Where all is SQLite nobody loads psycopg, and then it raised nothing."""
    if "psycopg" not in sys.modules:
        return None
    import psycopg

    return cause if isinstance(cause, psycopg.Error) else None


def of_disk(error: OSError) -> StoreError:
    """What an error of the file system means for whoever wanted to store something."""
    if error.errno in _FULL_ERRNO:
        return StoreFull("no space left")
    return StoreUnavailable(f"disk: {error.strerror}")


def translated(error: BaseException) -> BaseException:
    """The store's error for a failure of the database, or `error` itself if it is of another kind."""
    cause = _original(error)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StoreFull("the database found no space")
        if code in _SQLITE_TEMPORARY:
            return StoreUnavailable(f"database: {cause}")
    if (failed := _of_postgres(cause)) is not None:
        state = failed.sqlstate or ""
        if state == _PG_DISK_FULL:
            return StoreFull("the database found no space")
        if state.startswith(_PG_TEMPORARY) or state in _PG_RETRY or lost_connection(error):
            return StoreUnavailable(f"database: {state or _first_line(failed)}")
    if isinstance(cause, exc.TimeoutError):
        return StoreUnavailable("all database connections are busy")
    return error


def _first_line(failed: BaseException) -> str:
    """What the driver says without a number: that there was no connection, to where, and why."""
    return str(failed).strip().partition("\n")[0] or type(failed).__name__


def constraint_violated(error: BaseException) -> bool:
    """Whether a constraint of the schema refused a row; statements through `raw` raise the driver's own class."""
    cause = _original(error)
    if isinstance(error, exc.IntegrityError) or isinstance(cause, sqlite3.IntegrityError):
        return True
    failed = _of_postgres(cause)
    # SQLSTATE class 23: integrity constraint violation.
    return failed is not None and (failed.sqlstate or "").startswith("23")


def lost_connection(error: BaseException) -> bool:
    """Whether a PostgreSQL connection is gone (server stopped, network cut)."""
    failed = _of_postgres(_original(error))
    if failed is None:
        return False
    import psycopg

    if not isinstance(failed, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return failed.sqlstate is None or failed.sqlstate.startswith(("08", "57P"))


def of_database(error: BaseException) -> bool:
    """Whether a driver raised this, and not the code that used it."""
    cause = _original(error)
    return isinstance(cause, sqlite3.Error) or _of_postgres(cause) is not None


def worth_retrying(error: BaseException) -> bool:
    """Whether PostgreSQL asks to run the same transaction once more (deadlock, serialisation)."""
    failed = _of_postgres(_original(error))
    return failed is not None and failed.sqlstate in _PG_RETRY
