from __future__ import annotations

import re

import pytest

from mailserver.directory.errors import BadCredentials, NotForThisDoor
from tests.webmail.visitor import Visitor, text_of
from tests.webmail.world import PASSWORD
from webmail.services import WebServices


def test_an_app_password_is_shown_once_opens_mail_and_is_revoked(director: Visitor, services: WebServices) -> None:
    made = director.post("/tai-khoan/mat-khau-ung-dung", label="Điện thoại")
    assert made.status_code == 201
    found = re.search(r'id="app-password">([^<]+)<', made.text)
    assert found is not None
    plain = found.group(1)
    assert plain not in director.get("/tai-khoan/").text
    assert services.auth.verify("truongpk", plain, "imap", "127.0.0.1").principal.name == "Phùng Khắc Trường"
    with pytest.raises(BadCredentials):
        services.auth.verify("truongpk", plain, "web", "127.0.0.1")
    revoke = re.search(r'action="(/tai-khoan/mat-khau-ung-dung/\d+/thu-hoi)"', made.text)
    assert revoke is not None
    assert director.post(revoke.group(1)).status_code == 303
    with pytest.raises(BadCredentials):
        services.auth.verify("truongpk", plain, "imap", "127.0.0.1")
    assert director.post(revoke.group(1)).status_code == 404


def test_one_for_sending_that_ends(director: Visitor, services: WebServices) -> None:
    made = director.post("/tai-khoan/mat-khau-ung-dung", label="Máy quét", doors="smtp", lasts="30")
    found = re.search(r'id="app-password">([^<]+)<', made.text)
    assert found is not None
    assert "Chỉ gửi thư (SMTP) · hết hạn" in text_of(made)
    assert services.auth.verify("truongpk", found.group(1), "smtp", "127.0.0.1").credential_kind == "app"
    with pytest.raises(NotForThisDoor):
        services.auth.verify("truongpk", found.group(1), "imap", "127.0.0.1")
    refused = director.post("/tai-khoan/mat-khau-ung-dung", label="Máy quét", doors="pop3")
    assert refused.status_code == 422


def test_it_needs_a_name(director: Visitor) -> None:
    refused = director.post("/tai-khoan/mat-khau-ung-dung", label="")
    assert refused.status_code == 422 and "Hãy đặt tên" in text_of(refused)


def test_nobody_revokes_the_passwords_of_others(director: Visitor, outsider: Visitor) -> None:
    made = director.post("/tai-khoan/mat-khau-ung-dung", label="Điện thoại")
    revoke = re.search(r'action="(/tai-khoan/mat-khau-ung-dung/\d+/thu-hoi)"', made.text)
    assert revoke is not None
    assert outsider.post(revoke.group(1)).status_code == 404
    assert "Điện thoại" in text_of(director.get("/tai-khoan/"))


def test_other_sessions_are_listed_and_ended(director: Visitor, stranger: Visitor, outsider: Visitor) -> None:
    stranger.signed_in("truongpk")
    page = director.get("/tai-khoan/")
    assert text_of(page).count("phiên này") == 1
    close = re.search(r'action="(/tai-khoan/phien/[0-9a-f]{64}/dong)"', page.text)
    assert close is not None
    assert outsider.post(close.group(1)).status_code == 404
    assert director.post(close.group(1)).status_code == 303
    assert stranger.get("/viec").status_code == 303
    assert director.get("/viec").status_code == 200


def test_everywhere_else_at_once(director: Visitor, stranger: Visitor) -> None:
    stranger.signed_in("truongpk", PASSWORD)
    assert director.post("/tai-khoan/phien/dong-het").status_code == 303
    assert stranger.get("/viec").status_code == 303
    assert director.get("/viec").status_code == 200


def test_a_phone_leads_to_every_section_that_a_wide_screen_does(specialist: Visitor, keeper: Visitor) -> None:
    for visitor in (specialist, keeper):
        page = visitor.get("/tai-khoan/").text
        wide, bottom, more = [
            _links(page, name) for name in ("rail only-wide", "bottombar", "panel more-menu only-phone")
        ]
        assert bottom and more
        assert wide and wide <= bottom | more
        assert not bottom & more


def _links(page: str, name: str) -> set[str]:
    """Where the links of a navigation lead."""
    inside = page.partition(f'<nav class="{name}"')[2].partition("</nav>")[0]
    return set(re.findall(r'<a href="([^"]+)"', inside))
