"""The mails that go with a delegation; in Vietnamese, as all that an office writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import principals
from mailserver.directory.principals import Principal, Status, office_day
from mailserver.directory.rights import Right
from mailserver.store import raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.delegation.mandates import Mandate

RIGHTS = {
    Right.READ: "đọc thư",
    Right.HANDLE: "xử lý thư (nhận, giao, chuyển, xóa)",
    Right.SEND_ON_BEHALF: "gửi thư thay (ghi rõ người gửi)",
    Right.POST: "đưa thư vào hộp thư, không đọc",
    Right.MANAGE: "quản lý hộp thư (thư mục, giao việc)",
}
# What the summary counts: actions of the audit, and their words.
COUNTED = {
    "mail.sent_for": "thư đã gửi thay",
    "team.take": "thư đã nhận xử lý",
    "team.pass": "thư đã giao",
    "team.finish": "thư đã xong",
}


def ask_tx(tx: Tx, blobs: BlobStore, asked: Mandate, leaders: Sequence[Principal]) -> None:
    """To the leaders whose leave is needed."""
    owner, grantee, giver = _parties(tx, asked)
    text = f"{giver.name} đề nghị {_what(asked, owner, grantee)}\n\nDuyệt hoặc từ chối tại trang Ủy quyền.\n"
    notify_tx(tx, blobs, Notice(owner, f"Đề nghị duyệt ủy quyền: {owner.name}", text), leaders)


def granted_tx(tx: Tx, blobs: BlobStore, given: Mandate) -> None:
    """To who may act now: what, and for how long."""
    owner, grantee, giver = _parties(tx, given)
    allowed = "\n".join(f"- {RIGHTS[right]}" for right in _ordered(given))
    text = (
        f"{giver.name} ủy quyền cho {grantee.name} trên hộp thư {owner.name} ({owner.address}), {_period(given)}.\n\n"
        f"Được làm:\n{allowed}\n\n"
        "Không được ủy quyền tiếp cho người khác. Việc làm thay được ghi lại dưới tên người làm.\n"
        "Hộp thư đã hiện trong trang thư và trong chương trình thư của bạn; không cần mật khẩu riêng.\n"
    )
    people = [grantee] if giver.id == tx.actor.principal_id else [grantee, giver]
    notify_tx(tx, blobs, Notice(owner, f"Bạn được ủy quyền trên hộp thư {owner.name}", text, grantee), people)


def announce_tx(tx: Tx, blobs: BlobStore, given: Mandate) -> None:
    """To the whole agency (132/QĐ-STTTT, Điều 11)."""
    owner, grantee, giver = _parties(tx, given)
    office = principals.agency_mailbox(tx.conn, owner.agency_id)
    text = f"{giver.name} {_what(given, owner, grantee)}\n\n{grantee.name} chịu trách nhiệm về việc được ủy quyền.\n"
    people = [one for one in principals.people(tx.conn, owner.agency_id) if one.status is Status.ACTIVE]
    subject = f"Thông báo: {giver.name} ủy quyền cho {grantee.name}"
    notify_tx(tx, blobs, Notice(office, subject, text, office), people)


def refused_tx(tx: Tx, blobs: BlobStore, asked: Mandate) -> None:
    owner, grantee, giver = _parties(tx, asked)
    text = f"Lãnh đạo chưa đồng ý {_what(asked, owner, grantee)}\n"
    notify_tx(tx, blobs, Notice(owner, f"Ủy quyền chưa được duyệt: {owner.name}", text), [giver])


def ended_tx(tx: Tx, blobs: BlobStore, ended: Mandate, returned: int) -> None:
    """To both: what was done meanwhile."""
    owner, grantee, giver = _parties(tx, ended)
    done = [f"- {count} {COUNTED[action]}" for action, count in _counted(tx, ended)]
    back = [f"- {returned} thư đang xử lý đã trả về “Chưa ai nhận”"] if returned else []
    text = (
        f"Ủy quyền của {giver.name} cho {grantee.name} trên hộp thư {owner.name} đã kết thúc.\n\n"
        f"Trong thời gian ủy quyền ({_period(ended)}):\n" + "\n".join([*done, *back] or ["- không có việc nào"]) + "\n"
    )
    notify_tx(tx, blobs, Notice(owner, f"Kết thúc ủy quyền: {owner.name}", text, grantee), [grantee, giver])


def _counted(tx: Tx, ended: Mandate) -> list[tuple[str, int]]:
    query = (
        "SELECT action, count(*) FROM audit WHERE owner_id = ? AND actor_id = ? AND at >= ? AND at <= ?"
        " GROUP BY action ORDER BY action"
    )
    wish, since = ended.wish, int(ended.wish.starts_at.timestamp() * 1000)
    found = raw.rows(tx.conn, query, (wish.owner_id, wish.grantee_id, since, tx.now_ms))
    return [(action, count) for action, count in found if action in COUNTED]


def _parties(tx: Tx, found: Mandate) -> tuple[Principal, Principal, Principal]:
    """Whose mailbox, who acts, who gave it."""
    ids = (found.wish.owner_id, found.wish.grantee_id, found.asked_by_id)
    known = principals.get_many(tx.conn, set(ids))
    owner, grantee, giver = (known[one] for one in ids)
    return owner, grantee, giver


def _what(found: Mandate, owner: Principal, grantee: Principal) -> str:
    words = ", ".join(RIGHTS[right] for right in _ordered(found))
    return f"ủy quyền cho {grantee.name} trên hộp thư {owner.name}, {_period(found)}: {words}."


def _ordered(found: Mandate) -> list[Right]:
    return [right for right in RIGHTS if right in found.wish.rights]


def _period(found: Mandate) -> str:
    wish = found.wish
    begins = f"từ {office_day(wish.starts_at):%d/%m/%Y}"
    if wish.ends_at is None:
        return f"{begins} đến khi thu hồi"
    return f"{begins} đến hết {office_day(wish.ends_at - timedelta(milliseconds=1)):%d/%m/%Y}"
