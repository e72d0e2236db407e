"""Passkeys in a real Chromium with a virtual authenticator, driven through its DevTools protocol (WebAuthn domain)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from mailserver.store.store import Store
from tests.support.ports import free_port
from tests.webmail.browser import ARGUMENTS, CHROMIUM, PATIENCE_MS
from tests.webmail.running import running
from tests.webmail.world import PASSWORD, web_services, web_settings, with_passwords

pytestmark = pytest.mark.browser
# Browsers make no passkeys for an address of numbers.
HOST = "localhost"


@pytest.fixture
def base(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """What a browser does with its keys does not depend on the database: SQLite alone."""
    (tmp_path / "vanthu.sqlite3").write_bytes(sqlite_template.read_bytes())
    store = Store.open(f"sqlite:///{tmp_path}/vanthu.sqlite3", f"file://{tmp_path}/blobs", data_dir=tmp_path)
    world = with_passwords(store)
    services = web_services(world)
    port = free_port()
    settings = replace(web_settings(tmp_path / "cache"), address=f"http://{HOST}:{port}")
    with running(services, settings, port):
        yield settings.address
    services.auth.close()
    store.close()


@pytest.fixture
def page(base: str) -> Iterator[Page]:
    with sync_playwright() as play:
        browser: Browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(base_url=base, locale="vi-VN")
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
        browser.close()


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """A phone that always sees its owner's finger."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return devtools, made["authenticatorId"]


def test_a_passkey_is_made_and_opens_the_account_without_anything_typed(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda fault: errors.append(str(fault)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    devtools, authenticator = with_authenticator(page)
    page.goto("/dang-nhap")
    # Nothing there yet: the page says so and stays.
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    page.fill("#login", "vankhain")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/viec")
    page.goto("/tai-khoan/khoa/")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.fill("#label", "Máy tính của tôi")
    page.get_by_role("button", name="Tạo khóa trên thiết bị này").click()
    expect(page.get_by_text("Đã thêm khóa truy cập", exact=False).first).to_be_visible()
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert [one["rpId"] for one in kept] == [HOST] and kept[0]["isResidentCredential"]
    page.context.clear_cookies()
    page.goto("/dang-nhap?next=/tim")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    page.wait_for_url(re.compile(r"^[^?]*/tim$"))  # and not the one that names it behind "?"
    # Without the finger it is worth nothing.
    page.context.clear_cookies()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto("/dang-nhap")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    assert page.url.endswith("/dang-nhap") and errors == []
