"""The page of what is about to be removed: whose it is, more time asked for and decided on, and that it then goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from mailbox_policies import choices
from mailbox_policies.fields import difference
from mailbox_policies.modes import Mode
from mailbox_policies.retention.terms import FolderClass, due_at
from mailbox_policies.rules import retention
from mailserver.actor import SYSTEM
from mailserver.directory.records import OFFICE_ZONE
from tests.mailbox_policies.retention.shelf import TERMS, audited, item_of, letters, put, rows, run, subjects
from tests.routing.world import World
from tests.webmail.queue.test_views import make_admin
from tests.webmail.visitor import Visitor, text_of

WEEK = timedelta(days=7)


@pytest.fixture
def admin(world: World, app: Flask) -> Visitor:
    make_admin(world, world.agency_id, "tuanht")
    return Visitor(app).signed_in("tuanht")


@pytest.fixture
def poster(app: Flask, world: World) -> Visitor:
    return Visitor(app).signed_in("lamhs")


@pytest.fixture(autouse=True)
def in_force(world: World) -> None:
    """As the administrator chooses on the page of the rule."""
    values = difference(retention.RULE.start, retention.RULE.fields, TERMS)
    world.store.db.write(lambda tx: choices.set_tx(tx, world.agency_id, retention.RULE, Mode.ENFORCE, values), SYSTEM)


def due(kind: FolderClass) -> datetime:
    """When what is posted now goes."""
    found = due_at(TERMS, kind, datetime.now(UTC))
    assert found is not None
    return found


@pytest.mark.requirement("R-104", "R-107", "R-112")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("Lịch công tác", FolderClass.SCHEDULE),
        ("Thông báo", FolderClass.NOTICE),
        ("Lấy ý kiến", FolderClass.COMMENTS),
    ],
)
def test_who_posted_and_the_administrator_see_what_goes_and_then_it_is_gone(
    world: World, admin: Visitor, poster: Visitor, outsider: Visitor, folder: str, kind: FolderClass
) -> None:
    put(world, "sxd", folder, "Tin của phòng", sender="lamhs")
    put(world, "sxd", "Báo cáo", "Báo cáo tuần", sender="lamhs")
    goes = due(kind)
    run(world, goes - timedelta(days=8))
    for visitor, path in ((poster, "/don-thu/sap-xoa"), (admin, "/don-thu/sap-xoa?xem=co-quan")):
        said = text_of(visitor.get(path))
        assert "Tin của phòng" in said
        assert f"xóa từ {goes.astimezone(OFFICE_ZONE):%d/%m/%Y}" in said
        assert "Báo cáo tuần" not in said
    assert "Tin của phòng" not in text_of(outsider.get("/don-thu/sap-xoa"))
    assert letters(world, "lamhs") == letters(world, "tuanht") == ["1 thư sắp hết hạn lưu"]
    assert run(world, goes - timedelta(seconds=1)).removed == 0
    assert run(world, goes).removed == 1
    assert (subjects(world, "sxd", folder), subjects(world, "sxd", "Báo cáo")) == ([], ["Báo cáo tuần"])
    assert "Tin của phòng" not in text_of(poster.get("/don-thu/sap-xoa"))


@pytest.mark.requirement("R-108")
def test_a_notice_stays_longer_when_its_poster_asks_and_the_administrator_grants_it(
    world: World, admin: Visitor, poster: Visitor
) -> None:
    put(world, "sxd", "Thông báo", "Quỹ vì người nghèo", sender="lamhs")
    goes = due(FolderClass.NOTICE)
    run(world, goes - timedelta(days=8))
    item = item_of(world, "Quỹ vì người nghèo")
    until = (goes + timedelta(days=60)).astimezone(OFFICE_ZONE).date()
    answer = poster.post(f"/don-thu/sap-xoa/{item}/gia-han", den=until.isoformat(), ly_do="Còn nhận đóng góp")
    assert "Đang xin gia hạn" in text_of(poster.follow(answer))
    assert any("Xin gia hạn" in one for one in subjects(world, "tuanht", "INBOX"))
    assert run(world, goes + WEEK).removed == 0  # as long as nobody has answered
    page = admin.get("/don-thu/sap-xoa?xem=co-quan")
    assert "Còn nhận đóng góp" in text_of(page)
    assert f'value="{until.isoformat()}"' in page.text
    answer = admin.post(f"/don-thu/sap-xoa/{item}/tra-loi", do="grant", den=until.isoformat())
    assert "Đã gia hạn" in text_of(admin.follow(answer))
    assert any(one.startswith("Đã gia hạn đến") for one in subjects(world, "lamhs", "INBOX"))
    assert run(world, goes + 2 * WEEK).removed == 0
    ends = datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=OFFICE_ZONE)
    run(world, ends - timedelta(days=8))
    assert len([one for one in letters(world, "lamhs") if "sắp hết hạn lưu" in one]) == 2  # told of once more
    assert run(world, ends - timedelta(seconds=1)).removed == 0
    assert run(world, ends + timedelta(seconds=1)).removed == 1
    assert (audited(world, "retention.extension_asked"), audited(world, "retention.extended")) == (1, 1)


@pytest.mark.requirement("R-108")
def test_what_is_refused_goes_on_its_day(world: World, admin: Visitor, poster: Visitor) -> None:
    put(world, "sxd", "Lấy ý kiến", "Góp ý biểu trưng", sender="lamhs")
    goes = due(FolderClass.COMMENTS)
    run(world, goes - timedelta(days=8))
    item = item_of(world, "Góp ý biểu trưng")
    until = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    poster.post(f"/don-thu/sap-xoa/{item}/gia-han", den=until, ly_do="Chưa đủ ý kiến")
    admin.post(f"/don-thu/sap-xoa/{item}/tra-loi", do="refuse")
    assert "Không được gia hạn" in text_of(poster.get("/don-thu/sap-xoa"))
    answer = admin.post(f"/don-thu/sap-xoa/{item}/tra-loi", do="grant", den=until)
    assert "đã được trả lời" in admin.follow(answer).text
    assert run(world, goes).removed == 1


def test_strangers_can_neither_ask_nor_decide(
    world: World, admin: Visitor, poster: Visitor, outsider: Visitor, stranger: Visitor
) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", sender="lamhs")
    run(world, due(FolderClass.NOTICE) - timedelta(days=8))
    item = item_of(world, "Nghỉ lễ")
    until = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    assert outsider.post(f"/don-thu/sap-xoa/{item}/gia-han", den=until, ly_do="x").status_code == 404
    assert poster.post(f"/don-thu/sap-xoa/{item}/tra-loi", do="grant", den=until).status_code == 404
    assert poster.get("/don-thu/sap-xoa?xem=co-quan").status_code == 404
    assert admin.post("/don-thu/sap-xoa/4711/tra-loi", do="grant", den=until).status_code == 404
    assert stranger.get("/don-thu/sap-xoa").status_code == 303
    assert rows(world, "SELECT id FROM retention_item WHERE asked_at IS NOT NULL") == []


@pytest.mark.parametrize(("den", "why"), [("2001-01-01", "x"), ("2999-01-01", "x"), ("x", "x"), ("", "x"), (None, "")])
def test_a_day_that_cannot_be_is_told_of(world: World, poster: Visitor, den: str | None, why: str) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", sender="lamhs")
    run(world, due(FolderClass.NOTICE) - timedelta(days=8))
    item = item_of(world, "Nghỉ lễ")
    fit = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    answer = poster.post(f"/don-thu/sap-xoa/{item}/gia-han", den=fit if den is None else den, ly_do=why)
    assert "toast-error" in poster.follow(answer).text
    assert rows(world, "SELECT id FROM retention_item WHERE asked_at IS NOT NULL") == []


def test_nobody_asks_for_more_time_for_trash(world: World, poster: Visitor) -> None:
    put(world, "lamhs", "Trash", "Đã bỏ")
    run(world, datetime.now(UTC) + timedelta(days=50))
    said = text_of(poster.get("/don-thu/sap-xoa"))
    assert "Đã bỏ" in said
    assert "Xin gia hạn" not in said
    until = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    item = item_of(world, "Đã bỏ")
    assert poster.post(f"/don-thu/sap-xoa/{item}/gia-han", den=until, ly_do="x").status_code == 404


def test_an_administrator_sees_nobodys_junk(world: World, admin: Visitor, poster: Visitor) -> None:
    put(world, "lamhs", "Junk", "Chuyện riêng")
    run(world, datetime.now(UTC) + timedelta(days=25))
    assert "Chuyện riêng" in text_of(poster.get("/don-thu/sap-xoa"))
    assert "Chuyện riêng" not in text_of(admin.get("/don-thu/sap-xoa?xem=co-quan"))


def test_the_rule_says_on_its_page_what_its_modes_do(admin: Visitor) -> None:
    said = text_of(admin.get("/chinh-sach/retention"))
    assert "báo trước 7 ngày rồi xóa" in said
    assert "Thử một thư .eml" not in said
