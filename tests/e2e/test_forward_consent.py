"""Forward consent at the doors of the running product: SMTP, IMAP, browser (DOMAIN §2.7, F1 to F4)."""

from __future__ import annotations

import contextlib
import imaplib
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from tests.deploy.waiting import eventually
from tests.e2e.product import Product
from tests.e2e.webvisitor import WebVisitor
from tests.support.databases import database_of
from tests.support.forwards import KINDS, Forward, Original
from tests.support.sink import Sink, serving

PASSWORD = "mat khau cua An 2026"
NUMBERS = count(1)


@dataclass(frozen=True)
class Office:
    """A running product whose regulation asks, and a server of somebody else where its mail goes."""

    product: Product
    sink: Sink
    sessions: contextlib.ExitStack
    senders: dict[str, smtplib.SMTP] = field(default_factory=dict)
    readers: dict[str, imaplib.IMAP4] = field(default_factory=dict)

    def address(self, local: str) -> str:
        return f"{local}@{self.product.domain}"

    def send(self, local: str, data: bytes, *recipients: str) -> None:
        if local not in self.senders:
            client = smtplib.SMTP("127.0.0.1", self.product.ports.submission, timeout=30)
            self.senders[local] = self.sessions.enter_context(client)
            client.login(self.address(local), PASSWORD)
        self.senders[local].sendmail(self.address(local), recipients, data)

    def inbox(self, local: str) -> imaplib.IMAP4:
        if local not in self.readers:
            client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=30)
            self.readers[local] = self.sessions.enter_context(client)
            client.login(self.address(local), PASSWORD)
            client.select("INBOX")
        self.readers[local].noop()
        return self.readers[local]

    def mail(self, local: str, words: str) -> list[EmailMessage]:
        """What is in an inbox with these words somewhere, oldest first."""
        client = self.inbox(local)
        client.literal = words.encode()  # type: ignore[attr-defined]
        numbers = client.search("UTF-8", "TEXT")[1][0].split()
        fetched = [client.fetch(number, "(RFC822)")[1][0][1] for number in numbers]  # type: ignore[index]
        return [message_from_bytes(octets, policy=policy.default) for octets in fetched]

    def got_outside(self, address: str) -> list[bytes]:
        return [one.octets for one in self.sink.got if address in one.recipients]

    def arrived(self, address: str) -> bytes:
        """What has left for somebody outside, once it has."""
        eventually(lambda: len(self.got_outside(address)) > 0)
        [octets] = self.got_outside(address)
        return octets

    def original(self, sender: str = "binh", to: str = "an") -> Original:
        """A letter that no other test knows, in the recipient's mailbox."""
        made = self.unsent(sender, to)
        self.send(sender, made.octets(), made.to)
        return made

    def unsent(self, sender: str = "binh", to: str = "an") -> Original:
        """The same, in nobody's mailbox yet."""
        number = next(NUMBERS)
        text = "\n".join(
            f"Khu {number} nhà {at} dãy {at * 7 + number} tầng {at * 3} giá {number * 97 + at}." for at in range(20)
        )
        return Original(
            self.address(sender),
            "Trần Thị Bình",
            self.address(to),
            subject=f"Báo cáo khu {number}",
            text=text,
            message_id=f"goc{number}@{self.product.domain}",
            file=b"%PDF-1.7 " + str(number).encode() + bytes(range(256)) * 120,
        )

    def forward(self, kind: str, original: Original, *recipients: str, vietnamese: bool = False) -> bytes:
        number = next(NUMBERS)
        made = KINDS[kind](Forward(original, self.address("an"), recipients[0], vietnamese))
        made = made.replace(b"<forward@", f"<forward{number}@".encode())
        self.send("an", made, *recipients)
        return made


@pytest.fixture(scope="module")
def office(dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    top: Path = tmp_path_factory.mktemp("consent")
    with database_of(dialect, request) as database, serving(Sink()) as sink, contextlib.ExitStack() as sessions:
        product = Product(top, database=database)
        with product.config.open("a", encoding="utf-8") as out:
            out.write(f'\n[outbound]\nenabled = true\nsmarthost = "127.0.0.1:{sink.port}"\n')
        product.init("--profile", "hungbinh")
        product.add_users(["an", "binh", "chi"], PASSWORD)
        product.start()
        try:
            yield Office(product, sink, sessions)
        finally:
            sessions.close()
            product.stop()


def stranger() -> str:
    return f"lan{next(NUMBERS)}@ngoai.example"


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(question: EmailMessage) -> str:
    found = re.search(r"http://\S+(/dong-y/[0-9a-f]+)", text_of(question))
    assert found is not None
    return found[1]


def newest(office: Office, original: Original, local: str) -> EmailMessage:
    [*_, last] = [one for one in office.mail(local, original.subject) if "Reply-To" in one]
    return last


@pytest.mark.requirement("R-089")
def test_a_forward_to_outside_waits_whatever_made_it(office: Office) -> None:
    """All are sent before anybody's mail is read: each look at a mailbox costs more than a forward."""
    made = {kind: (office.original(), stranger()) for kind in KINDS}
    for at, (kind, (original, outside)) in enumerate(made.items()):
        office.forward(kind, original, outside, office.address("chi"), vietnamese=at % 2 == 0)
    got, told = office.mail("chi", "ngoai.example"), office.mail("an", "ngoai.example")
    questions = [text_of(one) for one in office.mail("binh", "ngoai.example") if "Reply-To" in one]
    for kind, (original, outside) in made.items():
        assert [outside in str(one["To"]) for one in got].count(True) == 1, kind
        assert [outside in one and original.subject in one for one in questions].count(True) == 1, kind
        assert [one for one in told if "chưa được gửi" in text_of(one) and outside in text_of(one)], kind
        assert office.got_outside(outside) == [], kind


@pytest.mark.requirement("R-089")
def test_internal_forwards_and_own_letters_pass_untouched(office: Office) -> None:
    original = office.original()
    for kind in KINDS:
        office.forward(kind, original, office.address("chi"))
    assert [one for one in office.mail("binh", original.subject) if "Reply-To" in one] == []
    outside = stranger()
    mine = replace(
        original, sender=office.address("an"), message_id="rieng@a.vn", text="Việc của tôi.\n", file=b"z" * 9000
    )
    office.send("an", mine.octets(), outside)
    assert office.arrived(outside)


@pytest.mark.requirement("R-089")
def test_one_click_releases_the_very_octets_with_the_consent_in_front(office: Office) -> None:
    original = office.original()
    outside = stranger()
    sent = office.forward("thunderbird_attached", original, outside)
    path = link_in(newest(office, original, "binh"))
    anybody = WebVisitor(office.product.ports.web)
    shown = anybody.get(path)
    assert shown.status == 200
    assert outside in shown.text
    assert anybody.get(path).status == 200
    assert office.got_outside(outside) == []  # what a mail filter does with a link is no answer
    assert anybody.post(path, {"answer": "yes"}).status == 303
    arrived = office.arrived(outside)
    assert arrived.endswith(sent)
    assert b"Vanthu-Consent: " in arrived[: -len(sent)]
    assert anybody.post(path, {"answer": "no"}).status == 409
    assert office.mail("an", "Người gửi gốc đã đồng ý")


@pytest.mark.requirement("R-089")
def test_the_sender_answers_by_mail_and_nobody_else_can(office: Office) -> None:
    original = office.original()
    outside = stranger()
    office.forward("gmail", original, outside)
    question = newest(office, original, "binh")
    door = str(question["Reply-To"]).strip("<>")

    def reply(local: str, words: str) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = office.address(local), door, f"Re: {question['Subject']}"
        mail.set_content(f"{words}\n\nOn Mon, Vanthu wrote:\n> Đồng ý hay từ chối?\n")
        return mail.as_bytes(policy=policy.SMTP)

    office.send("an", reply("an", "Đồng ý"), door)
    office.send("chi", reply("chi", "Đồng ý"), door)
    office.send("binh", reply("binh", "Để tôi xem đã"), door)
    assert office.got_outside(outside) == []
    assert len(office.mail("an", "Chỉ người gửi gốc")) >= 1
    assert len(office.mail("binh", "Chưa hiểu câu trả lời")) >= 1
    office.send("binh", reply("binh", "Từ chối"), door)
    assert office.mail("an", "không đồng ý")
    assert office.got_outside(outside) == []
    second = stranger()
    office.forward("outlook", original, second)
    question = newest(office, original, "binh")
    door = str(question["Reply-To"]).strip("<>")
    office.send("binh", reply("binh", "Đồng ý"), door)
    assert office.arrived(second)


@pytest.mark.requirement("R-089")
def test_a_sender_outside_is_asked_there_and_answers_from_there(office: Office) -> None:
    """From the address that was asked; nobody else's word counts, and no program's."""
    author, outside = f"tac-gia{next(NUMBERS)}@doitac.example", stranger()
    original = replace(office.unsent(), sender=author, name="Đối tác", message_id=f"{author}.1")
    with smtplib.SMTP("127.0.0.1", office.product.ports.smtp, timeout=30) as client:
        client.sendmail(author, original.to, original.octets())
        office.forward("outlook", original, outside)
        question = message_from_bytes(office.arrived(author), policy=policy.default)
        assert outside in text_of(question)
        door = str(question["Reply-To"]).strip("<>")

        def reply(sender: str, words: str, more: str = "") -> None:
            head = f"From: <{sender}>\r\nTo: <{door}>\r\nSubject: Re: y kien\r\n{more}"
            body = f"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
            client.sendmail(sender, door, (head + "MIME-Version: 1.0" + body).encode())

        reply("ai-do@doitac.example", "Đồng ý")
        reply(office.address("binh"), "Đồng ý")
        reply(author, "Đồng ý", "Auto-Submitted: auto-replied\r\n")
        assert office.got_outside(outside) == []
        reply(author, "Đồng ý")
        assert office.arrived(outside)


@pytest.mark.requirement("R-089")
def test_two_senders_are_both_asked(office: Office) -> None:
    first, second = office.original("binh"), office.original("chi")
    outside = stranger()
    both = replace(first, text=f"{first.text}\n{second.text}")
    office.forward("rewritten_subject", both, outside)
    anybody = WebVisitor(office.product.ports.web)
    assert anybody.post(link_in(newest(office, first, "binh")), {"answer": "yes"}).status == 303
    assert office.got_outside(outside) == []
    assert anybody.post(link_in(newest(office, second, "chi")), {"answer": "yes"}).status == 303
    assert office.arrived(outside)


class Fields(HTMLParser):
    """What a browser would send of the form that writes a letter, as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str | list[str]] = {}
        self._text = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "input" and has.get("type") in ("hidden", "text", None) and name:
            self.found[name] = value
        elif tag == "input" and has.get("type") == "checkbox" and "checked" in has and name == "carry":
            self.found["carry"] = [*self.found.get("carry", []), value]
        elif tag == "option" and "selected" in has and self._select:
            self.found[self._select] = value
        self._text = name if tag == "textarea" else ""
        self._select = name if tag == "select" else self._select

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[self._text] = str(self.found.get(self._text, "")) + data

    def handle_endtag(self, tag: str) -> None:
        self._text = ""


@pytest.mark.requirement("R-090")
def test_the_web_shows_who_had_it_and_who_gets_it_before_it_goes(office: Office) -> None:
    original = office.original()
    outside = stranger()
    an = WebVisitor(office.product.ports.web)
    assert an.sign_in(office.address("an"), PASSWORD).status == 303
    assert an.post("/thu/soan/cho-hoan-tac", {"seconds": "0"}).status == 303
    uid = office.inbox("an").uid("SEARCH", "HEADER", "Message-ID", original.message_id)[1][0].decode()
    home = an.get("/thu/")
    folder = re.search(r"/thu/(\d+)", home.headers.get("Location", "") + home.text)
    assert folder is not None
    page = an.get(f"/thu/soan?chuyen_tiep={folder[1]}.{uid}")
    assert page.status == 200
    form = {**Fields(page.text).found, "to": outside, "do": "send"}
    first = an.post("/thu/soan", form)
    assert first.status == 422
    assert "Cân nhắc nội dung" in first.text
    assert original.sender in first.text
    assert office.got_outside(outside) == []
    second = an.post("/thu/soan", {**Fields(first.text).found, "do": "anyway"})
    assert second.status == 303
    assert newest(office, original, "binh")
    mine = an.get("/chuyen-tiep/").text
    assert outside in mine
    assert f"đang chờ {original.sender} đồng ý" in mine
    rut = re.search(r'action="(/chuyen-tiep/\d+/rut)"', mine)
    assert rut is not None
    assert an.post(rut[1], {}).status == 303
    assert "đã rút" in an.get("/chuyen-tiep/").text


@pytest.mark.requirement("R-089")
def test_a_redirect_keeps_here_what_would_have_to_be_asked_about(office: Office) -> None:
    """Newsletters go on, work mail stays, and a report of what went finds its sender."""
    author, target, product = f"ban-tin{next(NUMBERS)}@doitac.example", stranger(), office.product
    until = f"{date.today() + timedelta(days=20):%Y-%m-%d}"
    wish = ("redirect", "set", office.address("chi"), target, "--until", until, "--reason", "Biệt phái")
    for words in (wish, ("policy", "mode", "auto-redirect", "enforce")):
        done = CliRunner().invoke(main, ["--config", str(product.config), *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:

        def send(fields: str = "") -> bytes:
            head = f"From: <{author}>\r\nTo: <{office.address('chi')}>\r\nSubject: Tin\r\n{fields}"
            octets = f"{head}Message-ID: <r{next(NUMBERS)}@doitac.example>\r\n\r\nTin trong tuan.\r\n".encode()
            client.sendmail(author, office.address("chi"), octets)
            return octets

        def news_has_gone() -> bool:
            send("List-Id: <tin.doitac.example>\r\n")
            return bool(office.got_outside(target))

        eventually(news_has_gone)  # each process sees the change of the rule in its own time
        work = send()
        last = send("List-Id: <tin.doitac.example>\r\n")
        eventually(lambda: any(one.endswith(last) for one in office.got_outside(target)))
        assert not any(one.endswith(work) for one in office.got_outside(target))
        assert len(office.mail("chi", _message_id(work))) == 1
        *_, sender = (one.sender for one in office.sink.got if target in one.recipients)
        assert sender.startswith("SRS0=") and sender.endswith(f"@{product.domain}")
        report = f"From: MAILER-DAEMON@ngoai.example\r\nTo: <{sender}>\r\nSubject: failed\r\n\r\nNo such user.\r\n"
        client.sendmail("", sender, report.encode())
        assert office.arrived(author).endswith(report.encode())


def _message_id(octets: bytes) -> str:
    return str(message_from_bytes(octets)["Message-ID"]).strip("<>")
