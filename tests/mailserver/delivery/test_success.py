"""NOTIFY=SUCCESS for recipients of ours (RFC 3461 §4.1)."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from mailserver.actor import Actor
from mailserver.delivery import submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.envelope import Notify, Wish, Wishes
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.outside import NoWayOut
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import resolve
from mailserver.outbound import listing
from mailserver.outbound.parcels import Queue
from mailserver.store import fsck
from tests.support.office import Office

TRACE = Received("", "", "ESMTPA", "id.1")
LETTER = b"From: an@sct.test\r\nMessage-ID: <1@sct.test>\r\nSubject: a\r\nDate: x\r\n\r\nHi\r\n"
ALWAYS = Wish(frozenset({Notify.SUCCESS}), "rfc822;binh@old.test")


def send(delivery: Delivery, office: Office, wishes: Wishes, sender: str = "an@sct.test") -> None:
    letter = Letter(LETTER, sender, ("binh@sct.test", "chi@sct.test"), TRACE, wishes=wishes)
    submission.submit_sync(delivery, Actor(office.ids["an"], office.agency_id, "smtp"), letter)


def test_who_asks_is_told_of_whom_it_asked_about(delivery: Delivery, office: Office) -> None:
    send(delivery, office, Wishes(envid="e+1", of={"binh@sct.test": ALWAYS}))
    (report,) = [message_from_bytes(octets) for octets in office.mail("an")]
    words, status, original = report.get_payload()
    assert "đã vào hộp thư" in words.get_payload(decode=True).decode()
    message, recipient = status.get_payload()
    assert message["Original-Envelope-Id"] == "e+1"
    assert (recipient["Final-Recipient"], recipient["Action"]) == ("rfc822; binh@sct.test", "delivered")
    assert (recipient["Original-Recipient"], recipient["Status"]) == ("rfc822;binh@old.test", "2.1.5")
    assert original.get_content_type() == "text/rfc822-headers"
    assert len(office.mail("binh")) == len(office.mail("chi")) == 1
    assert fsck.check(delivery.store.db, delivery.store.blobs) == []


@pytest.mark.parametrize("wish", [Wish(), Wish(frozenset({Notify.NEVER})), Wish(frozenset({Notify.FAILURE}))])
def test_who_does_not_ask_is_not_told(delivery: Delivery, office: Office, wish: Wish) -> None:
    send(delivery, office, Wishes(of={"binh@sct.test": wish}))
    assert office.mail("an") == []


def test_the_null_path_is_never_told(delivery: Delivery, office: Office) -> None:
    send(delivery, office, Wishes(of={"binh@sct.test": ALWAYS}), sender="")
    assert [len(office.mail(name)) for name in ("an", "binh", "chi")] == [0, 1, 1]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_sender_elsewhere_is_told_by_mail_where_mail_may_leave(
    delivery: Delivery, office: Office, enabled: bool
) -> None:
    delivery.outside = Queue() if enabled else NoWayOut()
    found = delivery.store.db.read(lambda conn: resolve(conn, "binh@sct.test"))
    wishes = Wishes(of={"binh@sct.test": ALWAYS})
    actor = Actor(None, None, "smtp", "192.0.2.1")
    incoming = Incoming(LETTER, "la@away.test", ("binh@sct.test",), [found], actor, TRACE, wishes=wishes)  # type: ignore[list-item]
    delivery.deliver_sync(incoming)
    assert len(office.mail("binh")) == 1
    assert delivery.store.db.read(listing.count) == (1 if enabled else 0)
    assert fsck.check(delivery.store.db, delivery.store.blobs) == []
