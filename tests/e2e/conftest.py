"""The demo agency, installed and running, and a browser to look at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import ARGUMENTS, CHROMIUM
from tests.e2e.product import Product

DOMAIN = "sxd.hungbinh.example"


@dataclass(frozen=True)
class Office:
    """A running demo agency. passwords: address → one-time password, as `vanthu demo` wrote them down."""

    product: Product
    passwords: dict[str, str]

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.product.ports.web}"

    def first_password(self, account: str) -> str:
        return self.passwords[f"{account}@{DOMAIN}"]


@pytest.fixture
def office(own_database: str, tmp_path: Path) -> Iterator[Office]:
    """Made by `vanthu demo`, served by `vanthu serve`, on each database in turn."""
    top = tmp_path / "office"
    top.mkdir()
    product = Product(top, domain=DOMAIN, database=own_database)
    product.command("demo")
    product.start()
    try:
        passwords = json.loads((product.data / "demo-accounts.json").read_text(encoding="utf-8"))
        yield Office(product, passwords)
    finally:
        product.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A real headless Chromium; without one the tests fail."""
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()
