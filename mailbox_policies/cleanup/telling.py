"""What the monthly letter about mail that could be deleted says, in either language."""

from __future__ import annotations

from collections.abc import Sequence

from mailbox_policies.cleanup.found import Found
from mailbox_policies.cleanup.proposals import Sort
from mailserver.directory.records import Principal
from mailserver.sizes import in_words

_SORTS = {
    Sort.LARGE: ("thư lớn, từ 5 MB trở lên", "large messages, 5 MB and more"),
    Sort.OLD: ("thư cũ, đã nhận hơn một năm", "old messages, more than a year"),
    Sort.TWICE: ("thư trùng", "messages that are there twice"),
    Sort.NEWSLETTER: ("bản tin, thư của danh sách gửi", "newsletters and mail of lists"),
    Sort.JUNK: ("thư rác", "junk"),
}


def words(who: Principal, found: Sequence[Found], web: str, month: str) -> tuple[str, str]:
    """Subject and text. found: at least one mailbox; month: "2026-11"."""
    vi = not who.reads_english
    year, _dash, number = month.partition("-")
    total = in_words(sum(one.summary.octets for one in found), vi=vi)
    mailboxes = "\n\n".join(_mailbox(one, web, vi=vi) for one in found)
    if vi:
        return (
            f"Dọn hộp thư tháng {int(number)}/{year}: có thể giải phóng {total}",
            f"{mailboxes}\n\nBạn xem rồi chọn thư nào xóa; không thư nào tự mất. Thư đã chọn vào Thùng rác và lấy lại"
            " được. Thư đã vào sổ, đang bị giữ hoặc có dấu sao không có trong đó.\n"
            f"Không muốn nhận thư này: tắt ở trang Dọn hộp thư, {web}/don-thu/\n",
        )
    return (
        f"Clean-up of mailboxes, {month}: {total} could be freed",
        f"{mailboxes}\n\nYou look and choose what to delete; nothing goes by itself. What is chosen goes to Trash and"
        " can be taken back. What is registered, kept, or has a star is not among it.\n"
        f"If you do not want this letter, switch it off on the page Clean-up, {web}/don-thu/\n",
    )


def _mailbox(one: Found, web: str, *, vi: bool) -> str:
    whose = (("Hộp thư của bạn" if vi else "Your mailbox") if one.is_own else one.name) + ":"
    used = in_words(one.used, vi=vi) + (f" / {in_words(one.limit, vi=vi)}" if one.limit else "")
    lines = [f"{whose} {'đang dùng' if vi else 'in use'} {used}"]
    for sort, count, octets in one.summary.sorts:
        lines.append(f"- {count} {_SORTS[sort][not vi]}: {in_words(octets, vi=vi)}")
    address = f"{web}/don-thu/" + ("" if one.is_own else f"?hop={one.owner_id}")
    return "\n".join([*lines, f"{'Xem và chọn' if vi else 'Look and choose'}: {address}"])
