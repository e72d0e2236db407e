"""An inspection through the running product: what mail programs, pages and the command line show of it, and refuse."""

from __future__ import annotations

import re
import smtplib
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.e2e.webvisitor import Answer, WebVisitor
from tests.support.databases import database_of
from tests.support.dialogue import Client

PASSWORD = "mat khau cua so xay dung 2026"
PEOPLE = (
    ("giamdoc", "Lê Văn Giám", "director"),
    ("phogd", "Trần Thị Phó", "deputy_director"),
    ("khoi", "Vương Đình Khôi", "unit_head"),
    ("an", "Lê Ân", "specialist"),
    ("qt", "Hà Quản Trị", "it_admin"),
)
SECRET = "Bao gia cua nha thau"


@pytest.fixture(scope="module")
def product(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """An's mailbox holds one letter."""
    with database_of(dialect, request) as database:
        made = Product(tmp_path_factory.mktemp("inspection"), database=database)
        made.init("--profile", "db")
        for local, name, role in PEOPLE:
            words = (f"{local}@{made.domain}", "--name", name, "--role", role, "--password-stdin")
            made.command("user", "add", *words, stdin=PASSWORD)
        made.start()
        try:
            send(made)
            yield made
        finally:
            made.stop()


def send(product: Product) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"khoi@{product.domain}", f"an@{product.domain}", SECRET
    mail.set_content("Kinh gui.")
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client:
        client.starttls()
        client.login(f"khoi@{product.domain}", PASSWORD)
        client.send_message(mail)


def web(product: Product, local: str) -> WebVisitor:
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(f"{local}@{product.domain}", PASSWORD).status == 303
    return visitor


def order(leader: WebVisitor, product: Product) -> str:
    """The path of a new order, through the form of the page."""
    page = leader.get("/kiem-tra/").text
    owner = re.search(r'<option value="(\d+)"[^>]*>[^<]* · an@', page.partition('id="owner"')[2])
    inspector = re.search(r'name="inspector" value="(\d+)"[^>]*>(?:<span[^>]*>[^<]*)+khoi@', page)
    assert owner is not None and inspector is not None
    today, days = date.today(), timedelta(days=5)
    fields = {"owner": owner[1], "inspector": inspector[1], "reason": "Dấu hiệu lộ báo giá", "decision": ""}
    dates = {
        "first": (today - days).isoformat(),
        "last": (today + days).isoformat(),
        "ends": (today + days).isoformat(),
    }
    answer = leader.post("/kiem-tra/", fields | dates | {"words": "", "folders": ""})
    assert answer.status == 303, answer.text
    return answer.headers["location"]


def vanthu(product: Product, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*product.vanthu(), *words], capture_output=True, text=True, timeout=120, check=False)


async def seen_by(product: Product, local: str) -> list[bytes]:
    """What a mail program of this person is told of the inbox, without changing it."""
    client = await Client.connect(product.ports.imap)
    try:
        await client.ok(f'LOGIN {local}@{product.domain} "{PASSWORD}"')
        status = await client.ok("STATUS INBOX (MESSAGES UNSEEN RECENT UIDNEXT HIGHESTMODSEQ)")
        await client.ok("EXAMINE INBOX")
        return [*status[:-1], *(await client.ok("FETCH 1:* (FLAGS MODSEQ)"))[:-1]]
    finally:
        await client.close()


async def refused(product: Product, local: str) -> list[bytes]:
    """What a mail program of this person gets of An's mailbox."""
    client = await Client.connect(product.ports.imap)
    try:
        await client.ok(f'LOGIN {local}@{product.domain} "{PASSWORD}"')
        listed = await client.ok('LIST "" *')
        assert not any(b"Other Users" in line for line in listed)
        names = (f"Other Users/an@{product.domain}/INBOX", "Other Users/Lê Ân/INBOX", "Other Users/an/INBOX")
        return [(await client.command(f'SELECT "{name}"'.encode()))[-1] for name in names]
    finally:
        await client.close()


@pytest.mark.requirement("R-091")
async def test_only_an_order_of_two_opens_another_s_mail(product: Product, tmp_path: Path) -> None:
    leader, second, inspector, owner, admin = (web(product, local) for local, *_rest in PEOPLE)
    before = await seen_by(product, "an")
    here = order(leader, product)

    def opened(visitor: WebVisitor, path: str = "/thu/1") -> Answer:
        return visitor.get(f"{here}{path}")

    assert opened(inspector).status == 404, "not before somebody confirms"
    assert leader.post(here, {"do": "confirm"}).status == 409
    assert admin.post(here, {"do": "confirm"}).status == 404
    assert second.post(here, {"do": "confirm"}).status == 303
    assert SECRET in opened(inspector, "/thu").text
    assert SECRET in opened(inspector).text
    for other in (leader, second, owner, admin):
        assert opened(other).status == 404
        assert SECRET not in opened(other, "/thu").text
    assert await seen_by(product, "an") == before, "unread marks, \\Recent and modseq are as they were"
    for local in ("qt", "khoi", "giamdoc"):
        assert all(line.startswith((b"NO", b"BAD")) for line in await refused(product, local)), local

    minutes = tmp_path / "minutes.zip"
    minutes.write_bytes(opened(inspector, "/bien-ban.zip").body)
    done = vanthu(product, "audit", "verify-minutes", str(minutes))
    assert (done.returncode, "1 thư, đúng như khi lập" in done.stdout) == (0, True), done.stdout + done.stderr
    octets = minutes.read_bytes()
    minutes.write_bytes(octets.replace(b"manifest.json", b"manifest.jsoN"))
    assert vanthu(product, "audit", "verify-minutes", "--alone", str(minutes)).returncode == 1

    assert leader.post(here, {"do": "end"}).status == 303
    assert opened(inspector).status == 404
    assert "đã mở 1 thư" in owner.get("/tai-khoan/ai-da-mo/").text


@pytest.mark.requirement("R-091")
async def test_what_an_administrator_gives_at_the_machine_the_owner_sees(product: Product) -> None:
    owner = web(product, "an")
    mailbox = f"an@{product.domain}"
    given = vanthu(product, "mailbox", "delegate", mailbox, f"qt@{product.domain}", "--rights", "read")
    assert given.returncode == 0, given.stderr
    client = await Client.connect(product.ports.imap)
    try:
        await client.ok(f'LOGIN qt@{product.domain} "{PASSWORD}"')
        listed = await client.ok('LIST "" "Other Users/*"')
        [inbox] = [line.partition(b'"/" ')[2] for line in listed if line.endswith((b"/INBOX", b'/INBOX"'))]
        await client.ok(b"SELECT " + inbox)
    finally:
        await client.close()
    page = owner.get("/tai-khoan/ai-da-mo/").text
    assert "Hà Quản Trị" in page
    assert "được ủy quyền" in page


def test_the_audit_is_written_out_and_every_change_of_the_file_is_found(product: Product, tmp_path: Path) -> None:
    lengths = {}
    for form in ("jsonl", "csv"):
        file = tmp_path / f"records.{form}"
        written = vanthu(product, "audit", "export", str(file), "--format", form)
        assert written.returncode == 0, written.stderr
        checked = vanthu(product, "audit", "verify", str(file))
        assert (checked.returncode, "đúng như khi ghi" in checked.stdout) == (0, True), checked.stdout + checked.stderr
        assert vanthu(product, "audit", "export", str(file)).returncode == 1, "no file is written over"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        lengths[form] = len(lines)
        for changed in (lines[:2] + lines[3:], [*lines[:2], lines[3], lines[2], *lines[4:]], lines[:-1]):
            file.write_text("".join(changed), encoding="utf-8")
            assert vanthu(product, "audit", "verify", "--alone", str(file)).returncode == 1
    assert lengths["jsonl"] > 10
    past = tmp_path / "past.jsonl"
    assert vanthu(product, "audit", "export", str(past), "--until", "2020-01-01").returncode == 0
    assert len(past.read_text(encoding="utf-8").splitlines()) == 1
