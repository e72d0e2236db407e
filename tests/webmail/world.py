"""People with passwords, and the services of the web door over the routing tests' agency."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mailbox_policies import chain
from mailbox_policies.chain import Settings
from mailbox_policies.rules import dangerous_files, forbidden_classes, virus
from mailbox_policies.sentfiles.desk import Desk
from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.directory import credentials, passwords
from mailserver.directory.login import Authenticator
from mailserver.directory.scram import Verifier
from mailserver.scanning.scanners import NO_SCANNERS, Scanners
from mailserver.store.database import Tx
from tests.routing.world import PEOPLE, World
from webmail.services import WebServices
from webmail.settings import MailDoor, WebSettings

PLAIN = Settings()
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
    delivery = Delivery(world.store, "mail.sxd.hungbinh.example", now)
    return WebServices(world.store, auth, delivery, now, sent_files=desk_of(world))


def desk_of(world: World, own: Settings = PLAIN, scanners: Scanners = NO_SCANNERS) -> Desk:
    """The service that hands over files, with the rules as they start."""
    settings_of = chain.for_all(own)
    policy = chain.standard(settings_of, (dangerous_files.RULE, virus.RULE, forbidden_classes.RULE))
    folder = Path(tempfile.gettempdir())
    return Desk(world.store, settings_of, policy, scanners, folder, lambda number: f"https://mail.example/tep/{number}")


def web_settings(folder: Path) -> WebSettings:
    doors = (
        MailDoor("IMAP", "mail.sxd.hungbinh.example", 993, "TLS"),
        MailDoor("SMTP", "mail.sxd.hungbinh.example", 465, "TLS"),
    )
    return WebSettings(
        secret_key=b"only for tests, 32 octets long..", cache_dir=folder, secure_cookies=False, mail_doors=doors
    )
