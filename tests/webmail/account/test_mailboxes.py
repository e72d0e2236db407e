"""Who may choose whose marks a mailbox keeps, and that the choice holds."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import choosing, quota
from mailserver.store.flags import Flag
from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of


def personal(world: World, whose: str) -> int:
    return world.store.db.read(lambda conn: choosing.personal_flags(conn, world.id(whose)))


def test_one_decides_about_ones_own_mailbox_and_takes_it_back(director: Visitor, world: World) -> None:
    path = f"/tai-khoan/hop-thu/{world.id('truongpk')}/danh-dau"
    assert director.post(path, seen="1", flagged="1").status_code == 303
    assert personal(world, "truongpk") == Flag.SEEN | Flag.FLAGGED
    assert director.get("/tai-khoan/hop-thu/").text.count('value="1" checked') == 2
    assert director.post(path).status_code == 303
    assert personal(world, "truongpk") == 0


def test_a_head_decides_for_the_unit(head: Visitor, world: World) -> None:
    assert "qhkt@" in text_of(head.get("/tai-khoan/hop-thu/"))
    assert head.post(f"/tai-khoan/hop-thu/{world.id('qhkt')}/danh-dau", seen="1").status_code == 303
    assert personal(world, "qhkt") == Flag.SEEN


@pytest.mark.parametrize("whose", ["truongpk", "qhkt", "sxd"])
def test_nobody_decides_for_others(specialist: Visitor, world: World, whose: str) -> None:
    before = personal(world, whose)
    assert specialist.post(f"/tai-khoan/hop-thu/{world.id(whose)}/danh-dau", seen="1").status_code == 404
    assert personal(world, whose) == before
    assert f"/{world.id(whose)}/danh-dau" not in specialist.get("/tai-khoan/hop-thu/").text


@pytest.mark.requirement("R-088")
def test_what_is_used_is_shown_where_there_is_a_limit(director: Visitor, world: World) -> None:
    assert "trong 2" not in text_of(director.get("/tai-khoan/hop-thu/"))
    owner_id = world.id("truongpk")
    world.store.db.write(lambda tx: quota.limit_tx(tx, owner_id, octets=2 * 1024 * 1024), SYSTEM)
    assert "trong 2,0 MB" in text_of(director.get("/tai-khoan/hop-thu/"))
