"""The story once more through the real ways in: mail by the MX's delivery, replies by submission."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.errors import SenderNotAllowed
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import Mailbox, resolve
from routing import intake, views
from tests.routing.test_story import token_of
from tests.routing.world import DOMAIN, FIELDS, PENDING, World

TRACE = Received("client.example", "192.0.2.1", "ESMTPSA", "1")
SCAN = (
    f"From: UBND <vanthu@ubnd.hungbinh.example>\r\nTo: sxd@{DOMAIN}\r\nSubject: =?UTF-8?Q?V/v_r=C3=A0_so=C3=A1t?=\r\n"
    "MIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
    " filename*=UTF-8''C%C3%B4ng%20v%C4%83n%201482.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n"
)


@pytest.fixture
def delivery(world: World) -> Delivery:
    return Delivery(world.store, f"mx.{DOMAIN}", lambda: datetime.now(UTC))


def test_a_mail_from_a_neighbour_is_in_the_queue_and_becomes_a_document(world: World, delivery: Delivery) -> None:
    to = f"sxd@{DOMAIN}"
    found = world.store.db.read(lambda conn: resolve(conn, to))
    assert isinstance(found, Mailbox)
    delivery.deliver_sync(Incoming(SCAN.encode(), "vanthu@ubnd.hungbinh.example", (to,), (found,), SYSTEM, TRACE))
    item = world.store.db.read(lambda conn: intake.queue(conn, world.actor("anhhtk")))[0]
    made = intake.register(world.store, world.actor("anhhtk"), item.ref, FIELDS)
    now = datetime.now(UTC)
    page = world.store.db.read(lambda conn: views.document(conn, world.actor("anhhtk"), made.document_id, now))
    assert [(file.filename, file.size) for file in page.files] == [("Công văn 1482.pdf", 9)]


def test_a_reply_sent_by_submission_becomes_an_opinion(world: World, delivery: Delivery) -> None:
    document_id, _step = world.with_handler()
    to = f"vb+{token_of(world.octets('vankhain', PENDING))}@{DOMAIN}"

    def send(by: str, text: str) -> None:
        octets = f"From: vankhain@{DOMAIN}\r\nTo: {to}\r\nSubject: Re: x\r\n\r\n{text}\r\n\r\n> cu\r\n".encode()
        submit_sync(delivery, world.actor(by, "smtp"), Letter(octets, f"{by}@{DOMAIN}", (to,), TRACE))

    with pytest.raises(SenderNotAllowed):
        send("anl", "Toi noi thay.")
    send("vankhain", "Da xong.")
    now = datetime.now(UTC)
    page = world.store.db.read(lambda conn: views.document(conn, world.actor("anhhtk"), document_id, now))
    assert [(said.author.name, said.text) for said in page.opinions] == [("Nguyễn Văn Khải", "Da xong.")]
    assert page.history[-1].door == "smtp"
