"""Why a message lies in Junk, or looks as if it should: what was found when it came, in sentences for its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailbox_policies.spam import judgements
from mailbox_policies.spam.judgements import Judgement, Told
from mailbox_policies.spam.moves import Place, place_of
from mailserver.directory import principals
from mailserver.opinions import Reason
from mailserver.senderauth.header import read_ours
from mailserver.senderauth.results import Disposition, Outcome
from mailserver.store.folders import Folder
from webmail.i18n import _
from webmail.mail.plaintext import BIDI_OVERRIDES


@dataclass(frozen=True, slots=True)
class Why:
    """in_junk: whether it lies there; else it only looks unwanted. sentences: the most important first."""

    in_junk: bool
    sentences: tuple[str, ...]


def why(conn: Connection, folder: Folder, message_pk: int, header: bytes) -> Why | None:
    """None where the question does not arise: a message outside Junk that looks wanted, or of which somebody has
    said that it is."""
    found = judgements.of(conn, message_pk, folder.owner_id)
    said = judgements.said_of(conn, message_pk, folder.owner_id)
    if place_of(conn, folder) is not Place.JUNK:
        return Why(False, _sentences(found)) if found is not None and said is None else None
    sentences = (*_moved(conn, said), *_sentences(found), *_asked_by_its_domain(header))
    return Why(True, sentences or (_("Thư được chuyển vào đây; không có lý do nào được ghi."),))


def _moved(conn: Connection, said: Told | None) -> tuple[str, ...]:
    if said is None or not said.spam:
        return ()
    people = principals.get_many(conn, {said.actor_id} if said.actor_id is not None else set())
    named = [_("%(who)s đã báo đây là thư rác.", who=one.name) for one in people.values()]
    return tuple(named) or (_("Thư đã được báo là thư rác."),)


def _asked_by_its_domain(header: bytes) -> tuple[str, ...]:
    found = read_ours(header)
    if found is None or found.dmarc.outcome is not Outcome.FAIL or found.dmarc.policy is Disposition.NONE:
        return ()
    return (_("Tên miền %(domain)s yêu cầu không tin thư không chứng minh được là của họ.", domain=found.dmarc.domain),)


def _sentences(found: Judgement | None) -> tuple[str, ...]:
    if found is None:
        return ()
    facts = {"points": found.points, "most": found.most}
    points = _("Bộ lọc cho %(points)s trên 100 điểm giống thư rác; từ %(most)s điểm là thư rác.", **facts)
    against = [one for one in found.reasons if one.weight > 0 or one.code == "first-contact"]
    return (points, *_grounds(against), *_grounds([one for one in found.reasons if one not in against], good=True))


def _grounds(reasons: Sequence[Reason], *, good: bool = False) -> tuple[str, ...]:
    """A sentence for each kind, in the order of their strongest, with the words it is about."""
    kinds: dict[str, list[str]] = {}
    for one in reasons:
        kinds.setdefault(one.code, []).append(BIDI_OVERRIDES.sub("", one.detail))
    return tuple(text for code, named in kinds.items() if (text := _sentence(code, named, good=good)))


def _sentence(code: str, named: Sequence[str], *, good: bool) -> str:
    words = ", ".join(f"“{one}”" for one in dict.fromkeys(named))
    domain = named[0]
    if good:
        return {
            "words": _("Ngược lại, có những chữ hay gặp ở thư tốt: %(words)s.", words=words),
            "subject": _("Ngược lại, tiêu đề có những chữ hay gặp ở thư tốt: %(words)s.", words=words),
            "author": _("Ngược lại, người gửi giống người gửi thư tốt: %(words)s.", words=words),
            "proved": _("Ngược lại, đã xác thực thư đúng là của tên miền %(domain)s.", domain=domain),
            "heard": _("Ngược lại, địa chỉ này đã từng gửi thư cho cơ quan."),
            "written-to": _("Ngược lại, cơ quan đã từng viết thư cho địa chỉ này."),
        }.get(code, "")
    return {
        "words": _("Trong thư có những chữ hay gặp ở thư rác: %(words)s.", words=words),
        "subject": _("Tiêu đề có những chữ hay gặp ở thư rác: %(words)s.", words=words),
        "author": _("Người gửi giống người gửi thư rác: %(words)s.", words=words),
        "reply-to": _("Thư trả lời sẽ đi tới nơi hay nhận trả lời thư rác: %(words)s.", words=words),
        "link": _("Có liên kết giống liên kết trong thư rác: %(words)s.", words=words),
        "way": _("Thư đi qua máy chủ hay chuyển thư rác: %(words)s.", words=words),
        "form": _("Cách trình bày giống thư rác."),
        "dmarc-fail": _("Không xác thực được thư là của tên miền %(domain)s (DMARC).", domain=domain),
        "spf-fail": _("Máy gửi không được tên miền %(domain)s cho phép (SPF).", domain=domain),
        "first-contact": _("Cơ quan chưa từng thư từ với địa chỉ này."),
    }.get(code, "")
