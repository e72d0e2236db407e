"""Calendars in the browser: made in one action, posted by heads and delegates, asked for before the month begins."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.boards.calendars import month_of
from mailserver.directory import grants
from mailserver.store import folders
from mailserver.store.store import Store
from routing import calendars
from tests.routing.world import DOMAIN, World
from tests.webmail.boards.test_boards import INDEX, put_up
from tests.webmail.boards.test_reports import letters
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import web_services, web_settings, with_passwords
from webmail.app import create_app

UNIT = "Phòng Quy hoạch – Kiến trúc"


def calendar(visitor: Visitor, name: str) -> str:
    """The address of the calendar of this leader or unit."""
    found = re.search(rf'href="({INDEX}\d+)">Lịch công tác/{re.escape(name)}<', visitor.get(INDEX).text)
    assert found is not None, name
    return found.group(1)


@pytest.mark.requirement("R-103")
def test_the_office_makes_them_together_and_heads_and_delegates_post(
    app: Flask, world: World, clerk: Visitor, head: Visitor, specialist: Visitor, director: Visitor
) -> None:
    plain = world.store.db.write(lambda tx: folders.create_tx(tx, world.ids["sxd"], "Lịch công tác/Giám đốc"), SYSTEM)
    assert head.post(f"{INDEX}lich-cong-tac").status_code == 404
    assert "Tạo 7 thư mục" in clerk.get(INDEX).text
    assert "Đã tạo 7 thư mục lịch công tác." in clerk.follow(clerk.post(f"{INDEX}lich-cong-tac")).text
    assert "Tạo lịch công tác của lãnh đạo" not in clerk.get(INDEX).text
    unit, whole, leader = (calendar(head, name) for name in (UNIT, "Toàn cơ quan", "Giám đốc"))
    assert leader == f"{INDEX}{plain.id}"

    page = head.get(unit).text
    assert re.search(r'name="subject"[^>]*value="Lịch công tác tháng \d\d/\d{4}"', page)
    assert "Đã đăng bài." in put_up(head, unit, "Lịch công tác tháng 12", files=(io.BytesIO(b"lich"), "lich.txt"))
    assert "Lịch công tác tháng 12" in text_of(specialist.get(unit))
    assert "Bạn không có quyền đăng" in put_up(specialist, unit, "Lịch của tôi")
    assert "Bạn không có quyền đăng" in put_up(head, whole, "Lịch")
    assert "Đã đăng bài." in put_up(director, leader, "Lịch Giám đốc")
    chief = Visitor(app).signed_in("vinhbt")
    assert "Đã đăng bài." in put_up(chief, whole, "Lịch toàn cơ quan")
    assert "Đã đăng bài." in put_up(chief, leader, "Lịch Giám đốc, tuần 2")

    since = datetime.now(UTC) - timedelta(days=1)
    owner, grantee = world.id("qhkt"), world.id("vankhain")
    given = world.store.db.write(lambda tx: grants.grant_tx(tx, owner, grantee, ("handle",), since), SYSTEM)
    assert "Đã đăng bài." in put_up(specialist, unit, "Lịch thay trưởng phòng")
    world.store.db.write(lambda tx: grants.revoke_tx(tx, given), SYSTEM)
    assert "Bạn không có quyền đăng" in put_up(specialist, unit, "Lịch nữa")
    assert f"Người phụ trách {UNIT}" in text_of(clerk.get(unit))
    clerk.post(f"{unit}/thiet-ke", do="remove", poster=f"in-charge-of:qhkt@{DOMAIN}")
    assert "Bạn không có quyền đăng" in put_up(head, unit, "Lịch nữa")


@pytest.mark.requirement("R-103")
def test_who_posts_is_asked_once_before_a_month_that_has_no_schedule(
    world: World, clerk: Visitor, head: Visitor
) -> None:
    clerk.post(f"{INDEX}lich-cong-tac")
    today = datetime.now(UTC).date()
    following = month_of(today).following
    first = following.first_day
    put_up(head, calendar(head, UNIT), f"Lịch công tác tháng {following}")
    assert calendars.ask_due(world.store, first - timedelta(days=calendars.ASKED_DAYS + 1)) == 0
    sent = calendars.ask_due(world.store, first - timedelta(days=2))
    assert calendars.ask_due(world.store, first - timedelta(days=1)) == 0
    assert sent == 5 and letters(world, "khoivd") == []
    told = letters(world, "lamhs")
    assert len(told) == 1 and f"tháng {following}" in told[0] and f"{first:%d/%m/%Y}" in told[0]
    assert len(letters(world, "truongpk")) == 1 and letters(world, "anl") == []
    later = following.following.first_day - timedelta(days=1)
    assert calendars.ask_due(world.store, later) == 6 and len(letters(world, "khoivd")) == 1


def test_it_is_too_early_until_some_days_before_the_month() -> None:
    assert calendars.asked_month(date(2026, 11, 25)) is None
    assert str(calendars.asked_month(date(2026, 11, 26))) == "12/2026"
    assert str(calendars.asked_month(date(2026, 12, 31))) == "01/2027"


def test_where_only_the_office_publishes_it_posts_in_all_of_them(store: Store, tmp_path: Path) -> None:
    world = with_passwords(store, "tn")
    services = web_services(world)
    app = create_app(services, web_settings(tmp_path / "cache"))
    head, chief = (Visitor(app).signed_in(name) for name in ("khoivd", "vinhbt"))
    chief.post(f"{INDEX}lich-cong-tac")
    unit = calendar(head, UNIT)
    assert "Bạn không có quyền đăng" in put_up(head, unit, "Lịch")
    assert "Đã đăng bài." in put_up(chief, unit, "Lịch")
    services.auth.close()
