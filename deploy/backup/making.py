"""Taking a backup of a running installation."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import create_engine, make_url, select

from deploy import tls
from deploy.backup import manifest, postgres_copy, sqlite_copy
from deploy.config import Settings
from deploy.lang import t
from deploy.migrate import HEAD
from mailserver.store.blobs import BlobStore
from mailserver.store.errors import StoreUnavailable
from mailserver.store.schema import blob
from mailserver.store.sqlite import file_of

# Files of the data folder without which a restored database is of less use.
KEYS = ("web.key", "collector.key", "accounts.key")
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}

# What is being done, how much of it, of how much.
Progress = Callable[[str, int, int], None]


class NotEmpty(Exception):
    """The target holds something already; the text is for the administrator."""


def make(settings: Settings, target: Path, progress: Progress) -> int:
    """Back up into `target`, which must not exist or be empty; how many blobs it holds.

    The folder gets its name last: a backup that was cut off is never taken for one, and one that fails leaves
    nothing behind. Raises NotEmpty, BackupBroken (a blob is missing or damaged), OSError, StoreUnavailable.
    """
    refuse_filled(target)
    passing = target.with_name(f".{target.name}.partial")
    shutil.rmtree(passing, ignore_errors=True)
    passing.mkdir(parents=True, mode=0o700)
    try:
        count = _fill(settings, passing, progress)
    except BaseException:
        shutil.rmtree(passing, ignore_errors=True)
        raise
    if target.exists():
        target.rmdir()
    passing.rename(target)
    return count


def _fill(settings: Settings, passing: Path, progress: Progress) -> int:
    """Everything of a backup, its manifest last; how many blobs."""
    url = make_url(settings.database_url)
    engine = url.get_backend_name()
    dumped = passing / DATABASE[engine]
    if engine == "sqlite":
        sqlite_copy.dump(file_of(url), dumped, lambda done, total: progress("database", done, total))
        named = f"sqlite:///{dumped}"
    else:
        # Blobs that come in after the dump are copied too; that does no harm.
        postgres_copy.dump(settings.database_url, dumped)
        named = settings.database_url
    count = copy_blobs(named, settings.blobs_url, (passing / "blobs").absolute().as_uri(), progress)
    names = [DATABASE[engine], *_copy_secrets(settings, passing)]
    manifest.write(passing, domain=settings.domain, engine=engine, revision=HEAD, blobs=count, names=names)
    return count


def refuse_filled(folder: Path) -> None:
    """Raises NotEmpty if there is anything in the folder."""
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(t(f"Thư mục {folder} không trống.", f"The folder {folder} is not empty."))


def copy_blobs(database_url: str, source_url: str, target_url: str, progress: Progress) -> int:
    """Copy the blobs that a database names, each checked by its digest; how many.

    Raises BackupBroken for one that cannot be read, StoreUnavailable for one that cannot be written.
    """
    source, target = BlobStore(source_url), BlobStore(target_url)
    digests = list(named_blobs(database_url))
    for done, digest in enumerate(digests, 1):
        target.put(_read(source, source_url, digest))
        progress("blobs", done, len(digests))
    return len(digests)


def _read(source: BlobStore, url: str, digest: bytes) -> bytes:
    try:
        return source.get_uncached(digest)
    except StoreUnavailable as fault:
        raise manifest.BackupBroken(
            t(
                f"Không đọc được một tệp lớn trong {url} ({fault}). Tệp hỏng hay mất thì chép lại nó từ một bản sao lưu"
                " khác (cùng tên, cùng chỗ trong blobs), rồi chạy lại; “vanthu fsck” kể mọi tệp như vậy.",
                f"A large file in {url} cannot be read ({fault}). Copy one that is damaged or missing from another"
                " backup (the same name and place in blobs) and run this again; “vanthu fsck” names all of them.",
            )
        ) from fault


def named_blobs(database_url: str) -> Iterator[bytes]:
    """The digests that messages and documents refer to."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as conn:
            yield from conn.execute(select(blob.c.digest).where(blob.c.refs > 0).order_by(blob.c.digest)).scalars()
    finally:
        engine.dispose()


def _copy_secrets(settings: Settings, folder: Path) -> list[str]:
    """Certificate, keys: without them every session and mail client would notice the restore."""
    names = []
    kept = {name: settings.data_dir / name for name in KEYS}
    for name, path in {**kept, **_tls_files(settings)}.items():
        if path.is_file():
            shutil.copy2(path, folder / name)
            names.append(name)
    return names


def _tls_files(settings: Settings) -> dict[str, Path]:
    """Only what this installation made itself; given certificates are kept by whoever gave them."""
    if settings.tls.cert is not None:
        return {}
    cert, key = tls.files(settings)
    return {"cert.pem": cert, "key.pem": key}
