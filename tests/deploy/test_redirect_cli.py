"""`vanthu redirect …` over an installation that is not running."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from deploy import clock, stores
from deploy.accounts import Wish as Account
from deploy.accounts import add_tx
from deploy.cli import main
from deploy.config import load
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.records import office_day
from mailserver.redirects import deciding
from mailserver.redirects.deciding import Wish
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.e2e.product import Product


def day(ahead: int) -> date:
    """An office day, counted from today."""
    return office_day(clock.now()) + timedelta(days=ahead)


@pytest.fixture
def installed(product: Product) -> Product:
    with_store(
        product, lambda store: store.db.write(lambda tx: add_tx(tx, Account(an(product), "An", "x", False)), SYSTEM)
    )
    return product


def with_store(product: Product, work: object) -> None:
    store: Store = stores.open_store(load(product.config))
    assert callable(work)
    work(store)
    store.close()


def an(product: Product) -> str:
    return f"an@{product.domain}"


def run(product: Product, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(product.config), "redirect", *words], catch_exceptions=False)


def test_a_redirect_is_set_listed_replaced_and_ended(installed: Product) -> None:
    own, until = an(installed), ("--until", f"{day(20)}", "--reason", "Biệt phái")
    assert "được chuyển tiếp tới a@far.example" in run(installed, "set", own, "a@far.example", *until).stdout
    assert run(installed, "set", own, "B.c+d@far.example", "e@far.example", *until).exit_code == 0
    (line,) = run(installed, "list").stdout.splitlines()
    assert line.startswith(f"2  {own} → B.c+d@far.example, e@far.example  ") and line.endswith("đang đặt  (Biệt phái)")
    assert len(run(installed, "list", "--all").stdout.splitlines()) == 2
    assert run(installed, "end", "2").exit_code == 0
    assert "Không có lệnh chuyển tiếp nào." in run(installed, "list").stdout
    again = run(installed, "end", "2")
    assert again.exit_code == 1 and "lệnh hay đề nghị 2" in again.stderr
    assert run(installed, "rotate-key", installed.domain).exit_code == 0


def test_what_cannot_be_set_is_said(installed: Product) -> None:
    own, why = an(installed), ("--reason", "x")
    four = [f"{name}@far.example" for name in "abcd"]
    yesterday, until, next_year = f"{day(-1)}", f"{day(20)}", f"{day(366)}"
    wrong = [
        (own, "no address", "--until", until, *why),
        (own, *four, "--until", until, *why),
        (own, f"binh@{installed.domain}", "--until", until, *why),
        (own, "a@far.example", "--until", yesterday, *why),
        (own, "a@far.example", "--until", next_year, *why),
        (own, "a@far.example", "--until", until, "--reason", " "),
        (f"nobody@{installed.domain}", "a@far.example", "--until", until, *why),
    ]
    for words in wrong:
        found = run(installed, "set", *words)
        assert (found.exit_code, found.stderr.startswith("vanthu: ")) == (1, True), words


def test_a_wish_is_agreed_to_or_not(installed: Product) -> None:
    def ask_tx(tx: Tx) -> int:
        person = principals.by_address(tx.conn, an(installed))
        assert person is not None
        return deciding.ask_tx(tx, person.id, Wish(("a@far.example",), day(0), day(20), "x"))

    for _time in range(2):
        with_store(installed, lambda store: store.db.write(ask_tx, SYSTEM))
    assert "chờ đồng ý" in run(installed, "list").stdout
    assert run(installed, "agree", "1").exit_code == 1  # another wish took its place
    assert run(installed, "agree", "2").exit_code == 0
    assert "đang đặt" in run(installed, "list").stdout
    with_store(installed, lambda store: store.db.write(ask_tx, SYSTEM))
    assert run(installed, "refuse", "3", "--reason", "Không cần").exit_code == 0
    assert "đang đặt" in run(installed, "list").stdout
