"""Kill what changes a whole installation, at any moment: migrate, backup, restore.

    python -m tests.faults.upgrade_kill --kills 20
    python -m tests.faults.upgrade_kill --kills 20 --database postgresql

Prints one JSON line for each command; exit status 1 if a killed migration left another schema than the old or the
new one, if a killed backup passes for one, if the server starts on half a restore, or if the command cannot simply
be given again and then leaves everything whole.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text

from deploy import migrate
from deploy.install import RESTORING
from tests.e2e.product import Product
from tests.faults.installed import PASSWORD
from tests.faults.kill_any import people
from tests.faults.mailflow import count, send_all
from tests.faults.passing import Passing, ended
from tests.support.postgres import Cluster

# What a migration starts from: the first release's tables.
OLD = "0003"
# What has to be there afterwards.
ROW = "INSERT INTO agency (code, name, profile, settings, created_at) VALUES ('CU', 'Sở Cũ', 'hungbinh', '{}', 0)"
MESSAGES = 60
CONNECTIONS = 4
# Of a command's time, the share before it has anything to do with the data.
STARTING = 0.3
# For each kill, at most.
TRIES = 5
COMMANDS = ("migrate", "backup", "restore")
Database = Callable[[], str]


class Killer:
    """Kills a command at random moments of its work, `kills` times; one that ended before is tried once more."""

    def __init__(self, kills: int, seconds: float) -> None:
        """seconds: that the command takes."""
        self._seconds = seconds
        self.wanted, self.done = kills, 0

    def attempts(self) -> Iterator[int]:
        """Numbers for as many installations as it takes."""
        for number in range(TRIES * self.wanted):
            if self.done == self.wanted:
                return
            yield number

    def run(self, words: Sequence[str]) -> bool:
        """Whether the kill came in time: to the command alone, or to its children too."""
        begun = monotonic()
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        kill = random.choice((os.kill, os.killpg))
        try:
            process.wait(random.uniform(STARTING * self._seconds, self._seconds))
        except subprocess.TimeoutExpired:
            kill(process.pid, signal.SIGKILL)
        killed = process.wait() < 0
        self.done += killed
        if not killed:
            self._seconds = monotonic() - begun
        return killed


def timed(act: Callable[[], object]) -> float:
    begun = monotonic()
    act()
    return monotonic() - begun


def schema(url: str) -> tuple[str | None, frozenset[str]]:
    """The revision, and a line for every column and index of the database, and for the row of the old one."""
    engine = create_engine(url)
    try:
        with engine.connect() as conn:
            return migrate.revision(conn), frozenset(_lines(conn))
    finally:
        engine.dispose()


def _lines(conn: Connection) -> Iterator[str]:
    seen = inspect(conn)
    for table in seen.get_table_names():
        yield from (f"{table}.{column['name']} {column['type']}" for column in seen.get_columns(table))
        yield from (f"{table} index {index['name']}" for index in seen.get_indexes(table))
    if seen.has_table("agency"):
        yield from conn.execute(text("SELECT name FROM agency WHERE code = 'CU'")).scalars()


def at_revision(url: str, revision: str) -> None:
    """Make the tables of an old version."""
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    engine = migrate.engine_for(url)
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        conn.execute(text(ROW))
    engine.dispose()


def migrations(top: Path, kills: int, database: Database) -> dict[str, object]:
    """Kill `vanthu init` on an old database; then the server starts, which completes the migration."""

    def fresh(number: int | str) -> Product:
        folder = top / f"migrate-{number}"
        folder.mkdir()
        product = Product(folder, database=database())
        product.data.mkdir()
        at_revision(url_of(product), OLD)
        return product

    first = fresh("first")
    old = schema(url_of(first))
    seconds = timed(first.init)
    new = schema(url_of(first))
    passing, found, killer = Passing(), Counter[str](), Killer(kills, seconds)
    for number in killer.attempts():
        product = fresh(number)
        if not killer.run([*product.vanthu(), "init"]):
            continue
        after = schema(url_of(product))
        found["old" if after == old else "new" if after == new else "half"] += 1
        product.start()
        product.stop()
        found["completed"] += schema(url_of(product)) == new
    passing.tell(command="migrate", left_old=found["old"], left_new=found["new"])
    passing.exactly(0, half_a_schema=found["half"])
    passing.exactly(kills, kills=killer.done, completed_by_start=found["completed"])
    return passing.result


def url_of(product: Product) -> str:
    return product.database or f"sqlite:///{product.data / 'vanthu.sqlite3'}"


class Filled:
    """An installation with mail in it, stopped; and what its mailboxes have to hold."""

    def __init__(self, top: Path, database: Database) -> None:
        self.product = Product(top, database=database())
        self.product.init()
        self.product.add_users(people(3), PASSWORD)
        self.logins = [f"{name}@{self.product.domain}" for name in people(3)]
        self.product.start()
        try:
            self.ledger, senders = send_all(
                "upgrade", lambda: ("127.0.0.1", self.product.ports.smtp), self.logins, range(MESSAGES), CONNECTIONS
            )
            for sender in senders:
                sender.join()
        finally:
            self.product.stop()
        assert len(self.ledger.acknowledged) == MESSAGES

    def is_whole_in(self, product: Product) -> bool:
        """Whether an installation has all of it; starts and stops it."""
        product.start()
        try:
            account = count(self.ledger, ("127.0.0.1", product.ports.imap), self.logins, PASSWORD)
        finally:
            product.stop()
        product.command("fsck")
        return account.clean and account.found == MESSAGES


def backups(top: Path, kills: int, database: Database, filled: Filled) -> dict[str, object]:
    """Kill `vanthu backup`; then the same command makes the backup."""
    passing, found = Passing(), Counter[str]()
    killer = Killer(kills, timed(lambda: filled.product.command("backup", str(top / "first"))))
    for number in killer.attempts():
        target = top / f"backup-{number}"
        if not killer.run([*filled.product.vanthu(), "backup", str(target)]):
            continue
        if target.exists():  # it has its name: then it has to be whole
            found["whole"] += 1
        else:
            filled.product.command("backup", str(target))
        elsewhere = empty(top / f"check-{number}", database)
        elsewhere.command("restore", str(target))
        found["restored"] += filled.is_whole_in(elsewhere)
    passing.tell(command="backup", was_whole_already=found["whole"])
    passing.exactly(kills, kills=killer.done, good_backup_afterwards=found["restored"])
    passing.exactly(True, source_unharmed=filled.is_whole_in(filled.product))
    return passing.result


def restores(top: Path, kills: int, database: Database, filled: Filled) -> dict[str, object]:
    """Kill `vanthu restore` into an empty place; then the server keeps out, and the same command restores."""
    passing, found = Passing(), Counter[str]()
    backup = top / "backup"
    filled.product.command("backup", str(backup))
    first = empty(top / "restore-first", database)
    killer = Killer(kills, timed(lambda: first.command("restore", str(backup))))
    for number in killer.attempts():
        product = empty(top / f"restore-{number}", database)
        if not killer.run([*product.vanthu(), "restore", str(backup)]):
            continue
        if (product.data / RESTORING).exists():
            found["begun"] += 1
            found["kept_out"] += _does_not_start(product)
            product.command("restore", str(backup))
        elif not is_begun(product):
            product.command("restore", str(backup))
        found["whole"] += filled.is_whole_in(product)
    passing.tell(command="restore", in_the_middle=found["begun"])
    passing.exactly(found["begun"], server_kept_out=found["kept_out"])
    passing.exactly(kills, kills=killer.done, whole_afterwards=found["whole"])
    return passing.result


def empty(folder: Path, database: Database) -> Product:
    folder.mkdir()
    return Product(folder, database=database())


def is_begun(product: Product) -> bool:
    """Whether there is anything in the database of an installation."""
    if not product.database and not (product.data / "vanthu.sqlite3").exists():
        return False
    return schema(url_of(product))[0] is not None


def _does_not_start(product: Product) -> bool:
    try:
        product.start()
    except RuntimeError:
        product.kill()
        return True
    product.stop()
    return False


def run(top: Path, kills: int, database: Database, commands: Sequence[str] = COMMANDS) -> list[dict[str, object]]:
    """The procedures in `top`; the figures of each. database: a new one each time, "" for SQLite's own."""
    results = [migrations(top, kills, database)] if "migrate" in commands else []
    if "backup" in commands or "restore" in commands:
        filled = Filled(top, database)
        if "backup" in commands:
            results.append(backups(top, kills, database, filled))
        if "restore" in commands:
            results.append(restores(top, kills, database, filled))
    return results


@contextmanager
def databases(dialect: str) -> Iterator[Database]:
    """Where new databases come from."""
    if dialect == "sqlite":
        yield str
        return
    with Cluster.start() as cluster, ExitStack() as stack:
        yield lambda: stack.enter_context(cluster.fresh_database("template0"))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-up-") as top, databases(chosen.database) as database:
        return ended(*run(Path(top), chosen.kills, database, chosen.commands))


if __name__ == "__main__":
    sys.exit(main())
