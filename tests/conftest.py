"""Fixtures all rooms use: a store on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine

from mailserver.store.sqlite import PAGE_SIZE
from mailserver.store.store import Store
from tests.support import bytecode, daemons, statements
from tests.support.databases import database_of
from tests.support.loops import EndingLoop
from tests.support.memory import in_memory
from tests.support.postgres import Cluster
from tests.support.tables import create_tables

DIALECTS = ("sqlite", "postgresql")
# Files of few and long tests; they come first, so that no process is left alone with one at the end.
LONG = {"clients", "deploy", "e2e", "faults", "test_browser.py"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", action="append", choices=DIALECTS, help="run only on this database (default: on both)")


def pytest_configure(config: pytest.Config) -> None:
    bytecode.keep_below(config.rootpath / ".pytest_cache")
    # How fast an example is tells of the machine, not of what is tested.
    settings.register_profile(
        "steady", parent=settings.default, deadline=None, suppress_health_check=(HealthCheck.too_slow,)
    )
    settings.load_profile("steady")
    config.addinivalue_line("markers", "database(name): about one of the two databases only")
    config.addinivalue_line("markers", "requirement(*ids): proves requirements, by their R-numbers, through real doors")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Leaves how the run ended for `tests/again.py`."""
    cache = getattr(session.config, "cache", None)
    if cache is not None and not hasattr(session.config, "workerinput"):
        cache.set("vanthu/ended", int(exitstatus))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("database")
    possible = marker.args if marker else DIALECTS
    chosen = metafunc.config.getoption("--db") or DIALECTS
    metafunc.parametrize("dialect", [name for name in possible if name in chosen], scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"ending": EndingLoop}


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    with statements.compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def memory() -> Path | None:
    """Where a test's files may be without a disk; asked before any test plays with disks.

    Nowhere where no program may be started from it: some tests write one.
    """
    found = in_memory()
    return None if found is None or os.statvfs(found).f_flag & os.ST_NOEXEC else found


@pytest.fixture
def tmp_path(tmp_path: Path, memory: Path | None, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the test's own without a disk, for waiting for disks is half of what many tests do.

    On the disk where the tests are about what a disk keeps, or no such file system has room.
    """
    if memory is None or "faults" in request.path.parts:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="vanthu-test-", dir=memory, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this test session's own; without an installed PostgreSQL the tests fail."""
    with Cluster.start() as running:
        yield running


@pytest.fixture(scope="session")
def clamd() -> Iterator[daemons.Daemon]:
    """ClamAV's daemon of this test session's own; without an installed one the tests fail."""
    with daemons.clamd() as running:
        yield running


@pytest.fixture(scope="session")
def rspamd() -> Iterator[daemons.Daemon]:
    """An rspamd of this test session's own; without an installed one the tests fail."""
    with daemons.rspamd() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        conn.exec_driver_sql(f"PRAGMA page_size = {PAGE_SIZE}")
    create_tables(engine)
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA journal_mode = WAL")  # else the change costs each test three syncs
    engine.dispose()
    return path


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with all tables, on each database in turn."""
    if dialect == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "data" / "vanthu.sqlite3"
        path.parent.mkdir()
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with cluster.fresh_database() as url:
            yield url


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """An open store with tables and no content. Start its feed on the test's loop if it is needed."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(exist_ok=True)
    opened = Store.open(database_url, f"file://{tmp_path / 'blobs'}", data_dir=data_dir)
    yield opened
    opened.close()


@pytest.fixture
def own_database(dialect: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own, as `database_of` gives it."""
    with database_of(dialect, request) as url:
        yield url
