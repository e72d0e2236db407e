"""Fixtures all rooms use: a store on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from mailserver.store.sqlite import PAGE_SIZE
from mailserver.store.store import Store
from tests.support import daemons
from tests.support.databases import database_of
from tests.support.postgres import Cluster
from tests.support.tables import create_tables

DIALECTS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", action="append", choices=DIALECTS, help="run only on this database (default: on both)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database(name): about one of the two databases only")
    config.addinivalue_line("markers", "requirement(*ids): proves requirements, by their R-numbers, through real doors")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("database")
    possible = marker.args if marker else DIALECTS
    chosen = metafunc.config.getoption("--db") or DIALECTS
    metafunc.parametrize("dialect", [name for name in possible if name in chosen], scope="session")


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
