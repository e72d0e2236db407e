"""Mail that a rule keeps back, from the submission door to what a mail program reads."""

from __future__ import annotations

import asyncio
import base64
import imaplib
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from mailbox_policies.holding import deciding, destroying, expiry, rows
from mailbox_policies.holding.checks import check
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.notices import Office as Telling
from mailbox_policies.holding.records import AlreadyDecided, KeptMessage, Kind, State, StillElsewhere
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Policy, Stage, Verdict, hold, quarantine
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import submission
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.imap.server import ImapServer
from mailserver.imap.services import SignedIn
from mailserver.imap.settings import ImapSettings
from mailserver.outbound.parcels import Queue
from mailserver.smtp.settings import Role
from mailserver.store import fsck, raw
from mailserver.store.collect import collect_garbage
from mailserver.store.messages import read_octets
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office

ARTICLE = Article("123/QĐ-SCT", dieu=9)
OUTSIDE = "x@elsewhere.test"
SCAN = base64.encodebytes(bytes(range(256)) * 200).replace(b"\n", b"\r\n")
LETTER = (
    b"From: an@sct.test\r\nTo: binh@sct.test\r\nSubject: Fwd: x\r\nMessage-ID: <1@sct.test>\r\n"
    b"Date: Tue, 5 Mar 2024 08:30:00 +0700\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + SCAN
)


def holding(outside_only: bool = False, *notes: Verdict) -> Policy:
    """Holds everything at submission, or what leaves."""

    def policy(case: Case) -> Verdict:
        if case.stage not in (Stage.SUBMISSION, Stage.DATA) or case.contents is None:
            return ACCEPT
        verdict = hold("test-hold", ARTICLE, Cause.NONE)
        named = case.outside if outside_only else None
        return ACCEPT if named == () else replace(verdict, for_recipients=named, waits_for="chi@sct.test", notes=notes)

    return policy


def quarantining(case: Case) -> Verdict:
    return quarantine("test-quarantine", ARTICLE, Cause.NONE) if case.contents else ACCEPT


@pytest.fixture
def keeping(doors: Doors) -> Doors:
    doors.delivery.keeper = Keeper()
    doors.delivery.outside = Queue()
    doors.delivery.policy = holding()
    return doors


@pytest.fixture
def telling(store: Store) -> Telling:
    return Telling(Queue(), store.blobs, "mail.sct.test")


async def submitted(doors: Doors, *recipients: str, data: bytes = LETTER) -> str:
    peer = await doors.connect(Role.SUBMISSION, allow_plaintext=True)
    await peer.hello()
    assert (await peer.say("AUTH PLAIN " + base64.b64encode(f"\0an\0{PASSWORD}".encode()).decode())).startswith("235")
    await peer.say("MAIL FROM:<an@sct.test>")
    for recipient in recipients:
        assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("250")
    return await sent(peer, data)


async def sent(peer: Peer, data: bytes) -> str:
    await peer.say("DATA")
    peer.send(data + b".\r\n")
    return await peer.reply()


def kept(store: Store, kept_id: int = 1) -> KeptMessage:
    return store.db.read(lambda conn: rows.get(conn, kept_id))


def count(store: Store, table: str) -> int:
    return int(store.db.read(lambda conn: raw.rows(conn, f"SELECT count(*) FROM {table}"))[0][0])


def sound(store: Store) -> bool:
    return not fsck.check(store.db, store.blobs) and not store.db.read(lambda conn: list(check(conn)))


async def read_by_imap(store: Store, who: int, agency_id: int) -> list[bytes]:
    """What is in somebody's INBOX, as imaplib of Python reads it."""

    async def authenticate(login: str, password: str, remote: str) -> object:
        async def stands() -> bool:
            return True

        return SignedIn(who, agency_id, "vi", stands)

    server = ImapServer(store, authenticate, ImapSettings(allow_plaintext=True))  # type: ignore[arg-type]
    sock = socket.create_server(("127.0.0.1", 0))
    await server.serve(sock)

    def read() -> list[bytes]:
        with imaplib.IMAP4("127.0.0.1", sock.getsockname()[1], timeout=60) as client:
            client.login("x", "y")
            client.select("INBOX", readonly=True)
            _ok, found = client.search(None, "ALL")
            return [client.fetch(n, "(BODY.PEEK[])")[1][0][1] for n in found[0].decode().split()]  # type: ignore[index,misc]

    octets = await asyncio.to_thread(read)
    await server.drain(5)
    return octets


@pytest.mark.requirement("R-089")
async def test_a_held_message_goes_to_nobody_until_it_is_released_octet_for_octet(
    keeping: Doors,
    store: Store,
    office: Office,
    telling: Telling,
) -> None:
    answer = await submitted(keeping, "binh@sct.test", OUTSIDE)
    assert answer.startswith("250 2.0.0 Ok: ")
    assert "chi@sct.test" in answer
    assert (office.mail("binh"), count(store, "outbound_message")) == ([], 0)
    row = kept(store)
    assert (row.kind, row.state, row.rule) == (Kind.HELD, State.WAITING, "test-hold")
    assert (row.recipients, row.outside) == (("binh@sct.test", OUTSIDE), (OUTSIDE,))
    assert (row.waits_for_id, row.actor_id) == (office.ids["chi"], office.ids["an"])
    collect_garbage(store.db, store.blobs, older_than=timedelta(seconds=-60))  # what is kept is not collected
    original = store.db.read(lambda conn: _octets(conn, store, row))
    store.db.write(lambda tx: deciding.release_tx(tx, telling, row.id, "được"), SYSTEM)
    await store.feed.start()
    (octets,) = await read_by_imap(store, office.ids["binh"], office.agency_id)
    await store.feed.stop()
    assert octets == original
    assert octets.endswith(LETTER)
    assert (count(store, "outbound_message"), kept(store).state) == (1, State.RELEASED)
    (told,) = office.mail("an")
    assert "vừa gửi tới" in base64.b64decode(told.partition(b"\r\n\r\n")[2]).decode() or b"been sent" in told
    with pytest.raises(AlreadyDecided):
        store.db.write(lambda tx: deciding.refuse_tx(tx, telling, row.id), SYSTEM)
    assert sound(store)


def _octets(conn: object, store: Store, row: KeptMessage) -> bytes:
    assert row.message_pk is not None
    return read_octets(conn, store.blobs, row.message_pk)  # type: ignore[arg-type]


async def test_only_those_outside_wait_and_who_is_inside_has_it_at_once(
    keeping: Doors,
    store: Store,
    office: Office,
    telling: Telling,
) -> None:
    keeping.delivery.policy = holding(outside_only=True)
    assert "chi@sct.test" in await submitted(keeping, "binh@sct.test", OUTSIDE)
    assert (len(office.mail("binh")), count(store, "outbound_message")) == (1, 0)
    row = kept(store)
    assert (row.recipients, row.mailboxes, row.outside) == ((OUTSIDE,), (), (OUTSIDE,))
    assert (await submitted(keeping, "binh@sct.test")).startswith("250 2.0.0 Ok: ")
    assert count(store, "kept_message") == 1
    # Who has the message has it still when it is refused to the others; and it cannot be destroyed here.
    with pytest.raises(StillElsewhere):
        destroying.destroy(store.db, telling, row.id, SYSTEM)
    assert kept(store).waits
    store.db.write(lambda tx: deciding.refuse_tx(tx, telling, row.id, "không được"), SYSTEM)
    (told,) = office.mail("an")
    assert OUTSIDE.encode() in told or OUTSIDE in base64.b64decode(told.partition(b"\r\n\r\n")[2]).decode()
    assert (len(office.mail("binh")), count(store, "outbound_message")) == (2, 0)
    assert sound(store)


@pytest.mark.parametrize("ending", ["refused", "expired", "withdrawn"])
async def test_what_is_not_released_is_nobodys(
    keeping: Doors,
    store: Store,
    office: Office,
    telling: Telling,
    ending: str,
) -> None:
    await submitted(keeping, "binh@sct.test")
    row = kept(store)
    if ending == "refused":
        store.db.write(lambda tx: deciding.refuse_tx(tx, telling, row.id), SYSTEM)
    elif ending == "withdrawn":
        store.db.write(lambda tx: deciding.withdraw_tx(tx, row.id), SYSTEM)
    else:
        assert expiry.expire(store.db, telling, row.expires_at - timedelta(seconds=1)) == 0
        assert expiry.expire(store.db, telling, row.expires_at) == 1
    assert kept(store).state.value == ending
    assert (office.mail("binh"), len(office.mail("an"))) == ([], 0 if ending == "withdrawn" else 1)
    collect_garbage(store.db, store.blobs, older_than=timedelta(seconds=-60))
    assert count(store, "message") == len(office.mail("an"))
    assert sound(store)


@pytest.mark.requirement("R-020")
async def test_of_what_is_destroyed_no_octet_stays(
    keeping: Doors,
    store: Store,
    office: Office,
    telling: Telling,
) -> None:
    keeping.delivery.policy = quarantining
    peer = await keeping.connect(Role.MX)
    await peer.begin(["binh@sct.test"])
    peer.send(LETTER + b".\r\n")
    assert "quarantined" in await peer.reply()
    row = kept(store)
    assert (row.kind, row.agency_id, row.actor_id) == (Kind.QUARANTINED, office.agency_id, None)
    assert list(store.blobs.digests())
    destroying.destroy(store.db, telling, row.id, SYSTEM, "bàn giao theo quy trình riêng")
    assert [count(store, table) for table in ("message", "message_segment", "message_text", "kept_message")] == [
        0,
        0,
        0,
        1,
    ]
    assert not list(store.blobs.digests())
    assert (kept(store).state, kept(store).message_pk) == (State.DESTROYED, None)
    assert office.mail("binh") == []
    assert sound(store)


async def test_what_two_rules_hold_waits_for_one_after_the_other(
    keeping: Doors,
    store: Store,
    office: Office,
    telling: Telling,
) -> None:
    second = quarantine("second", ARTICLE, Cause.NONE)
    keeping.delivery.policy = holding(False, second)
    await submitted(keeping, "binh@sct.test")
    store.db.write(lambda tx: deciding.release_tx(tx, telling, 1), SYSTEM)
    assert (office.mail("binh"), office.mail("an")) == ([], [])
    assert (kept(store, 2).rule, kept(store, 2).kind, kept(store, 2).further) == ("second", Kind.QUARANTINED, ())
    store.db.write(lambda tx: deciding.release_tx(tx, telling, 2), SYSTEM)
    assert (len(office.mail("binh")), len(office.mail("an"))) == (1, 1)
    assert sound(store)


async def test_without_a_keeper_it_is_refused(keeping: Doors, office: Office) -> None:
    keeping.delivery.keeper = None
    assert (await submitted(keeping, "binh@sct.test")).startswith("550 5.7.1")
    keeping.delivery.keeper = Keeper()
    assert (await submitted(keeping, "binh@sct.test")).startswith("250")
    assert office.mail("binh") == []


def test_a_fault_after_the_keeping_leaves_nothing(keeping: Doors, store: Store, office: Office) -> None:
    """Kept and delivered in one transaction: it is there with the 250, or not at all."""

    class Broken(Keeper):
        def keep_tx(self, tx, kept):  # type: ignore[no-untyped-def]
            super().keep_tx(tx, kept)
            raise RuntimeError("killed")

    keeping.delivery.keeper = Broken()
    letter = Letter(LETTER, "an@sct.test", ("binh@sct.test",), Received("", "", "HTTP", "w"))
    with pytest.raises(RuntimeError):
        submission.submit_sync(keeping.delivery, Actor(office.ids["an"], office.agency_id, "web"), letter)
    assert [count(store, table) for table in ("message", "kept_message")] == [0, 0]
    assert sound(store)
