"""Redirects for the gallery, and services of an agency that has them switched on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailbox_policies import chain
from mailbox_policies.chain import Choice
from mailbox_policies.forwarding.onward import Onward
from mailbox_policies.modes import Mode
from mailbox_policies.rules import auto_redirect
from mailserver.actor import SYSTEM
from mailserver.directory.records import office_day
from mailserver.outbound.parcels import Queue
from mailserver.redirects import deciding
from mailserver.redirects.deciding import Wish
from mailserver.redirects.passing import Redirects
from mailserver.store.database import Tx
from tests.routing.world import World
from webmail.services import WebServices


def now() -> datetime:
    return datetime.now(UTC)


def switch_on(services: WebServices) -> None:
    """Let mail of every agency go on."""
    chosen = chain.Settings(of={auto_redirect.NAME: Choice(Mode.ENFORCE, auto_redirect.Settings())})
    rules = Onward(lambda _agency: chosen, now)
    services.delivery.redirects = Redirects(services.store.db, Queue(), rules, now)


def fill(world: World) -> None:
    """One that works, one that is asked for, one that is over and one that was refused."""
    today, blobs = office_day(now()), world.store.blobs
    wish = Wish(
        ("qhkt.vensong@banquanly.hungbinh.example", "khoivd@noi-khac.example"),
        today,
        today + timedelta(days=60),
        "Làm chung với Ban quản lý dự án ven sông",
    )
    own = Wish(
        ("vankhain.bietphai@ubnd.hungbinh.example",), today, today + timedelta(days=90), "Biệt phái tới UBND tỉnh"
    )

    def work(tx: Tx) -> None:
        deciding.set_tx(tx, blobs, world.id("qhkt"), wish)
        deciding.end_tx(tx, blobs, deciding.set_tx(tx, blobs, world.id("lamhs"), own))
        deciding.refuse_tx(tx, blobs, deciding.ask_tx(tx, world.id("vankhain"), wish), "Chưa có quyết định biệt phái")
        deciding.ask_tx(tx, world.id("vankhain"), own)

    world.store.db.write(work, SYSTEM)
