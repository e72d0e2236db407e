"""Shared folders with posts, calendars, and posts that somebody has reported."""

from __future__ import annotations

from datetime import UTC, datetime

from mailserver.actor import SYSTEM
from mailserver.boards import service
from mailserver.boards.kinds import BoardKind
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.store import folders
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare
from routing import boards, calendars
from routing.moderation import acting
from routing.moderation.states import Act
from tests.routing.world import DOMAIN, World

BOARDS = (("Công cộng", BoardKind.OPEN), ("Thông báo", BoardKind.NOTICE), ("Biểu mẫu", BoardKind.OTHER))
POSTS = (
    ("lamhs", "Nhặt được chùm chìa khóa ở nhà xe", "Ai mất liên hệ phòng Quản lý xây dựng.", ()),
    ("vankhain", "Bán xe máy cũ, còn chạy tốt", "Xe Wave đời 2015, giá 7 triệu. Gọi sau giờ làm.", ()),
    (
        "khoivd",
        "Đăng ký khám sức khỏe định kỳ năm 2026",
        "Xem danh sách kèm theo.",
        ("danh-sach.xlsx", "huong-dan.pdf"),
    ),
)


def fill(world: World) -> dict[str, int]:
    """board, own: its newest post's uid; case: of the hidden post; other: of one that was reported."""

    def make(tx: Tx) -> int:
        made = [
            boards.create_tx(tx, world.agency_id, name, kind)
            for name, kind in (
                ("Công cộng", BoardKind.OPEN),
                ("Thông báo", BoardKind.NOTICE),
                ("Biểu mẫu", BoardKind.OTHER),
            )
        ]
        calendars.create_tx(tx, world.agency_id)
        service.retire_tx(tx, made[2])
        return made[0].id

    board_id = world.store.db.write(make, SYSTEM)
    uids = [_post(world, board_id, *one) for one in POSTS]
    first = _report(world, board_id, uids[1], "lamhs", "Rao vặt, không phải việc cơ quan.")
    _report(world, board_id, uids[0], "anl", "Nên dán ở bảng tin.")
    return {"board": board_id, "own": uids[2], "other": uids[0], "case": first}


def _report(world: World, board_id: int, uid: int, who: str, why: str) -> int:
    blobs = world.store.blobs
    work = world.store.db.write(lambda tx: acting.report_tx(tx, blobs, board_id, uid, why), world.actor(who))
    return work.id


def hide(world: World, case_id: int, by: str) -> None:
    """As the administrator does."""
    act = Act.HIDE
    world.store.db.write(
        lambda tx: acting.act_tx(tx, world.store.blobs, case_id, act, "Rao vặt không đúng chỗ."), world.actor(by)
    )


def _post(world: World, board_id: int, who: str, subject: str, text: str, files: tuple[str, ...]) -> int:
    octets = compose(
        Draft(
            from_=Address("", who, DOMAIN),
            to=(),
            cc=(),
            bcc=(),
            subject=subject,
            text=text,
            date=datetime.now(UTC),
            message_id=new_message_id(DOMAIN),
            attachments=tuple(Attachment(name, "application/octet-stream", b"x" * 40_000) for name in files),
        )
    )
    prepared = prepare(octets, world.store.blobs)
    return world.store.db.write(
        lambda tx: service.post_tx(tx, folders.by_id(tx.conn, board_id), prepared), world.actor(who)
    )
