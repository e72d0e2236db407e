"""The mails that go with a reported post; in Vietnamese, as all that an office writes."""

from __future__ import annotations

from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import principals
from mailserver.directory.principals import Principal, Status
from mailserver.store import folders
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.holders import holders
from routing.moderation import states
from routing.moderation.cases import Case
from routing.moderation.states import Act, State

# What the poster reads, by what has become of the post.
_TO_POSTER = {
    State.HIDDEN: (
        "Bài của bạn tạm bị ẩn",
        "đã được quản trị tạm ẩn vì có thể không phù hợp với thư mục; chỉ bạn và người xem xét còn thấy bài.",
    ),
    State.DELETED: ("Bài của bạn đã bị xóa", "đã bị xóa khỏi thư mục vì nội dung không phù hợp."),
    State.STAYS: ("Bài của bạn đã hiện lại", "đã được xem xét và hiện lại cho mọi người."),
}


def tell_tx(tx: Tx, blobs: BlobStore, case: Case, act: Act, reason: str) -> None:
    """Write to those whom an act concerns. case: as it is afterwards."""
    if act is Act.REPORT:
        _to_holders_tx(tx, blobs, case, states.MODERATE, "Bài bị báo không phù hợp", reason)
    elif act is Act.PROPOSE:
        _to_holders_tx(tx, blobs, case, states.DECIDE, "Xin ý kiến xóa bài không phù hợp", reason)
    elif act in (Act.HIDE, Act.DELETE, Act.SHOW):
        _to_poster_tx(tx, blobs, case, reason)


def _to_poster_tx(tx: Tx, blobs: BlobStore, case: Case, reason: str) -> None:
    known = principals.get_many(tx.conn, {case.author_id}) if case.author_id is not None else {}
    subject, said = _TO_POSTER[case.state]
    text = f"Bài “{case.subject}” trong thư mục chung “{_folder(tx, case)}” {said}\n"
    if reason:
        text += f"\nLý do: {reason}\n"
    _send_tx(tx, blobs, case, subject, text, list(known.values()))


def _to_holders_tx(tx: Tx, blobs: BlobStore, case: Case, capability: str, subject: str, reason: str) -> None:
    text = (
        f"Bài “{case.subject}” trong thư mục chung “{_folder(tx, case)}”.\n\nLý do: {reason}\n\n"
        "Xem và quyết định ở trang Thư mục chung, mục “Bài bị báo”.\n"
    )
    _send_tx(tx, blobs, case, subject, text, holders(tx.conn, case.agency_id, capability))


def _send_tx(tx: Tx, blobs: BlobStore, case: Case, subject: str, text: str, people: list[Principal]) -> None:
    office = principals.agency_mailbox(tx.conn, case.agency_id)
    there = [one for one in people if one.status is Status.ACTIVE]
    notify_tx(tx, blobs, Notice(office, f"{subject}: {case.subject}", text), there)


def _folder(tx: Tx, case: Case) -> str:
    return folders.by_id(tx.conn, case.folder_id).name
