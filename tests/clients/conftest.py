"""A running server, one for a session and database, and a person with an empty mailbox for each test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.far import Far
from tests.clients.server import Server, User, running
from tests.support.office import Office


@pytest.fixture(scope="session")
def server(dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """All mail doors, over one database for all tests of clients: they have mailboxes of their own in it."""
    with serving(dialect, request, tmp_path_factory.mktemp("clients")) as running_server:
        yield running_server


@contextlib.contextmanager
def serving(
    dialect: str, request: pytest.FixtureRequest, folder: Path, more: str = "", found: Callable[[Office], object] = id
) -> Iterator[Server]:
    """A server over a database of its own. more, found: as for `running`."""
    with contextlib.ExitStack() as stack:
        if dialect == "sqlite":
            (folder / "data").mkdir()
            (folder / "data" / "vanthu.sqlite3").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            url = f"sqlite:///{folder / 'data' / 'vanthu.sqlite3'}"
        else:
            url = stack.enter_context(request.getfixturevalue("cluster").fresh_database())
        yield stack.enter_context(running(folder, url, more, found))


@pytest.fixture
def user(server: Server) -> User:
    return server.new_user()


@pytest.fixture
def far(server: Server, user: User) -> Iterator[Far]:
    """The user's mailbox as a second client sees and changes it."""
    with Far.signed_in(server.imap, user) as session:
        yield session
