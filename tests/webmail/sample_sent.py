"""A letter that has gone to somebody here, a unit, and two elsewhere, one of whom is not there."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.outbound.parcels import Queue
from mailserver.store.database import Tx
from tests.routing.world import DOMAIN, World
from tests.webmail.world import now

TO = ("Lê Ân <anl@{}>", "qhkt@{}", "UBND tỉnh <ubnd@tinh.example>", "vanthu@sotc.tinh.example")


def fill(world: World) -> int:
    """Sent by the director; the uid of the copy."""
    delivery = Delivery(world.store, "mail.sxd.hungbinh.example", now, outside=Queue())
    message = EmailMessage(SMTP)
    message["From"], message["Subject"] = f"truongpk@{DOMAIN}", "Mời họp về quy hoạch phân khu ven sông Lệ"
    message["To"] = ", ".join(TO).format(DOMAIN, DOMAIN)
    message["Message-ID"], message["Date"] = "<moi-hop@sxd.example>", now()
    message.set_content("Kính mời dự họp lúc 8 giờ thứ hai.")
    to = (f"anl@{DOMAIN}", f"qhkt@{DOMAIN}", f"hoavc@{DOMAIN}", "ubnd@tinh.example", "vanthu@sotc.tinh.example")
    data = message.as_bytes()
    trace = Received("", "10.0.0.7", "HTTP", "web.7")
    letter = Letter(data, f"truongpk@{DOMAIN}", to, trace, sent_copy=data, confirmed=frozenset())
    submitted = submit_sync(delivery, world.actor("truongpk"), letter)

    def answered(tx: Tx) -> None:
        tx.conn.exec_driver_sql(
            "UPDATE outbound_recipient SET state = 'failed', last_host = 'mx.sotc.tinh.example',"
            " last_answer = '550 5.1.1 No such user here', finished_at = next_attempt_at"
            " WHERE address LIKE 'vanthu@%%'"
        )

    world.store.db.write(answered, world.actor("truongpk"))
    assert submitted.sent is not None
    return submitted.sent[1]
