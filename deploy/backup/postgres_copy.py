"""A PostgreSQL database through its own pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import create_engine, inspect, make_url

from deploy.backup.manifest import BackupBroken
from deploy.children import die_with
from deploy.lang import t


def dump(url: str, target: Path) -> None:
    """One consistent snapshot in pg_dump's own format. Raises BackupBroken."""
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Fill an empty database, all or nothing. Raises BackupBroken."""
    _run("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(source))


def is_empty(url: str) -> bool:
    """Whether the database has no table."""
    engine = create_engine(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _run(program: str, url: str, *options: str) -> None:
    parsed = make_url(url)
    environment = os.environ | ({"PGPASSWORD": str(parsed.password)} if parsed.password else {})
    plain = parsed.set(drivername="postgresql", password=None).render_as_string()
    parent = os.getpid()
    done = subprocess.run(
        [_find(program), f"--dbname={plain}", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        # A restore that was killed and is begun anew must not meet the tables that the old one still makes.
        preexec_fn=lambda: die_with(parent),
    )
    if done.returncode:
        raise BackupBroken(f"{program}: {done.stderr.strip()[-500:]}")


def _find(program: str) -> str:
    """The program on PATH, or the newest that Debian's packages have put beside the server."""
    found = shutil.which(program)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    if not versions:
        raise BackupBroken(
            t(
                f"Cần chương trình {program} (gói postgresql-client).",
                f"The program {program} is needed (package postgresql-client).",
            )
        )
    return str(versions[-1])
