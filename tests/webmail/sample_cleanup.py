"""Mail that goes, for pictures of the pages: on the list, asked about, removed, and held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailbox_policies.modes import Mode
from mailbox_policies.retention import extensions, holds
from mailbox_policies.retention.holds import HoldKind
from tests.mailbox_policies.retention.shelf import item_of, put, run
from tests.routing.world import DOMAIN, World

REASON = "Còn nhận đóng góp đến hết tháng sau"


def fill(world: World) -> None:
    now = datetime.now(UTC)
    for subject in ("Thông báo nghỉ Tết Dương lịch năm 2027", "Vận động ủng hộ Quỹ Vì người nghèo"):
        put(world, "sxd", "Thông báo", subject, now - timedelta(days=120))
    put(world, "sxd", "Lấy ý kiến", "Góp ý dự thảo Quy chế làm việc của Sở", now - timedelta(days=70))
    put(world, "sxd", "Lịch công tác/Giám đốc", "Lịch công tác tháng 11 của Giám đốc Sở", now - timedelta(days=500))
    put(world, "lamhs", "Junk", "Khuyến mãi vé máy bay cuối năm", now - timedelta(days=24))
    put(world, "lamhs", "Trash", "Báo cáo tuần 45 (bản cũ)", now - timedelta(days=52))
    run(world, now, Mode.WARN)
    asked, until = item_of(world, "Vận động ủng hộ Quỹ Vì người nghèo"), now + timedelta(days=60)
    blobs, poster = world.store.blobs, world.id("lamhs")
    world.store.db.write(
        lambda tx: extensions.ask_tx(tx, blobs, asked, (poster,), until, REASON, now), world.actor("lamhs")
    )
    for uid, subject in enumerate(("Hồ sơ thẩm định cầu Lệ Giang", "Ảnh hiện trường đợt 2", "Trao đổi lịch họp"), 1):
        assert put(world, "lamhs", "Archive", subject, sender="anl") == uid
        world.expunge("lamhs", "Archive", uid, "lamhs")

    def hold(tx: object) -> None:
        order = "Quyết định thanh tra 12/QĐ-TTr ngày 02/11/2026"
        holds.hold_tx(tx, world.agency_id, HoldKind.PERSON, f"anl@{DOMAIN}", order, until, now)  # type: ignore[arg-type]

    world.store.db.write(hold, world.actor("truongpk"))
