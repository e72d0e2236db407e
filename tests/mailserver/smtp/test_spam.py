"""Unwanted mail: what readers teach by moving it, and where the next of its kind goes, by real doors."""

from __future__ import annotations

import asyncio
import imaplib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from mailbox_policies import chain
from mailbox_policies.chain import Choice
from mailbox_policies.modes import Mode
from mailbox_policies.rules import spam
from mailbox_policies.rules.spam import Settings
from mailbox_policies.spam import judgements, senders
from mailbox_policies.spam.assessing import Assessing
from mailbox_policies.spam.judgements import Outcome
from mailbox_policies.spam.model import Count
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.directory import principals
from mailserver.imap.server import ImapServer
from mailserver.imap.services import SignedIn
from mailserver.imap.settings import ImapSettings
from mailserver.smtp.settings import Role
from mailserver.store import entries, folders
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.mailserver.smtp.test_sender_authentication import STRANGERS, judge
from tests.support.dnsserver import DnsServer
from tests.support.filtering import LONG_AFTER, learned, samples, teach, work
from tests.support.office import Office

FORGED = b"X-Vanthu-Spam: no; score=0;\r\n\treasons=none\r\n"


@pytest.fixture
def nobody_s_dns() -> Iterator[DnsServer]:
    with DnsServer({"friend.test": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]}}) as running:
        yield running


@pytest.fixture
def filtering(doors: Doors, nobody_s_dns: DnsServer) -> Doors:
    doors.judge = judge(nobody_s_dns)
    choose(doors, Mode.ENFORCE, Settings())
    return doors


def choose(doors: Doors, mode: Mode, settings: Settings) -> None:
    chosen = chain.Settings(SIZE).with_(spam.RULE, Choice(mode, settings))
    policy = chain.standard(chain.for_all(chosen))
    assessor = Assessing(lambda _agency_id: None if mode is Mode.OFF else settings)
    doors.delivery = Delivery(
        doors.store, doors.settings.hostname, lambda: datetime.now(UTC), policy, assessor=assessor
    )


def agency_of(office: Office) -> int:
    agency = office.store.db.read(lambda conn: principals.agency_by_id(conn, office.agency_id))
    return agency.principal_id


async def deliver(
    doors: Doors, messages: Sequence[bytes], *recipients: str, sender: str = "x@spam.test", **changes: object
) -> None:
    """All of them over one connection from outside."""
    peer = await doors.connect(Role.MX, **({**STRANGERS, **changes}))
    await peer.hello()
    for data in messages:
        await peer.say(f"MAIL FROM:<{sender}>")
        for recipient in recipients or ("an@sct.test",):
            assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("250")
        await peer.say("DATA")
        peer.send(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert (await peer.reply()).startswith("250")


Client = Callable[[Callable[[imaplib.IMAP4], None]], Awaitable[None]]


@pytest.fixture
async def an_s_client(store: Store, office: Office) -> AsyncIterator[Client]:
    """What An does with a mail program."""

    async def stands() -> bool:
        return True

    async def authenticate(_login: str, _password: str, _remote: str) -> SignedIn:
        return SignedIn(office.ids["an"], office.agency_id, "vi", stands)

    await store.feed.start()
    server = ImapServer(store, authenticate, ImapSettings(allow_plaintext=True))  # type: ignore[arg-type]
    sock = socket.create_server(("127.0.0.1", 0))
    await server.serve(sock)

    def act(what: Callable[[imaplib.IMAP4], None]) -> None:
        with imaplib.IMAP4("127.0.0.1", sock.getsockname()[1], timeout=60) as client:
            client.login("x", "y")
            what(client)

    async def run(what: Callable[[imaplib.IMAP4], None]) -> None:
        await asyncio.to_thread(act, what)

    yield run
    await server.drain(5)
    await store.feed.stop()


def moved(source: str, uids: str, target: str, how: str = "MOVE") -> Callable[[imaplib.IMAP4], None]:
    def act(client: imaplib.IMAP4) -> None:
        assert client.select(source)[0] == "OK"
        assert client.uid(how, uids, target)[0] == "OK"

    return act


def count(office: Office, who: str, folder: str = "INBOX") -> int:
    return len(office.mail(who, folder))


def field(message: bytes) -> bytes:
    """Our field, which stands behind Return-Path; b"" for none."""
    line = message.split(b"\r\n")[1]
    return line.removeprefix(b"X-Vanthu-Spam: ") if line.startswith(b"X-Vanthu-Spam: ") else b""


async def test_readers_teach_by_moving_mail_and_the_next_of_its_kind_goes_to_junk(
    filtering: Doors, office: Office, store: Store, an_s_client: Client
) -> None:
    ham, unwanted = samples(22, 23, seed=1)
    await deliver(filtering, [*unwanted[:20], *ham[:20]])
    assert (count(office, "an"), count(office, "an", "Junk")) == (40, 0)  # nothing is learned yet
    assert {field(one) for one in office.mail("an")} == {b""}

    def sort(client: imaplib.IMAP4) -> None:
        moved("INBOX", "1:20", "Junk")(client)
        assert client.uid("STORE", "21:40", "+FLAGS", "(\\Seen)")[0] == "OK"

    await an_s_client(sort)
    work(store)
    assert learned(store, office.ids["an"]) == Count(0, 20)
    work(store, LONG_AFTER)  # what was read and left is wanted
    assert learned(store, office.ids["an"]) == learned(store, agency_of(office)) == Count(20, 20)
    await deliver(filtering, [FORGED + unwanted[20], ham[20]], "an@sct.test", "binh@sct.test")
    for who, before in (("an", 20), ("binh", 0)):
        assert (count(office, who), count(office, who, "Junk") % 20) == (before + 1, 1)
        assert field(office.mail(who)[-1]).startswith(b"no; score=")
        [junk] = office.mail(who, "Junk")[-1:]
        assert field(junk).startswith(b"yes; score=")
        assert junk.count(b"X-Vanthu-Spam:") == 1
        assert junk.endswith(unwanted[20])


async def test_each_copy_goes_where_its_own_reader_s_lessons_put_it(filtering: Doors, office: Office) -> None:
    choose(filtering, Mode.ENFORCE, Settings(unit=False, agency=False))
    teach(office.store, [office.ids["an"]])
    _ham, [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted], "an@sct.test", "binh@sct.test")
    assert (count(office, "an"), count(office, "an", "Junk")) == (0, 1)
    assert (count(office, "binh"), count(office, "binh", "Junk")) == (1, 0)
    [found] = office.mail("binh")
    assert field(found) == b""  # one message for both, and nothing is known for Bình


@pytest.mark.requirement("R-029")
async def test_what_readers_want_to_be_rid_of_is_not_hidden_in_the_mailboxes_of_the_office(
    filtering: Doors, office: Office
) -> None:
    """123/QĐ-SCT, Điều 9; 04/2017/QĐ-UBND, Điều 23 khoản 4: official mail arrives there, whatever was taught."""
    teach(office.store, [agency_of(office)])
    _ham, [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted], "an@sct.test", "vanphong@sct.test", "cvp@sct.test")
    assert (count(office, "an"), count(office, "an", "Junk")) == (0, 1)
    for owner in ("vanphong", "cvp"):
        [kept] = office.mail(owner)
        assert field(kept).startswith(b"yes; score="), "its readers are told what it looks like"
        found = office.store.db.read(lambda conn, owner=owner: _judged(conn, office.ids[owner]))
        assert found is not None and found.outcome is Outcome.SUSPECT


def _judged(conn, owner_id: int) -> judgements.Judgement | None:  # type: ignore[no-untyped-def]
    [pk] = entries.snapshot(conn, folders.get(conn, owner_id, "INBOX").id).message_pks
    return judgements.of(conn, pk, owner_id)


@pytest.mark.parametrize(
    ("mode", "junk", "marked"),
    [(Mode.OFF, 0, False), (Mode.TRIAL, 0, False), (Mode.WARN, 0, True), (Mode.ENFORCE, 1, True)],
)
async def test_how_far_the_agency_goes(filtering: Doors, office: Office, mode: Mode, junk: int, marked: bool) -> None:
    choose(filtering, mode, Settings())
    teach(office.store, [agency_of(office)])
    _ham, [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted])
    assert (count(office, "an"), count(office, "an", "Junk")) == (1 - junk, junk)
    [found] = [*office.mail("an"), *office.mail("an", "Junk")]
    assert field(found).startswith(b"yes; ") == marked


async def test_what_was_found_is_kept_for_the_reader_of_that_mailbox_alone(filtering: Doors, office: Office) -> None:
    teach(office.store, [agency_of(office)])
    [wanted], [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted, wanted])

    def found(folder: str, who: str) -> judgements.Judgement | None:
        def read(conn):  # type: ignore[no-untyped-def]
            [pk] = entries.snapshot(conn, folders.get(conn, office.ids["an"], folder).id).message_pks
            return judgements.of(conn, pk, office.ids[who])

        return office.store.db.read(read)

    junk = found("Junk", "an")
    assert junk is not None
    assert (junk.outcome, junk.most, junk.points > 50) == (Outcome.JUNK, 50, True)
    assert "first-contact" in {one.code for one in junk.reasons}
    assert any(one.code == "words" and one.detail and one.weight > 0 for one in junk.reasons)
    assert found("Junk", "binh") is None
    assert found("INBOX", "an") is None


async def test_mail_of_our_own_and_of_trusted_networks_is_never_judged(filtering: Doors, office: Office) -> None:
    teach(office.store, [agency_of(office)])
    _ham, [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted], trusted_networks=("127.0.0.0/8",))
    assert (count(office, "an"), count(office, "an", "Junk"), field(office.mail("an")[0])) == (1, 0, b"")
    letter = Letter(
        b"From: binh@sct.test\r\n" + unwanted[unwanted.index(b"To: ") :],
        "binh@sct.test",
        ("an@sct.test",),
        Received("pc", "127.0.0.1", "ESMTPSA", "1"),
    )
    await submission.submit(filtering.delivery, Actor(office.ids["binh"], office.agency_id, "smtp"), letter)
    assert (count(office, "an"), count(office, "an", "Junk"), field(office.mail("an")[1])) == (2, 0, b"")


async def test_who_was_written_to_and_proves_to_be_it_is_not_put_into_junk(filtering: Doors, office: Office) -> None:
    teach(office.store, [agency_of(office)])
    _ham, [unwanted] = samples(1, 1, seed=2)
    friendly = b"From: Ban <a@friend.test>\r\n" + unwanted[unwanted.index(b"To: ") :]
    await deliver(filtering, [friendly], sender="a@friend.test")
    assert count(office, "an", "Junk") == 1
    office.store.db.write(lambda tx: senders.written_to_tx(tx, office.agency_id, "a@friend.test"), SYSTEM)
    await deliver(filtering, [friendly], sender="a@friend.test")
    assert (count(office, "an"), count(office, "an", "Junk")) == (1, 1)
    await deliver(filtering, [friendly], sender="x@spam.test")  # anybody can write this name
    assert (count(office, "an"), count(office, "an", "Junk")) == (1, 2)


async def test_moves_say_what_they_say_by_whatever_command(
    filtering: Doors, office: Office, store: Store, an_s_client: Client
) -> None:
    ham, unwanted = samples(2, 4, seed=1)
    await deliver(filtering, [*unwanted, *ham])
    own = office.ids["an"]

    async def after(act: Callable[[imaplib.IMAP4], None], expected: Count) -> None:
        await an_s_client(act)
        work(store)
        assert learned(store, own) == expected

    await after(moved("INBOX", "1:2", "Junk"), Count(0, 2))
    await after(lambda client: client.create("Junk/sub"), Count(0, 2))  # type: ignore[arg-type,return-value]
    await after(moved("INBOX", "3", "Junk/sub", "COPY"), Count(0, 3))
    await after(moved("Junk", "1", "Junk/sub"), Count(0, 3))
    await after(moved("Junk/sub", "1:*", "Trash"), Count(0, 3))  # cleared away
    await after(moved("Trash", "1", "INBOX"), Count(0, 3))
    await after(moved("INBOX", "5", "Junk"), Count(0, 4))
    await after(moved("Junk", "3", "Archive"), Count(1, 3))  # a mistake, put right
    await after(moved("Archive", "1", "Junk"), Count(0, 4))


def stored(folder: str, *commands: tuple[str, str, str]) -> Callable[[imaplib.IMAP4], None]:
    """STORE of (uids, item, keywords), one after another."""

    def act(client: imaplib.IMAP4) -> None:
        assert client.select(folder)[0] == "OK"
        for uids, item, words in commands:
            assert client.uid("STORE", uids, item, words)[0] == "OK"

    return act


def keywords(office: Office, who: str, folder: str) -> list[str]:
    def read(conn):  # type: ignore[no-untyped-def]
        return list(entries.snapshot(conn, folders.get(conn, office.ids[who], folder).id).keywords)

    return office.store.db.read(read)


async def test_keywords_of_mail_programs_say_what_moves_say_and_the_last_word_counts(
    filtering: Doors, office: Office, store: Store, an_s_client: Client
) -> None:
    ham, unwanted = samples(2, 3, seed=1)
    await deliver(filtering, [*unwanted, *ham])
    own = office.ids["an"]

    async def after(act: Callable[[imaplib.IMAP4], None], expected: Count) -> None:
        await an_s_client(act)
        work(store)
        assert learned(store, own) == learned(store, agency_of(office)) == expected

    await after(stored("INBOX", ("1", "+FLAGS", "($Junk)"), ("2", "+FLAGS", "(junk)")), Count(0, 2))
    await after(stored("INBOX", ("1", "+FLAGS", "(JUNK)"), ("2", "-FLAGS", "(Junk)")), Count(0, 2))
    await after(moved("INBOX", "1", "Junk"), Count(0, 2))  # as the keyword said
    await after(stored("INBOX", ("4:5", "+FLAGS", "(NonJunk)")), Count(0, 2))  # the program's opinion, nobody's
    await after(stored("INBOX", ("5", "+FLAGS", "($Junk)"), ("3", "+FLAGS", "($Junk $NotJunk)")), Count(0, 3))
    assert keywords(office, "an", "INBOX")[-1] == "$Junk"
    await after(stored("INBOX", ("5", "+FLAGS", "($NotJunk)")), Count(1, 2))
    assert keywords(office, "an", "INBOX") == ["", "$Junk $NotJunk", "NonJunk", "$NotJunk"]
    await after(stored("INBOX", ("5", "+FLAGS", "($Junk)"), ("5", "+FLAGS", "(NotJunk)")), Count(1, 2))
    await after(moved("INBOX", "4:5", "Junk"), Count(0, 4))
    assert keywords(office, "an", "Junk")[1:] == ["$Junk", "$Junk"]
    await after(stored("Junk", ("1", "+FLAGS", "(NonJunk)")), Count(1, 3))
    await after(moved("Junk", "1:*", "INBOX"), Count(3, 1))
    assert not any("$Junk" in one for one in keywords(office, "an", "INBOX")[-3:])


async def test_what_is_put_into_junk_says_so_to_mail_programs_and_teaches_nothing(
    filtering: Doors, office: Office, store: Store, an_s_client: Client
) -> None:
    teach(office.store, [agency_of(office)])
    before = learned(store, agency_of(office))
    [wanted], [unwanted] = samples(1, 1, seed=2)
    await deliver(filtering, [unwanted, wanted], "an@sct.test", "vanphong@sct.test")
    work(store)
    assert keywords(office, "an", "Junk") == ["$Junk"]
    assert keywords(office, "an", "INBOX") == keywords(office, "vanphong", "INBOX")[:1] == [""]
    assert learned(store, agency_of(office)) == before
    found: list[bytes] = []

    def look(client: imaplib.IMAP4) -> None:
        client.select("Junk")
        found.extend(client.uid("SEARCH", "KEYWORD", "$Junk")[1])  # type: ignore[arg-type]

    await an_s_client(look)
    assert found == [b"1"]
