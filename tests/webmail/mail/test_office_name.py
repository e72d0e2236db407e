"""The mailbox of the office: one address, for its own work, in the name of those alone who were given it."""

from __future__ import annotations

import io

import pytest

from mailserver.mime.scan import scan
from mailserver.store import raw
from tests.routing.world import World
from tests.webmail.mail.test_advice import write
from tests.webmail.visitor import Visitor, text_of

OFFICE = "sxd@sxd.hungbinh.example"


def sent_for(world: World) -> list[tuple[int, int]]:
    """(who, in whose name) of the letters sent for others, by the audit."""
    query = "SELECT actor_id, owner_id FROM audit WHERE action = 'mail.sent_for' ORDER BY id"
    return [tuple(row) for row in world.store.db.read(lambda conn: raw.rows(conn, query))]


@pytest.mark.requirement("R-080")
def test_no_private_letter_goes_in_the_name_of_the_office_unasked(
    clerk: Visitor, specialist: Visitor, world: World
) -> None:
    private = {"identity": OFFICE, "subject": "Rủ đi ăn trưa", "text": "Trưa nay nhé."}
    assert OFFICE not in specialist.get("/thu/soan").text and OFFICE in clerk.get("/thu/soan").text
    assert write(specialist, **private).status_code == 422 and world.uids("anl", "INBOX") == []

    asked = write(clerk, **private)
    assert asked.status_code == 422 and world.uids("anl", "INBOX") == []
    assert f"Thư mang tên cơ quan: {OFFICE}" in text_of(asked) and "chỉ để điều hành và tiếp nhận" in text_of(asked)
    assert write(clerk, asked, **private, do="anyway").status_code == 303
    got = scan(world.octets("anl", "INBOX"))
    assert [one.addr for one in got.from_] == [OFFICE] and got.sender[0].addr == "anhhtk@sxd.hungbinh.example"
    assert sent_for(world) == [(world.id("anhhtk"), world.id("sxd"))]

    for work in (
        {"subject": "Trả lời công văn 1482/UBND-KTN"},
        {"text": "Kính gửi văn bản số 12/2026/QĐ-UBND."},
        {"files": (io.BytesIO(b"%PDF-1.7"), "96_SXD-QH.pdf")},
    ):
        assert write(clerk, **{**private, **work}).status_code == 303, work
    assert write(clerk, **{**private, "identity": "anhhtk@sxd.hungbinh.example"}).status_code == 303
    assert len(sent_for(world)) == 4
