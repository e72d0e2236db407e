"""The folders, files and tables of an installation; all of it may be asked for again and again."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from deploy import migrate, tls
from deploy.config import Settings


def prepare(settings: Settings) -> None:
    """Make what is missing: data folder, database at this version, certificate, secret of the web.

    Raises WrongSchema, OSError, StoreUnavailable.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    settings.run_dir.mkdir(exist_ok=True, mode=0o750)
    migrate.upgrade(settings.database_url)
    tls.ensure(settings)
    web_secret(settings)


def web_secret(settings: Settings) -> bytes:
    """32 random octets that sign the web's form cookies; made once, readable by the owner only."""
    path = settings.data_dir / "web.key"
    if not path.exists():
        _write_once(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_once(path: Path, content: bytes) -> None:
    """Write a private file whole or not at all; the first of two processes wins."""
    passing = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(passing, path)
    except FileExistsError:
        return
    finally:
        passing.unlink()
