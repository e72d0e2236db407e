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
from tests.support.dialogue import Client, eventually, mail

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


# Makes a connection of Bình's, or of whom it is asked for.
SignedIn = Callable[..., Awaitable[Client]]


@pytest.fixture
async def imap(product: Product) -> AsyncIterator[SignedIn]:
    """Makes connections, closed at the end."""
    clients: list[Client] = []

    async def connect(local: str = "binh") -> Client:
        client = await Client.connect(product.ports.imap)
        clients.append(client)
        await client.ok(f'LOGIN {local}@{product.domain} "{PASSWORD}"')
        await client.ok("ENABLE UTF8=ACCEPT")
        return client

    yield connect
    for client in clients:
        await client.close()


def web(product: Product, local: str) -> WebVisitor:
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(f"{local}@{product.domain}", PASSWORD).status == 303
    return visitor


def give(head: WebVisitor, closed: str = "") -> None:
    """Through the form of the page, to the only other person of the unit. closed: a folder that is left out."""
    page = head.get("/uy-quyen/").text
    found = re.search(r'<option value="(\d+\.\d+)"', page)
    assert found is not None
    fields: dict[str, str | list[str]] = {"grant": found[1], "first": "", "last": ""}
    fields["right"] = ["read", "handle", "send_on_behalf", "manage"]
    if closed:
        box = re.search(rf'name="closed" value="(\d+)" ?><span>{closed}<', page)
        assert box is not None
        fields["closed"] = box[1]
    assert head.post("/uy-quyen/", fields).status == 303


def take_back(head: WebVisitor) -> None:
    found = re.search(r'action="(/uy-quyen/\d+/thu-hoi)"', head.get("/uy-quyen/").text)
    assert found is not None
    assert head.post(found[1], {}).status == 303


def leave_out(head: WebVisitor, closed: str) -> None:
    """Change which folders are left out, through the form of the page."""
    page = head.get("/uy-quyen/").text
    found, box = (
        re.search(r'action="(/uy-quyen/\d+/tru)"', page),
        re.search(rf'value="(\d+)" ?(?:checked)?><span>{closed}<', page),
    )
    assert found is not None and (box is not None or not closed)
    assert head.post(found[1], {"closed": box[1]} if closed and box else {}).status == 303


def place_of(head: WebVisitor) -> tuple[str, str]:
    """The numbers of the private folder and of the unit, as the head's pages name them."""
    page = head.get(head.get("/thu/").headers["location"]).text
    folders = re.findall(r'href="/thu/(\d+)[^>]*>(?:(?!</a>).)*Riêng tư', page, re.DOTALL)
    units = re.findall(r'href="/don-vi/(\d+)"', page)
    return folders[0], units[0]


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


@pytest.mark.requirement("R-083")
async def test_folders_that_are_left_out_are_at_no_door_until_they_are_let_in(product: Product, imap: SignedIn) -> None:
    head, delegate = await asyncio.to_thread(web, product, "an"), await asyncio.to_thread(web, product, "binh")
    owner, reader = await imap("an"), await imap()
    secret, below = f"{UNIT}/Riêng tư", f"{UNIT}/Riêng tư/2026"
    await owner.ok(f'CREATE "{secret}"')
    await owner.append(f'"{secret}"', mail("Kỷ luật chưa công bố", "Tuyệt đối nội bộ"))
    await asyncio.to_thread(give, head, "Riêng tư")
    await owner.ok(f'CREATE "{below}"')  # made later, below it: left out as well

    async def listed() -> list[bytes]:
        return [line for line in await reader.ok('LIST "" *') if UNIT.encode() in line]

    async def has_come() -> bool:
        return any(line.endswith(INBOX.encode()) for line in await listed())

    await eventually(has_come)
    assert not any("Riêng tư".encode() in line for line in await listed())
    commands = ("SELECT {}", "EXAMINE {}", "STATUS {} (MESSAGES)", "DELETE {}", "RENAME {} INBOX/X")
    for command in (*commands, "CREATE {}"):
        for name in (secret, below) if command in commands else (f"{secret}/X", f"{below}/X"):
            assert (await reader.command(command.format(f'"{name}"')))[-1].startswith(b"NO"), (command, name)
    page = await asyncio.to_thread(delegate.get, "/thu/")
    page = await asyncio.to_thread(delegate.get, page.headers["location"])
    assert f"khtc@{product.domain}" in page.text and "Riêng tư" not in page.text
    folder, number = await asyncio.to_thread(place_of, head)
    for path in (
        f"/thu/{folder}",
        f"/thu/{folder}/1",
        f"/don-thu/xuat?hop={number}",
        f"/don-thu/khoi-phuc?hop={number}",
    ):
        assert (await asyncio.to_thread(delegate.get, path)).status == 404, path
        assert (await asyncio.to_thread(head.get, path)).status == 200, path
    assert "Trừ thư mục: Riêng tư" in (await asyncio.to_thread(delegate.get, "/uy-quyen/")).text
    assert (await asyncio.to_thread(delegate.get, f"/don-vi/{number}")).status == 200, "the unit's work"
    assert await asyncio.to_thread(may_send, product)

    search = "/tim?q=k%E1%BB%B7+lu%E1%BA%ADt"
    assert "Kỷ luật chưa công bố" in (await asyncio.to_thread(head.get, search)).text
    assert "Kỷ luật chưa công bố" not in (await asyncio.to_thread(delegate.get, search)).text

    await asyncio.to_thread(leave_out, head, "")
    await reader.ok(f'SELECT "{secret}"')
    assert "Kỷ luật chưa công bố" in (await asyncio.to_thread(delegate.get, f"/thu/{folder}")).text
    await asyncio.to_thread(leave_out, head, "Riêng tư")
    assert await reader.line() == b"* BYE [UNAVAILABLE] Rights on this mailbox have changed"
    assert (await asyncio.to_thread(delegate.get, f"/thu/{folder}")).status == 404
    await asyncio.to_thread(take_back, head)
