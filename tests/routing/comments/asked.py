"""A request in the agency of the routing tests, and mail that answers it as a client sends it."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from routing.comments import asking, requests
from routing.comments.requests import Request, Wish
from tests.routing.world import DOMAIN, World

ASKER, HEAD, ASKED = "vankhain", "khoivd", ("anl", "hoavc")
DRAFT = Attachment("dự thảo.docx", "application/msword", b"D" * 50_000)
TRACE = Received("client.example", "192.0.2.1", "ESMTPSA", "1")
DAY = timedelta(days=1)


def wish(world: World, people: tuple[str, ...] = ASKED, **changed: Any) -> Wish:
    fields: dict[str, Any] = {
        "subject": "Dự thảo quy chế làm việc",
        "question": "Đề nghị góp ý Điều 3.",
        "due_at": datetime.now(UTC) + 4 * DAY,
        "people": tuple(world.id(one) for one in people),
        "files": (DRAFT,),
    }
    return Wish(**fields | changed)


def ask(world: World, wanted: Wish | None = None, by: str = ASKER) -> int:
    return asking.ask(world.store, world.actor(by), wanted or wish(world), datetime.now(UTC))


def get(world: World, request_id: int) -> Request:
    return world.store.db.read(lambda conn: requests.get(conn, request_id))


def mails(world: World, owner: str) -> list[EmailMessage]:
    """What lies in somebody's INBOX, oldest first."""
    found = [
        email.message_from_bytes(world.octets(owner, "INBOX", uid), policy=email.policy.default)
        for uid in world.uids(owner, "INBOX")
    ]
    return [one for one in found if isinstance(one, EmailMessage)]


def reply(world: World, by: str, to: EmailMessage, text: str, **more: Any) -> None:
    """Answer a mail by submission, as any mail program does. address: where to, if not to Reply-To."""
    address = more.pop("address", str(to["Reply-To"]).rpartition("<")[2].rstrip(">"))
    asked = str(to["Message-ID"]).strip("<>")
    local, _, domain = address.rpartition("@")
    octets = compose(
        Draft(
            from_=Address("", by, DOMAIN),
            to=(Address("", local, domain),),
            cc=(),
            bcc=(),
            subject=f"Re: {to['Subject']}",
            text=f"{text}\n\nVào ngày 21/11/2026, Khải viết:\n> cũ\n",
            date=datetime.now(UTC),
            message_id=new_message_id(DOMAIN),
            in_reply_to=asked,
            references=(asked,),
            **more,
        )
    )
    delivery = Delivery(world.store, f"mx.{DOMAIN}", lambda: datetime.now(UTC))
    submit_sync(delivery, world.actor(by, "smtp"), Letter(octets, f"{by}@{DOMAIN}", (address,), TRACE))
