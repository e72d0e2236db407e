"""Retirement and transfer: noted before, done on the day, handed over with minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.delivery import absence_answers
from mailserver.delivery.outside import NoWayOut
from mailserver.directory import principals
from mailserver.directory.errors import AddressTaken
from mailserver.directory.people import set_locale_tx
from mailserver.directory.records import office_day
from mailserver.directory.schema import person_role
from mailserver.mime.body import text_of as text_of_part
from mailserver.mime.scan import scan
from mailserver.store import raw
from routing import handover
from tests.routing.world import DOMAIN, World
from tests.support.pdfs import without_spaces, words_of
from tests.webmail.visitor import Visitor, hidden, text_of

DAY = timedelta(days=1)
DECISION = "Quyết định 402/QĐ-SXD"


@pytest.fixture
def admin(app: Flask, world: World) -> Visitor:
    role = {"person_id": world.id("anl"), "role": "it_admin", "unit_id": None}
    world.store.db.write(lambda tx: tx.conn.execute(person_role.insert().values(**role)), SYSTEM)
    return Visitor(app).signed_in("anl")


def leave(admin: Visitor, world: World, day: date, successor: int = 0, approval: str = DECISION) -> int:
    path = f"/nhan-su/{world.id('vankhain')}/roi-co-quan"
    fields = {"cause": "retirement", "starts_on": str(day), "approval": approval, "successor": successor}
    return admin.post(path, **fields).status_code


def work(world: World) -> int:
    """As the worker does."""
    return world.store.db.write(lambda tx: handover.perform_due_tx(tx, world.store), SYSTEM)


@pytest.mark.requirement("R-051", "R-052", "R-053")
def test_on_the_day_access_ends_and_the_successor_has_the_mailbox_and_the_work(
    admin: Visitor, specialist: Visitor, app: Flask, world: World
) -> None:
    document_id, _step = world.with_handler()
    today = office_day(datetime.now(UTC))
    assert leave(admin, world, today - DAY, world.id("vinhkhain")) == 303
    world.store.db.write(lambda tx: set_locale_tx(tx, world.id("vinhkhain"), "en"), SYSTEM)
    assert specialist.get("/viec").status_code == 200
    assert (work(world), work(world)) == (1, 0)
    assert specialist.get("/viec").status_code == 303
    told = world.octets("vinhkhain", "INBOX")
    part = scan(told).structure.root
    assert "has retired, from" in text_of_part(told[part.body[0] : part.body[1]], part)
    successor = Visitor(app).signed_in("vinhkhain")
    assert successor.get(f"/van-ban/{document_id}").status_code == 200
    assert "V/v rà soát quy hoạch" in text_of(successor.get("/viec"))
    assert successor.get(f"/thu/{world.folder('vankhain', 'INBOX')}").status_code == 200
    minutes = text_of(admin.get(f"/nhan-su/{world.id('vankhain')}"))
    assert "Biên bản bàn giao" in minutes and DECISION in minutes and "Ngô Vĩnh Khải" in minutes
    assert "V/v rà soát quy hoạch" in minutes and "Văn bản đến/Chờ xử lý: 1 thư" in minutes
    paper = admin.get(f"/nhan-su/{world.id('vankhain')}/bien-ban.pdf")
    on_paper = words_of(paper.data)
    for said in ("Độc lập – Tự do – Hạnh phúc", "BIÊN BẢN Bàn giao hộp thư", DECISION, "Ngô Vĩnh Khải", "V/v rà soát"):
        assert said in on_paper
    assert admin.get(f"/nhan-su/{world.id('vankhain')}/bien-ban.pdf").data == paper.data
    assert admin.get(f"/nhan-su/{world.id('vinhkhain')}/bien-ban.pdf").status_code == 404
    assert successor.get(f"/nhan-su/{world.id('vankhain')}/bien-ban.pdf").status_code == 404
    sealed = "SELECT detail FROM audit WHERE action = 'departure.done'"
    kept = raw.from_json(world.store.db.read(lambda conn: raw.rows(conn, sealed, ()))[0][0])
    assert kept["sha256"] in without_spaces(on_paper)
    assert "vankhain@" not in admin.get("/thu/soan").text
    with pytest.raises(AddressTaken):
        data = principals.PersonData("Nguyễn", "Văn", "Khải", "vankhain")
        world.store.db.write(lambda tx: principals.create_person_tx(tx, world.agency_id, data), SYSTEM)


@pytest.mark.requirement("R-052")
def test_who_writes_afterwards_is_told_whom_to_write_to(admin: Visitor, head: Visitor, world: World) -> None:
    leave(admin, world, office_day(datetime.now(UTC)) - DAY, world.id("vinhkhain"))
    work(world)
    page = head.get("/thu/soan")
    form = {name: hidden(page, name) for name in ("message_id", "draft", "answers")}
    letter = {
        "identity": f"khoivd@{DOMAIN}",
        "to": f"vankhain@{DOMAIN}",
        "subject": "V/v bản vẽ",
        "text": "Gửi.",
        "do": "send",
    }
    sent = head.post("/thu/soan", **form, **letter)
    assert sent.status_code == 303, text_of(sent)
    job = absence_answers.job(NoWayOut())
    while job(world.store):
        pass
    answer = message_from_bytes(world.octets("khoivd", "INBOX"))
    said = answer.get_payload(decode=True)
    assert isinstance(said, bytes) and "Xin gửi thư cho Ngô Vĩnh Khải <vinhkhain@" in said.decode()
    assert answer["Auto-Submitted"] == "auto-replied"


@pytest.mark.requirement("R-053")
def test_without_a_successor_the_chief_of_office_keeps_it(admin: Visitor, app: Flask, world: World) -> None:
    assert leave(admin, world, office_day(datetime.now(UTC)) - DAY) == 303
    work(world)
    chief = Visitor(app).signed_in("vinhbt")
    assert chief.get(f"/thu/{world.folder('vankhain', 'INBOX')}").status_code == 200
    assert "Chánh Văn phòng" in text_of(admin.get(f"/nhan-su/{world.id('vankhain')}"))


def test_before_the_day_nothing_happens_and_it_can_be_taken_back(
    admin: Visitor, specialist: Visitor, world: World
) -> None:
    day = office_day(datetime.now(UTC)) + 5 * DAY
    assert leave(admin, world, day) == 303
    assert leave(admin, world, day) == 422
    assert work(world) == 0
    assert "Nghỉ hưu" in text_of(admin.get("/nhan-su/"))
    back = f"/nhan-su/{world.id('vankhain')}/o-lai"
    assert admin.post(back).status_code == 303
    assert admin.post(back).status_code == 404
    assert specialist.get("/viec").status_code == 200


def test_it_needs_a_decision_and_an_administrator(admin: Visitor, head: Visitor, world: World) -> None:
    day = office_day(datetime.now(UTC)) + DAY
    assert leave(admin, world, day, approval="") == 422
    assert leave(head, world, day) == 404
    assert head.get("/nhan-su/").status_code == 404
    assert admin.get("/nhan-su/99999").status_code == 404
