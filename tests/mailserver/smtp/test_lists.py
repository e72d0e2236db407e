"""Distribution lists at the doors: who may write to one, and what its members get."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes

import pytest

from mailbox_policies.forwarding.keeping import Letters
from mailbox_policies.holding import deciding, rows
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Moderating, Owners
from mailbox_policies.holding.notices import Office as Telling
from mailbox_policies.holding.records import KeptMessage
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, hold
from mailserver.actor import SYSTEM
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_lists import Posting, ReplyTo, Role, Settings
from mailserver.outbound import listing
from mailserver.outbound.listing import OutgoingMail
from mailserver.outbound.parcels import Queue
from mailserver.smtp.settings import Role as DoorRole
from mailserver.store import fsck
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office

LIST = "thongbao@sct.test"
LETTER = (
    b"From: an@sct.test\r\nTo: thongbao@sct.test\r\nSubject: =?utf-8?q?L=E1=BB=8Bch?=\r\nMessage-ID: <1@sct.test>\r\n"
    b"Date: Tue, 5 Mar 2024 08:30:00 +0700\r\n\r\nHi\r\n"
)
Make = Callable[..., int]


@pytest.fixture
def make(doors: Doors, office: Office) -> Make:
    """Makes the list with binh and chi, the owner chi, and somebody elsewhere, and changes it the next time."""
    doors.delivery.outside = Queue()
    doors.delivery.keeper = Moderating(Keeper(), doors.store.blobs, "https://mail.sct.test")
    known: list[int] = []

    def change(**settings: object) -> int:
        wanted = replace(Settings(takes_outside=True), **settings)  # type: ignore[arg-type]

        def work(tx: Tx) -> int:
            if known:
                mailing_changes.change_tx(tx, known[0], "Thông báo", wanted)
                return known[0]
            list_id = mailing_changes.create_tx(tx, office.agency_id, "Thông báo", "thongbao", wanted)
            for one in (Wanted(office.ids["binh"]), Wanted(office.ids["chi"]), Wanted(outsider="Ba@far.test")):
                mailing_changes.add_tx(tx, list_id, one)
            mailing_changes.give_role_tx(tx, list_id, office.ids["chi"], Role.OWNER)
            return list_id

        known[:] = [doors.store.db.write(work, SYSTEM)]
        return known[0]

    return change


async def signed_in(doors: Doors, who: str) -> Peer:
    peer = await doors.connect(DoorRole.SUBMISSION, allow_plaintext=True)
    await peer.hello()
    secret = base64.b64encode(f"\0{who}\0{PASSWORD}".encode()).decode()
    assert (await peer.say("AUTH PLAIN " + secret)).startswith("235")
    return peer


async def send(peer: Peer, *to: str, sender: str = "an@sct.test", data: bytes = LETTER) -> str:
    """The first refusal, or the answer to the message."""
    await peer.say("RSET")
    await peer.say(f"MAIL FROM:<{sender}>")
    for one in to or (LIST,):
        if not (answer := await peer.say(f"RCPT TO:<{one}>")).startswith("250"):
            return answer
    await peer.say("DATA")
    peer.send(data + b".\r\n")
    return await peer.reply()


def outgoing(store: Store) -> list[OutgoingMail]:
    ids = "SELECT id FROM outbound_message ORDER BY id"
    now = store.db.write(lambda tx: tx.now, SYSTEM)
    return store.db.read(
        lambda conn: [listing.get(conn, one, now) for one in conn.exec_driver_sql(ids).scalars().all()]
    )


@pytest.mark.requirement("R-027")
async def test_only_those_with_the_right_write_to_a_list(doors: Doors, office: Office, make: Make) -> None:
    list_id = make(posting=Posting.MEMBERS)
    an, binh, stranger = await signed_in(doors, "an"), await signed_in(doors, "binh"), await doors.connect()
    await stranger.hello()
    refusal = await send(an)
    assert refusal.startswith("550 5.7.1 Bạn không có quyền gửi thư tới danh sách này / ")
    by_binh = LETTER.replace(b"From: an@", b"From: binh@")
    assert (await send(binh, sender="binh@sct.test", data=by_binh)).startswith("250")
    # Whoever has not signed in may have written any sender, one of ours too.
    assert (await send(stranger, sender="binh@sct.test")).startswith("550 5.7.1")
    make(posting=Posting.AGENCY)
    assert (await send(an)).startswith("250")
    make(posting=Posting.POSTERS)
    assert (await send(an)).startswith("550 5.7.1")
    # The post of the chief of office is held by an.
    doors.store.db.write(lambda tx: mailing_changes.give_role_tx(tx, list_id, office.ids["cvp"], Role.POSTER), SYSTEM)
    assert (await send(an)).startswith("250")
    assert (await send(stranger, sender="x@far.test")).startswith("550 5.7.1")
    make(posting=Posting.ANYONE)
    assert (await send(stranger, sender="x@far.test")).startswith("250")
    assert (await send(stranger, sender="")).startswith("550 5.7.1")
    assert len(office.mail("chi")) == 4


async def test_each_member_gets_it_once_with_the_fields_of_the_list(doors: Doors, office: Office, make: Make) -> None:
    make()
    an = await signed_in(doors, "an")
    assert (await send(an, LIST, "binh@sct.test")).startswith("250")
    (itself,), (by_list,) = office.mail("binh"), office.mail("chi")
    assert b"List-Id" not in itself and itself.endswith(LETTER)
    assert by_list.endswith(LETTER) and b" <thongbao.sct.test>\r\nList-Help: <mailto:chi@sct.test" in by_list
    assert b"\r\nPrecedence: list\r\n" in by_list and by_list.startswith(b"Return-Path: <an@sct.test>\r\n")
    (parcel,) = outgoing(doors.store)
    # RFC 5321 §3.9.2: what does not arrive elsewhere is the owner's to hear of.
    assert (parcel.sender, [one.address for one in parcel.recipients]) == ("chi@sct.test", ["Ba@far.test"])
    # Somebody sends it on to the list.
    assert (await send(an, data=by_list)).startswith("554 5.4.6")
    assert len(office.mail("chi")) == 1
    assert not fsck.check(doors.store.db, doors.store.blobs)


async def test_a_letter_too_large_for_the_list_is_refused(doors: Doors, office: Office, make: Make) -> None:
    make(size_limit=1024 * 1024 // 10)
    an = await signed_in(doors, "an")
    answer = await send(an, data=LETTER + b"x" * 70 + (b"y" * 70 + b"\r\n") * 1600)
    assert answer.startswith("552 5.3.4") and "thongbao@sct.test" in answer
    assert office.mail("chi") == []


async def test_others_letters_wait_for_the_owner(doors: Doors, office: Office, make: Make) -> None:
    make(posting=Posting.MEMBERS, moderated=True)
    an = await signed_in(doors, "an")
    answer = await send(an, LIST, "an@sct.test")
    assert answer.startswith("250") and "chi@sct.test" in answer
    assert len(office.mail("an")) == 1 and office.mail("binh") == [] and outgoing(doors.store) == []
    (question,) = office.mail("chi")
    assert b"Auto-Submitted: auto-generated" in question
    store = doors.store
    (kept,) = store.db.read(lambda conn: [rows.get(conn, 1)])
    assert kept.waits_for_id == office.ids["chi"]
    telling = Telling(Queue(), store.blobs, "mail.sct.test")

    def release(tx: Tx) -> KeptMessage:
        return deciding.release_tx(tx, telling, kept.id)

    store.db.write(release, SYSTEM)
    (arrived,) = office.mail("binh")
    assert b"<thongbao.sct.test>" in arrived and arrived.endswith(LETTER)
    assert len(office.mail("chi")) == 2 and len(office.mail("an")) == 2
    (parcel,) = outgoing(store)
    assert (parcel.sender, [one.address for one in parcel.recipients]) == ("chi@sct.test", ["Ba@far.test"])
    assert not fsck.check(store.db, store.blobs)


CONSENT = b"Vanthu-Consent: 1; by=link\r\n"


@pytest.mark.parametrize("field", [b"", CONSENT], ids=["page", "consent"])
async def test_what_a_rule_held_reaches_members_as_if_it_had_not_been_held(
    doors: Doors, office: Office, make: Make, field: bytes
) -> None:
    make(reply_to=ReplyTo.LIST, may_leave=True)
    an, store = await signed_in(doors, "an"), doors.store
    assert (await send(an, LIST, "an@sct.test")).startswith("250")
    doors.delivery.policy = holding
    assert (await send(an, LIST, "an@sct.test")).startswith("250")
    assert [len(office.mail(one)) for one in ("an", "binh", "chi")] == [1, 1, 1] and len(outgoing(store)) == 1
    if field:
        letters = Letters(Queue(), Owners(store.blobs))
        store.db.write(lambda tx: letters.release_tx(tx, 1, field), SYSTEM)
    else:
        store.db.write(lambda tx: deciding.release_tx(tx, Telling(Queue(), store.blobs, "mail.sct.test"), 1), SYSTEM)
    for who in ("an", "binh", "chi"):
        at_once, later = office.mail(who)[:2]
        assert later.startswith(field) and untraced(later.removeprefix(field)) == untraced(at_once)
    assert b"\r\nReply-To: thongbao@sct.test\r\n" in office.mail("binh")[1]
    # What mail programs list and answer by was made of the fields that the list put in.
    lists = "SELECT DISTINCT envelope, listed_fields FROM message m JOIN entry e ON e.message_pk = m.id WHERE"
    query = f"{lists} e.folder_id IN (SELECT id FROM folder WHERE owner_id = {office.ids['binh']})"
    assert len(store.db.read(lambda conn: conn.exec_driver_sql(query).all())) == 1
    one, two = outgoing(store)
    assert one.sender == two.sender == "chi@sct.test" and two.size == one.size + len(field)
    assert [who.address for who in two.recipients] == ["Ba@far.test"]
    assert not fsck.check(store.db, store.blobs)


def holding(case: Case) -> Verdict:
    verdict = hold("test-hold", Article("123/QĐ-SCT", dieu=9), Cause.NONE)
    return ACCEPT if case.contents is None else verdict


def untraced(octets: bytes) -> bytes:
    """Without the number and the time of our Received field."""
    return re.sub(rb" id [^;\r\n]+;\r\n\t[^\r\n]+", b"", octets, count=1)


async def test_what_a_rule_lets_go_waits_for_the_lists_owner_where_the_list_wants_that(
    doors: Doors, office: Office, make: Make
) -> None:
    make(posting=Posting.MEMBERS, moderated=True)
    doors.delivery.policy = holding
    an, store = await signed_in(doors, "an"), doors.store
    assert (await send(an)).startswith("250")
    telling = Telling(Queue(), store.blobs, "mail.sct.test", web="https://mail.sct.test")
    store.db.write(lambda tx: deciding.release_tx(tx, telling, 1), SYSTEM)
    assert (office.mail("an"), office.mail("binh"), outgoing(store)) == ([], [], [])
    (question,) = office.mail("chi")
    assert b"https://mail.sct.test/thu-giu/2" in automatic_text(question)
    store.db.write(lambda tx: deciding.release_tx(tx, telling, 2), SYSTEM)
    (arrived,) = office.mail("binh")
    assert b"<thongbao.sct.test>" in arrived and arrived.endswith(LETTER)
    assert len(office.mail("an")) == 1  # that it has gone
    (parcel,) = outgoing(store)
    assert (parcel.sender, [one.address for one in parcel.recipients]) == ("chi@sct.test", ["Ba@far.test"])
    assert not fsck.check(store.db, store.blobs)


def automatic_text(octets: bytes) -> bytes:
    found = message_from_bytes(octets).get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("stage", [Stage.SUBMISSION, Stage.DATA])
async def test_what_a_rule_held_for_members_elsewhere_leaves_from_the_owner_too(
    doors: Doors, office: Office, make: Make, stage: Stage
) -> None:
    """A stranger's letter must not leave under the stranger's sender (SPF), nor its bounces go there."""

    def policy(case: Case) -> Verdict:
        held = hold("test-hold", Article("123/QĐ-SCT", dieu=9), Cause.NONE)
        return replace(held, for_recipients=case.outside) if case.stage is stage and case.outside else ACCEPT

    make(posting=Posting.ANYONE)
    doors.delivery.policy = policy
    if stage is Stage.SUBMISSION:
        peer, sender = await signed_in(doors, "an"), "an@sct.test"
    else:
        peer, sender = await doors.connect(), "x@elsewhere.test"
        await peer.hello()
    assert (await send(peer, sender=sender)).startswith("250")
    store = doors.store
    assert outgoing(store) == [] and b"List-Id" in office.mail("binh")[0]
    telling = Telling(Queue(), store.blobs, "mail.sct.test")
    store.db.write(lambda tx: deciding.release_tx(tx, telling, 1), SYSTEM)
    (parcel,) = outgoing(store)
    assert (parcel.sender, [one.address for one in parcel.recipients]) == ("chi@sct.test", ["Ba@far.test"])
    assert not fsck.check(store.db, store.blobs)
