"""Under whose name a person may write; addresses elsewhere stand alone in envelope and From."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.errors import SenderNotAllowed
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.directory import external
from tests.support.office import Office

OWN, GMAIL, YAHOO = "an@sct.test", "phong@gmail.test", "phong@yahoo.test"


@pytest.mark.parametrize(
    ("who", "envelope", "authors", "allowed"),
    [
        ("an", OWN, OWN, True),
        ("an", GMAIL, GMAIL, True),
        ("an", GMAIL, f"Phòng <{GMAIL.upper()}>", True),
        ("an", OWN, GMAIL, False),
        ("an", GMAIL, OWN, False),
        ("an", "", GMAIL, False),
        ("an", "", OWN, True),
        ("an", GMAIL, YAHOO, False),
        ("an", GMAIL, f"{GMAIL}, {OWN}", False),
        ("an", "phong+x@gmail.test", GMAIL, False),
        ("binh", GMAIL, GMAIL, False),
        # Without a comma between them; which one a reader shows differs.
        ("an", OWN, f"<binh@sct.test> <{OWN}>", False),
        ("an", OWN, f"<{OWN}> <binh@sct.test>", False),
        # Where a name should stand; programs that read by other rules take it for the author.
        ("an", OWN, f"binh@sct.test<{OWN}>", False),
        ("an", OWN, f"<{OWN}>binh@sct.test", False),
        ("an", OWN, f"binh@sct.test (An) <{OWN}>", False),
        ("an", OWN, f'"An" binh@sct.test <{OWN}>', False),
        ("an", OWN, f'"binh@sct.test <{OWN}>', False),
        ("an", OWN, f"{OWN}\r\nSender: binh@sct.test<{OWN}>", False),
        ("an", OWN, f"{OWN} <{OWN.upper()}>", True),
        ("an", OWN, '"An @ Sở \\" binh" (an@nha.test) <an+x@sct.test>', True),
        ("an", OWN, f"=?utf-8?q?an@nha.test?= <{OWN}>", True),
        ("an", OWN, f"An @ Sở, Nhóm: {OWN};", False),
        ("an", OWN, f"Nhóm: {OWN};", True),
        # Sent once more (RFC 5322 §3.6.6), which some programs show as the author.
        ("an", OWN, f"{OWN}\r\nResent-From: an@sct.test\r\nResent-Sender: {OWN}", True),
        ("an", OWN, f"{OWN}\r\nResent-From: {OWN},\r\n Bình <binh@sct.test>", False),
        ("an", OWN, f"{OWN}\r\nResent-From: {OWN}\r\nresent-from : binh@sct.test", False),
        ("an", OWN, f"{OWN}\r\nResent-From: Giám đốc", False),
        ("an", OWN, f"{OWN}\r\nResent-From: {OWN}\r\nResent-Sender: binh@sct.test", False),
        ("an", OWN, f"binh@sct.test\r\nResent-From: {OWN}", False),
    ],
)
def test_who_may_write_as_whom(
    delivery: Delivery, office: Office, who: str, envelope: str, authors: str, allowed: bool
) -> None:
    for address in (GMAIL, YAHOO):
        office.store.db.write(lambda tx, address=address: external.add_tx(tx, office.ids["an"], address), SYSTEM)
    data = f"From: {authors}\r\nTo: chi@sct.test\r\n\r\nHi\r\n".encode()
    letter = Letter(data, envelope, ("chi@sct.test",), Received("", "", "HTTP", "web.1"))
    actor = Actor(office.ids[who], office.agency_id, "web")
    if allowed:
        assert submission.submit_sync(delivery, actor, letter).mailboxes == 1
    else:
        with pytest.raises(SenderNotAllowed):
            submission.submit_sync(delivery, actor, letter)
        assert office.mail("chi") == []
