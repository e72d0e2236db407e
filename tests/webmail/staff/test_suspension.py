"""Nobody goes on using an account for what the law forbids (1581/QĐ-SGDDT, Điều 12; 04/2017/QĐ-UBND, Điều 23)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.routing.world import World
from tests.webmail.mail.test_composing import fresh
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import PASSWORD


@pytest.mark.requirement("R-032")
def test_an_account_is_suspended_by_a_leaders_order_and_what_it_did_is_at_hand(
    keeper: Visitor, specialist: Visitor, head: Visitor, app: Flask, world: World
) -> None:
    person, leader = world.id("vankhain"), world.id("truongpk")
    here, order = f"/nhan-su/{person}", {"ordered_by": str(leader), "reason": "Quyết định 15/QĐ-SXD"}
    assert "Theo lệnh của Phùng Khắc Trường" in text_of(keeper.get(here))
    assert specialist.post(f"{here}/khoa", **order).status_code == 404
    assert keeper.post(f"{here}/khoa", **{**order, "reason": " "}).status_code == 422
    assert keeper.post(f"{here}/khoa", **{**order, "ordered_by": str(world.id("khoivd"))}).status_code == 404
    assert specialist.get("/viec").status_code == 200

    assert keeper.post(f"{here}/khoa", **order).status_code == 303
    assert specialist.get("/viec").status_code == 303
    assert Visitor(app).post("/dang-nhap", login="vankhain", password=PASSWORD).status_code == 422
    assert "Đang tạm đình chỉ" in text_of(keeper.get(here))
    assert len(world.uids("truongpk", "INBOX")) == 1  # the leader hears of it, and can object

    mail = {
        "identity": "khoivd@sxd.hungbinh.example",
        "to": "vankhain",
        "subject": "Giấy mời",
        "text": "x",
        "do": "send",
    }
    assert head.post("/thu/soan", **fresh(head), **mail).status_code == 303
    assert len(world.uids("vankhain", "INBOX")) == 1  # mail goes on arriving

    log = keeper.get(f"/nhat-ky/?ai={person}")
    assert "session." in log.text and f"/nhat-ky/?ai={person}" in keeper.get(here).text
    about = text_of(keeper.get(f"/nhat-ky/?cua={person}"))
    assert "account.suspended" in about and "Quyết định 15/QĐ-SXD" in about
    assert head.get(f"/nhat-ky/?ai={person}").status_code == 404

    assert keeper.post(f"{here}/mo-khoa", reason="Hết thời hạn đình chỉ").status_code == 303
    assert specialist.signed_in("vankhain").get("/viec").status_code == 200
    assert len(world.uids("truongpk", "INBOX")) == 2 and len(world.uids("vankhain", "INBOX")) == 2
    keeper.post(f"{here}/khoa", reason="Lộ mật khẩu")
    assert "Đang khóa" in text_of(keeper.get(here)) and "Đang tạm đình chỉ" not in text_of(keeper.get(here))
