"""The second factor through the pages: on, asked for, replayed, lost, required."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import timedelta
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from mailserver.actor import SYSTEM
from mailserver.directory import otp, second
from mailserver.directory.errors import NeedsAppPassword
from mailserver.directory.second_schema import second_factor
from mailserver.store.database import Tx
from tests.routing.world import World
from tests.webmail.visitor import Visitor, hidden, text_of
from tests.webmail.world import PASSWORD, now
from webmail.auth import second as door
from webmail.services import WebServices

PAGE, CODE = "/tai-khoan/hai-buoc/", "/dang-nhap/hai-buoc"


class Phone:
    """An authenticator app: one code after the other, none twice."""

    def __init__(self, page: TestResponse) -> None:
        found = re.search(r'<code class="user-select-all">([A-Z2-7 ]+)</code>', page.text)
        assert found is not None
        self.secret = base64.b32decode(found.group(1).replace(" ", ""))
        self.shown = otp.step_at(now()) - 1

    def code(self) -> str:
        """The next code; the clock of the phone is at most a step ahead, three codes at a time can be right."""
        self.shown = max(self.shown + 1, otp.step_at(now()) - 1)
        return otp.code_at(self.secret, self.shown)


def switched_on(visitor: Visitor) -> tuple[Phone, list[str]]:
    """The phone, and the recovery codes."""
    visitor.post(f"{PAGE}bat-dau")
    page = visitor.get(PAGE)
    assert "<svg" in page.text and 'd="M' in page.text
    phone = Phone(page)
    answer = visitor.post(f"{PAGE}bat", password=PASSWORD, code=phone.code())
    assert answer.status_code == 201, text_of(answer)
    return phone, re.findall(r"<li><code[^>]*>([a-z-]+)</code>", answer.text)


def half_way(app: Flask, name: str = "vankhain") -> tuple[Visitor, str]:
    """A browser after the right password, and its ticket."""
    visitor = Visitor(app)
    page = visitor.post("/dang-nhap", login=name, password=PASSWORD)
    assert page.status_code == 200 and "Xác thực hai bước" in text_of(page)
    return visitor, hidden(page, "ticket")


def test_after_the_password_the_code_is_asked_for_and_counts_once(app: Flask, specialist: Visitor) -> None:
    phone, codes = switched_on(specialist)
    assert len(codes) == 10 and specialist.get("/viec").status_code == 200
    visitor, ticket = half_way(app)
    assert visitor.get("/viec").status_code == 303
    wrong = visitor.post(CODE, ticket=ticket, code="000000x")
    assert wrong.status_code == 422 and visitor.get("/viec").status_code == 303
    code = phone.code()
    assert visitor.post(CODE, ticket=ticket, code=code, next="/tim").location == "/tim"
    assert visitor.get("/viec").status_code == 200
    other, ticket = half_way(app)
    assert other.post(CODE, ticket=ticket, code=code).status_code == 422
    assert other.get("/viec").status_code == 303


def test_a_recovery_code_replaces_the_phone_once(app: Flask, specialist: Visitor, world: World) -> None:
    _phone, codes = switched_on(specialist)
    visitor, ticket = half_way(app)
    assert visitor.post(CODE, ticket=ticket, code=codes[0].upper().replace("-", " ")).status_code == 303
    other, ticket = half_way(app)
    assert other.post(CODE, ticket=ticket, code=codes[0]).status_code == 422
    assert "còn 9 mã dự phòng" in text_of(specialist.get(PAGE))
    new = specialist.post(f"{PAGE}ma-du-phong", password=PASSWORD, code=codes[1])
    assert new.status_code == 201 and codes[2] not in new.text
    assert other.post(CODE, ticket=ticket, code=codes[2]).status_code == 422


def test_guessing_is_stopped_before_it_is_worth_anything(app: Flask, specialist: Visitor, world: World) -> None:
    _phone, codes = switched_on(specialist)
    visitor, ticket = half_way(app)
    answers = [visitor.post(CODE, ticket=ticket, code="999999x").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert visitor.post(CODE, ticket=ticket, code=codes[0]).status_code == 429

    def later(tx: Tx) -> None:
        tx.conn.execute(update(second_factor).values(failed_at=tx.now - second.PAUSE - timedelta(seconds=1)))

    world.store.db.write(later, SYSTEM)
    assert visitor.post(CODE, ticket=ticket, code=codes[0]).status_code == 303


def test_a_ticket_is_of_its_password_and_its_time(
    app: Flask, specialist: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _phone, codes = switched_on(specialist)
    visitor, ticket = half_way(app)
    assert visitor.post(CODE, ticket=f"{ticket}x", code=codes[0]).location == "/dang-nhap"
    assert visitor.post(CODE, ticket="", code=codes[0]).location == "/dang-nhap"
    new = "Sông Lệ chảy về đông"
    assert specialist.post("/doi-mat-khau", current=PASSWORD, new=new, again=new).status_code == 303
    assert visitor.post(CODE, ticket=ticket, code=codes[0]).location == "/dang-nhap"
    page = visitor.post("/dang-nhap", login="vankhain", password=new)
    monkeypatch.setattr(door, "TICKET_S", -1)
    assert visitor.post(CODE, ticket=hidden(page, "ticket"), code=codes[0]).location == "/dang-nhap"
    assert visitor.get("/viec").status_code == 303


def test_it_goes_on_and_off_only_with_password_and_code(app: Flask, specialist: Visitor) -> None:
    assert specialist.post(f"{PAGE}bat", password=PASSWORD, code="123456").status_code == 422
    phone, codes = switched_on(specialist)
    assert specialist.post(f"{PAGE}tat", password="sai mật khẩu", code=codes[0]).status_code == 422
    assert specialist.post(f"{PAGE}tat", password=PASSWORD, code="999999x").status_code == 422
    assert half_way(app)
    assert specialist.post(f"{PAGE}tat", password=PASSWORD, code=phone.code()).status_code == 303
    assert Visitor(app).signed_in("vankhain").get("/viec").status_code == 200


def test_a_main_password_opens_no_mail_door_any_more_and_an_app_password_does(
    specialist: Visitor, services: WebServices
) -> None:
    assert services.auth.verify("vankhain", PASSWORD, "imap").credential_kind == "password"
    made = specialist.post("/tai-khoan/mat-khau-ung-dung", label="Điện thoại", doors="imap smtp", lasts="0")
    found = re.search(r'id="app-password">([^<]+)<', made.text)
    assert found is not None
    switched_on(specialist)
    for mail_door in ("imap", "smtp"):
        with pytest.raises(NeedsAppPassword):
            services.auth.verify("vankhain", PASSWORD, mail_door)
        assert services.auth.verify("vankhain", found.group(1), mail_door).credential_kind == "app"


def test_an_administrator_switches_it_off_for_who_lost_the_phone_and_tells_by_mail(
    app: Flask, specialist: Visitor, keeper: Visitor, world: World
) -> None:
    switched_on(specialist)
    visitor, ticket = half_way(app)
    assert visitor.post("/dang-nhap/mat-dien-thoai", ticket="x").location == "/dang-nhap"
    assert "mất điện thoại" not in keeper.get("/nhan-su/cap-lai-mat-khau").text
    assert visitor.post("/dang-nhap/mat-dien-thoai", ticket=ticket).status_code == 303
    queue = keeper.get("/nhan-su/cap-lai-mat-khau")
    assert "mất điện thoại xác thực" in text_of(queue)
    found = re.search(r"/nhan-su/cap-lai-mat-khau/\d+", queue.text)
    assert found is not None
    assert keeper.post(found.group()).status_code == 404  # gives no password
    assert keeper.post(f"{found.group()}/tat-hai-buoc").status_code == 303
    assert keeper.post(f"{found.group()}/tat-hai-buoc").status_code == 404
    assert Visitor(app).signed_in("vankhain").get("/viec").status_code == 200
    told = message_from_bytes(world.octets("vankhain", "INBOX")).get_payload(decode=True)
    assert isinstance(told, bytes) and "Lê Ân đã tắt xác thực hai bước" in told.decode()


def test_where_a_role_requires_it_nothing_else_opens_before(
    app: Flask, specialist: Visitor, keeper: Visitor, world: World
) -> None:
    assert specialist.post("/nhan-su/hai-buoc", role="it_admin").status_code == 404
    assert keeper.post("/nhan-su/hai-buoc", role="emperor").status_code == 422
    assert specialist.get("/viec").status_code == 200
    assert keeper.post("/nhan-su/hai-buoc", role="unit_head").status_code == 303
    assert specialist.get("/viec").status_code == 200
    head = Visitor(app).signed_in("khoivd")
    assert head.get("/viec").location == PAGE
    assert "Cơ quan yêu cầu" in text_of(head.get(PAGE))
    switched_on(head)
    assert head.get("/viec").status_code == 200
    assert keeper.post("/nhan-su/hai-buoc").status_code == 303


def test_an_open_main_password_session_of_a_mail_door_stands_no_longer(
    specialist: Visitor, services: WebServices, world: World
) -> None:
    known = services.auth.verify("vankhain", PASSWORD, "imap")
    assert asyncio.run(services.auth.astands(known))
    switched_on(specialist)
    assert not asyncio.run(services.auth.astands(known))
