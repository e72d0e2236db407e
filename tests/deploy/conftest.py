"""What the tests of installations share: settings, empty databases, a product in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.config import Settings, load
from tests.e2e.product import Product
from tests.support.postgres import Cluster

PASSWORD = "mat khau cua An 2026"


@pytest.fixture
def empty_database(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table, on each engine in turn."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'vanthu.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.fresh_database(template="template0") as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, empty_database: str) -> Settings:
    """A small installation over an empty database; nothing has been made yet."""
    return write_settings(tmp_path, empty_database)


def write_settings(top: Path, database: str, data: str = "data") -> Settings:
    """vanthu.toml with one door, on a free port, over this database."""
    top.mkdir(exist_ok=True)
    path = top / f"{data}.toml"
    path.write_text(
        f'data_dir = "{data}"\ndomain = "sxd.test"\n[smtp]\nmx = ["127.0.0.1:0"]\n[store]\ndatabase = "{database}"\n',
        encoding="utf-8",
    )
    return load(path)


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation just after `vanthu init`."""
    made = Product(tmp_path_factory.mktemp("init"), domain="sxd.test")
    made.init("--agency-code", "SXD", "--profile", "gl")
    return made.data


@pytest.fixture(scope="session")
def staffed_once(set_up_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after `vanthu user add` for `an` and `binh`."""
    made = Product(tmp_path_factory.mktemp("staff"), domain="sxd.test")
    shutil.copytree(set_up_once, made.data)
    for local in ("an", "binh"):
        made.add_user(local, PASSWORD)
    return made.data


@pytest.fixture
def product(tmp_path: Path, set_up_once: Path) -> Iterator[Product]:
    """An installation that has been set up; the test starts it, the fixture stops it."""
    yield from _copied(tmp_path, set_up_once)


@pytest.fixture
def staffed(tmp_path: Path, staffed_once: Path) -> Iterator[Product]:
    """The same with two people, `an` and `binh`, whose password is PASSWORD."""
    yield from _copied(tmp_path, staffed_once)


def _copied(top: Path, data: Path) -> Iterator[Product]:
    made = Product(top, domain="sxd.test")
    shutil.copytree(data, made.data)
    yield made
    made.kill()
