"""People with passwords, and the services of the web door over the routing tests' agency."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mailbox_policies import chain
from mailbox_policies.chain import Settings
from mailbox_policies.rules import dangerous_files, forbidden_classes, virus
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.desk import Desk
from mailserver.delivery.delivery import Delivery
from mailserver.directory import passwords
from mailserver.directory.login import Authenticator
from mailserver.scanning.scanners import NO_SCANNERS, Scanners
from mailserver.store.store import Store
from tests.routing.world import World, build
from tests.support.office import cheaply_hashed
from webmail.services import WebServices
from webmail.settings import MailDoor, WebSettings

PLAIN = Settings()
PASSWORD = "mật khẩu đủ dài 2026"


def now() -> datetime:
    return datetime.now(UTC)


@cache
def _hashed() -> passwords.Hashed:
    """PASSWORD's hash and verifier; one for all, for they are slow to make."""
    return cheaply_hashed(PASSWORD)


def with_passwords(store: Store, profile: str = "hungbinh") -> World:
    """The agency of the routing tests; everybody's password is PASSWORD."""
    return build(store, profile, _hashed())


def web_services(world: World) -> WebServices:
    auth = Authenticator(world.store.db, now=now)
    delivery = Delivery(world.store, "mail.sxd.hungbinh.example", now)
    return WebServices(world.store, auth, delivery, now, sent_files=desk_of(world))


def desk_of(world: World, own: Settings = PLAIN, scanners: Scanners = NO_SCANNERS) -> Desk:
    """The service that hands over files, with the rules as they start."""
    settings_of = chain.for_all(own)
    policy = chain.standard(settings_of, (dangerous_files.RULE, virus.RULE, forbidden_classes.RULE))
    folder = Path(tempfile.gettempdir())
    return Desk(world.store, settings_of, policy, scanners, folder, Addresses("https://mail.example"))


def web_settings(folder: Path) -> WebSettings:
    doors = (
        MailDoor("IMAP", "mail.sxd.hungbinh.example", 993, "TLS"),
        MailDoor("SMTP", "mail.sxd.hungbinh.example", 465, "TLS"),
    )
    return WebSettings(
        secret_key=b"only for tests, 32 octets long..", cache_dir=folder, secure_cookies=False, mail_doors=doors
    )
