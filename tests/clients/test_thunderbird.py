"""The real Thunderbird finds its settings itself, and does a day's work with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.clients.marionette import Marionette, patiently
from tests.clients.network import network
from tests.clients.thunderbird import Thunderbird, thunderbird
from tests.clients.thunderbird_office import AN, AUTOCONFIG, BINH, MAIL, Office, office
from tests.clients.thunderbird_windows import Hub, MailTab, trust
from tests.e2e.browser import PICTURES

LETTERS = {
    "Mời họp thẩm định quy hoạch phân khu Nam sông": "Sở mời dự họp lúc 14 giờ thứ Năm.",
    "Đề nghị góp ý dự thảo quyết định cấp phép xây dựng": "Đề nghị Quý Sở góp ý trước ngày 30.",
}
# What Thunderbird makes of the ones with a use (RFC 6154), and the names of the others.
FOLDERS = {name: name.lower() for name in ("INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash")} | {
    "Văn bản đến": "Văn bản đến",
    **{f"Văn bản đến/{name}": name for name in ("Chờ xử lý", "Kết thúc", "Để biết")},
}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thunderbird_finds_its_settings_and_works_with_them(tmp_path: Path) -> None:
    """On SQLite only: what the databases do alike is shown elsewhere, and a Thunderbird takes its time."""
    (tmp_path / "office").mkdir()
    with office(tmp_path / "office") as running:
        for subject, text in LETTERS.items():
            running.deliver(subject, text)
        routes = {
            (AUTOCONFIG, 443): running.ports["web.listen"],
            (MAIL, 443): running.ports["web.listen"],
            (MAIL, 993): running.ports["imap.tls"],
            (MAIL, 465): running.ports["smtp.submissions"],
        }
        with network(routes) as world, thunderbird(tmp_path, world.port) as program:
            sets_up(running, program)
            assert (AUTOCONFIG, 443) in world.asked
            tab = MailTab(program.driver)
            reads(tab)
            hears_of_new_mail_while_idle(running, program, tab)
            assert (MAIL, 465) not in world.asked
            sends(running, tab)
            assert (MAIL, 465) in world.asked
            flags_moves_and_deletes(running, tab)
            assert program.complaints() == []


def picture(driver: Marionette, name: str) -> None:
    """A screenshot for the documentation, if pictures are wanted in this run."""
    if PICTURES:
        (Path(PICTURES) / f"{name}.png").write_bytes(driver.picture())


def sets_up(running: Office, program: Thunderbird) -> None:
    """Name, address and app password are all that An is asked for."""
    program.driver.resize(1440, 900)
    trust(program.driver, running.authority)
    hub = Hub(program.driver)
    hub.fill("#realName", "Lê Ân")
    hub.fill("#email", AN)
    hub.go_on()
    how, shown = hub.found()
    assert how == "account-hub-config-success-description-isp", "found by guessing, not told by the office"
    words = shown.split()
    assert words.count(MAIL) == 2 and {"993", "465", AN, "SSL/TLS"} <= set(words)
    picture(program.driver, "thunderbird-tim-thay-1440")
    assert not running.app_password_was_used()
    hub.go_on()
    hub.fill("#password", running.app_password)
    hub.go_on()
    hub.see("email-added-success:not([hidden])")
    hub.go_on()
    patiently(running.app_password_was_used, "the server knows of the sign-in")


def reads(tab: MailTab) -> None:
    patiently(lambda: tab.folders().keys() == FOLDERS.keys(), "all folders are listed")
    assert tab.folders() == FOLDERS
    tab.open_inbox()
    for subject, text in LETTERS.items():
        assert "Sở Nội vụ tỉnh Hưng Bình" in tab.see(subject)
        assert text in tab.open_message(subject)
    picture(tab.driver, "thunderbird-hop-thu-1440")


def hears_of_new_mail_while_idle(running: Office, program: Thunderbird, tab: MailTab) -> None:
    """IDLE (RFC 2177 §3): the server speaks first. Where Thunderbird has just something else to say, once more."""
    heard = ""
    for number in range(3, 9):
        patiently(lambda: re.search(r"> \d+ IDLE\n(< .*\n)*\Z", program.heard("INBOX")), "Thunderbird idles")
        running.deliver(f"Công văn hỏa tốc số {number}", "Trả lời trong ngày.")
        tab.see(f"Công văn hỏa tốc số {number}")
        heard = program.heard("INBOX")
        if re.search(rf"> \d+ IDLE\n(< .*\n)*< \* {number} EXISTS\n", heard):
            return
    raise AssertionError(heard)


def sends(running: Office, tab: MailTab) -> None:
    subject, text = "Báo cáo tiến độ – lần 2", "Kính gửi chị Bình, tôi gửi báo cáo. Đường đã đổ xong."
    tab.write(BINH, subject, text)
    mail, _flags = running.mail(BINH, "INBOX", subject)
    body = mail.get_body(("plain", "html"))
    assert body is not None and text in body.get_content()
    assert (mail["From"], mail["To"]) == (f"Lê Ân <{AN}>", BINH)
    _copy, flags = running.mail(AN, "Sent", subject)
    assert b"\\Seen" in flags


def flags_moves_and_deletes(running: Office, tab: MailTab) -> None:
    first, second = LETTERS
    tab.open_message(first)
    tab.command("cmd_markAsFlagged")
    patiently(lambda: b"\\Flagged" in running.mail(AN, "INBOX", first)[1], "the flag is at the server")
    tab.move("Văn bản đến", "Để biết")
    _moved, flags = running.mail(AN, "Văn bản đến/Để biết", first)
    assert {b"\\Flagged", b"\\Seen"} <= flags
    tab.gone(first)
    tab.open_message(second)
    tab.command("cmd_delete")
    running.mail(AN, "Trash", second)
    tab.gone(second)
    assert running.subjects("INBOX").isdisjoint(LETTERS)
