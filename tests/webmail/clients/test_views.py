"""The page that helps to set up mail programs."""

from __future__ import annotations

import plistlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from tests.webmail.visitor import Visitor, links, text_of
from tests.webmail.world import web_settings
from webmail.app import create_app
from webmail.clients.qr import QUIET, qr
from webmail.services import WebServices
from webmail.settings import MailDoor

ADDRESS = "truongpk@sxd.hungbinh.example"
PAGE = "/cai-dat-thu/"
PROFILE = "/cai-dat-thu/vanthu.mobileconfig"


def profile(visitor: Visitor, address: str = "") -> dict[str, Any]:
    answer = visitor.get(PROFILE, query_string={"dia_chi": address} if address else {})
    assert answer.status_code == 200 and answer.mimetype == "application/x-apple-aspen-config"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="vanthu.mobileconfig"'
    read: dict[str, Any] = plistlib.loads(answer.data)
    return read


def test_the_page_tells_what_a_mail_program_needs(director: Visitor) -> None:
    answer = director.get(PAGE)
    page = text_of(answer)
    for fact in ("mail.sxd.hungbinh.example", "993", "465", "SSL/TLS", ADDRESS, "Thunderbird", "Outlook", "Android"):
        assert fact in page
    assert f"{PROFILE}?dia_chi={ADDRESS}" in links(answer) and "/tai-khoan/#apps" in links(answer)
    assert '<svg class="qr ' in answer.text


def test_account_help_and_menu_lead_to_it(director: Visitor) -> None:
    for path in ("/tai-khoan/", "/tro-giup", "/viec"):
        assert PAGE in links(director.get(path)), path


def test_a_phone_that_scanned_the_code_needs_no_sign_in(stranger: Visitor) -> None:
    answer = stranger.get(PAGE, query_string={"dia_chi": ADDRESS})
    assert answer.status_code == 200
    assert ADDRESS in text_of(answer) and f"{PROFILE}?dia_chi={ADDRESS}" in links(answer)
    assert "/dang-nhap" in links(answer)


def test_strangers_learn_nothing_about_people(stranger: Visitor) -> None:
    known, unknown = (
        stranger.get(PAGE, query_string={"dia_chi": f"{name}@sxd.hungbinh.example"})
        for name in ("truongpk", "khongcoai")
    )
    assert text_of(known).replace("truongpk", "khongcoai") == text_of(unknown)
    foreign = stranger.get(PAGE, query_string={"dia_chi": "<b>a@elsewhere.example"})
    assert "elsewhere" not in foreign.text and "địa chỉ thư đầy đủ" in text_of(foreign)


def test_the_page_speaks_english_too(director: Visitor) -> None:
    director.post("/tai-khoan/ngon-ngu", locale="en")
    page = text_of(director.get(PAGE))
    assert "Set up a mail program" in page and "Reading (IMAP)" in page


def test_names_for_the_office_and_for_everywhere_stand_apart(services: WebServices, tmp_path: Path) -> None:
    inside = (MailDoor("IMAP", "thu.noibo", 993, "TLS"), MailDoor("SMTP", "thu.noibo", 465, "TLS"))
    settings = replace(web_settings(tmp_path), lan_doors=inside, lan_networks=("127.0.0.0/8",))
    visitor = Visitor(create_app(services, settings)).signed_in("truongpk")
    page = text_of(visitor.get(PAGE))
    assert page.index("Ở mọi nơi") < page.index("mail.sxd.hungbinh.example") < page.index("thu.noibo")
    assert "máy bàn bạn đang ở đây" in page
    mail = profile(visitor, ADDRESS)["PayloadContent"][0]
    assert mail["IncomingMailServerHostName"] == "mail.sxd.hungbinh.example"  # a phone is carried about


def test_without_doors_the_page_says_so(services: WebServices, tmp_path: Path) -> None:
    visitor = Visitor(create_app(services, replace(web_settings(tmp_path), mail_doors=()))).signed_in("truongpk")
    assert "Chưa mở cho chương trình thư" in text_of(visitor.get(PAGE))
    assert visitor.get(PROFILE).status_code == 404


def test_the_profile_sets_up_the_account_and_holds_no_password(stranger: Visitor) -> None:
    made = profile(stranger, ADDRESS)
    mail = made["PayloadContent"][0]
    assert (mail["PayloadType"], mail["EmailAccountType"]) == ("com.apple.mail.managed", "EmailTypeIMAP")
    assert mail["EmailAddress"] == mail["IncomingMailServerUsername"] == mail["OutgoingMailServerUsername"] == ADDRESS
    assert (mail["IncomingMailServerHostName"], mail["IncomingMailServerPortNumber"]) == (
        "mail.sxd.hungbinh.example",
        993,
    )
    assert (mail["OutgoingMailServerPortNumber"], mail["OutgoingMailServerUseSSL"]) == (465, True)
    assert not [key for key in mail if key.endswith("Password") and key != "OutgoingPasswordSameAsIncomingPassword"]


def test_the_profile_made_again_replaces_the_old_one(stranger: Visitor) -> None:
    assert profile(stranger, ADDRESS) == profile(stranger, ADDRESS.upper())
    other = profile(stranger, "hoavc@sxd.hungbinh.example")
    assert other["PayloadUUID"] != profile(stranger, ADDRESS)["PayloadUUID"]


def test_a_profile_without_an_address_lets_the_device_ask(stranger: Visitor) -> None:
    assert "EmailAddress" not in profile(stranger)["PayloadContent"][0]


def test_there_are_no_profiles_for_the_addresses_of_others(stranger: Visitor) -> None:
    for address in ("a@elsewhere.example", "a", "\r\nX: y@sxd.hungbinh.example"):
        assert stranger.get(PROFILE, query_string={"dia_chi": address}).status_code == 404
    assert stranger.client.head(PROFILE).status_code == 200


def test_the_profile_is_signed_where_the_server_can(services: WebServices, tmp_path: Path) -> None:
    signing = replace(services, sign_profile=lambda data: b"signed:" + data)
    answer = Visitor(create_app(signing, web_settings(tmp_path))).get(PROFILE)
    assert answer.data.startswith(b"signed:<?xml")


def test_a_code_is_square_with_a_quiet_zone_and_three_finder_patterns(app: Flask) -> None:
    code = qr("https://mail.sxd.hungbinh.example/cai-dat-thu/?dia_chi=truongpk%40sxd.hungbinh.example")
    modules = code.size - 2 * QUIET
    assert modules >= 21 and (modules - 17) % 4 == 0
    far = QUIET + modules - 7
    for x, y in ((QUIET, QUIET), (far, QUIET), (QUIET, far)):
        assert f"M{x} {y}h7v1h-7z" in code.path
