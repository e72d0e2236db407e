"""Who has opened one's mailbox: told to the owner and to the head, and to nobody else."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from tests.routing.world import World
from tests.webmail.visitor import Visitor, text_of

PAGE = "/tai-khoan/ai-da-mo/"


@pytest.mark.requirement("R-012")
def test_the_owner_sees_who_opened_the_mailbox_when_and_by_what_right(
    head: Visitor, specialist: Visitor, outsider: Visitor, world: World
) -> None:
    assert "Chưa ai khác mở hộp thư này" in text_of(head.get(PAGE))
    own, unit = world.id("khoivd"), world.id("qhkt")
    for owner in (own, unit):
        world.store.db.write(
            lambda tx, owner=owner: grants.grant_tx(tx, owner, world.id("vankhain"), ["read"], tx.now), SYSTEM
        )  # type: ignore[misc]
    for owner_name in ("khoivd", "qhkt"):
        assert specialist.get(f"/thu/{world.folder(owner_name, 'INBOX')}").status_code == 200
    head.get(f"/thu/{world.folder('qhkt', 'INBOX')}")
    shown = text_of(head.get(PAGE))
    assert shown.count("Nguyễn Văn Khải") == 2
    assert shown.count("được ủy quyền") == 2
    assert "Vương Đình Khôi Hộp thư đến theo chức vụ" in shown
    for other in (specialist, outsider):
        assert "Nguyễn Văn Khải Hộp thư đến" not in text_of(other.get(PAGE))
