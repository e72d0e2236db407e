from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailserver.actor import SYSTEM
from mailserver.directory import credentials
from mailserver.directory.schema import web_session
from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import PASSWORD, web_settings
from webmail.app import create_app
from webmail.services import WebServices

FIRST = "mật khẩu lần đầu 1"
OWN = "một câu dài của riêng tôi"


@pytest.fixture
def newcomer(world: World) -> str:
    """Somebody whose password is still the first one."""
    world.store.db.write(lambda tx: credentials.set_password_tx(tx, world.id("anl"), FIRST, must_change=True), SYSTEM)
    return "anl"


def test_a_page_sends_a_stranger_to_the_sign_in_and_back(stranger: Visitor) -> None:
    away = stranger.get("/tim?q=song")
    assert away.status_code == 303
    page = stranger.follow(away)
    assert page.status_code == 200
    back = stranger.post("/dang-nhap", login="anhhtk", password=PASSWORD, next="/tim?q=song")
    assert (back.status_code, back.location) == (303, "/tim?q=song")


@pytest.mark.parametrize("login", ["anhhtk", "anhhtk@sxd.hungbinh.example", "ANHHTK@SXD.hungbinh.example"])
def test_signing_in_takes_an_address_or_its_local_part(stranger: Visitor, login: str) -> None:
    assert stranger.post("/dang-nhap", login=login, password=PASSWORD).location == "/viec"


@pytest.mark.parametrize(("login", "password"), [("anhhtk", "sai"), ("khongco", PASSWORD)])
def test_a_wrong_half_says_the_same_whichever_it_is(stranger: Visitor, login: str, password: str) -> None:
    refused = stranger.post("/dang-nhap", login=login, password=password)
    assert refused.status_code == 422
    assert "Tài khoản hoặc mật khẩu không đúng." in text_of(refused)
    assert f'value="{login}"' in refused.text
    assert password not in refused.text


def test_empty_fields_are_named_beside_themselves(stranger: Visitor) -> None:
    refused = stranger.post("/dang-nhap", login="", password="")
    assert refused.status_code == 422
    assert 'id="login-error"' in refused.text
    assert 'id="password-error"' in refused.text


def test_many_failures_are_slowed_down_with_429(stranger: Visitor) -> None:
    answers = [stranger.post("/dang-nhap", login="anhhtk", password=f"sai {n}").status_code for n in range(40)]
    assert set(answers) == {422, 429}


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil", "https://evil.example", "javascript:x", "/\tx", ""]
)
def test_signing_in_leads_nowhere_but_here(stranger: Visitor, target: str) -> None:
    assert stranger.post("/dang-nhap", login="anhhtk", password=PASSWORD, next=target).location == "/viec"


def test_the_session_is_new_at_every_sign_in_and_the_old_one_ends(stranger: Visitor) -> None:
    stranger.signed_in("anhhtk")
    first = stranger.client.get_cookie("vanthu-loopback")
    stranger.client.set_cookie("vanthu-loopback", "fixed")
    assert stranger.get("/viec").status_code == 303
    assert first is not None
    stranger.client.set_cookie("vanthu-loopback", first.value)
    stranger.signed_in("anhhtk")
    second = stranger.client.get_cookie("vanthu-loopback")
    assert second is not None and second.value != first.value
    stranger.client.set_cookie("vanthu-loopback", first.value)
    assert stranger.get("/viec").status_code == 303


def test_the_cookie_on_tls_has_the_host_prefix_and_all_flags(services: WebServices, tmp_path: Path) -> None:
    app = create_app(services, replace(web_settings(tmp_path / "c"), secure_cookies=True))
    visitor = Visitor(app)
    base = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/dang-nhap"}}
    page = visitor.client.get("/dang-nhap", base_url="https://localhost")
    token = page.text.partition('name="csrf-token" content="')[2].partition('"')[0]
    answer = visitor.client.post(
        "/dang-nhap", data={"csrf_token": token, "login": "anhhtk", "password": PASSWORD}, **base
    )
    assert answer.status_code == 303
    cookie = next(
        value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("__Host-vanthu=")
    )
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_the_database_keeps_no_token(stranger: Visitor, world: World) -> None:
    stranger.signed_in("anhhtk")
    cookie = stranger.client.get_cookie("vanthu-loopback")
    assert cookie is not None
    kept = world.store.db.read(lambda conn: conn.execute(select(web_session.c.token_hash)).scalars().all())
    assert cookie.value.encode() not in kept and len(kept) == 1


def test_signing_out_ends_the_session_for_good(clerk: Visitor) -> None:
    cookie = clerk.client.get_cookie("vanthu-loopback")
    out = clerk.post("/dang-xuat")
    assert out.status_code == 303
    assert out.headers["Clear-Site-Data"]
    assert cookie is not None
    clerk.client.set_cookie("vanthu-loopback", cookie.value)
    assert clerk.get("/viec").status_code == 303


def test_a_first_password_opens_nothing_but_its_own_change(stranger: Visitor, newcomer: str) -> None:
    stranger.signed_in(newcomer, FIRST)
    for path in ("/viec", "/thu/", "/tai-khoan/", "/van-ban/ho-so"):
        away = stranger.get(path)
        assert (away.status_code, away.location) == (303, "/doi-mat-khau")
    changed = stranger.post("/doi-mat-khau", current=FIRST, new=OWN, again=OWN)
    assert (changed.status_code, changed.location) == (303, "/viec")
    assert stranger.get("/viec").status_code == 200


def wrong(current: str, new: str, again: str, said: str) -> Callable[[], tuple[dict[str, str], str]]:
    return lambda: ({"current": current, "new": new, "again": again}, said)


@pytest.mark.parametrize(
    "case",
    [
        wrong("sai", OWN, OWN, "Mật khẩu hiện tại không đúng."),
        wrong(PASSWORD, OWN, OWN + "!", "Hai lần nhập mật khẩu mới không giống nhau."),
        wrong(PASSWORD, "ngắn", "ngắn", "ký tự"),
        wrong("", OWN, OWN, "Hãy nhập mật khẩu hiện tại."),
    ],
)
def test_a_password_change_says_what_is_wrong_and_changes_nothing(
    clerk: Visitor, stranger: Visitor, case: Callable[[], tuple[dict[str, str], str]]
) -> None:
    fields, said = case()
    refused = clerk.post("/doi-mat-khau", **fields)
    assert refused.status_code == 422
    assert said in text_of(refused)
    stranger.signed_in("anhhtk", PASSWORD)


def test_a_password_change_ends_the_other_sessions(clerk: Visitor, stranger: Visitor) -> None:
    stranger.signed_in("anhhtk")
    assert clerk.post("/doi-mat-khau", current=PASSWORD, new=OWN, again=OWN).status_code == 303
    assert clerk.get("/viec").status_code == 200
    assert stranger.get("/viec").status_code == 303


def test_a_clock_that_is_set_back_revives_no_session(services: WebServices, tmp_path: Path) -> None:
    ahead = timedelta(0)
    app = create_app(replace(services, clock=lambda: datetime.now(UTC) + ahead), web_settings(tmp_path / "c"))
    seen, unseen = Visitor(app).signed_in("anl"), Visitor(app).signed_in("anl")
    ahead = timedelta(days=1)
    assert seen.get("/viec").status_code == 303
    ahead = timedelta(0)
    assert seen.get("/viec").status_code == 303
    assert unseen.get("/viec").status_code == 200
