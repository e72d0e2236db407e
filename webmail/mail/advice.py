"""What a writer is asked to look at before a letter goes: one list, made of the letter and of what is known here.

Nothing here refuses anything; who confirms sends. What a rule warns of comes to the same list (`refusals`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailbox_policies.forbidden.detector import detect
from mailbox_policies.forbidden.finding import Letter
from mailbox_policies.sending import acquaintance
from mailserver.actor import Actor
from mailserver.directory import agencies, principals
from mailserver.directory.resolve import Unknown, resolve_many
from mailserver.senderauth.pretence import like_ours
from mailserver.text import nfc
from routing.quoting import new_words
from webmail.formats import size
from webmail.i18n import _
from webmail.mail.outgoing import Written
from webmail.mail.weighing import Weighing

# From so many recipients on, an answer to all deserves a second look.
MANY = 10
# Octets from which on a letter is large for those who read it on a phone, or far away.
LARGE = 5 * 1024 * 1024
# Addresses and domains that a sentence names.
MOST_NAMED = 5

_PROMISES_A_FILE = re.compile(
    r"(?<!\w)(?:đính\s+kèm|gửi\s+kèm|kèm\s+theo\s+(?:thư|đây)|file\s+kèm|tệp\s+kèm|attach(?:ed|ment|ments)?|enclosed)(?!\w)",
    re.IGNORECASE,
)
# Số, ký hiệu of a document (30/2020/NĐ-CP, Phụ lục I): "96/SXD-QH", "1482/UBND-KTN", "12/2026/QĐ-UBND".
_SIGN = re.compile(r"(?<!\w)\d{1,6}[a-z]?(?:/\d{4})?/[A-ZĐ][A-ZĐ&]*(?:-[A-ZĐ&]+)*(?!\w)")


@dataclass(frozen=True, slots=True)
class Advice:
    """name: of its kind, for the form. what: in a few words; why: what follows, and what may be done."""

    name: str
    what: str
    why: str

    @property
    def key(self) -> str:
        """What the form keeps of a seen one: with other words it is another, and is shown again."""
        digest = hashlib.sha256(f"{self.what}\n{self.why}".encode()).hexdigest()
        return f"{self.name}:{digest[:12]}"


def advise(
    conn: Connection, actor: Actor, written: Written, weighing: Weighing | None, *, answers: bool
) -> tuple[Advice, ...]:
    """Everything worth a look, the gravest first; mostly nothing. answers: whether it answers another letter."""
    found = resolve_many(conn, written.recipients)
    office = actor.agency_id is not None and _is_office(conn, actor.agency_id, written.from_.addr)
    outside = [one for one in written.recipients if found.get(one) == Unknown(local=False)]
    new: Sequence[str] = ()
    if outside and actor.principal_id is not None:
        strangers = acquaintance.strangers(conn, actor.principal_id, outside)
        new = acquaintance.new_domains(conn, actor.principal_id, strangers)
    return tuple(_all(written, weighing, outside, new, agencies.domains(conn), office, answers=answers))


def _all(
    written: Written,
    weighing: Weighing | None,
    outside: Sequence[str],
    new: Sequence[str],
    ours: Collection[str],
    office: bool,
    *,
    answers: bool,
) -> Iterator[Advice]:
    words = nfc(new_words(written.text))
    if secret := _secrecy(written.subject, words):
        yield secret
    if office and not answers and not _tells_of_a_document(written, words):
        yield Advice(
            "office",
            _("Thư mang tên cơ quan: %(address)s", address=written.from_.addr),
            _(
                "Hộp thư cơ quan chỉ để điều hành và tiếp nhận (123/QĐ-SCT, Điều 6 khoản 1); thư này không nêu số văn"
                " bản, không kèm tệp. Thư riêng thì gửi bằng địa chỉ của mình. Nhật ký ghi bạn gửi thay cơ quan."
            ),
        )
    if alike := [one for one in outside if like_ours(acquaintance.domain_of(one), ours)]:
        yield Advice(
            "alike",
            _("Địa chỉ trông giống của cơ quan ta: %(who)s", who=_some(alike)),
            _("Địa chỉ này ở ngoài. Nếu định gửi đồng nghiệp, hãy chọn lại người nhận từ danh bạ."),
        )
    if weighing is not None:
        yield _forward(weighing)
    if fresh := [one for one in new if not like_ours(one, ours)]:
        yield Advice(
            "new-domain",
            _("Nơi chưa từng trao đổi thư: %(where)s", where=_some(fresh)),
            _("Hãy xem lại địa chỉ có đúng không; thư đã ra ngoài thì không lấy lại được."),
        )
    if not written.attachments and (promise := _PROMISES_A_FILE.search(words)):
        yield Advice(
            "forgotten-file",
            _("Chưa có tệp đính kèm"),
            _("Trong thư có chữ “%(words)s”, nhưng thư không kèm tệp nào.", words=promise[0]),
        )
    count = len(written.recipients)
    if answers and count >= MANY:
        yield Advice(
            "reply-all",
            _("Trả lời tới %(count)s người", count=count),
            _("Tất cả những người này sẽ nhận thư. Nếu chỉ cần trả lời người gửi, hãy bớt người nhận."),
        )
    if written.size > LARGE:
        yield Advice(
            "large",
            _("Thư nặng %(size)s, gửi tới %(count)s người", size=size(written.size), count=count),
            _("Thư nặng có thể bị nơi nhận từ chối. Hãy bỏ bớt tệp, hoặc nén tệp lại."),
        )


def _is_office(conn: Connection, agency_id: int, addr: str) -> bool:
    """Whether a letter goes out in the name of the agency itself."""
    found = principals.by_address(conn, addr)
    return found is not None and found.id == principals.agency_mailbox(conn, agency_id).id


def _tells_of_a_document(written: Written, words: str) -> bool:
    """A letter of the office names a document by its sign, or brings one."""
    return bool(written.attachments or _SIGN.search(f"{written.subject}\n{words}"))


def _secrecy(subject: str, words: str) -> Advice | None:
    """Marks of secrecy in what the writer wrote; what stands in files is the rule's to find."""
    found = next((one for one in detect(Letter(subject, words)) if one.kind.value.endswith("secret")), None)
    if found is None:
        return None
    return Advice(
        "secrecy",
        _("Có dấu hiệu văn bản mật: “%(words)s”", words=found.excerpt),
        _("Văn bản mật không được gửi qua hệ thống này (1201/QĐ-SYT, Điều 3 khoản 5)."),
    )


def _forward(weighing: Weighing) -> Advice:
    """A forward shows others' mail to somebody new (123/QĐ-SCT, Điều 9)."""
    audience, new = ", ".join(weighing.audience), ", ".join(weighing.new)
    why = _("Thư gốc của: %(audience)s. Người chưa có thư này: %(new)s.", audience=audience, new=new)
    if weighing.asked:
        asked = ", ".join(weighing.asked)
        waits = _("Bản gửi ra ngoài sẽ chờ %(who)s đồng ý (123/QĐ-SCT, Điều 9).", who=asked)
        why = f"{why} {waits}"
    return Advice("forward", _("Cân nhắc nội dung trước khi chuyển tiếp"), why)


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (_(" và %(n)s người khác", n=more) if more > 0 else "")
