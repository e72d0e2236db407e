"""Posts for shared folders that are sent as mail: only by who may post there, signed in, and under their own name."""

from __future__ import annotations

from mailserver.actor import SYSTEM
from mailserver.boards import service
from mailserver.boards.behaviours import behaviours
from mailserver.boards.kinds import BoardKind
from mailserver.directory import principals
from mailserver.smtp.settings import Role
from mailserver.store.database import Tx
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.test_submission import signed_in, submit
from tests.support.office import Office

LETTER = b"From: an@sct.test\r\nTo: dang-bai@sct.test\r\nSubject: Nghi Tet\r\n\r\nNoi dung\r\n"


def board(office: Office) -> tuple[int, str]:
    """A folder in which An posts: its number and its address."""
    office.store.db.behaviours = behaviours()

    def work(tx: Tx) -> tuple[int, str]:
        owner = principals.agency_mailbox(tx.conn, office.agency_id)
        service.prepare_tx(tx, office.agency_id)
        made = service.create_tx(tx, owner.id, "Thông báo", BoardKind.NOTICE, (office.ids["an"],))
        office.ids["sct"] = owner.id
        return made.id, service.address_of(tx.conn, office.agency_id, made.id)

    return office.store.db.write(work, SYSTEM)


async def test_who_may_post_does_so_by_mail_and_nobody_else(doors: Doors, office: Office) -> None:
    number, address = board(office)
    assert address == f"dang-bai+{number}@sct.test"
    an, binh = await signed_in(doors), await signed_in(doors, "binh")
    assert (await submit(an, LETTER, "an@sct.test", address)).startswith("250")
    (posted,) = office.mail("sct", "Thông báo")
    assert posted.endswith(LETTER)
    answer = await submit(binh, LETTER.replace(b"an@", b"binh@"), "binh@sct.test", address)
    assert answer.startswith("550 5.7.1 Bạn không có quyền đăng")
    assert not (await submit(binh, LETTER, "binh@sct.test", address)).startswith("250"), "under somebody else's name"
    for unknown in ("dang-bai@sct.test", "dang-bai+x@sct.test", f"dang-bai+{number + 1000}@sct.test"):
        assert (await submit(an, LETTER, "an@sct.test", unknown)).startswith("550 5.7.1 Địa chỉ này chỉ nhận bài")
    assert len(office.mail("sct", "Thông báo")) == 1


async def test_mail_from_outside_is_no_post_whatever_its_author(doors: Doors, office: Office) -> None:
    _number, address = board(office)
    peer = await doors.connect(Role.MX)
    await peer.hello()
    assert (await submit(peer, LETTER, "an@sct.test", address)).startswith("550")
    assert office.mail("sct", "Thông báo") == []
