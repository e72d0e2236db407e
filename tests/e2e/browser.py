"""People at a browser: signing in, choosing a password, looking at pages, taking their pictures."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.webmail.browser import ARGUMENTS, CHROMIUM, PATIENCE_MS

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Where the pictures of the story go, when somebody wants them: docs/screenshots.
PICTURES = os.environ.get("STORY_PICTURES", "")

__all__ = ["ARGUMENTS", "CHROMIUM", "DESK", "PHONE", "Person"]


class Person:
    """Somebody of the office at a browser of their own. `failures`: script errors and 5xx answers seen."""

    def __init__(self, browser: Browser, base: str, size: dict[str, int], phone: bool = False) -> None:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            base_url=base,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.page: Page = context.new_page()
        self.failures: list[str] = []
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("response", lambda answer: self._note(answer.status, answer.url))

    def _note(self, status: int, url: str) -> None:
        if status >= 500:
            self.failures.append(f"{status} {url}")

    def sign_in(self, account: str, first_password: str, chosen: str) -> None:
        """The first sign-in: the one-time password, then one of one's own."""
        page = self.page
        page.goto("/")
        self.field("login").fill(account)
        self.field("password").fill(first_password)
        page.get_by_role("button", name="Đăng nhập").click()
        self.field("current").fill(first_password)
        self.field("new").fill(chosen)
        self.field("again").fill(chosen)
        page.get_by_role("button", name="Lưu mật khẩu mới").click()
        expect(page).not_to_have_url(re.compile("mat-khau"))

    def field(self, name: str) -> Locator:
        """The field of that name in the form that is shown; its label must be tied to it."""
        found = self.page.locator(f"[name={name}]:visible").first
        assert found.evaluate("field => field.labels.length") > 0, f"{name} has no label"
        return found

    def picture(self, name: str) -> None:
        """A screenshot for the documentation, if pictures are wanted in this run."""
        if PICTURES:
            # What stands still only for a moment would differ from run to run.
            self.page.wait_for_load_state("networkidle" if "event" not in name else "load")
            self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), animations="disabled")

    def close(self) -> None:
        self.page.context.close()
        assert self.failures == []
