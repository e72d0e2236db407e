"""`vanthu serve`: accounts made before and meanwhile, children that are killed, an orderly end."""

from __future__ import annotations

import hashlib
import imaplib
import os
import signal
import smtplib
import ssl
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy import tls
from deploy.config import load
from deploy.demo import paper
from tests.deploy.conftest import PASSWORD
from tests.deploy.waiting import eventually
from tests.e2e.product import Product
from tests.support.postgres import Cluster
from tests.support.scram import ScramClient

LETTER = b"From: x@y.example\r\nTo: an@sxd.test\r\nSubject: Cong van\r\n\r\nNoi dung.\r\n"


def signed_in(product: Product, local: str, password: str = PASSWORD) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30)
    client.login(f"{local}@{product.domain}", password)
    return client


def send(product: Product, local: str) -> None:
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
        client.sendmail("x@y.example", [f"{local}@{product.domain}"], LETTER)


def succeeds(attempt: Callable[[], object]) -> bool:
    with suppress(OSError, imaplib.IMAP4.error, smtplib.SMTPException):
        attempt()
        return True
    return False


def test_accounts_made_before_and_while_serving_work_at_once(product: Product) -> None:
    product.add_user("an", PASSWORD)
    product.start()
    product.add_user("binh", PASSWORD)
    for local in ("an", "binh"):
        send(product, local)
        with signed_in(product, local) as client:
            assert client.select("INBOX")[1] == [b"1"]


def test_it_serves_from_postgresql_too(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.fresh_database(template="template0") as url:
        product = Product(tmp_path, domain="sxd.test", database=url)
        product.init()
        product.add_user("an", PASSWORD)
        product.start()
        try:
            send(product, "an")
            with signed_in(product, "an") as client:
                assert client.select("INBOX")[1] == [b"1"]
            assert product.stop() == 0
        finally:
            product.kill()


def test_a_one_time_password_opens_no_mail_door(product: Product) -> None:
    told = product.command("user", "add", "an@sxd.test", "--name", "Lê Ân")
    product.start()
    password = told.strip().rpartition(" ")[2]
    with (
        imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30) as client,
        pytest.raises(imaplib.IMAP4.error, match="ALERT"),
    ):
        client.login("an@sxd.test", password)


def test_every_door_answers_and_says_where_it_is(product: Product) -> None:
    product.start()
    told = (product.data / "run" / "listening.json").read_text()
    for port in (product.ports.smtp, product.ports.lmtp, product.ports.imap, product.ports.web):
        assert f"127.0.0.1:{port}" in told
    with urllib.request.urlopen(f"http://127.0.0.1:{product.ports.web}/healthz", timeout=30) as answer:
        assert answer.status == 200


def test_killed_children_come_back_and_nothing_is_lost(staffed: Product) -> None:
    staffed.start()
    send(staffed, "an")
    before = staffed.children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: succeeds(lambda: send(staffed, "an")))
    eventually(lambda: not set(before) & set(staffed.children()))
    with signed_in(staffed, "an") as client:
        assert client.select("INBOX")[1] == [b"2"]


def test_sigterm_says_goodbye_and_ends_with_status_zero(staffed: Product) -> None:
    staffed.start()
    client = signed_in(staffed, "an")
    assert staffed.stop() == 0
    assert b"BYE" in client.readline()
    client.shutdown()
    assert not (staffed.data / "run" / "vanthu.pid").exists()
    staffed.start()
    signed_in(staffed, "an").logout()


def test_a_second_server_on_the_same_data_is_refused(product: Product) -> None:
    product.start()
    again = subprocess.run([*product.vanthu(), "serve"], capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 1
    assert str(product.data) in again.stderr
    assert "Traceback" not in again.stderr


def test_a_new_certificate_is_read_on_sighup(product: Product) -> None:
    product.start()
    settings = load(product.config)
    cert, key = tls.files(settings)

    def presented() -> str:
        client = imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client.starttls(context)
        shown = client.socket().getpeercert(binary_form=True)
        client.shutdown()
        return ssl.DER_cert_to_PEM_cert(shown)

    old = presented()
    assert old.split() == Path(cert).read_text().split()
    tls.make_self_signed(settings.host, settings.domain, cert, key)
    os.kill(product.pid, signal.SIGHUP)
    eventually(lambda: presented().split() == Path(cert).read_text().split())


def test_a_sign_in_is_bound_to_the_certificate_of_its_connection(staffed: Product) -> None:
    """SCRAM-SHA-256-PLUS by tls-server-end-point, before and after the certificate was replaced."""
    staffed.start()
    settings = load(staffed.config)
    cert, key = tls.files(settings)

    def sign_in(client: imaplib.IMAP4) -> None:
        shown = hashlib.sha256(client.sock.getpeercert(binary_form=True)).digest()
        user = ScramClient(f"an@{staffed.domain}", PASSWORD, header="p=tls-server-end-point,,", data=shown)
        steps = iter((lambda _: user.first(), user.final, lambda answer: b"" if user.knows(answer) else None))
        assert client.authenticate("SCRAM-SHA-256-PLUS", lambda challenge: next(steps)(challenge))[0] == "OK"
        client.shutdown()

    def connected() -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", staffed.ports.imap, timeout=30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client.starttls(context)
        return client

    sign_in(connected())
    early, old = connected(), Path(cert).read_text().split()
    tls.make_self_signed(settings.host, settings.domain, cert, key)
    os.kill(staffed.pid, signal.SIGHUP)

    def renewed() -> bool:
        client = connected()
        shown = ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(binary_form=True))
        client.shutdown()
        return shown.split() != old

    eventually(renewed)
    sign_in(connected())
    sign_in(early)


def test_words_inside_an_attached_document_are_found_soon(staffed: Product) -> None:
    scan = paper.render(
        paper.Sheet(
            superior="",
            agency="UBND TỈNH",
            number="1/QĐ-UBND",
            place="Hưng Bình",
            on=date(2026, 11, 2),
            type_name="Quyết định",
            subject="Quyết định thử",
            addressee="",
            body=["Thí nghiệm xuyên tĩnh cọc khoan nhồi."],
            signer=("", "CHỦ TỊCH", "Nguyễn Văn A"),
            copies_to=["Lưu: VT"],
        )
    )
    staffed.start()
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "x@y.example", "an@sxd.test", "Ban quet"
    letter.set_content("Gui kem.")
    letter.add_attachment(scan, maintype="application", subtype="pdf", filename="quyet-dinh.pdf")
    with smtplib.SMTP("127.0.0.1", staffed.ports.smtp, timeout=30) as smtp:
        smtp.send_message(letter)
    with signed_in(staffed, "an") as client:
        client.select("INBOX")
        eventually(lambda: client.search(None, "TEXT", '"coc khoan nhoi"')[1] == [b"1"])
