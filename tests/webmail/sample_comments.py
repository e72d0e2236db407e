"""A request for comments with answers of every kind, one that waits, and one that is summed up."""

from __future__ import annotations

from datetime import UTC, datetime

from mailserver.mime.compose import Attachment
from routing.comments import answering, deciding
from routing.comments.answering import Reply
from routing.comments.replies import Said
from tests.routing.comments.asked import DAY, ask, get, wish
from tests.routing.world import World

LONG = (
    "Thống nhất với dự thảo.\n\nĐề nghị Điều 3 ghi rõ thời hạn trả lời là 03 ngày làm việc kể từ ngày nhận được văn "
    "bản, và bổ sung trách nhiệm của Văn phòng trong việc đôn đốc các phòng, trung tâm."
)


def fill(world: World) -> tuple[int, int]:
    """The numbers of one with answers, and of one that is summed up."""
    now = datetime.now(UTC)
    files = (Attachment("Dự thảo Quy chế làm việc (lần 2).docx", "application/msword", b"D" * 90_000),)
    people = ("anl", "hoavc", "qlxd", "pgd", "khoivd")
    made = ask(world, wish(world, people, files=files, subject="Dự thảo Quy chế làm việc của Sở năm 2027"))
    first, second = get(world, made).invitees[:2]
    for text in ("Thống nhất.", LONG):
        answering.answer(world.store, world.actor("anl"), Reply(made, first.id, Said(text)), now)
    none = Said("không thuộc nhiệm vụ của Trung tâm.", declined=True)
    answering.answer(world.store, world.actor("hoavc"), Reply(made, second.id, none), now)
    over = ask(world, wish(world, ("vankhain", "lamhs"), due_at=now + 3 * DAY, subject="Mẫu phiếu khảo sát"), "khoivd")
    answered = get(world, over).invitees[0]
    answering.answer(world.store, world.actor("vankhain"), Reply(over, answered.id, Said("Đồng ý mẫu phiếu.")), now)
    world.store.db.write(lambda tx: deciding.close_tx(tx, over), world.actor("khoivd"))
    return made, over
