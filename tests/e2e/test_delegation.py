"""A head lets a colleague into the mailbox of the unit, and out again: at every door of the running product."""

from __future__ import annotations

import asyncio
import re
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from email.message import EmailMessage

import pytest

from deploy import stores
from deploy.config import load
from deploy.stores import ADMIN
from mailserver.directory import principals
from mailserver.store.database import Tx
from tests.e2e.product import Product
from tests.e2e.webvisitor import WebVisitor
from tests.support.databases import database_of
from tests.support.dialogue import Client, eventually

PASSWORD = "mat khau cua don vi 2026"
UNIT = "Shared/Phòng Kế hoạch"
INBOX = f'"{UNIT}/INBOX"'


@pytest.fixture(scope="module")
def product(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """An is the head of the unit `khtc`, Bình one of its specialists."""
    with database_of(dialect, request) as database:
        made = Product(tmp_path_factory.mktemp("delegation"), database=database)
        made.init()
        store = stores.open_store(load(made.config))
        try:

            def work(tx: Tx) -> None:
                agency = principals.agency_of_domain(tx.conn, made.domain)
                assert agency is not None
                principals.create_unit_tx(tx, agency, "KHTC", "Phòng Kế hoạch", "khtc")

            store.db.write(work, ADMIN)
        finally:
            store.close()
        for local, name, role in (("an", "Lê Văn An", "unit_head"), ("binh", "Trần Thị Bình", "specialist")):
            words = (f"{local}@{made.domain}", "--name", name, "--unit", "KHTC", "--role", role, "--password-stdin")
            made.command("user", "add", *words, stdin=PASSWORD)
        made.start()
        try:
            yield made
        finally:
            made.stop()


SignedIn = Callable[[], Awaitable[Client]]


@pytest.fixture
async def imap(product: Product) -> AsyncIterator[SignedIn]:
    """Makes connections of Bình's, closed at the end."""
    clients: list[Client] = []

    async def connect() -> Client:
        client = await Client.connect(product.ports.imap)
        clients.append(client)
        await client.ok(f'LOGIN binh@{product.domain} "{PASSWORD}"')
        await client.ok("ENABLE UTF8=ACCEPT")
        return client

    yield connect
    for client in clients:
        await client.close()


def web(product: Product, local: str) -> WebVisitor:
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(f"{local}@{product.domain}", PASSWORD).status == 303
    return visitor


def give(head: WebVisitor) -> None:
    """Through the form of the page, to the only other person of the unit."""
    found = re.search(r'<option value="(\d+\.\d+)"', head.get("/uy-quyen/").text)
    assert found is not None
    fields = {"grant": found[1], "right": ["read", "handle", "send_on_behalf"], "first": "", "last": ""}
    assert head.post("/uy-quyen/", fields).status == 303


def take_back(head: WebVisitor) -> None:
    found = re.search(r'action="(/uy-quyen/\d+/thu-hoi)"', head.get("/uy-quyen/").text)
    assert found is not None
    assert head.post(found[1], {}).status == 303


def may_send(product: Product) -> bool:
    """Whether Bình's mail program may send in the unit's name."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"khtc@{product.domain}", f"an@{product.domain}", "Báo cáo"
    mail.set_content("Kính gửi.")
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client:
        client.starttls()
        client.login(f"binh@{product.domain}", PASSWORD)
        try:
            client.send_message(mail)
        except smtplib.SMTPResponseException as refused:
            assert refused.smtp_code in (550, 553, 554), refused
            return False
        return True


@pytest.mark.requirement("R-048", "R-083")
async def test_a_delegate_is_at_every_door_at_once_and_gone_from_it_as_fast(product: Product, imap: SignedIn) -> None:
    head, delegate = await asyncio.to_thread(web, product, "an"), await asyncio.to_thread(web, product, "binh")
    watcher, lister = await imap(), await imap()
    await watcher.ok("NOTIFY SET (SUBTREE Shared (MailboxName))")
    assert not await asyncio.to_thread(may_send, product)

    await asyncio.to_thread(give, head)
    gained = b'* LIST () "/" ' + INBOX.encode()
    while await watcher.line() != gained:
        pass

    async def listed() -> bool:
        return any(line.endswith(INBOX.encode()) for line in await lister.ok('LIST "" *'))

    await eventually(listed)
    assert await asyncio.to_thread(may_send, product)
    home = await asyncio.to_thread(delegate.get, "/thu/")
    page = await asyncio.to_thread(delegate.get, home.headers["location"])
    mailbox = f'title="khtc@{product.domain}"'
    assert mailbox in page.text
    form = await asyncio.to_thread(delegate.get, "/thu/soan")
    assert f"khtc@{product.domain}" in form.text, "among the identities"

    idler, reader = await imap(), await imap()
    await idler.ok(f"SELECT {INBOX}")
    await idler.send(b"i IDLE\r\n")
    assert await idler.line() == b"+ idling"
    await reader.ok(f"SELECT {INBOX}")
    await asyncio.to_thread(take_back, head)
    for client in (idler, reader):
        assert await client.line() == b"* BYE [UNAVAILABLE] Rights on this mailbox have changed"
        assert await client.ended()
    lost = b'* LIST (\\NoAccess) "/" ' + INBOX.encode()
    while await watcher.line() != lost:
        pass
    assert not await listed()
    assert not await asyncio.to_thread(may_send, product)
    page = await asyncio.to_thread(delegate.get, home.headers["location"])
    assert mailbox not in page.text
