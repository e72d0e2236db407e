"""The mails that go with an order; in Vietnamese, as all that an office writes.

None of them names the mailbox, but the one to its owner: mail may be read by deputies and delegates.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import principals
from mailserver.directory.principals import Principal
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.inspection.orders import Order

WHERE = "Mở mục “Kiểm tra hộp thư” trên trang web để xem."


def ask_tx(tx: Tx, blobs: BlobStore, order: Order, people: Sequence[Principal]) -> None:
    """To who may confirm."""
    _send_tx(tx, blobs, order, people, "chờ xác nhận", "Một lệnh kiểm tra hộp thư chờ bạn xác nhận hoặc từ chối.")


def begin_tx(tx: Tx, blobs: BlobStore, order: Order) -> None:
    """To the inspectors, and to who gave it."""
    people = _people(tx, *order.wish.inspectors, order.ordered_by_id)
    text = (
        "Lệnh đã được xác nhận. Người kiểm tra có tên trong lệnh mở được thư từ bây giờ, chỉ đọc; "
        f"lệnh tự hết hạn lúc {_when(order)}. Mỗi lần xem đều được ghi lại."
    )
    _send_tx(tx, blobs, order, people, "có hiệu lực", text)


def refused_tx(tx: Tx, blobs: BlobStore, order: Order) -> None:
    people = _people(tx, order.ordered_by_id)
    _send_tx(
        tx, blobs, order, people, "không được xác nhận", "Người thứ hai không xác nhận lệnh; không thư nào được mở."
    )


def ended_tx(tx: Tx, blobs: BlobStore, order: Order) -> None:
    """To who gave it (K3)."""
    text = "Lệnh đã kết thúc; không ai mở thư theo lệnh này được nữa. Biên bản lấy được cho đến khi đóng lệnh."
    _send_tx(tx, blobs, order, _people(tx, order.ordered_by_id), "đã kết thúc", text)


def tell_tx(tx: Tx, blobs: BlobStore, order: Order) -> None:
    """To the owner."""
    wish = order.wish
    assert order.decided_by_id is not None
    named = principals.get_many(tx.conn, {order.ordered_by_id, order.decided_by_id, *wish.inspectors})
    by = ", ".join(named[one].name for one in wish.inspectors)
    text = (
        f"Hộp thư này được kiểm tra theo lệnh số {order.id}"
        f"{f' ({wish.decision})' if wish.decision else ''}.\n\n"
        f"Người ra lệnh: {named[order.ordered_by_id].name}\nNgười xác nhận: {named[order.decided_by_id].name}\n"
        f"Người kiểm tra: {by}\n"
        f"Thư đến từ {wish.first_day:%d/%m/%Y} đến {wish.last_day:%d/%m/%Y}\n\n"
        "Người kiểm tra chỉ đọc, không đổi dấu đã đọc. Xem trang “Ai đã mở hộp thư của tôi”.\n"
    )
    office = principals.agency_mailbox(tx.conn, order.agency_id)
    notice = Notice(office, f"Hộp thư được kiểm tra theo lệnh số {order.id}", text)
    notify_tx(tx, blobs, notice, _people(tx, wish.owner_id))


def _send_tx(tx: Tx, blobs: BlobStore, order: Order, people: Sequence[Principal], state: str, text: str) -> None:
    office = principals.agency_mailbox(tx.conn, order.agency_id)
    subject = f"Lệnh kiểm tra số {order.id}: {state}"
    notify_tx(tx, blobs, Notice(office, subject, f"{text}\n\n{WHERE}\n"), people)


def _people(tx: Tx, *ids: int) -> list[Principal]:
    return list(principals.get_many(tx.conn, set(ids)).values())


def _when(order: Order) -> str:
    return f"{order.wish.ends_at.astimezone(OFFICE_ZONE):%H:%M %d/%m/%Y}"
