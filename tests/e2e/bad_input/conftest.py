"""One installation for all of these tests on each database; it must not log a single traceback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.bad_input.doors import PASSWORD, Office
from tests.e2e.product import Product
from tests.support.postgres import Cluster


@pytest.fixture(scope="package")
def database(dialect: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database; "" for SQLite in the product's own folder."""
    if dialect == "sqlite":
        yield ""
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.fresh_database("template0") as url:
        yield url


@pytest.fixture(scope="package")
def office(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    product = Product(tmp_path_factory.mktemp("bad"), database=database)
    product.init()
    product.add_user("an", PASSWORD)
    product.start()
    try:
        made = Office(product)
        yield made
        assert "Traceback" not in made.log()
    finally:
        product.stop()
