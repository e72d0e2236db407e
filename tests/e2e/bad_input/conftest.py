"""One installation for all of these tests on each database; it must not log a single traceback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.bad_input.doors import PASSWORD, Office
from tests.e2e.product import Product
from tests.support.databases import database_of


@pytest.fixture(scope="package")
def office(dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with database_of(dialect, request) as database:
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
