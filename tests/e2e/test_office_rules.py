"""Size, passwords, posts and pushes, as an office meets them at the doors of the running product."""

from __future__ import annotations

import http.client
import imaplib
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from imapclient import imap_utf7

from deploy import stores
from deploy.config import load
from deploy.stores import ADMIN
from mailserver.directory import principals
from mailserver.store.store import Store
from tests.deploy.waiting import eventually
from tests.e2e import mailclients
from tests.e2e.product import Product
from tests.e2e.webvisitor import Answer, WebVisitor
from tests.support.databases import database_of

Running = Iterator[Product]
PASSWORD = "mat khau cua An 2026"
LIMIT = 10_485_760


@pytest.fixture(scope="module")
def product(dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Running:
    top = tmp_path_factory.mktemp("rules")
    with database_of(dialect, request) as database:
        made = Product(top, database=database)
        made.init()
        made.add_users(["an", "binh", "chi"], PASSWORD)
        made.start()
        try:
            yield made
        finally:
            made.stop()


def address(product: Product, local: str) -> str:
    return f"{local}@{product.domain}"


def imap(product: Product, local: str, password: str = PASSWORD) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30)
    try:
        client.login(address(product, local), password)
    except imaplib.IMAP4.error:
        client.shutdown()
        raise
    return client


def web(product: Product, local: str) -> WebVisitor:
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(address(product, local), PASSWORD).status == 303
    return visitor


def letter(product: Product, attached: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "x@y.example", address(product, "an"), "Tệp lớn"
    mail.set_content("Gửi kèm.")
    mail.add_attachment(b"\xff" * attached, maintype="application", subtype="octet-stream", filename="a.bin")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


@pytest.mark.requirement("R-085")
def test_the_limit_counts_what_people_attach_and_is_told_before_a_byte_is_sent(product: Product) -> None:
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
        client.ehlo()
        announced = int(client.esmtp_features["size"])
        assert announced > LIMIT * 4 // 3, "room for base64"
        code, text = client.docmd("MAIL", f"FROM:<x@y.example> SIZE={announced + 1}")
        assert code == 552 and text.startswith(b"5.3.4")
        fits, too_large = letter(product, LIMIT - 20_000), letter(product, LIMIT + 1)
        assert len(fits) > LIMIT
        client.sendmail("x@y.example", [address(product, "an")], fits)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("x@y.example", [address(product, "an")], too_large)
        assert refused.value.smtp_code == 552
        client.sendmail("x@y.example", [address(product, "an")], letter(product, 10))


def test_all_recipients_of_a_letter_share_one_copy(product: Product) -> None:
    blobs = product.data / "blobs"

    def stored() -> set[str]:
        return {path.name for path in blobs.rglob("*") if path.is_file()}

    before, everybody = stored(), [address(product, local) for local in ("an", "binh", "chi")]
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
        client.sendmail("x@y.example", everybody, letter(product, 3_000_000))
    assert len(stored() - before) == 1
    for local in ("binh", "chi"):
        with imap(product, local) as client:
            assert client.select("INBOX", readonly=True)[1] == [b"1"]


def refused_soon(product: Product, account: str, password: str) -> bool:
    """Whether sign-in by IMAP is refused; another process hears of a revocation within a tenth of a second."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            imap(product, account, password).logout()
        except imaplib.IMAP4.error:
            return True
    return False


def test_an_app_password_opens_mail_doors_and_not_the_web(product: Product) -> None:
    visitor, own = web(product, "an"), address(product, "an")
    assert 'value="10" aria-pressed="true"' in visitor.get("/tai-khoan/").text, "a letter can be taken back by default"
    assert visitor.post("/thu/soan/cho-hoan-tac", {"seconds": "5"}).status == 303
    late = {"to": address(product, "chi"), "subject": "Gửi sau", "text": "x", "identity": own, "do": "send"}
    assert visitor.post("/thu/soan", late).status == 303
    page = visitor.post("/tai-khoan/mat-khau-ung-dung", {"label": "Điện thoại"})
    assert page.status == 201
    (plain,) = re.findall(r'id="app-password">([^<]+)<', page.text)
    imap(product, "an", plain).logout()
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client:
        client.login(own, plain)
    assert WebVisitor(product.ports.web).sign_in(own, plain).status == 422
    (revoke,) = set(re.findall(r"/tai-khoan/mat-khau-ung-dung/\d+/thu-hoi", visitor.get("/tai-khoan/").text))
    assert visitor.post(revoke, {}).status == 303
    assert refused_soon(product, "an", plain), "a revoked app password still opens the mailbox"
    with imap(product, "chi") as client:
        client.select("INBOX", readonly=True)

        def arrived() -> bool:
            client.noop()
            return client.search(None, "SUBJECT", '"sau"')[1] != [b""]

        eventually(arrived)  # nobody looked at the page any more


@pytest.mark.requirement("R-043")
def test_a_first_password_opens_the_page_that_changes_it_and_nothing_else(product: Product) -> None:
    own, first = address(product, "dung"), "mat khau dau cua Dung 2026"
    words = ("user", "add", own, "--name", "Lê Dũng", "--password-stdin", "--must-change")
    product.command(*words, stdin=first)
    with pytest.raises(imaplib.IMAP4.error, match=r"ALERT.*first password"):
        imap(product, "dung", first)
    with (
        smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        client.login(own, first)
    visitor = WebVisitor(product.ports.web)
    assert visitor.sign_in(own, first).status == 303
    for path in ("/viec", "/thu/", "/tai-khoan/"):
        assert visitor.get(path).headers["location"] == "/doi-mat-khau"
    new = {"current": first, "new": "mat khau moi cua Dung", "again": "mat khau moi cua Dung"}
    assert visitor.post("/doi-mat-khau", new).status == 303
    imap(product, "dung", new["new"]).logout()


@pytest.mark.requirement("R-053")
def test_a_post_handed_over_takes_its_mailbox_along(product: Product) -> None:
    """Who holds a post works in its mailbox; the successor does from the first day on, the predecessor not."""
    store = stores.open_store(load(product.config))
    with closing(store):
        today = date.today()
        agency = store.db.read(principals.agencies)[0].id
        an, binh = (person(store, address(product, local)) for local in ("an", "binh"))
        unit = store.db.write(lambda tx: principals.create_unit_tx(tx, agency, "VP", "Văn phòng", "vp"), ADMIN)
        post = store.db.write(
            lambda tx: principals.create_post_tx(tx, agency, unit, "Giám đốc", "director", "giamdoc"), ADMIN
        )
        long_ago = today - timedelta(days=400)
        tenure = store.db.write(lambda tx: principals.appoint_tx(tx, post, an, long_ago), ADMIN)
        old, new = imap(product, "an"), imap(product, "binh")
        eventually(lambda: sees(old, "Giám đốc"))
        assert not sees(new, "Giám đốc")
        store.db.write(lambda tx: principals.end_tenure_tx(tx, tenure, today - timedelta(days=1)), ADMIN)
        store.db.write(lambda tx: principals.appoint_tx(tx, post, binh, today), ADMIN)
    eventually(lambda: sees(new, "Giám đốc") and not sees(old, "Giám đốc"))
    old.logout()
    new.logout()
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as client:
        client.login(address(product, "an"), PASSWORD)
        post_address = address(product, "giamdoc")
        with pytest.raises(smtplib.SMTPException):
            client.sendmail(post_address, [address(product, "an")], f"From: {post_address}\r\n\r\nx\r\n".encode())


def person(store: Store, who: str) -> int:
    found = store.db.read(lambda conn: principals.by_address(conn, who))
    assert found is not None
    return found.id


def sees(client: imaplib.IMAP4, words: str) -> bool:
    """Whether a mailbox of this name is listed."""
    return any(imap_utf7.encode(words) in line for line in client.list()[1])


def test_guessing_slows_the_guesser_and_locks_nobody_out(product: Product) -> None:
    """The guesser's network waits; the account itself is never shut, not even for this network's own clients."""
    own = address(product, "chi")
    already = web(product, "chi")
    answers = [WebVisitor(product.ports.web).sign_in(own, f"doan bua {n}").status for n in range(8)]
    assert 429 in answers and set(answers) <= {422, 429}
    assert already.get("/viec").status == 200, "who is signed in stays signed in"
    eventually(lambda: WebVisitor(product.ports.web).sign_in(own, PASSWORD).status == 303)


def test_news_are_pushed_to_an_open_page(product: Product) -> None:
    visitor = web(product, "binh")
    connection = http.client.HTTPConnection("127.0.0.1", product.ports.web, timeout=30)
    with closing(connection):
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        connection.request("GET", "/events", headers={"Cookie": cookies})
        stream = connection.getresponse()
        assert stream.headers["content-type"].startswith("text/event-stream")
        with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
            client.sendmail("x@y.example", [address(product, "binh")], letter(product, 10))
        while (line := stream.readline()) != b"event: mail\n":
            assert line, "the stream ended"
        stream.close()


def test_machines_ask_for_health_and_figures(product: Product) -> None:
    stranger = WebVisitor(product.ports.web)
    health, figures = stranger.get("/healthz"), stranger.get("/metrics")
    assert (health.status, figures.status) == (200, 200)
    assert "vanthu_web_requests_total" in figures.text


def test_pages_are_guarded_by_their_headers_and_forms_by_their_token(product: Product) -> None:
    visitor = web(product, "an")
    page = visitor.get("/viec")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert visitor.ask("POST", "/dang-xuat", b"", **form).status == 400
    assert visitor.ask("POST", "/dang-xuat", b"csrf_token=x", **form, Origin="https://evil.example").status == 403
    assert visitor.get("/viec").status == 200


@pytest.mark.requirement("R-095")
def test_a_rule_chosen_in_one_place_holds_at_every_door_at_once(product: Product) -> None:
    """Mail from outside, mail of our own people, and what a mail program files; taken back it holds no more."""
    to = address(product, "chi")
    small, large = letter(product, 10), letter(product, 60_000)

    def refuses(data: bytes) -> tuple[bool, bool, bool]:
        with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as incoming:
            came = refused(lambda: incoming.sendmail("x@y.example", [to], data))
        with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=30) as own:
            own.login(to, PASSWORD)
            sent = refused(lambda: own.sendmail(to, [to], data.replace(b"x@y.example", to.encode())))
        with imap(product, "chi") as client:
            filed = client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), data)[0] != "OK"
        return came, sent, filed

    product.command("policy", "set", "50000")
    eventually(lambda: refuses(large) == (True, True, True))
    assert refuses(small) == (False, False, False)
    product.command("policy", "set", "default")
    eventually(lambda: refuses(large) == (False, False, False))


def refused(work: Callable[[], object]) -> bool:
    try:
        work()
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused):
        return True
    return False


@pytest.mark.requirement("R-109", "R-110")
def test_some_people_are_asked_on_a_page_and_answer_from_their_own_mail_programs_alone(product: Product) -> None:
    asker, subject, comment = web(product, "an"), "Du thao quy che", "Đề nghị sửa Điều 3."
    page = asker.get("/lay-y-kien/moi").text
    offered = dict(re.findall(r'value="(\d+)"[^>]*><span[^>]*>[^<]*<span[^>]*>(\w+)@', page))
    number = {local: key for key, local in offered.items()}

    def ask(people: list[str]) -> Answer:
        fields = {"subject": subject, "question": "Góp ý Điều 3.", "due": f"{date.today() + timedelta(days=9)}T17:00"}
        return asker.post("/lay-y-kien/moi", fields | {"people": people})

    assert ask(list(offered)).status == 422  # the whole agency: nobody has been assigned that
    path = ask([number["binh"]]).headers["location"]
    with mailclients.imap(product.ports.imap, address(product, "binh"), PASSWORD) as client:
        asked = mailclients.read(client, mailclients.find(client, "INBOX", subject))
    mailclients.reply(product.ports.submission, address(product, "chi"), PASSWORD, asked, "Toi tra loi thay.")
    assert "0/1" in asker.get(path).text and web(product, "chi").get(path).status == 404
    mailclients.reply(product.ports.submission, address(product, "binh"), PASSWORD, asked, comment)
    assert "1/1" in asker.get(path).text and comment in asker.get(path).text
    with mailclients.imap(product.ports.imap, address(product, "an"), PASSWORD) as client:
        answer = mailclients.read(client, mailclients.find(client, "INBOX", subject))
    assert answer["In-Reply-To"] == asked["Message-ID"] and comment in answer.get_content()
