"""Empty databases for installations of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.postgres import Cluster


@contextmanager
def database_of(dialect: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without any table; "" for SQLite in the product's own folder."""
    if dialect == "sqlite":
        yield ""
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with cluster.fresh_database("template0") as url:
            yield url
