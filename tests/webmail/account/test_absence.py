"""Going away with a deputy, as the person, the deputy and their colleagues see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from mailserver.directory.records import office_day
from routing.views import document
from tests.routing.world import COPY, PENDING, World
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import now

PATH = "/tai-khoan/vang-mat/"
DAY = timedelta(days=1)


@pytest.fixture
def deputy(app: Flask) -> Visitor:
    return Visitor(app).signed_in("diemttn")


def go_away(who: Visitor, world: World, name: str = "diemttn", **more: str) -> int:
    """From yesterday to tomorrow; the answer's status."""
    today = office_day(datetime.now(UTC))
    days = {"starts_on": str(today - DAY), "ends_on": str(today + DAY)}
    return who.post(PATH, **{**days, "deputy": world.id(name), "text": "Tôi đi công tác.", **more}).status_code


@pytest.mark.requirement("R-214")
def test_what_is_put_before_an_absent_director_goes_to_the_deputy_who_acts_in_his_stead(
    director: Visitor, deputy: Visitor, world: World
) -> None:
    assert go_away(director, world) == 303
    document_id, step_id = world.submitted()
    assert len(world.uids("giamdoc", PENDING)) == len(world.uids("diemttn", COPY)) == 1
    assert "V/v rà soát quy hoạch" in text_of(deputy.get("/viec"))
    done = deputy.post(
        f"/van-ban/buoc/{step_id}/giao", instruction="QHKT chủ trì.", main=world.id("qhkt"), due_on="2099-11-18"
    )
    assert done.status_code == 303
    assert len(world.uids("qhkt", PENDING)) == 1
    view = world.store.db.read(lambda conn: document(conn, world.actor("anhhtk"), document_id, now()))
    assert "Tạ Thị Ngọc Diễm" in text_of(deputy.get(f"/van-ban/{document_id}"))
    assert view.summary.state.value == "with_unit"


def test_after_the_return_the_deputy_has_nothing_more_to_do_with_it(
    director: Visitor, deputy: Visitor, world: World
) -> None:
    go_away(director, world)
    world.submitted()
    subject = "V/v rà soát quy hoạch"
    assert subject in text_of(deputy.get("/viec"))
    page = director.get(PATH)
    assert "đang vắng" in text_of(page) and "Tạ Thị Ngọc Diễm xử lý thay." in text_of(page)
    found = re.search(r'action="(/tai-khoan/vang-mat/\d+/tro-lai)"', page.text)
    assert found is not None
    back = found.group(1)
    today = office_day(datetime.now(UTC))
    refused = director.follow(director.post(back, back_on=str(today + 9 * DAY)))
    assert "trong thời gian vắng mặt" in refused.text
    assert director.post(back, back_on=str(today - DAY)).status_code == 303
    assert director.post(back, back_on=str(today - DAY)).status_code == 404
    assert subject not in text_of(deputy.get("/viec"))


@pytest.mark.requirement("R-212")
def test_a_head_leaves_the_unit_to_somebody_of_it(head: Visitor, specialist: Visitor, world: World) -> None:
    offered = re.findall(r"<option[^>]*>([^<&]+) &lt;", head.get(PATH).text)
    assert offered == ["Ngô Vĩnh Khải", "Nguyễn Văn Khải"], "nobody who would be refused"
    assert go_away(head, world, "anl") == 422
    assert go_away(head, world, "vankhain") == 303
    document_id, _step = world.with_unit()
    assert specialist.get(f"/van-ban/{document_id}").status_code == 200
    assert "V/v rà soát quy hoạch" in text_of(specialist.get("/viec"))


def test_colleagues_see_it_where_they_choose(director: Visitor, head: Visitor, world: World) -> None:
    go_away(head, world, "vankhain")
    document_id, _step = world.submitted()
    assert "vắng đến" in director.get(f"/van-ban/{document_id}").text
    assert "vắng đến" in director.get("/thu/soan").text


def test_what_is_wrong_is_said_beside_the_field(director: Visitor, stranger: Visitor, world: World) -> None:
    assert stranger.get(PATH).status_code == 303
    today = office_day(datetime.now(UTC))
    assert go_away(director, world, ends_on=str(today - 5 * DAY)) == 422
    assert go_away(director, world, starts_on="") == 422
    assert go_away(director, world, text="x" * 4001) == 422
    assert go_away(director, world) == 303
    assert go_away(director, world) == 422
