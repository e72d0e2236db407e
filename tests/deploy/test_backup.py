"""Backup and restore: everything comes back, on both engines; nothing is overwritten, nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import accounts, agencies, install, stores
from deploy.backup import making, restoring
from deploy.backup.making import NotEmpty
from deploy.backup.manifest import BackupBroken
from deploy.config import Settings
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.store import entries, folders, messages
from mailserver.store.fsck import check
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from tests.deploy.conftest import write_settings
from tests.deploy.waiting import eventually
from tests.support.postgres import Cluster

# Large enough, and random enough, to be a blob of its own.
LETTER = b"Subject: ban quet\r\n\r\n" + b"\r\n".join(os.urandom(40).hex().encode() for _ in range(8000)) + b"\r\n"


def quiet(_what: str, _done: int, _total: int) -> None:
    """No progress bar."""


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """An installation with one account and one large letter."""
    install.prepare(settings)
    store = stores.open_store(settings)
    wish = accounts.Wish("an@sxd.test", "Lê Ân", "mat khau cua An 2026", must_change=False)
    store.db.write(lambda tx: agencies.ensure_tx(tx, "sxd.test", code=None, name=None, profile=None), SYSTEM)
    person = store.db.write(lambda tx: accounts.add_tx(tx, wish), SYSTEM)
    prepared = prepare(LETTER, store.blobs)
    store.db.write(lambda tx: deliver_tx(tx, store_message_tx(tx, prepared), [person]), SYSTEM)
    store.close()
    return settings


@pytest.fixture
def elsewhere(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty place to restore into."""
    if dialect == "sqlite":
        yield write_settings(tmp_path, f"sqlite:///{tmp_path / 'other' / 'vanthu.sqlite3'}", data="other")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.fresh_database(template="template0") as url:
        yield write_settings(tmp_path, url, data="other")


def letters(store: Store) -> list[bytes]:
    def work(conn: object) -> list[bytes]:
        person = build_principal(conn)
        found = entries.snapshot(conn, folders.get(conn, person, "INBOX").id)  # type: ignore[arg-type]
        return [messages.read_octets(conn, store.blobs, pk) for pk in found.message_pks]  # type: ignore[arg-type]

    return store.db.read(work)


def build_principal(conn: object) -> int:
    from mailserver.directory import principals

    found = principals.by_address(conn, "an@sxd.test")  # type: ignore[arg-type]
    assert found is not None
    return found.id


def test_what_was_backed_up_comes_back_whole(filled: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    assert making.make(filled, tmp_path / "backup", quiet) == 1
    assert restoring.restore(elsewhere, tmp_path / "backup", quiet) == 1
    store = stores.open_store(elsewhere)
    assert letters(store) == [LETTER]
    assert check(store.db, store.blobs) == []
    store.close()
    for name in ("web.key", "tls/key.pem"):
        assert (elsewhere.data_dir / name).read_bytes() == (filled.data_dir / name).read_bytes()


def test_nothing_is_overwritten(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    making.make(filled, tmp_path / "backup", quiet)
    with pytest.raises(NotEmpty):
        making.make(filled, tmp_path / "backup", quiet)
    with pytest.raises(NotEmpty):
        restoring.restore(filled, tmp_path / "backup", quiet)
    store = stores.open_store(filled)
    assert letters(store) == [LETTER]
    store.close()


def test_a_damaged_backup_is_told_before_anything_is_restored(
    filled: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    making.make(filled, tmp_path / "backup", quiet)
    database = next((tmp_path / "backup").glob("database.*"))
    with database.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    with pytest.raises(BackupBroken, match=database.name):
        restoring.restore(elsewhere, tmp_path / "backup", quiet)
    (tmp_path / "backup" / "manifest.json").unlink()
    with pytest.raises(BackupBroken):
        restoring.restore(elsewhere, tmp_path / "backup", quiet)


def test_a_blob_that_is_lost_is_told_and_leaves_no_half_backup(filled: Settings, tmp_path: Path) -> None:
    large = next(path for path in (filled.data_dir / "blobs").rglob("*") if path.is_file())
    aside = large.read_bytes()
    large.unlink()
    target = tmp_path / "copies" / "backup"
    with pytest.raises(BackupBroken, match=large.name):
        making.make(filled, target, quiet)
    assert list(target.parent.iterdir()) == []
    large.write_bytes(aside)
    assert making.make(filled, target, quiet) == 1


def test_a_restore_that_broke_off_keeps_the_server_out_until_it_is_repeated(
    filled: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    making.make(filled, tmp_path / "backup", quiet)

    def break_off(what: str, _done: int, _total: int) -> None:
        if what == "blobs":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(elsewhere, tmp_path / "backup", break_off)
    with pytest.raises(install.RestoreUnfinished):
        stores.open_store(elsewhere)
    with pytest.raises(install.RestoreUnfinished):
        install.prepare(elsewhere)
    restoring.restore(elsewhere, tmp_path / "backup", quiet)
    store = stores.open_store(elsewhere)
    assert letters(store) == [LETTER]
    store.close()


def test_a_backup_that_was_killed_is_never_taken_for_one(filled: Settings, tmp_path: Path) -> None:
    config, target = tmp_path / "data.toml", tmp_path / "backup"
    script = (
        "import os, sys; from pathlib import Path; from deploy.backup import making; from deploy.config import load;"
        "making.make(load(Path(sys.argv[1])), Path(sys.argv[2]), lambda what, *_: what == 'blobs' and os.kill(0, 9))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(config), str(target)], check=False, start_new_session=True, timeout=60
    )
    assert done.returncode == -9
    assert not target.exists()
    assert making.make(filled, target, quiet) == 1


def test_the_program_that_fills_a_database_ends_with_the_command_that_was_killed(tmp_path: Path) -> None:
    """Otherwise the restore that is begun anew meets the tables of the old one."""
    program, pid_file = tmp_path / "pg_restore", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid_file}.new\nmv {pid_file}.new {pid_file}\nexec sleep 600\n")
    program.chmod(0o755)
    load = "postgres_copy.load('postgresql:///x', Path('x'))"
    script = f"from pathlib import Path; from deploy.backup import postgres_copy; {load}"
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as command:
        eventually(pid_file.exists)
        command.kill()
    pid = int(pid_file.read_text())
    eventually(lambda: not runs(pid))


def runs(pid: int) -> bool:
    """Whether a process is there that is not only waiting for its parent to look."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_the_moment_of_a_backup_is_one_while_mail_comes_in(
    filled: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    store = stores.open_store(filled)
    person = store.db.read(build_principal)
    small = prepare(b"Subject: mot thu nua\r\n\r\nx\r\n", store.blobs)

    def more_mail(_what: str, _done: int, _total: int) -> None:
        store.db.write(lambda tx: deliver_tx(tx, store_message_tx(tx, small), [person]), SYSTEM)

    making.make(filled, tmp_path / "backup", more_mail)
    store.close()
    restoring.restore(elsewhere, tmp_path / "backup", quiet)
    restored = stores.open_store(elsewhere)
    assert check(restored.db, restored.blobs) == []
    restored.close()
