"""A forgotten or stolen password, from the sign-in page to the administrator and back."""

from __future__ import annotations

import re
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import select

from mailserver.actor import SYSTEM
from mailserver.directory.schema import person_role
from mailserver.store.schema import audit
from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import PASSWORD

QUEUE = "/nhan-su/cap-lai-mat-khau"
SAID = "Nếu có tài khoản này, quản trị hệ thống đã nhận được yêu cầu"


@pytest.fixture
def admin(app: Flask, world: World) -> Visitor:
    role = {"person_id": world.id("anl"), "role": "it_admin", "unit_id": None}
    world.store.db.write(lambda tx: tx.conn.execute(person_role.insert().values(**role)), SYSTEM)
    return Visitor(app).signed_in("anl")


def give_path(page: str) -> str:
    found = re.search(rf'action="({QUEUE}/\d+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.requirement("R-045")
def test_a_forgotten_password_is_asked_for_given_once_logged_and_told(
    stranger: Visitor, admin: Visitor, world: World
) -> None:
    asked = stranger.post("/quen-mat-khau", login="vankhain")
    assert SAID in stranger.follow(asked).text
    page = admin.get(QUEUE)
    assert "Nguyễn Văn Khải" in text_of(page)
    given = admin.post(give_path(page.text))
    assert given.status_code == 201
    shown = re.search(r'id="one-time">([^<]+)<', given.text)
    assert shown is not None and shown.group(1) not in admin.get(QUEUE).text
    assert admin.post(give_path(page.text)).status_code == 404
    assert stranger.post("/dang-nhap", login="vankhain", password=PASSWORD).status_code == 422
    stranger.signed_in("vankhain", shown.group(1))
    assert stranger.get("/viec").location == "/doi-mat-khau"
    acts = select(audit.c.action, audit.c.actor_id).where(audit.c.owner_id == world.id("vankhain"))
    assert ("reset.given", world.id("anl")) in world.store.db.read(
        lambda conn: [tuple(one) for one in conn.execute(acts)]
    )
    told = message_from_bytes(world.octets("vankhain", "INBOX")).get_payload(decode=True)
    assert isinstance(told, bytes) and "Lê Ân đã cấp mật khẩu dùng một lần" in told.decode()
    assert shown.group(1) not in told.decode()


def test_nobody_learns_whether_there_is_such_an_account(stranger: Visitor, admin: Visitor) -> None:
    answers = [stranger.follow(stranger.post("/quen-mat-khau", login=name)) for name in ("vankhain", "khongco")]
    assert text_of(answers[0]) == text_of(answers[1])
    assert stranger.post("/quen-mat-khau", login="").status_code == 422
    assert text_of(admin.get(QUEUE)).count("@") == 1


def test_the_queue_is_for_administrators(stranger: Visitor, admin: Visitor, specialist: Visitor) -> None:
    assert stranger.get(QUEUE).status_code == 303
    stranger.post("/quen-mat-khau", login="khoivd")
    path = give_path(admin.get(QUEUE).text)
    assert specialist.get(QUEUE).status_code == 404
    assert specialist.post(path).status_code == 404
    assert specialist.post(f"{path}/bo").status_code == 404
    assert admin.post(f"{path}/bo").status_code == 303
    assert "Không ai chờ mật khẩu mới" in text_of(admin.get(QUEUE))


@pytest.mark.requirement("R-046")
def test_an_emergency_lock_shuts_every_session_until_an_administrator_opens_it(
    app: Flask, specialist: Visitor, admin: Visitor
) -> None:
    elsewhere = Visitor(app).signed_in("vankhain")
    assert "hết hiệu lực" in text_of(specialist.get("/tai-khoan/khoa-khan-cap"))
    locked = specialist.post("/tai-khoan/khoa-khan-cap")
    assert (locked.status_code, locked.location) == (303, "/dang-nhap")
    assert specialist.get("/viec").status_code == 303
    assert elsewhere.get("/viec").status_code == 303
    assert elsewhere.post("/dang-nhap", login="vankhain", password=PASSWORD).status_code == 422
    assert "khóa khẩn cấp" in text_of(admin.get(QUEUE))


@pytest.mark.requirement("R-047")
def test_a_person_sees_where_the_account_was_signed_in_and_when_last(app: Flask, specialist: Visitor) -> None:
    assert "Lần đăng nhập trước" not in text_of(specialist.get("/viec"))
    agent = {
        "HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0",
        "REMOTE_ADDR": "203.0.113.7",
    }
    again = Visitor(app)
    again.client.environ_base.update(agent)
    again.signed_in("vankhain")
    assert "Lần đăng nhập trước" in text_of(again.get("/viec"))
    places = text_of(again.get("/tai-khoan/"))
    assert "Trang web · Firefox · Windows" in places and "203.0.113.7" in places
