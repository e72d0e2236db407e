"""The folders, files and tables of an installation; all of it may be asked for again and again."""

from __future__ import annotations

import secrets

from deploy import durable, migrate, tls
from deploy.config import Settings
from deploy.lang import t
from mailserver import vault

# In the data folder while a restore is under way, and after one that was cut off.
RESTORING = "RESTORING"


class RestoreUnfinished(Exception):
    """A restore was cut off; the text is for the administrator."""


def require_whole(settings: Settings) -> None:
    """Raises RestoreUnfinished after a restore that did not come to its end."""
    if (settings.data_dir / RESTORING).exists():
        raise RestoreUnfinished(
            t(
                "Lần phục hồi trước chưa xong; hãy chạy lại “vanthu restore”.",
                "The last restore did not finish; run “vanthu restore” again.",
            )
        )


def prepare(settings: Settings) -> None:
    """Make what is missing: data folder, database at this version, certificate, secrets.

    Raises RestoreUnfinished, WrongSchema, OSError, StoreUnavailable.
    """
    require_whole(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    settings.run_dir.mkdir(exist_ok=True, mode=0o750)
    migrate.upgrade(settings.database_url)
    tls.ensure(settings)
    web_secret(settings)
    collector_key(settings)
    accounts_key(settings)


def web_secret(settings: Settings) -> bytes:
    """32 random octets that sign the web's form cookies; made once, readable by the owner only."""
    path = settings.data_dir / "web.key"
    if not path.exists():
        durable.write(path, secrets.token_bytes(32))
    return path.read_bytes()


def collector_key(settings: Settings) -> bytes:
    """What passwords of mailboxes elsewhere are encrypted with; made once, readable by the owner only."""
    path = settings.data_dir / "collector.key"
    if not path.exists():
        durable.write(path, vault.new_key())
    return path.read_bytes()


def accounts_key(settings: Settings) -> bytes:
    """What secrets of our own people's accounts are encrypted with; made once, readable by the owner only."""
    path = settings.data_dir / "accounts.key"
    if not path.exists():
        durable.write(path, vault.new_key())
    return path.read_bytes()
