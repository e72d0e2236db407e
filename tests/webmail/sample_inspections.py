"""Orders that wait, are in force and have ended, and letters that are handed over unopened."""

from __future__ import annotations

from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment
from routing.envelopes import stubs
from routing.envelopes.stubs import Wish
from routing.inspection import reading
from routing.types import Secrecy
from tests.routing.inspection.test_deciding import end, give, in_force
from tests.routing.world import World
from tests.webmail import sample


def order(world: World) -> tuple[int, int]:
    """The numbers of an order that waits, and of one in force."""
    author = Address("Công ty Khảo sát Sông Lệ", "nhathau", "khaosat.example")
    file = Attachment("bao-gia-khao-sat.pdf", "application/pdf", b"%PDF-1.4 gia")
    text = "Kính gửi anh,\n\nXin gửi báo giá như đã trao đổi.\n\nTrân trọng."
    sample.send(world, author, "anl", "Báo giá khảo sát địa hình khu ven sông Lệ", text, attachments=(file,))
    sample.send(world, author, "anl", "Lịch gặp tuần 47", "Hẹn gặp anh thứ Năm.")
    inspector = world.actor("khoivd")
    over = in_force(world)
    reading.open_message(world.store, inspector, over.id, 1)
    end(world, over)
    running = in_force(world)
    reading.look(world.store, inspector, running.id, "báo giá")
    reading.open_message(world.store, inspector, running.id, 1)
    return give(world).id, running.id


def envelopes(world: World) -> None:
    """One received, one that waits."""
    for sender, addressee in (("Bà Nguyễn Thị A, xã Đông Sa", "diemttn"), ("Ông Trần B", "truongpk")):
        wish = Wish(sender, "", Secrecy.NORMAL, world.id(addressee))
        clerk = world.actor("anhhtk")
        made = world.store.db.write(lambda tx, wish=wish: stubs.enter_tx(tx, world.store.blobs, wish), clerk)  # type: ignore[misc]
    world.store.db.write(lambda tx: stubs.receive_tx(tx, made), world.actor("truongpk"))
