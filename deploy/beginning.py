"""What a server needs before its processes begin, looked at once: each of them would fail at it by itself."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import install, oswords, tls
from deploy.config import Settings
from deploy.lang import t
from mailserver.vault import Vault


class CannotBegin(Exception):
    """Something that the settings name does not serve; the text is for the administrator."""


def check(settings: Settings) -> None:
    """After `install.prepare`. Raises CannotBegin with one sentence, StoreUnavailable for the store of files."""
    _certificate(settings)
    for key, file in (
        ("outbound.password_file", settings.outbound.password_file),
        ("rspamd.password_file", settings.rspamd.password_file),
    ):
        if file is not None:
            with _told(key, file):
                file.read_text(encoding="utf-8")
    for file, read in (
        (settings.data_dir / "accounts.key", install.accounts_key),
        (settings.data_dir / "collector.key", install.collector_key),
    ):
        with _told(file.name, file):
            Vault(read(settings))


def _certificate(settings: Settings) -> None:
    cert, key = tls.files(settings)
    for name, file in (("tls.cert", cert), ("tls.key", key)):
        with _told(name, file):
            file.read_bytes()
    with _told("tls.cert, tls.key", cert):
        tls.context(settings)


@contextmanager
def _told(key: str, file: Path) -> Iterator[None]:
    """What a file's reading may raise, as CannotBegin."""
    try:
        yield
    except ssl.SSLError as fault:
        why = fault.reason or str(fault)
    except OSError as fault:
        why = oswords.reason(fault)
    except ValueError as fault:  # UnicodeDecodeError too
        why = str(fault)
    else:
        return
    raise CannotBegin(t(f"Không dùng được {file} ({key}): {why}.", f"{file} ({key}) cannot be used: {why}."))
