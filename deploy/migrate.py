"""Bringing a database to the tables that this version works with.

All pending migrations run in one transaction on either engine: a process killed in the middle
leaves the schema it found, and the next start completes. One process at a time does it: BEGIN
IMMEDIATE on SQLite, an advisory lock on PostgreSQL.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from deploy.lang import t
from mailserver.store import postgres, sqlite
from mailserver.store.failures import translated

# The newest revision in migrations/versions, written here so that short commands need not read them.
HEAD = "0046"
SCRIPTS = Path(__file__).parent / "migrations"
# Any number, as long as nobody else takes advisory locks by it in the same database.
ADVISORY_LOCK = 0x76_61_6E_74_68_75


class WrongSchema(Exception):
    """The database is not at this version's schema; the text is for the administrator."""


def engine_for(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        sqlite.file_of(parsed).parent.mkdir(parents=True, exist_ok=True)
        return sqlite.writing_engine(parsed)
    return postgres.engine_for(parsed)


def upgrade(url: str) -> bool:
    """Run what is pending; whether there was anything.

    Raises WrongSchema if the database is newer, StoreUnavailable if it cannot be reached or written.
    """
    engine = engine_for(url)
    try:
        return _upgrade(engine)
    except DBAPIError as fault:
        raise translated(fault) from fault
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> bool:
    with engine.begin() as conn:
        if engine.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        found = revision(conn)
        if found == HEAD:
            return False
        _refuse_newer(found)
        run_scripts(conn)
        return True


def run_scripts(conn: Connection) -> None:
    """Upgrade to HEAD inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def revision(conn: Connection) -> str | None:
    """The revision that the database is at; None: it is empty."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def require_head(conn: Connection) -> None:
    """Raises WrongSchema unless the database is at HEAD."""
    found = revision(conn)
    if found is None:
        raise _empty()
    if found != HEAD:
        _refuse_newer(found)
        raise WrongSchema(
            t(
                f"Cơ sở dữ liệu ở phiên bản {found}, chương trình cần {HEAD}; hãy chạy “vanthu init”.",
                f"The database is at revision {found}, this program needs {HEAD}; run “vanthu init”.",
            )
        )


def require_file(url: str) -> None:
    """Raises WrongSchema if the database is a file that is not there: opening it would make it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not sqlite.file_of(parsed).exists():
        raise _empty()


def _empty() -> WrongSchema:
    return WrongSchema(
        t("Cơ sở dữ liệu còn trống; hãy chạy “vanthu init”.", "The database is empty; run “vanthu init”.")
    )


def _refuse_newer(found: str | None) -> None:
    if found is not None and found not in _known():
        raise WrongSchema(
            t(
                f"Cơ sở dữ liệu ở phiên bản {found} mà chương trình này ({HEAD}) chưa biết; hãy dùng bản mới hơn.",
                f"The database is at revision {found}, unknown to this program ({HEAD}); use a newer one.",
            )
        )


def _known() -> set[str]:
    return {path.name.split("_", 1)[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py")}
