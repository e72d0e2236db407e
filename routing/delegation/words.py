"""What the mails that go with a delegation say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailserver.delivery.announcements import Said
from mailserver.directory.principals import Principal, office_day
from mailserver.directory.rights import Right
from routing.delegation.mandates import Mandate

VI, EN = "vi", "en"
RIGHTS = {
    Right.READ: {VI: "đọc thư", EN: "read mail"},
    Right.HANDLE: {
        VI: "xử lý thư (nhận, giao, chuyển, xóa)",
        EN: "handle mail (take, pass on, move, delete)",
    },
    Right.SEND_ON_BEHALF: {
        VI: "gửi thư thay (ghi rõ người gửi)",
        EN: "send on behalf (saying who wrote)",
    },
    Right.POST: {VI: "đưa thư vào hộp thư, không đọc", EN: "put mail in, without reading"},
    Right.MANAGE: {
        VI: "quản lý hộp thư (thư mục, giao việc)",
        EN: "manage the mailbox (folders, giving work)",
    },
}
# What the summary counts: actions of the audit, and their words.
COUNTED = {
    "mail.sent_for": {VI: "thư đã gửi thay", EN: "letters sent on behalf"},
    "team.take": {VI: "thư đã nhận xử lý", EN: "letters taken"},
    "team.pass": {VI: "thư đã giao", EN: "letters passed on"},
    "team.finish": {VI: "thư đã xong", EN: "letters finished"},
}
# Subject and text.
_ASKED = {
    VI: (
        "Đề nghị duyệt ủy quyền: {owner}",
        "{giver} đề nghị ủy quyền cho {grantee} trên hộp thư {owner}, {period}: {rights}.\n{except}\n"
        "Duyệt hoặc từ chối tại trang Ủy quyền.\n",
    ),
    EN: (
        "A delegation waits for your approval: {owner}",
        "{giver} asks to let {grantee} into the mailbox {owner}, {period}, to: {rights}.\n{except}\n"
        "Approve or refuse on the page “Delegation”.\n",
    ),
}
_GRANTED = {
    VI: (
        "Bạn được ủy quyền trên hộp thư {owner}",
        "{giver} ủy quyền cho {grantee} trên hộp thư {owner} ({address}), {period}.\n\n"
        "Được làm:\n{listed}\n{except}\n"
        "Không được ủy quyền tiếp cho người khác. Việc làm thay được ghi lại dưới tên người làm.\n"
        "Hộp thư đã hiện trong trang thư và trong chương trình thư của bạn; không cần mật khẩu riêng.\n",
    ),
    EN: (
        "You may act for the mailbox {owner}",
        "{giver} has let {grantee} into the mailbox {owner} ({address}), {period}.\n\n"
        "Allowed:\n{listed}\n{except}\n"
        "It cannot be passed on to others. What is done is recorded under the name of who does it.\n"
        "The mailbox is on the page of mail and in your mail program already; it has no password of its own.\n",
    ),
}
_ANNOUNCED = {
    VI: (
        "Thông báo: {giver} ủy quyền cho {grantee}",
        "{giver} ủy quyền cho {grantee} trên hộp thư {owner}, {period}: {rights}.\n\n"
        "{grantee} chịu trách nhiệm về việc được ủy quyền.\n",
    ),
    EN: (
        "Announcement: {giver} delegates to {grantee}",
        "{giver} lets {grantee} into the mailbox {owner}, {period}, to: {rights}.\n\n"
        "{grantee} answers for what is done under it.\n",
    ),
}
_REFUSED = {
    VI: (
        "Ủy quyền chưa được duyệt: {owner}",
        "Lãnh đạo chưa đồng ý ủy quyền cho {grantee} trên hộp thư {owner}, {period}: {rights}.\n",
    ),
    EN: (
        "A delegation was not approved: {owner}",
        "The leader did not agree to let {grantee} into the mailbox {owner}, {period}, to: {rights}.\n",
    ),
}
_ENDED = {
    VI: (
        "Kết thúc ủy quyền: {owner}",
        "Ủy quyền của {giver} cho {grantee} trên hộp thư {owner} đã kết thúc.\n\n"
        "Trong thời gian ủy quyền ({period}):\n{done}\n",
    ),
    EN: (
        "A delegation has ended: {owner}",
        "{grantee} may no longer act for the mailbox {owner}, which {giver} had allowed.\n\n"
        "Done in that time ({period}):\n{done}\n",
    ),
}
_CLOSED = {
    VI: (
        "Đổi phạm vi ủy quyền: {owner}",
        "Ủy quyền của {giver} cho {grantee} trên hộp thư {owner} từ nay {left}.\n",
    ),
    EN: (
        "What a delegation covers has changed: {owner}",
        "What {giver} has let {grantee} do in the mailbox {owner} {left} from now on.\n",
    ),
}
_LEFT = {VI: "không gồm thư mục: {names}", EN: "does not cover the folders: {names}"}
_ALL = {VI: "gồm mọi thư mục", EN: "covers all folders"}
_BACK = {VI: "{count} thư đang xử lý đã trả về “Chưa ai nhận”", EN: "{count} letters in hand went back to “Not taken”"}
_NOTHING = {VI: "không có việc nào", EN: "nothing"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter is about: the mandate, whose mailbox it is for, who acts, who gave it. closed: the names of
    folders that are left out."""

    mandate: Mandate
    owner: Principal
    grantee: Principal
    giver: Principal
    closed: tuple[str, ...] = ()


def asked(about: Told) -> Said:
    return _said(_ASKED, about)


def granted(about: Told) -> Said:
    return _said(_GRANTED, about)


def closed(about: Told) -> Said:
    return _said(_CLOSED, about)


def announced(about: Told) -> Said:
    return _said(_ANNOUNCED, about)


def refused(about: Told) -> Said:
    return _said(_REFUSED, about)


def ended(about: Told, counted: Sequence[tuple[str, int]], returned: int) -> Said:
    """counted: keys of COUNTED with how often; returned: letters that nobody has taken any more."""

    def done(language: str) -> str:
        lines = [f"{count} {COUNTED[action][language]}" for action, count in counted]
        lines += [_BACK[language].format(count=returned)] if returned else []
        return "\n".join(f"- {line}" for line in lines or [_NOTHING[language]])

    return _said(_ENDED, about, {VI: done(VI), EN: done(EN)})


def _said(table: Mapping[str, tuple[str, str]], about: Told, done: Mapping[str, str] | None = None) -> Said:
    facts = {
        language: {
            "owner": about.owner.name,
            "address": about.owner.address,
            "grantee": about.grantee.name,
            "giver": about.giver.name,
            "period": _period(about.mandate, language),
            "rights": ", ".join(_rights(about.mandate, language)),
            "listed": "\n".join(f"- {right}" for right in _rights(about.mandate, language)),
            "left": _left(about, language),
            "except": _except(about, language),
            "done": (done or {}).get(language, ""),
        }
        for language in table
    }
    subject, text = (
        {language: table[language][part].format(**facts[language]) for language in table} for part in (0, 1)
    )
    return Said((subject[VI], text[VI]), (subject[EN], text[EN]))


def _rights(found: Mandate, language: str) -> list[str]:
    return [words[language] for right, words in RIGHTS.items() if right in found.wish.rights]


def _left(about: Told, language: str) -> str:
    return _LEFT[language].format(names=", ".join(about.closed)) if about.closed else _ALL[language]


def _except(about: Told, language: str) -> str:
    """A line of its own; "" where nothing is left out."""
    names = ", ".join(about.closed)
    return names and (f"Trừ thư mục: {names}.\n" if language == VI else f"Not the folders: {names}.\n")


def _period(found: Mandate, language: str) -> str:
    wish, vi = found.wish, language == VI
    begins = f"{'từ' if vi else 'from'} {office_day(wish.starts_at):%d/%m/%Y}"
    if wish.ends_at is None:
        return f"{begins} {'đến khi thu hồi' if vi else 'until taken back'}"
    last = office_day(wish.ends_at - timedelta(milliseconds=1))
    return f"{begins} {'đến hết' if vi else 'to the end of'} {last:%d/%m/%Y}"
