"""Redirects on the pages: set by administrators, asked for by people, seen and ended by whose mail it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.directory import departures, posts
from mailserver.directory.records import office_day
from mailserver.redirects import deciding, records
from mailserver.redirects.records import Redirect
from mailserver.store.database import Tx
from routing import handover
from tests.routing.world import DOMAIN, World
from tests.webmail.sample_redirects import switch_on
from tests.webmail.sentfiles.outside import text_in
from tests.webmail.visitor import Visitor, text_of
from webmail.formats import today
from webmail.services import WebServices

ADMIN, OWN = "/nhan-su/chuyen-tiep/", "/tai-khoan/chuyen-tiep/"


def fields(app: Flask, **changes: str) -> dict[str, str]:
    with app.test_request_context():
        first = today()
    days = {"starts_on": f"{first}", "ends_on": f"{first + timedelta(days=10)}"}
    return {"targets": "an@noi-khac.example\nBinh@noi-khac.example", "reason": "Biệt phái", **days, **changes}


@pytest.fixture
def on(services: WebServices) -> None:
    """The agency has redirects switched on."""
    switch_on(services)


def kept(world: World) -> list[Redirect]:
    return world.store.db.read(lambda conn: records.of_agency(conn, world.agency_id))


def inbox_subjects(world: World, who: str) -> str:
    query = "SELECT m.subject FROM entry e JOIN message m ON m.id = e.message_pk WHERE e.folder_id = {} ORDER BY m.id"
    folder_id = world.folder(who, "INBOX")
    found = world.store.db.read(lambda conn: conn.exec_driver_sql(query.format(folder_id)).scalars().all())
    return "\n".join(found)


@pytest.mark.requirement("R-089")
def test_an_administrator_sets_one_and_its_owner_sees_and_ends_it(
    app: Flask, world: World, keeper: Visitor, specialist: Visitor, head: Visitor, on: None
) -> None:
    address = f"vankhain@{DOMAIN}"
    wrong = {"targets": f"anl@{DOMAIN}", "address": "khong-co@sxd.example", "reason": "", "ends_on": "2020-01-01"}
    for name, value in wrong.items():
        answer = keeper.post(f"{ADMIN}moi", **fields(app, **{"address": address, name: value}))
        assert answer.status_code == 422 and "Cần xem lại" in text_of(answer), name
    own = keeper.post(f"{ADMIN}moi", **fields(app, address=f"anl@{DOMAIN}"))
    assert own.status_code == 422 and "người quản trị khác" in text_of(own)
    assert kept(world) == []
    shown = text_of(keeper.follow(keeper.post(f"{ADMIN}moi", **fields(app, address=address))))
    assert "đang chuyển tiếp" in shown and "Binh@noi-khac.example" in shown and "Hoàn tác" in shown
    (one,) = kept(world)
    assert one.targets == ("an@noi-khac.example", "Binh@noi-khac.example")
    # The owner is told, and sees it on the account page; nobody else does.
    assert "tự động chuyển tiếp ra ngoài" in inbox_subjects(world, "vankhain")
    assert "an@noi-khac.example" in text_of(specialist.get("/tai-khoan/")) + text_of(specialist.get(OWN))
    assert "an@noi-khac.example" not in text_of(head.get(OWN))
    assert "được tự động chuyển tiếp" in text_of(specialist.get("/tai-khoan/"))
    assert head.post(f"{ADMIN}{one.id}/dung").status_code == 404
    assert head.get(ADMIN).status_code == head.get(f"{ADMIN}moi").status_code == 404
    ended = specialist.follow(specialist.post(f"{ADMIN}{one.id}/dung", back="account"))
    assert ended.request.path == OWN and "Đã dừng" in text_of(ended)
    assert kept(world)[0].state.value == "ended"
    assert specialist.post(f"{ADMIN}{one.id}/dung").status_code == 404
    # Of a unit's mailbox its head is who sees it and may end it.
    unit = f"qhkt@{DOMAIN}"
    assert keeper.post(f"{ADMIN}moi", **fields(app, address=unit)).status_code == 303
    assert "an@noi-khac.example" in text_of(head.get(OWN))
    assert head.post(f"{ADMIN}{kept(world)[0].id}/dung", back="account").status_code == 303


def test_a_person_asks_and_an_administrator_agrees_or_does_not(
    app: Flask, world: World, keeper: Visitor, specialist: Visitor, on: None
) -> None:
    assert specialist.post(OWN, **fields(app, targets="không phải địa chỉ")).status_code == 422
    for _time in range(2):  # the second wish takes the place of the first
        assert specialist.post(OWN, **fields(app)).status_code == 303
    second, first = kept(world)
    assert (first.state.value, second.state.value) == ("ended", "asked")
    assert "chờ đồng ý" in text_of(keeper.get(ADMIN))
    assert specialist.post(f"{ADMIN}{second.id}/dong-y").status_code == 404
    assert "Hãy ghi lý do" in text_of(keeper.follow(keeper.post(f"{ADMIN}{second.id}/tu-choi", reason=" ")))
    assert "Đã từ chối" in text_of(keeper.follow(keeper.post(f"{ADMIN}{second.id}/tu-choi", reason="Chưa cần")))
    assert "Trả lời: Chưa cần" in text_of(specialist.get(OWN))
    assert "Không đồng ý chuyển tiếp thư" in inbox_subjects(world, "vankhain")
    assert specialist.post(OWN, **fields(app)).status_code == 303
    third = kept(world)[0]
    assert "được chuyển tiếp" in text_of(keeper.follow(keeper.post(f"{ADMIN}{third.id}/dong-y")))
    assert keeper.post(f"{ADMIN}{third.id}/dong-y").status_code == 404
    assert kept(world)[0].state.value == "standing"
    # Nobody agrees to the own wish.
    assert keeper.post(OWN, **fields(app)).status_code == 303
    own = kept(world)[0]
    assert "người quản trị khác" in text_of(keeper.follow(keeper.post(f"{ADMIN}{own.id}/dong-y")))
    assert kept(world)[0].state.value == "asked"
    assert "Đã rút đề nghị" in text_of(keeper.follow(keeper.post(f"{ADMIN}{own.id}/dung")))


def test_where_it_is_off_nobody_asks_and_the_pages_say_so(
    app: Flask, keeper: Visitor, specialist: Visitor, world: World
) -> None:
    assert specialist.post(OWN, **fields(app)).status_code == 404
    assert "Đề nghị chuyển tiếp" not in text_of(specialist.get(OWN))
    assert "Chuyển tiếp tự động" not in text_of(specialist.get("/tai-khoan/"))
    assert "đang tắt" in text_of(keeper.get(ADMIN))
    assert keeper.post(f"{ADMIN}moi", **fields(app, address=f"vankhain@{DOMAIN}")).status_code == 303
    assert "Cơ quan đang tắt" in text_of(specialist.get(OWN))


def test_who_leaves_leaves_no_redirect_behind(app: Flask, world: World, keeper: Visitor) -> None:
    for local in ("truongpk", "giamdoc"):
        assert keeper.post(f"{ADMIN}moi", **fields(app, address=f"{local}@{DOMAIN}")).status_code == 303
    with app.test_request_context():
        first = today()

    def leave_tx(tx: Tx) -> int:
        wish = departures.Wish(departures.Cause.TRANSFER, first, "Quyết định 1", None)
        departures.schedule_tx(tx, world.id("truongpk"), wish)
        return handover.perform_due_tx(tx, world.store)

    assert world.store.db.write(leave_tx, SYSTEM) == 1
    assert {one.state.value for one in kept(world)} == {"ended"}
    assert "không còn được chuyển tiếp" in inbox_subjects(world, "giamdoc")


def test_what_was_set_for_a_post_ends_when_another_holds_it(app: Flask, world: World, keeper: Visitor) -> None:
    assert keeper.post(f"{ADMIN}moi", **fields(app, address=f"giamdoc@{DOMAIN}")).status_code == 303
    (one,) = kept(world)
    day, store = office_day(one.made_at), world.store
    tomorrow, after = day + timedelta(days=1), day + timedelta(days=2)

    def works(on: date) -> list[int]:
        return [found.id for found in store.db.read(lambda conn: records.working(conn, [one.owner_id], on))]

    def end(on: date) -> int:
        return store.db.write(lambda tx: deciding.end_passed_tx(tx, store.blobs, on), SYSTEM)

    assert works(day) == works(after) == [one.id] and end(after) == 0
    store.db.write(lambda tx: posts.appoint_tx(tx, one.owner_id, world.id("diemttn"), after), SYSTEM)
    assert works(tomorrow) == [one.id] and end(tomorrow) == 0
    assert works(after) == [], "from the successor's first moment on"
    assert (end(after), end(after)) == (1, 0) and kept(world)[0].state.value == "ended"
    told = world.octets("giamdoc", "INBOX", world.uids("giamdoc", "INBOX")[-1])
    assert "đã đổi người giữ" in text_in(told)
