"""What members of lists get, and who of many recipients gets it by which list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailserver.delivery import circulation
from mailserver.delivery.errors import MailLoop
from mailserver.directory.mailing_lists import Posting, ReplyTo, Settings, Terms
from mailserver.directory.resolve import Mailbox, Many, Resolution, Unknown
from mailserver.mime.scan import scan

TERMS = Terms(7, 1, "toancoquan@sct.test", 'Toàn cơ quan "SCT"', Settings(), "vp@sct.test")
LETTER = b"From: an@sct.test\r\nSubject: x\r\n\r\nHi\r\n"
FRONT = b"Return-Path: <an@sct.test>\r\nReceived: x\r\n"


def listed(list_id: int, members: tuple[int, ...], outsiders: tuple[str, ...] = ()) -> Many:
    terms = replace(TERMS, list_id=list_id, address=f"l{list_id}@sct.test", outsiders=outsiders)
    return Many(list_id, members, terms=terms)


def test_each_member_gets_one_copy_and_who_is_named_gets_the_letter_itself() -> None:
    resolved: dict[str, Resolution] = {
        "l1@sct.test": listed(1, (10, 11, 12), ("x@far.test", "y@far.test")),
        "an@sct.test": Mailbox(10),
        "postmaster@sct.test": Many(None, (11,)),
        "l2@sct.test": listed(2, (12, 13), ("x@far.test", "z@far.test")),
        "L1@sct.test": listed(1, (10, 11, 12)),
        "y@far.test": Unknown(local=False),
    }
    first, second = circulation.copies_of(resolved, ("y@far.test",))
    assert (first.members, first.outside) == ({12}, ("x@far.test",))
    assert (second.members, second.outside) == ({13}, ("z@far.test",))
    assert circulation.copies_of({"an@sct.test": Mailbox(10), "g@sct.test": Many(3, (10,))}, ()) == ()


@pytest.mark.parametrize(
    ("settings", "data", "said", "unsaid"),
    [
        (Settings(), LETTER, b"List-Post: <mailto:toancoquan@sct.test>\r\n", b"Unsubscribe"),
        (Settings(posting=Posting.POSTERS), LETTER, b"List-Post: NO\r\n", b"Reply-To"),
        (Settings(may_leave=True), LETTER, b"List-Unsubscribe: <mailto:vp@sct.test?subject=unsub", b"Reply-To"),
        (Settings(reply_to=ReplyTo.LIST), LETTER, b"Reply-To: toancoquan@sct.test\r\n", b"Unsubscribe"),
        # A second Reply-To field is not allowed, and a signature may say that there is none.
        (Settings(reply_to=ReplyTo.LIST), b"Reply-To: b@c.test\r\n" + LETTER, b"List-Id", b"Reply-To: toan"),
        (Settings(reply_to=ReplyTo.LIST), b"DKIM-Signature: x\r\n" + LETTER, b"List-Id", b"Reply-To: toan"),
    ],
)
def test_the_fields_stand_in_front_and_the_letter_follows_octet_for_octet(
    settings: Settings, data: bytes, said: bytes, unsaid: bytes
) -> None:
    octets, scanned = circulation.framed(FRONT, data, scan(FRONT + data), replace(TERMS, settings=settings))
    assert octets.startswith(b"Return-Path: <an@sct.test>\r\nList-Id: =?utf-8?")
    assert octets.endswith(b"Received: x\r\n" + data)
    assert b" <toancoquan.sct.test>\r\nList-Help: <mailto:vp@sct.test?subject=help>\r\n" in octets
    assert b"List-Owner: <mailto:vp@sct.test>\r\n" in octets and b"Precedence: list\r\n" in octets
    assert said in octets and unsaid not in octets.removesuffix(data)
    assert scanned == scan(octets)


def test_a_title_and_an_address_of_any_letters_keep_to_their_lines() -> None:
    long = "Tiêu đề rất dài " * 20
    for title, phrase in (('A "b" \\', b'"A \\"b\\" \\\\" <'), (long, b"=?utf-8?"), ("a\nb", b"=?utf-8?")):
        terms = replace(TERMS, title=title, address="tổ-một@sct.test")
        front = circulation.framed(FRONT, LETTER, scan(FRONT + LETTER), terms)[0].removesuffix(LETTER)
        line = next(one for one in front.split(b"\r\n") if one.startswith(b"List-Id: "))
        assert line.startswith(b"List-Id: " + phrase) and line.endswith(b".sct.test>")
        assert front.count(b"\r\n") == len(circulation.fields(terms, LETTER)) + 2
        assert front.isascii() and b"List-Post: <mailto:t%E1%BB%95-m" in front


def test_what_came_by_the_list_before_is_a_loop() -> None:
    copies = circulation.copies_of({"l1@sct.test": listed(1, (10,))}, ())
    circulation.require_new(b"List-Id: <l2.sct.test>\r\n" + LETTER + b"List-Id: <l1.sct.test>\r\n", copies)
    with pytest.raises(MailLoop):
        circulation.require_new(b"List-ID: x\r\n =?utf-8?q?y?=\r\n <L1.sct.test>\r\n" + LETTER, copies)
