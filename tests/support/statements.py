"""SQL statements put into words once for all engines of a session: each engine would do it again for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event

from mailserver.store import postgres, sqlite


@contextmanager
def compiled_once() -> Iterator[None]:
    """While this lasts, the engines of stores on one kind of database share the words of their statements.

    SQLAlchemy keeps them by the dialect object, so they share that too: what it knows is the server's version.
    """
    connected: dict[str, Engine] = {}

    def create(*args: Any, **options: Any) -> Engine:
        engine = create_engine(*args, **options)
        if engine.name in connected:
            engine.dialect = connected[engine.name].dialect
            engine._compiled_cache = connected[engine.name]._compiled_cache
        else:
            event.listen(engine, "first_connect", lambda *_: connected.setdefault(engine.name, engine))
        return engine

    with pytest.MonkeyPatch.context() as patch:
        for module in (postgres, sqlite):
            patch.setattr(module, "create_engine", create)
        yield
