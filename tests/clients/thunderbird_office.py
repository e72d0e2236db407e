"""A small office as a mail program meets it: names, certificate and ports as in an office, served on loopback."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from deploy import accounts, agencies, install, stores
from deploy.config import load
from deploy.stores import ADMIN
from mailserver.directory import credentials, principals
from mailserver.store.store import Store
from tests.clients.authority import issue
from tests.clients.marionette import patiently
from tests.e2e import mailclients
from tests.e2e.product import Product

DOMAIN = "sxd.hungbinh.example"
MAIL, AUTOCONFIG = f"mail.{DOMAIN}", f"autoconfig.{DOMAIN}"
AN, BINH = f"an@{DOMAIN}", f"binh@{DOMAIN}"
PEOPLE = {AN: "Lê Ân", BINH: "Trần Thị Bình"}
PASSWORD = "mat khau cua moi nguoi 2026"
SENDER = "snv@hungbinh.example"
CONFIG = """
data_dir = "data"
domain = "{domain}"
[smtp]
mx = ["127.0.0.1:0"]
submissions = ["127.0.0.1:0"]
[imap]
plain = ["127.0.0.1:0"]
tls = ["127.0.0.1:0"]
[web]
listen = ["127.0.0.1:0"]
tls = true
public_url = "https://mail.{domain}"
[clients]
internet_host = "mail.{domain}"
imaps_port = 993
imap_port = 143
submissions_port = 465
[tls]
cert = "cert.pem"
key = "key.pem"
"""


@dataclass(frozen=True)
class Office:
    """Running. authority: PEM, to be trusted. ports: by the doors' names. app_password: An's, for Thunderbird."""

    product: Product
    authority: str
    ports: dict[str, int]
    app_password: str

    def deliver(self, subject: str, text: str) -> None:
        """To An, from another office."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Sở Nội vụ tỉnh Hưng Bình <{SENDER}>", AN, subject
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.ports["smtp.mx"], timeout=30) as client:
            client.send_message(mail, SENDER, [AN])

    def app_password_was_used(self) -> bool:
        """Whether it has opened a door."""
        with closing(stores.open_store(load(self.product.config))) as store:
            an = _person(store, AN)
            (made,) = store.db.read(lambda conn: credentials.app_passwords(conn, an))
        return made.last_used_at is not None

    def mail(self, login: str, folder: str, subject: str) -> tuple[EmailMessage, set[bytes]]:
        """The one message with this subject, and its flags, as another program finds them; waits for it."""

        def found() -> tuple[EmailMessage, set[bytes]]:
            with mailclients.imap(self.ports["imap.plain"], login, PASSWORD) as client:
                uid = mailclients.find(client, folder, subject)
                return mailclients.read(client, uid), set(client.get_flags([uid])[uid])

        mail: tuple[EmailMessage, set[bytes]] = patiently(found, f"{subject} in {folder}")
        return mail

    def subjects(self, folder: str) -> set[str]:
        """Of An's messages."""
        with mailclients.imap(self.ports["imap.plain"], AN, PASSWORD) as client:
            client.select_folder(folder, readonly=True)
            return {str(mailclients.read(client, uid)["Subject"]) for uid in client.search()}


@contextmanager
def office(top: Path) -> Iterator[Office]:
    """Furnished and running. top: an empty folder."""
    product, issued = Product(top, DOMAIN), issue(top, (MAIL, AUTOCONFIG))
    product.config.write_text(CONFIG.format(domain=DOMAIN), encoding="utf-8")
    app_password = _furnish(product)
    product.start()
    try:
        told = json.loads((product.data / "run" / "listening.json").read_text(encoding="utf-8"))
        ports = {door: int(at[0].rpartition(":")[2]) for door, at in told.items()}
        yield Office(product, issued.authority, ports, app_password)
    finally:
        product.stop()


def _furnish(product: Product) -> str:
    """The agency, its people, and an app password as An makes it on the page "Tài khoản và thiết bị"; returns that."""
    settings = load(product.config)
    install.prepare(settings)
    name = "Sở Xây dựng tỉnh Hưng Bình"
    wishes = [accounts.Wish(address, called, PASSWORD, must_change=False) for address, called in PEOPLE.items()]
    with closing(stores.open_store(settings)) as store:
        store.db.write(lambda tx: agencies.ensure_tx(tx, DOMAIN, code="SXD", name=name, profile=None), ADMIN)
        store.db.write(lambda tx: [accounts.add_tx(tx, wish) for wish in wishes], ADMIN)
        an = _person(store, AN)
        return store.db.write(lambda tx: credentials.create_app_password_tx(tx, an, "Thunderbird"), ADMIN)


def _person(store: Store, address: str) -> int:
    found = store.db.read(lambda conn: principals.by_address(conn, address))
    assert found is not None
    return found.id
