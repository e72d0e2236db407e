"""People with passwords, and the services of the web door over the routing tests' agency."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.directory import credentials, passwords
from mailserver.directory.login import Authenticator
from mailserver.directory.scram import Verifier
from mailserver.store.database import Tx
from tests.routing.world import PEOPLE, World
from webmail.services import WebServices
from webmail.settings import MailDoor, WebSettings

PASSWORD = "mật khẩu đủ dài 2026"


def now() -> datetime:
    return datetime.now(UTC)


@cache
def _hashed() -> passwords.Hashed:
    """PASSWORD's hash and verifier; one for all, for they are slow to make."""
    return replace(passwords.prepare(PASSWORD, ()), scram=Verifier.of(PASSWORD, b"salt of the test").text())


def give_passwords(world: World) -> None:
    """Everybody's password is PASSWORD."""
    hashed = _hashed()

    def work(tx: Tx) -> None:
        for name, *_rest in PEOPLE:
            credentials.set_password_tx(tx, world.id(name), hashed)

    world.store.db.write(work, SYSTEM)


def web_services(world: World) -> WebServices:
    auth = Authenticator(world.store.db, now=now)
    return WebServices(world.store, auth, Delivery(world.store, "mail.sxd.hungbinh.example", now), now)


def web_settings(folder: Path) -> WebSettings:
    doors = (
        MailDoor("IMAP", "mail.sxd.hungbinh.example", 993, "TLS"),
        MailDoor("SMTP", "mail.sxd.hungbinh.example", 465, "TLS"),
    )
    return WebSettings(
        secret_key=b"only for tests, 32 octets long..", cache_dir=folder, secure_cookies=False, mail_doors=doors
    )
