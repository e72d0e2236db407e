"""Deadlines: where they come from, more time, and how late (04/2017/QĐ-UBND, Điều 11 khoản 6)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.directory.schema import agency
from mailserver.store.database import Tx
from routing.schema import document, extension, step
from routing.types import DueBy, Urgency
from routing.work import my_work
from tests.routing.world import COPY, FIELDS, PENDING, World
from tests.webmail.documents.test_views import view
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import now


def late_since(world: World, document_id: int, days: int) -> date:
    """As if the deadline had been so many days ago."""
    due = (now() + timedelta(hours=7)).date() - timedelta(days=days)

    def work(tx: Tx) -> None:
        tx.conn.execute(update(document).where(document.c.id == document_id).values(deadline=due))
        tx.conn.execute(update(step).where(step.c.document_id == document_id).values(due_on=due))

    world.store.db.write(work, SYSTEM)
    return due


@pytest.mark.requirement("R-210")
def test_who_has_a_task_asks_for_time_and_a_leader_grants_another_date(
    specialist: Visitor, head: Visitor, director: Visitor, outsider: Visitor, world: World
) -> None:
    document_id, _step = world.with_handler()  # due on 18/11/2099, set by the director
    here = f"/van-ban/{document_id}"
    assert view(world, document_id).summary.due_by is DueBy.LEADER
    assert "lãnh đạo giao" in text_of(specialist.get(here))

    early = specialist.post(f"{here}/xin-gia-han", due_on="2099-11-18", reason="Chờ ý kiến Sở khác.")
    assert early.status_code == 422 and "hãy chọn ngày sau đó" in text_of(early)
    assert specialist.post(f"{here}/xin-gia-han", due_on="2099-12-01", reason=" ").status_code == 422
    assert outsider.post(f"{here}/xin-gia-han", due_on="2099-12-01", reason="x").status_code == 404
    letters = len(world.uids("giamdoc", COPY))
    assert specialist.post(f"{here}/xin-gia-han", due_on="2099-12-01", reason="Chờ ý kiến Sở khác.").status_code == 303
    twice = specialist.post(f"{here}/xin-gia-han", due_on="2099-12-02", reason="Nữa.")
    assert twice.status_code == 422 and "chờ quyết định" in text_of(twice)
    asked = world.octets("giamdoc", COPY).decode()
    assert len(world.uids("giamdoc", COPY)) == letters + 1 and "Vanthu-Action: ask_time" in asked

    assert 'value="grant"' not in specialist.get(here).text
    assert specialist.post(f"{here}/gia-han", decision="grant").status_code == 403
    assert head.post(f"{here}/gia-han", decision="grant").status_code == 422  # past the leader's date
    assert "Xin gia hạn, chờ quyết định" in text_of(director.get("/viec"))
    page = director.get(here)
    assert 'value="2099-12-01"' in page.text and "Chờ ý kiến Sở khác." in text_of(page)
    granted = director.post(f"{here}/gia-han", decision="grant", due_on="2099-11-25", reason="Chỉ một tuần.")
    assert granted.status_code == 303
    told = world.octets("vankhain", COPY).decode()
    assert "Vanthu-Action: grant_time" in told and len(world.uids("giamdoc", COPY)) == letters + 2

    found = view(world, document_id)
    assert (found.summary.due_on, found.summary.due_by) == (date(2099, 11, 25), DueBy.EXTENSION)
    assert found.current is not None and found.current.due_on == date(2099, 11, 25)
    one = found.extensions[0]
    assert (one.was_due_on, one.wanted_on, one.granted_on) == (
        date(2099, 11, 18),
        date(2099, 12, 1),
        date(2099, 11, 25),
    )
    page = text_of(director.follow(granted))
    for words in ("được gia hạn", "xin gia hạn", "Chỉ một tuần.", "25/11/2099", "01/12/2099"):
        assert words in page
    assert [h.action for h in found.history][-2:] == ["ask_time", "grant_time"]
    assert director.post(f"{here}/gia-han", decision="grant").status_code == 409

    head.post(f"{here}/xin-gia-han", due_on="2099-12-20", reason="Phòng cần thêm người.")
    assert head.post(f"{here}/gia-han", decision="refuse", reason="Tự từ chối.").status_code == 403
    assert director.post(f"{here}/gia-han", decision="refuse", reason="").status_code == 422
    assert director.post(f"{here}/gia-han", decision="refuse", reason="Việc gấp.").status_code == 303
    assert "Vanthu-Action: refuse_time" in world.octets("khoivd", COPY).decode()
    assert view(world, document_id).summary.due_on == date(2099, 11, 25)
    assert "Xin gia hạn, chờ quyết định" not in text_of(director.get("/viec"))


@pytest.mark.requirement("R-210")
def test_lateness_is_counted_in_working_days_and_summed_by_unit_and_person(
    specialist: Visitor, director: Visitor, head: Visitor, world: World
) -> None:
    settings = {"deadlines.holidays": []}
    world.store.db.write(lambda tx: tx.conn.execute(update(agency).values(settings=settings)), SYSTEM)
    excused, _step = world.with_handler()
    late, _step = world.with_handler()
    due = late_since(world, late, 14)
    late_since(world, excused, -7)
    first = (now() + timedelta(hours=7)).date() - timedelta(days=14)
    row = {
        "document_id": excused, "step_id": _step, "asked_by_id": world.id("vankhain"), "asked_at": now(), "reason": "x",
        "was_due_on": first, "wanted_on": first + timedelta(days=21), "state": "granted",
        "granted_on": first + timedelta(days=21),
    }  # fmt: skip
    world.store.db.write(lambda tx: tx.conn.execute(extension.insert().values(**row)), SYSTEM)

    assert view(world, late).summary.late == 10
    assert "Quá hạn 10 ngày" in text_of(specialist.get("/viec"))
    for who in (director, head):
        page = who.get("/bao-cao/tre-han")
        rows = [text_of_row(one) for one in page.text.partition("<tbody>")[2].split("</tr>")]
        assert rows[:2] == ["Phòng Quy hoạch – Kiến trúc 2 10 10", "Nguyễn Văn Khải 2 10 10"]
    assert "/bao-cao/tre-han" in director.get("/bao-cao").text
    where = f"don_vi={world.id('qhkt')}&nguoi={world.id('vankhain')}"
    listed = director.get(f"/bao-cao/tre-han/danh-sach?{where}")
    assert f'href="/van-ban/{late}"' in listed.text and f'href="/van-ban/{excused}"' in listed.text
    assert f"Hạn {due:%d/%m/%Y}" in text_of(listed)
    assert director.get("/bao-cao/tre-han/danh-sach?don_vi=99999").status_code == 404
    assert specialist.get("/bao-cao/tre-han").status_code == 403


def text_of_row(row: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split())


@pytest.mark.requirement("R-210")
def test_a_deadline_comes_from_the_document_or_from_the_procedure(clerk: Visitor, world: World) -> None:
    ref, other = world.arrive(), world.arrive(subject="Hồ sơ cấp phép")
    fields = {
        "issuer": "UBND tỉnh", "type_name": "Công văn", "summary": "V/v cấp phép nhà ở số 5 phố Huế", "number": "15",
        "notation": "UBND", "urgency": "0", "secrecy": "0", "treatment": "task", "arrived_on": "2026-08-28",
        "files": "2", "procedure": "Cung cấp thông tin quy hoạch",
    }  # fmt: skip
    page = clerk.get(f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}")
    assert "Cung cấp thông tin quy hoạch (15)" in text_of(page)
    done = clerk.post(f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}", then="submit", **fields)
    page = text_of(clerk.follow(done))
    assert (
        "Hạn 21/09/2026" in page and "theo thủ tục “Cung cấp thông tin quy hoạch”" in page
    )  # 15 working days, a holiday
    written = {**fields, "due_on": "2026-09-10", "number": "16"}
    done = clerk.post(f"/van-ban/cho-vao-so/{other.folder_id}/{other.uid}", then="submit", **written)
    page = text_of(clerk.follow(done))
    assert "Hạn 10/09/2026" in page and "ghi trên văn bản" in page


@pytest.mark.requirement("R-210")
def test_urgent_work_comes_first(world: World) -> None:
    usual, _ = world.with_handler(replace(FIELDS, due_on=date(2099, 1, 1)))
    urgent, _ = world.with_handler(replace(FIELDS, urgency=Urgency.URGENT, number="9"))
    flash, _ = world.with_handler(replace(FIELDS, urgency=Urgency.FLASH, number="10"))
    items = world.store.db.read(lambda conn: my_work(conn, world.actor("vankhain"), now())).to_handle
    assert [one.document.id for one in items] == [flash, urgent, usual]
    assert len(world.uids("vankhain", PENDING)) == 3
