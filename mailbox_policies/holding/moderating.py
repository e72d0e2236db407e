"""The mail to a list's owner about a letter that waits for them: whose, about what, and where it is decided."""

from __future__ import annotations

from mailserver.delivery import automatic
from mailserver.delivery.circulation import MODERATION
from mailserver.delivery.keeping import Keeper, Kept
from mailserver.directory.principals import by_address
from mailserver.mime.address import Address
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx


class Moderating:
    """The keeper that tells owners of lists; others' mail it just keeps. web: the address of the pages, "" for none."""

    def __init__(self, keeper: Keeper, blobs: BlobStore, web: str = "") -> None:
        self._keeper, self._blobs, self._web = keeper, blobs, web

    def keep_tx(self, tx: Tx, kept: Kept) -> int:
        kept_id = self._keeper.keep_tx(tx, kept)
        if kept.verdict.rule == MODERATION and kept.verdict.waits_for:
            owner = by_address(tx.conn, kept.verdict.waits_for)
            if owner is not None:
                letter = self._letter(kept_id, kept, automatic.address(owner))
                automatic.deliver_own_tx(tx, self._blobs, letter, [owner.id])
        return kept_id

    def _letter(self, kept_id: int, kept: Kept, to: Address) -> automatic.Letter:
        title, sender = kept.verdict.facts["list"], kept.case.sender or "<>"
        subject = automatic.one_line(kept.case.scanned.subject) if kept.case.scanned else ""
        page = f"{self._web}/thu-giu/{kept_id}" if self._web else ""
        vi = (
            f"{sender} gửi tới danh sách “{title}” một thư mà người gửi không có quyền đăng: “{subject}”.\n"
            f"Thư đang chờ bạn đồng ý hoặc từ chối ở trang Thư giữ lại, số {kept_id}. {page}"
        )
        en = (
            f"{sender} wrote to the list “{title}” without the right to: “{subject}”.\n"
            f"The letter waits until you let it go or refuse it on the page of kept mail, number {kept_id}. {page}"
        )
        program = automatic.program(str(kept.verdict.facts["address"]).rpartition("@")[2])
        return automatic.Letter(program, to, f"Thư chờ duyệt: {title} / A letter waits", automatic.both(vi, en))
