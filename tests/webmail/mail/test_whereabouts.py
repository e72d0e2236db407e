"""Where a letter went: who sent it sees it for each recipient, and nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Verdict, hold
from mailserver.outbound.parcels import Queue
from mailserver.store import arrivals, folders, ingest
from mailserver.store.database import Tx
from tests.routing.world import World
from tests.webmail.mail.test_composing import LETTER, fresh
from tests.webmail.visitor import Visitor, hidden, text_of
from webmail.services import WebServices


def holding(case: Case) -> Verdict:
    """Keeps back what is for lamhs."""
    kept = [one for one in case.recipients if one.startswith("lamhs@")]
    if not kept or case.contents is None:
        return ACCEPT
    verdict = hold("test-hold", Article("123/QĐ-SCT", dieu=9), Cause.NONE)
    return replace(verdict, for_recipients=tuple(kept))


@pytest.fixture
def sent(director: Visitor, world: World, services: WebServices) -> str:
    """The page of a letter to somebody here, somebody for whom it waits, and somebody elsewhere."""
    services.delivery.outside, services.delivery.policy, services.delivery.keeper = Queue(), holding, Keeper()
    to = {"to": "anl, lamhs", "cc": "UBND tỉnh <ubnd@tinh.example>", "bcc": "vinhbt, so@tinh.example"}
    asked = director.post("/thu/soan", **fresh(director), **{**LETTER, **to})
    assert asked.status_code == 422, "it goes to a domain that nobody has written to"
    again = {name: hidden(asked, name) for name in ("message_id", "seen", "draft")}
    assert director.post("/thu/soan", **again, **{**LETTER, **to, "do": "anyway"}).status_code == 303
    return f"/thu/{world.folder('truongpk', 'Sent')}/{world.uids('truongpk', 'Sent')[0]}"


@pytest.mark.requirement("R-029")
def test_the_sender_sees_what_became_of_it_for_each_recipient(director: Visitor, sent: str, world: World) -> None:
    assert f'href="{sent}/da-di"' in director.get(sent).text
    rows = _rows(director, sent)
    assert "đã vào hộp thư" in rows["anl@"] and "đã vào 1 hộp thư" in rows["Đồng gửi ẩn"]
    assert "đang chờ" in rows["lamhs@"] and "test-hold · chờ đến" in rows["lamhs@"]
    assert "UBND tỉnh" in rows["ubnd@tinh.example"] and "chờ gửi" in rows["ubnd@tinh.example"]
    assert "chờ gửi" in rows["so@tinh.example"]

    def answer(tx: Tx) -> None:
        tx.conn.exec_driver_sql(
            "UPDATE outbound_recipient SET state = 'failed', last_host = 'mx.tinh.example',"
            " last_answer = '550 5.1.1 <b>no</b> such user', finished_at = 1764150000000"
        )
        tx.conn.exec_driver_sql("UPDATE kept_message SET state = 'refused', reason = 'Chưa được phép'")

    world.store.db.write(answer, world.actor("truongpk"))
    rows = _rows(director, sent)
    assert "không gửi được" in rows["ubnd@tinh.example"]
    assert "mx.tinh.example · 550 5.1.1 &lt;b&gt;no&lt;/b&gt; such user" in rows["ubnd@tinh.example"]
    assert "không cho gửi" in rows["lamhs@"] and "Chưa được phép" in rows["lamhs@"]


def test_its_message_id_in_another_s_folder_tells_nothing(
    outsider: Visitor, sent: str, world: World, director: Visitor
) -> None:
    assert outsider.get(f"{sent}/da-di").status_code == 404
    own = world.store.db.read(lambda conn: folders.get(conn, world.id("anl"), "Sent").id)
    prepared = ingest.prepare(world.octets("truongpk", "Sent"), world.store.blobs)

    def copy(tx: Tx) -> None:
        arrivals.append_tx(tx, own, prepared, 0, "", tx.now_s)

    world.store.db.write(copy, world.actor("anl"))
    page = text_of(outsider.get(f"/thu/{own}/{world.uids('anl', 'Sent')[0]}/da-di"))
    assert "Không có ghi nhận nào" in page and "hộp thư của" not in page and "lamhs" not in page


def _rows(visitor: Visitor, sent: str) -> dict[str, str]:
    """What the page says of each recipient, by how they are called there."""
    page = visitor.get(f"{sent}/da-di").text
    items = page.partition('<ul class="plain-list">')[2].partition("</ul>")[0].split("</li>")
    starts = ("anl@", "Đồng gửi ẩn", "lamhs@", "ubnd@tinh.example", "so@tinh.example")
    return {start: next(item for item in items if start in item) for start in starts}
