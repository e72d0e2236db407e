"""Processes that are killed, a server that is told to stop, and accounts and rights that change while it serves."""

from __future__ import annotations

import imaplib
import os
import signal
import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.waiting import eventually
from tests.e2e import neighbour
from tests.e2e.product import Product
from tests.e2e.webvisitor import WebVisitor
from tests.support.databases import database_of

Running = Iterator[Product]
PASSWORD = "mat khau cua An 2026"
LETTER = b"From: x@y.example\r\nTo: an@bench.test\r\nSubject: Cong van\r\n\r\nNoi dung.\r\n"


@pytest.fixture(scope="module")
def product(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """One running installation with two people for all of these tests, on each database."""
    with database_of(dialect, request) as database:
        made = Product(tmp_path_factory.mktemp("supervised"), database=database)
        made.init()
        made.add_users(["an", "binh"], PASSWORD)
        made.start()
        try:
            yield made
        finally:
            made.stop()


def signed_in(product: Product, local: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30)
    try:
        client.login(f"{local}@{product.domain}", PASSWORD)
    except imaplib.IMAP4.error:
        client.shutdown()
        raise
    return client


def send(product: Product, local: str = "an", data: bytes = LETTER) -> None:
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
        client.sendmail("x@y.example", [f"{local}@{product.domain}"], data)


def submit(product: Product, local: str) -> None:
    """A letter to oneself through the submission door."""
    address = f"{local}@{product.domain}"
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client:
        client.login(address, PASSWORD)
        client.sendmail(address, [address], LETTER.replace(b"x@y.example", address.encode()))


def messages(product: Product, local: str = "an") -> int:
    with signed_in(product, local) as client:
        return int(client.select("INBOX", readonly=True)[1][0])


def succeeds(attempt: Callable[[], Any]) -> bool:
    with suppress(OSError, imaplib.IMAP4.error, smtplib.SMTPException):
        attempt()
        return True
    return False


def named(product: Product, kind: str) -> set[int]:
    """The processes whose title says that they are of this kind: "mail", "web" or "worker"."""
    found = set()
    for pid in product.children():
        with suppress(OSError):
            title = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
            if title.startswith(f"vanthu: {kind}"):
                found.add(pid)
    return found


def mail_works(product: Product) -> None:
    before = messages(product)
    send(product)
    submit(product, "an")
    assert messages(product) == before + 2


def web_works(product: Product) -> None:
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(f"an@{product.domain}", PASSWORD).status == 303
    assert visitor.get("/thu/").status == 303


def worker_works(product: Product) -> None:
    """The text inside a scan is found: the worker has read it."""
    send(product, data=neighbour.letter(neighbour.scan(), f"an@{product.domain}").as_bytes(policy=SMTP))
    with signed_in(product, "an") as client:
        newest = client.select("INBOX", readonly=True)[1][0]
        eventually(lambda: newest in client.search(None, "BODY", '"uy ban nhan dan tinh de nghi"')[1][0].split())


@pytest.mark.parametrize(("kind", "works"), [("mail", mail_works), ("web", web_works), ("worker", worker_works)])
def test_a_killed_process_is_replaced_and_its_service_answers_again(
    product: Product, kind: str, works: Callable[[Product], None]
) -> None:
    works(product)
    everybody, killed = set(product.children()), named(product, kind)
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(named(product, kind) - killed) == len(killed))
    assert everybody - killed <= set(product.children()), "the others stay"
    eventually(lambda: succeeds(lambda: works(product)))


def test_an_account_made_meanwhile_is_signed_in_by_every_door(product: Product) -> None:
    product.add_user("chi", PASSWORD)
    submit(product, "chi")
    assert messages(product, "chi") == 1
    assert WebVisitor(product.ports.web).sign_in(f"chi@{product.domain}", PASSWORD).status == 303


def test_a_password_set_meanwhile_ends_what_was_open_and_the_old_one_is_worthless(product: Product) -> None:
    product.add_user("dung", PASSWORD)
    address, visitor = f"dung@{product.domain}", WebVisitor(product.ports.web)
    assert visitor.sign_in(address, PASSWORD).status == 303
    client = signed_in(product, "dung")
    product.command("user", "passwd", address, "--password-stdin", stdin="mat khau khac cua Dung 2026")
    eventually(lambda: not succeeds(client.noop))
    client.shutdown()
    assert visitor.get("/viec").status == 303
    assert visitor.get("/viec").headers["location"].startswith("/dang-nhap")
    with pytest.raises(imaplib.IMAP4.error):
        signed_in(product, "dung")


def test_a_grant_shows_in_the_next_list_of_an_open_session(product: Product) -> None:
    client = signed_in(product, "binh")
    assert not shared(client)
    delegate(product, "--rights", "read,handle")
    eventually(lambda: shared(client))
    assert client.select('"Other Users/an/INBOX"')[0] == "OK"
    delegate(product, "--revoke")
    # What was open may not be read on; the session that had it open ends.
    eventually(lambda: not succeeds(client.noop))
    client.shutdown()
    again = signed_in(product, "binh")
    assert not shared(again)
    assert again.select('"Other Users/an/INBOX"')[0] == "NO"
    again.logout()


def test_a_grant_taken_back_is_gone_from_the_list_of_a_session_that_looks_elsewhere(product: Product) -> None:
    client = signed_in(product, "binh")
    client.select("INBOX")
    delegate(product, "--rights", "read")
    eventually(lambda: shared(client))
    delegate(product, "--revoke")
    eventually(lambda: not shared(client))
    client.logout()


def delegate(product: Product, *options: str) -> None:
    product.command("mailbox", "delegate", f"an@{product.domain}", f"binh@{product.domain}", *options)


def shared(client: imaplib.IMAP4) -> bool:
    """Whether the other person's mailbox is listed."""
    return any(b"Other Users/an" in line for line in client.list()[1])


def test_sigterm_lets_a_letter_under_way_be_finished_and_says_goodbye_to_who_waits(product: Product) -> None:
    before = messages(product)
    waiting = signed_in(product, "an")
    waiting.select("INBOX", readonly=True)
    waiting.send(b"i IDLE\r\n")
    assert waiting.readline().startswith(b"+")
    with (
        socket.create_connection(("127.0.0.1", product.ports.smtp), timeout=30) as sock,
        sock.makefile("rb") as replies,
    ):
        replies.readline()
        for line in (b"HELO x", b"MAIL FROM:<x@y.example>", b"RCPT TO:<an@bench.test>", b"DATA"):
            sock.sendall(line + b"\r\n")
            assert replies.readline()[:3] in (b"250", b"354")
        sock.sendall(LETTER)
        process = product.process
        assert process is not None
        os.kill(product.pid, signal.SIGTERM)
        assert b"* BYE" in waiting.readline()
        sock.sendall(b"the last line\r\n.\r\n")
        assert replies.readline().startswith(b"250 ")
    waiting.shutdown()
    assert process.wait(30) == 0
    assert product.stop() == 0
    product.start()
    assert messages(product) == before + 1
