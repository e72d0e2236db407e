"""An installation for a procedure: people who can sign in, and the server running."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.product import Product
from tests.faults.passing import Passing
from tests.support.postgres import Cluster

PASSWORD = "mat-khau-thu-nghiem"


@contextmanager
def installed(top: Path, names: Sequence[str], database: str = "") -> Iterator[Product]:
    """A new one in `top`, running; stopped at the end."""
    product = Product(top, database=database)
    product.init()
    product.add_users(names, PASSWORD)
    product.start()
    try:
        yield product
    finally:
        product.stop()


def with_fsck(product: Product, passing: Passing) -> dict[str, object]:
    """The figures, with what `vanthu fsck` says at the end (RuntimeError if it finds anything)."""
    passing.tell(fsck=product.command("fsck").strip()[-200:])
    return passing.result


@contextmanager
def database_for(dialect: str) -> Iterator[str]:
    """An empty database: "" for SQLite in the installation's folder, or a new server's."""
    if dialect == "sqlite":
        yield ""
        return
    with Cluster.start() as cluster, cluster.fresh_database("template0") as url:
        yield url
