"""The monthly letter about mail that could be deleted: to whom, what it says, once, and how it is switched off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from deploy.processes import cleaning
from mailbox_policies.cleanup import found as worth
from mailserver.actor import SYSTEM
from mailserver.directory.people import set_locale_tx
from mailserver.directory.principals import set_setting_tx
from mailserver.mime.body import text_of as words_of
from mailserver.mime.scan import scan
from mailserver.store import quota
from routing.officedays import OfficeDays
from tests.routing.world import World
from tests.webmail.cleanup.test_proposing import NEWS, put
from tests.webmail.visitor import Visitor, text_of

MONDAY = datetime(2026, 11, 9, 3, tzinfo=UTC)  # 10:00 in the office
WEB = "https://mail.test"


class Killed(BaseException):
    """As SIGKILL leaves it."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is worth a letter, without writing megabytes."""
    monkeypatch.setattr(worth, "LEAST", 50_000)


def remind(world: World, now: datetime = MONDAY) -> bool:
    return cleaning.look(world.store, WEB, now)


def letters(world: World, who: str) -> list[str]:
    """Subject and text of what the program wrote to somebody, the oldest first."""
    found = []
    for uid in world.uids(who, "INBOX"):
        octets = world.octets(who, "INBOX", uid)
        scanned = scan(octets)
        part = scanned.structure.root
        if b"Auto-Submitted" in octets:
            found.append(f"{scanned.subject}\n{words_of(octets[part.body[0] : part.body[1]], part)}")
    return found


@pytest.mark.requirement("R-087")
def test_who_has_much_to_delete_is_told_once_a_month(
    world: World, specialist: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, "Quảng cáo", "Junk", size=60_000)
    put(world, "Bản tin cũ", extra=NEWS, size=60_000, age=timedelta(days=500))
    put(world, "Ít", "Junk", size=3_000, owner="anl")
    put(world, "Năm xưa", size=90_000, age=timedelta(days=500), owner="qhkt")
    put(world, "Rác của phòng", size=90_000, age=timedelta(days=500), owner="vankhain")
    world.store.db.write(lambda tx: set_locale_tx(tx, world.id("khoivd"), "en"), SYSTEM)
    switched = specialist.post("/don-thu/nhac", do="off")
    assert "Đã tắt thư nhắc" in specialist.follow(switched).text
    assert "Nhắc tôi hằng tháng" in text_of(specialist.get("/don-thu/"))

    def die(*_facts: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("mailserver.delivery.notices.send_tx", die)
        with pytest.raises(Killed):
            remind(world)
    for _again in range(2):
        assert not remind(world)
    (own,) = letters(world, "lamhs")
    assert own.startswith("Dọn hộp thư tháng 11/2026")
    assert (
        re.search(r"- 1 thư rác: \d+ KB", own)
        and "- 1 thư cũ" in own
        and "- 1 bản tin" in own
        and f"{WEB}/don-thu/" in own
    )
    # Of the unit's mailbox its head hears, and nobody else who may open it.
    (unit,) = letters(world, "khoivd")
    assert unit.startswith("Clean-up of mailboxes, 2026-11")
    assert "Phòng Quy hoạch" in unit and f"{WEB}/don-thu/?hop={world.id('qhkt')}" in unit and "Your mailbox" not in unit
    for nobody in ("anl", "vankhain", "truongpk"):
        assert letters(world, nobody) == []
    assert not remind(world, MONDAY + timedelta(days=31))
    assert [len(letters(world, one)) for one in ("lamhs", "khoivd", "vankhain")] == [2, 2, 0]


def test_a_mailbox_that_is_nearly_full_is_worth_less(world: World) -> None:
    put(world, "Thường", size=40_000)
    put(world, "Quảng cáo", "Junk", size=3_000)
    assert not remind(world) and letters(world, "lamhs") == []
    world.store.db.write(lambda tx: quota.limit_tx(tx, world.id("lamhs"), octets=50_000), SYSTEM)
    remind(world, MONDAY + timedelta(days=31))
    assert len(letters(world, "lamhs")) == 1


def test_an_agency_that_wants_none_sends_none(world: World) -> None:
    put(world, "Quảng cáo", "Junk", size=60_000)
    world.store.db.write(lambda tx: set_setting_tx(tx, world.agency_id, "mail.cleanup_day", 0), SYSTEM)
    assert not remind(world) and letters(world, "lamhs") == []


@pytest.mark.parametrize(
    ("at", "first", "goes"),
    [
        ("2026-11-05T08:00", 5, True),
        ("2026-11-05T07:59", 5, False),
        ("2026-11-05T16:00", 5, False),
        ("2026-11-04T10:00", 5, False),
        ("2026-11-30T15:59", 5, True),
        ("2026-11-07T10:00", 5, False),  # a Saturday
        ("2026-11-09T10:00", 5, False),  # a holiday of the agency
        ("2026-11-05T10:00", 0, False),
    ],
)
def test_letters_go_at_office_hours_from_a_day_of_the_month_on(at: str, first: int, goes: bool) -> None:
    days = OfficeDays(False, frozenset({"11-09"}))
    assert cleaning.is_time(datetime.fromisoformat(at), first, days) is goes
