"""What a letter passes on of the mail that its writer has, on both databases."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.border import Border
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import grants
from mailserver.passing import PassedOn
from mailserver.store import acl, entries, folders, ingest
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.forwards import KINDS, TEXT, Forward, Original, attached, mail, plain, word
from tests.support.office import Office, found_office

OUTSIDE = "lan@ngoai.example"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


@pytest.fixture
def original(office: Office) -> Original:
    return Original(office.address("binh"), "Trần Thị Bình", office.address("an"))


def deliver(office: Office, data: bytes, *names: str) -> int:
    prepared = ingest.prepare(data, office.store.blobs)

    def work(tx: Tx) -> int:
        message_pk = ingest.store_message_tx(tx, prepared)
        deliver_tx(tx, message_pk, [office.ids[name] for name in names])
        return message_pk

    return int(office.store.db.write(work, SYSTEM))


def keep(office: Office, name: str, folder: str, data: bytes) -> None:
    prepared = ingest.prepare(data, office.store.blobs)

    def work(tx: Tx) -> None:
        found = folders.find(tx.conn, office.ids[name], folder) or folders.create_tx(tx, office.ids[name], folder)
        entries.append_tx(tx, found.id, prepared, 0, "", tx.now_s)

    office.store.db.write(work, SYSTEM)


def asked(
    office: Office, data: bytes, *recipients: str, name: str = "an", border: Border = Border.AGENCY
) -> tuple[PassedOn, ...]:
    actor = Actor(office.ids[name], office.agency_id, "smtp", "127.0.0.1")
    asking = Asking(lambda _agency: border, now)
    return office.store.db.read(lambda conn: asking(conn, actor, data, recipients or (OUTSIDE,)))


def forward(office: Office, original: Original, kind: str, *, vietnamese: bool = False) -> bytes:
    return KINDS[kind](Forward(original, office.address("an"), OUTSIDE, vietnamese))


def test_a_forward_is_recognised_whatever_made_it(office: Office, original: Original) -> None:
    message_pk = deliver(office, original.octets(), "an")
    expected = [(message_pk, (original.sender,), (OUTSIDE,))]
    for kind in KINDS:
        for vietnamese in (False, True):
            passed = asked(office, forward(office, original, kind, vietnamese=vietnamese))
            assert [(one.message_pk, one.authors, one.readers) for one in passed] == expected, kind


def test_a_short_letter_is_recognised_by_the_lines_above_it(office: Office, original: Original) -> None:
    short = replace(original, text="Mai họp lúc 8 giờ.\n")
    deliver(office, short.octets(), "an")
    for kind in ("apple_mail", "gmail", "neomutt"):
        assert [one.by for one in asked(office, forward(office, short, kind))] == ["block"], kind


def test_internal_forwards_pass(office: Office, original: Original) -> None:
    deliver(office, original.octets(), "an")
    for kind in KINDS:
        data = forward(office, original, kind)
        assert asked(office, data, office.address("chi"), office.address("tatca")) == ()


def test_only_who_has_not_had_the_letter_is_new(office: Office, original: Original) -> None:
    head, _, rest = original.octets().partition(b"Subject:")
    data = head + b"Cc: minh@ngoai.example\r\nSubject:" + rest
    deliver(office, data, "an")
    sent = forward(office, original, "gmail")
    assert asked(office, sent, "minh@ngoai.example", office.address("chi")) == ()
    assert [one.readers for one in asked(office, sent, "Minh@ngoai.example", OUTSIDE)] == [(OUTSIDE,)]


def test_an_answer_to_a_stranger_with_his_words_passes(office: Office, original: Original) -> None:
    strange = replace(original, sender=OUTSIDE, name="Lan")
    deliver(office, strange.octets(), "an")
    for kind in ("answer_to_one_more", "gmail", "rewritten_subject", "renamed_file"):
        assert asked(office, forward(office, strange, kind)) == ()
    assert len(asked(office, forward(office, strange, "gmail"), "khac@ngoai.example")) == 1


def test_own_words_and_files_are_nobody_elses(office: Office, original: Original) -> None:
    """Who wrote them first counts: a colleague who quotes them back is not asked."""
    mine = replace(original, sender=office.address("an"), name="An", to=office.address("binh"), message_id="first@a.vn")
    keep(office, "an", "Sent", mine.octets())
    answer = forward(office, mine, "gmail").replace(b"<forward@", b"<answer@")
    with_file = mail(
        f"From: <{original.sender}>\nTo: <{original.to}>\nSubject: Re\nMessage-ID: <answer2@a.vn>",
        plain("Đã xem.\n" + TEXT),
        attached(original.file, "lai.pdf"),
    )
    deliver(office, answer, "an")
    deliver(office, with_file, "an")
    for kind in ("rewritten_subject", "renamed_file", "gmail"):
        assert asked(office, forward(office, mine, kind)) == ()
    draft = mail(f"From: <{office.address('an')}>\nSubject: Nháp\nMessage-ID: <draft@a.vn>", plain(TEXT * 2))
    keep(office, "an", "Drafts", draft)
    assert asked(office, draft) == ()


def test_newsletters_and_machines_are_not_asked(office: Office, original: Original) -> None:
    fields = ("List-Id: <tin.ngoai.example>", "List-Unsubscribe: <mailto:x@y.vn>", "Auto-Submitted: auto-replied")
    for number, field in enumerate(fields):
        one = replace(original, message_id=f"{number}@y.vn", text=" ".join(f"{field[:6]}{at}" for at in range(90)))
        deliver(office, field.encode() + b"\r\n" + one.octets(), "an")
        assert asked(office, forward(office, one, "outlook")) == (), field
        assert asked(office, forward(office, one, "rewritten_subject")) == (), field


def test_mail_by_a_list_of_our_own_is_work_mail(office: Office, original: Original) -> None:
    deliver(office, b"List-Id: Tin <TIN.sct.test>\r\n" + original.octets(), "an")
    assert asked(office, forward(office, original, "outlook")) != ()


def test_published_notices_are_free(office: Office, original: Original) -> None:
    deliver(office, original.octets(), "an")
    data = forward(office, original, "outlook")
    assert asked(office, data) != ()
    everybody = grants.everybody(office.agency_id)

    def publish(tx: Tx) -> None:
        board = folders.create_tx(tx, office.ids["vanphong"], "Thông báo")
        acl.put_tx(tx, board.id, everybody, frozenset("lr"))
        held = entries.snapshot(tx.conn, folders.get(tx.conn, office.ids["an"], "INBOX").id).message_pks
        entries.append_tx(tx, board.id, held[0], 0, "", tx.now_s)

    office.store.db.write(publish, SYSTEM)
    assert asked(office, data) == ()


def test_commonplaces_and_logos_are_nobodys(office: Office, original: Original) -> None:
    """A disclaimer that many authors append, and a picture that comes with all their mail."""
    disclaimer = " ".join(f"dieu{number} khoan{number}" for number in range(60))
    picture = attached(bytes(range(256)) * 200, "logo.png", "image/png", "inline")
    for number in range(4):
        head = (
            f"From: <nguoi{number}@ngoai.example>\nTo: <{original.to}>\nSubject: {number}\nMessage-ID: <{number}@x.vn>"
        )
        deliver(office, mail(head, plain(f"Thư số {number}.\n{disclaimer}\n"), picture), "an")
    own = mail(f"From: <{original.to}>\nSubject: Chào", plain(f"Chào chị.\n{disclaimer}\n"), picture)
    assert asked(office, own, "moi@ngoai.example") == ()


def test_several_senders_are_each_named(office: Office, original: Original) -> None:
    other = replace(
        original,
        sender=office.address("chi"),
        name="Chi",
        message_id="chi@a.vn",
        subject="Ý kiến của phòng",
        text=" ".join(f"y{number} kien{number}" for number in range(80)),
        file=b"x" * 30_000,
    )
    deliver(office, original.octets(), "an")
    deliver(office, other.octets(), "an")
    both = mail(
        f"From: <{original.to}>\nSubject: {word('Hai việc')}",
        plain(f"Gửi chị.\n> {other.text}"),
        attached(original.file, "a.pdf"),
    )
    assert [(one.authors, one.by) for one in asked(office, both)] == [
        ((original.sender,), "file"),
        ((other.sender,), "words"),
    ]


def test_what_was_deleted_counts_as_long_as_it_was_written_to_him(office: Office, original: Original) -> None:
    deliver(office, original.octets(), "chi")
    assert len(asked(office, forward(office, original, "outlook"))) == 1
    elsewhere = replace(original, to=office.address("chi"))
    assert asked(office, forward(office, elsewhere, "outlook"), name="binh") == ()
    strange = replace(original, to=office.address("chi"), message_id="khac@a.vn", file=b"y" * 30_000, text="khác\n")
    deliver(office, strange.octets(), "chi")
    assert asked(office, forward(office, strange, "outlook")) == ()


def test_the_mailbox_of_an_office_counts_for_who_works_in_it(office: Office, original: Original) -> None:
    deliver(office, replace(original, to=office.address("cvp")).octets(), "cvp")
    assert len(asked(office, forward(office, original, "rewritten_subject"))) == 1
    assert asked(office, forward(office, original, "rewritten_subject"), name="chi") == ()


def test_the_border_may_be_the_unit(office: Office, original: Original) -> None:
    """An holds the unit's post; binh is in no unit."""
    deliver(office, replace(original, sender="ai@ngoai.example").octets(), "an")
    data = forward(office, original, "rewritten_subject")
    unit, other = office.address("vanphong"), office.address("chi")
    assert asked(office, data, unit, office.address("cvp"), border=Border.UNIT) == ()
    assert [one.readers for one in asked(office, data, unit, other, border=Border.UNIT)] == [(other,)]
    assert asked(office, data, unit, other) == ()


def test_nothing_is_looked_for_where_the_rule_is_off(office: Office, original: Original) -> None:
    deliver(office, original.octets(), "an")
    actor = Actor(office.ids["an"], office.agency_id, "smtp", "127.0.0.1")
    data = forward(office, original, "outlook")
    asking = Asking(lambda _agency: None, now)
    assert office.store.db.read(lambda conn: asking(conn, actor, data, (OUTSIDE,))) == ()


def test_a_small_file_is_known_by_its_content(office: Office, original: Original) -> None:
    """Whatever it is called and however it is encoded; a small picture and a signature are nobody's."""
    small = replace(original, text="Gửi anh.\n", file=b"%PDF-1.7 " + bytes(range(256)) * 8)
    message_pk = deliver(office, small.octets(), "an")
    sent = forward(office, small, "renamed_file")
    assert [(one.message_pk, one.by) for one in asked(office, sent)] == [(message_pk, "file")]
    assert asked(office, sent.replace(base64.b64encode(small.file[:57]), b"AAAA")) == ()
    for media in ("image/png", "application/pkcs7-signature", "text/vcard"):
        other = replace(small, message_id=f"{media}@so.example.vn", file=small.file + media.encode())
        head = f"From: <{other.sender}>\nTo: <{other.to}>\nSubject: x\nMessage-ID: <{other.message_id}>"
        deliver(office, mail(head, plain("Gửi anh.\n"), attached(other.file, "a", media)), "an")
        passed = mail("From: <a@b.vn>\nSubject: y", plain("Gửi chị.\n"), attached(other.file, "b", media))
        assert asked(office, passed) == ()


def test_ones_own_small_file_and_a_form_of_the_office_are_nobodys(office: Office, original: Original) -> None:
    own = replace(original, sender=office.address("an"), to=office.address("binh"), file=b"mau cua toi " * 200)
    deliver(office, own.octets(), "an", "binh")
    deliver(office, replace(original, message_id="lai@so.example.vn", file=own.file).octets(), "an")
    assert asked(office, forward(office, own, "renamed_file")) == ()
    form = b"mau don chung " * 200
    for number in range(4):
        sender = f"nguoi{number}@so.example.vn"
        one = replace(original, sender=sender, message_id=f"mau{number}@so.example.vn", file=form)
        deliver(office, one.octets(), "an")
    assert asked(office, forward(office, replace(original, file=form), "renamed_file")) == ()


def test_mail_of_a_unit_asks_when_somebody_beyond_the_unit_gets_it(office: Office, original: Original) -> None:
    """An handles it by the post that an holds; it came to the unit alone."""
    to_unit = replace(original, to=office.address("vanphong"))
    message_pk = deliver(office, to_unit.octets(), "vanphong")
    sent = forward(office, to_unit, "thunderbird_inline")
    chi = office.address("chi")
    assert asked(office, sent, office.address("cvp"), border=Border.UNIT) == ()
    assert [(one.message_pk, one.readers) for one in asked(office, sent, chi, border=Border.UNIT)] == [
        (message_pk, (chi,))
    ]
    assert [one.readers for one in asked(office, sent)] == [(OUTSIDE,)]
