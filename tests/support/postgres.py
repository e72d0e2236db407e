"""A private PostgreSQL server for one test session, on a socket in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

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
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Cluster]:
        # Not under pytest's folder: a socket's path may have 107 octets at most.
        folder = Path(tempfile.mkdtemp(prefix="vanthu-pg-"))
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
        """A database with all tables; its URL. Dropped afterwards, whoever is still connected.

        template: "template0" for one without any table.
        """
        name = f"test_{secrets.token_hex(6)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

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

    def _sql(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _call(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._bin / program), *arguments]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
