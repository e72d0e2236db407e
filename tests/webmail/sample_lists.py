"""Distribution lists for the gallery."""

from __future__ import annotations

from mailserver.actor import SYSTEM
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_lists import Posting, Reach, Role, Settings
from mailserver.store.database import Tx
from tests.routing.world import World


def fill(world: World) -> int:
    """Three lists; the number of the one with the most in it, kept by khoivd."""

    def work(tx: Tx) -> int:
        few = Settings(Posting.POSTERS, moderated=True, may_leave=True, takes_outside=True, size_limit=5 * 1024 * 1024)
        full = mailing_changes.create_tx(tx, world.agency_id, "Thông báo toàn Sở", "thongbao", few)
        inner = mailing_changes.create_tx(tx, world.agency_id, "Tổ quy hoạch ven sông", "tovensong", Settings())
        mailing_changes.create_tx(tx, world.agency_id, "Công đoàn", "congdoan", Settings(Posting.MEMBERS))
        for one in (
            Wanted(world.id("qhkt"), Reach.BELOW),
            Wanted(inner),
            Wanted(world.id("vankhain")),
            Wanted(outsider="vanphong@ubnd.hungbinh.example"),
        ):
            mailing_changes.add_tx(tx, full, one)
        mailing_changes.add_tx(tx, inner, Wanted(world.id("truongpk")))
        mailing_changes.give_role_tx(tx, full, world.id("khoivd"), Role.OWNER)
        mailing_changes.give_role_tx(tx, full, world.id("anhhtk"), Role.POSTER)
        return full

    return world.store.db.write(work, SYSTEM)
