"""Putting a backup into an empty installation."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import make_url

from deploy import tls
from deploy.backup import manifest, postgres_copy, sqlite_copy
from deploy.backup.making import DATABASE, KEYS, NotEmpty, Progress, copy_blobs
from deploy.config import Settings
from deploy.install import RESTORING
from deploy.lang import t
from mailserver.store.sqlite import file_of


def restore(settings: Settings, source: Path, progress: Progress) -> int:
    """Fill the empty installation of `settings`; how many blobs came back.

    While it runs, and after it was cut off, the marker RESTORING keeps the server from starting; a
    second restore then begins afresh. Raises NotEmpty, BackupBroken, OSError, StoreUnavailable.
    """
    described = manifest.read(source)
    url = make_url(settings.database_url)
    if described.engine != url.get_backend_name():
        raise manifest.BackupBroken(
            t(
                f"Bản sao lưu thuộc {described.engine}, cấu hình dùng {url.get_backend_name()}.",
                f"The backup is of {described.engine}, the configuration names {url.get_backend_name()}.",
            )
        )
    marker = settings.data_dir / RESTORING
    _require_room(settings, marker)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    marker.write_text(f"{source}\n", encoding="utf-8")
    dumped = source / DATABASE[described.engine]
    count = copy_blobs_back(settings, source, dumped, described.engine, progress)
    _restore_secrets(settings, source)
    if described.engine == "sqlite":
        sqlite_copy.load(dumped, file_of(url), lambda done, total: progress("database", done, total))
    marker.unlink()
    return count


def copy_blobs_back(settings: Settings, source: Path, dumped: Path, engine: str, progress: Progress) -> int:
    """Blobs before the rows that name them, as in a delivery; PostgreSQL's rows are needed to know them."""
    named = f"sqlite:///{dumped}"
    if engine == "postgresql":
        if postgres_copy.is_empty(settings.database_url):
            postgres_copy.load(settings.database_url, dumped)
        named = settings.database_url
    return copy_blobs(named, (source / "blobs").absolute().as_uri(), settings.blobs_url, progress)


def _require_room(settings: Settings, marker: Path) -> None:
    """An installation may be filled if there is none yet, or only the beginning of this one."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        database = file_of(url)
        if marker.exists():
            for leftover in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
                leftover.unlink(missing_ok=True)
        taken = database.exists()
    else:
        taken = not marker.exists() and not postgres_copy.is_empty(settings.database_url)
    if taken:
        raise NotEmpty(
            t(
                f"Nơi phục hồi đã có dữ liệu ({settings.data_dir}); chỉ phục hồi vào nơi trống.",
                f"There is data already ({settings.data_dir}); a restore needs an empty place.",
            )
        )


def _restore_secrets(settings: Settings, source: Path) -> None:
    cert, key = tls.files(settings)
    targets = {name: settings.data_dir / name for name in KEYS}
    if settings.tls.cert is None:
        targets |= {"cert.pem": cert, "key.pem": key}
    for name, path in targets.items():
        if (source / name).is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, path)
