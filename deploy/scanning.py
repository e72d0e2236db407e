"""The scanners of vanthu.toml."""

from __future__ import annotations

from deploy.config import RspamdSettings, Settings
from deploy.config_values import parse_listen
from mailserver.scanning.clamd import Clamd
from mailserver.scanning.rspamd import Rspamd
from mailserver.scanning.scanners import Scanners
from mailserver.scanning.wire import Place


def scanners(settings: Settings) -> Scanners:
    """Those that are named. Raises OSError if the file with rspamd's password cannot be read."""
    clamd = rspamd = None
    if settings.clamd.address:
        own = settings.clamd
        clamd = Clamd(_place(own.address), own.timeout, own.max_size, own.connections)
    if settings.rspamd.address:
        other = settings.rspamd
        rspamd = Rspamd(_place(other.address), _password(other), other.timeout, other.max_size, other.connections)
    return Scanners(clamd, rspamd)


def _place(address: str) -> Place:
    if address.startswith("/"):
        return Place(path=address)
    at = parse_listen(address)
    return Place(host=at.host, port=at.port)


def _password(settings: RspamdSettings) -> str:
    if settings.password_file is not None:
        return settings.password_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    return settings.password.get_secret_value()
