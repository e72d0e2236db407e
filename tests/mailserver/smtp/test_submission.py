"""Mail that our people send through the submission door."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import credentials, people
from mailserver.smtp.settings import Role
from mailserver.store.database import Tx
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office


async def signed_in(doors: Doors, name: str = "an") -> Peer:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    secret = b64encode(f"\x00{name}@sct.test\x00{PASSWORD}".encode()).decode()
    assert (await peer.say(f"AUTH PLAIN {secret}")).startswith("235")
    return peer


async def submit(peer: Peer, data: bytes, sender: str, *recipients: str) -> str:
    """The answer to DATA's end, or to the first command that was refused."""
    for command in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{one}>" for one in recipients), "DATA"):
        answer = await peer.say(command)
        if not answer.startswith(("250", "354")):
            await peer.say("RSET")
            return answer
    peer.send(data + b".\r\n")
    return await peer.reply()


async def test_a_whole_letter_arrives_untouched(doors: Doors, office: Office) -> None:
    letter = (
        b"From: =?utf-8?q?An?= <An@SCT.test>\r\nTo: binh@sct.test\r\nMessage-ID: <1@sct.test>\r\n"
        b"Date: Tue, 5 Mar 2024 08:30:00 +0700\r\nSubject: x\r\n\r\nHi\r\n"
    )
    peer = await signed_in(doors)
    assert (await submit(peer, letter, "an@sct.test", "binh@sct.test")).startswith("250 2.0.0")
    (stored,) = office.mail("binh")
    assert stored.endswith(b"\r\n" + letter)
    assert b"with ESMTPA id" in stored


async def test_what_is_missing_is_put_in_front(doors: Doors, office: Office) -> None:
    letter = b"From: an@sct.test\r\nSubject: x\r\n\r\nHi\r\n"
    peer = await signed_in(doors)
    assert (await submit(peer, letter, "an@sct.test", "binh@sct.test")).startswith("250")
    (stored,) = office.mail("binh")
    assert stored.endswith(letter)
    added = stored.removesuffix(letter)
    assert added.count(b"\r\nMessage-ID: <") == added.count(b"\r\nDate: ") == 1
    assert b"Sender:" not in added


async def test_nobody_writes_as_somebody_else(doors: Doors, office: Office) -> None:
    peer = await signed_in(doors, "binh")
    own, foreign = b"From: binh@sct.test\r\n\r\nHi\r\n", b"From: an@sct.test\r\n\r\nHi\r\n"
    refused = "550 5.7.1 Tài khoản này không được gửi thư bằng địa chỉ người gửi đã ghi"
    assert (await submit(peer, foreign, "binh@sct.test", "chi@sct.test")).startswith(refused)
    assert (await submit(peer, own, "an@sct.test", "chi@sct.test")).startswith(refused)
    both = b"From: binh@sct.test, an@sct.test\r\nSender: binh@sct.test\r\n\r\n"
    assert (await submit(peer, both, "binh@sct.test", "chi@sct.test")).startswith(refused)
    sender = b"From: binh@sct.test\r\nSender: an@sct.test\r\n\r\n"
    assert (await submit(peer, sender, "binh@sct.test", "chi@sct.test")).startswith(refused)
    assert office.mail("chi") == []
    assert (await submit(peer, own, "binh@sct.test", "chi@sct.test")).startswith("250")
    assert (await submit(peer, own, "", "chi@sct.test")).startswith("250")
    assert (await submit(peer, own, "binh+ds@sct.test", "chi@sct.test")).startswith("250")


async def test_a_letter_needs_exactly_one_author_field(doors: Doors) -> None:
    peer = await signed_in(doors)
    none, two = b"Subject: x\r\n\r\n", b"From: an@sct.test\r\nFrom: binh@sct.test\r\n\r\n"
    assert (await submit(peer, none, "an@sct.test", "chi@sct.test")).startswith("550 5.6.0 Thư thiếu trường From")
    assert (await submit(peer, two, "an@sct.test", "chi@sct.test")).startswith("550 5.6.0 Thư có nhiều")


async def test_whoever_holds_a_post_may_write_for_it_and_is_named(doors: Doors, office: Office) -> None:
    letter = b"From: cvp@sct.test\r\nMessage-ID: <2@sct.test>\r\nDate: Tue, 5 Mar 2024 08:30:00 +0700\r\n\r\nHi\r\n"
    holder, other = await signed_in(doors, "an"), await signed_in(doors, "binh")
    assert (await submit(holder, letter, "cvp@sct.test", "chi@sct.test")).startswith("250")
    assert (await submit(other, letter, "binh@sct.test", "chi@sct.test")).startswith("550 5.7.1")
    (stored,) = office.mail("chi")
    assert stored.endswith(b"\r\nSender: =?utf-8?b?Tmd1eeG7hW4gVsSDbiBBbg==?= <an@sct.test>\r\n" + letter)


async def test_outside_is_refused_with_a_sentence_before_the_letter_is_sent(doors: Doors) -> None:
    peer = await signed_in(doors)
    answer = await submit(peer, b"", "an@sct.test", "x@elsewhere.test")
    assert answer.startswith("550 5.7.1 Gửi ra ngoài chưa được bật")


async def test_half_line_ends_of_our_own_clients_are_mended(doors: Doors, office: Office) -> None:
    peer = await signed_in(doors)
    letter = b"From: an@sct.test\r\nDate: Tue, 5 Mar 2024 08:30:00 +0700\r\nMessage-ID: <3@x>\r\n\r\none\ntwo\rthree"
    assert (await submit(peer, letter + b"\r\n", "an@sct.test", "chi@sct.test")).startswith("250")
    assert office.mail("chi")[0].endswith(b"\r\n\r\none\r\ntwo\r\nthree\r\n")


async def test_the_size_policy_holds_for_our_own_people_too(doors: Doors, office: Office) -> None:
    peer = await signed_in(doors)
    letter = b"From: an@sct.test\r\n\r\n" + b"x" * 210_000 + b"\r\n"
    assert (await submit(peer, letter, "an@sct.test", "chi@sct.test")).startswith("552 5.3.4 Thư lớn hơn")
    assert office.mail("chi") == []


def change_password(tx: Tx, person: int) -> None:
    credentials.set_password_tx(tx, person, "một mật khẩu hoàn toàn khác")


@pytest.mark.requirement("R-032")
@pytest.mark.parametrize("ending", [people.lock_person_tx, change_password])
async def test_an_open_session_sends_no_more_once_its_sign_in_would_not_do(
    doors: Doors, office: Office, ending: Callable[[Tx, int], None]
) -> None:
    """ASVS 7.4.2: by whatever process the account was locked or the password changed."""
    letter = b"From: an@sct.test\r\n\r\nHi\r\n"
    peer, other = await signed_in(doors), await signed_in(doors, "binh")
    assert (await submit(peer, letter, "an@sct.test", "chi@sct.test")).startswith("250")
    await asyncio.to_thread(doors.store.db.write, lambda tx: ending(tx, office.ids["an"]), SYSTEM)
    assert await peer.say("MAIL FROM:<an@sct.test>") == "421 4.7.0 Please sign in again"
    assert await peer.at_end()
    assert (await submit(other, letter.replace(b"an@", b"binh@"), "binh@sct.test", "chi@sct.test")).startswith("250")
    assert len(office.mail("chi")) == 2


async def test_wrong_recipients_of_a_signed_in_person_are_no_attack(doors: Doors) -> None:
    peer = await signed_in(doors)
    await peer.say("MAIL FROM:<an@sct.test>")
    for number in range(30):
        assert (await peer.say(f"RCPT TO:<nobody{number}@sct.test>")).startswith("550 5.1.1 Không có")
