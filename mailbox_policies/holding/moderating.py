"""The mail to a list's owner about a letter that waits for them: whose, about what, and where it is decided."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.delivery import automatic
from mailserver.delivery.circulation import MODERATION
from mailserver.delivery.keeping import Keeper, Kept
from mailserver.directory.principals import by_address
from mailserver.mime.address import Address
from mailserver.policy import Verdict
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Owners:
    """Who answers for lists, as those who are asked. web: the address of the pages, "" for none."""

    blobs: BlobStore
    web: str = ""

    def ask_tx(self, tx: Tx, kept_id: int, verdict: Verdict, sender: str, subject: str) -> None:
        """Tell an owner that a letter waits; of what waits for administrators nobody is told. verdict: as
        `circulation.moderation`."""
        owner = by_address(tx.conn, verdict.waits_for) if verdict.waits_for else None
        if owner is not None:
            letter = self._letter(kept_id, verdict, sender or "<>", subject, automatic.address(owner))
            automatic.deliver_own_tx(tx, self.blobs, letter, [owner.id])

    def _letter(self, kept_id: int, verdict: Verdict, sender: str, subject: str, to: Address) -> automatic.Letter:
        title, subject = verdict.facts["list"], automatic.one_line(subject)
        page = f"{self.web}/thu-giu/{kept_id}" if self.web else ""
        vi = (
            f"{sender} gửi tới danh sách “{title}” một thư mà người gửi không có quyền đăng: “{subject}”.\n"
            f"Thư đang chờ bạn đồng ý hoặc từ chối ở trang Thư giữ lại, số {kept_id}. {page}"
        )
        en = (
            f"{sender} wrote to the list “{title}” without the right to: “{subject}”.\n"
            f"The letter waits until you let it go or refuse it on the page of kept mail, number {kept_id}. {page}"
        )
        program = automatic.program(str(verdict.facts["address"]).rpartition("@")[2])
        subject = f"Thư chờ duyệt: {title} / A letter waits"
        return automatic.Letter(program, to, subject, automatic.both(vi, en), asks=True)


class Moderating:
    """The keeper that tells owners of lists; others' mail it just keeps. web: as `Owners`."""

    def __init__(self, keeper: Keeper, blobs: BlobStore, web: str = "") -> None:
        self._keeper, self._owners = keeper, Owners(blobs, web)

    def keep_tx(self, tx: Tx, kept: Kept) -> int:
        kept_id = self._keeper.keep_tx(tx, kept)
        if kept.verdict.rule == MODERATION:
            subject = kept.case.scanned.subject if kept.case.scanned else ""
            self._owners.ask_tx(tx, kept_id, kept.verdict, kept.case.sender, subject)
        return kept_id
