"""A private PostgreSQL server for one test session, on a socket in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from tests.support import emptying
from tests.support.memory import in_memory
from tests.support.tables import create_tables

_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_wal_size = 256MB
log_min_messages = fatal
"""
_TEMPLATE = "template_vanthu"
# Rows taken out leave their room behind until it is vacuumed.
_MOST_USES = 200


def _programs() -> Path:
    """The folder with initdb and pg_ctl: on PATH, or where Debian keeps them."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if not installed:
        raise RuntimeError("the tests need PostgreSQL: install the package postgresql")
    return installed[-1].parent


class Cluster:
    """A running server. It will not run as root, so root starts it as user `postgres`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._bin = _programs()
        # Databases with the template's schema and no rows, and how often each has been used.
        self._idle: list[str] = []
        self._uses: Counter[str] = Counter()
        self._schema = ""
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Cluster]:
        # Not under pytest's folder: a socket's path may have 107 octets at most.
        folder = Path(tempfile.mkdtemp(prefix="vanthu-pg-", dir=in_memory()))
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        cluster = cls(folder)
        try:
            cluster._initialise()
            cluster.run("start")
            try:
                cluster._make_template()
                yield cluster
            finally:
                cluster.run("stop", "-m", "immediate")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, action: str, *options: str) -> None:
        """pg_ctl with an action: start, stop, restart; waits until it is done."""
        log = str(self.folder / "log")
        self._call("pg_ctl", action, "-w", "-s", "-D", str(self._data), "-l", log, *options)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextmanager
    def fresh_database(self, template: str = _TEMPLATE) -> Iterator[str]:
        """A database with all tables and no rows; its URL. Whoever is connected at the end is cut off.

        template: "template0" for one without any table.
        """
        name = self._idle.pop() if template == _TEMPLATE and self._idle else self._create(template)
        yield self.url(name)
        if template == _TEMPLATE and self._may_serve_again(name):
            self._idle.append(name)
        else:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        # Copying files costs less than logging each page, as long as nothing is synced.
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _may_serve_again(self, name: str) -> bool:
        """Whether a used database is empty again, with the schema of the template."""
        self._uses[name] += 1
        return self._uses[name] < _MOST_USES and emptying.empty(self._conninfo(name), self._schema)

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user=postgres dbname={database}"

    def _initialise(self) -> None:
        how = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._call("initdb", "-D", str(self._data), *how)
        settings = _SETTINGS.format(folder=self.folder)
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(settings)

    def _make_template(self) -> None:
        self._sql(f"CREATE DATABASE {_TEMPLATE}")
        engine = create_engine(self.url(_TEMPLATE))
        create_tables(engine)
        engine.dispose()
        self._schema = emptying.schema_of(self._conninfo(_TEMPLATE))

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _call(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._bin / program), *arguments]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
