"""Mail from outside that looks like what the office's readers have put into Junk.

See `spam.md` beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.spam.reasons import codes
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, annotate, junk
from mailserver.opinions import Opinion

NAME = "spam"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
STAGES = frozenset({Stage.DATA})
FIELD = "X-Vanthu-Spam"


@dataclass(frozen=True, slots=True)
class Settings:
    """suspect, junk: points from which a message looks unwanted, and counts as unwanted. unit, agency: whether what
    was learned from the mail of a mailbox's unit and of the whole agency counts, besides its own."""

    suspect: int = 35
    junk: int = 50
    unit: bool = True
    agency: bool = True


def check(settings: Settings, case: Case) -> Verdict:
    """Find a message that looks unwanted to the mailboxes that get it, each by itself.

    case.opinions: none of mail that is not looked at. Returns accept, annotate, or junk for the mailboxes to which it
    counts as unwanted, with Cause.SPAM and the facts `points` (the most of any), `junk` and `suspect`; and the
    mark for the reader. Where too little was learned it says nothing. Never raises.
    """
    opinions = [one for one in case.opinions if one.agency_id == case.agency_id]
    judged = [one for one in opinions if one.may_judge]
    if not judged:
        return ACCEPT
    marks = (_mark(settings, opinions),) if len(judged) == len(opinions) else ()
    most = max(one.points for one in judged)
    suspect = min(settings.suspect, settings.junk)
    if most < suspect:
        return replace(ACCEPT, marks=marks)
    # What people taught hides nothing official from an office (123/QĐ-SCT, Điều 9; 04/2017/QĐ-UBND, Điều 23 khoản 4).
    unwanted = frozenset(one.mailbox for one in judged if one.points >= settings.junk and not one.of_office)
    outcome = junk if unwanted else annotate
    verdict = outcome(NAME, ARTICLE, Cause.SPAM, points=most, junk=settings.junk, suspect=suspect)
    return replace(verdict, for_mailboxes=unwanted or None, marks=marks)


def _mark(settings: Settings, opinions: Sequence[Opinion]) -> tuple[str, str]:
    """One field for all who get the message: what is true for each of them, and no word of anybody."""
    least = min(opinions, key=lambda one: one.points)
    word = "yes" if least.points >= settings.junk else "no"
    return FIELD, f"{word}; score={least.points}; limit={settings.junk}; reasons={codes(least.reasons)}"


RULE = Rule(
    NAME,
    "Thư rác",
    "Thư từ ngoài giống những thư mà người trong cơ quan đã báo là thư rác: bộ lọc học từ việc chuyển thư vào và ra"
    " khỏi thư mục Thư rác, từ bất cứ phần mềm thư nào.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field(
            "suspect",
            Kind.NUMBER,
            "Từ bao nhiêu điểm thì ghi là nghi ngờ",
            help="Từ 1 đến 99. Thư nghi ngờ vẫn ở hộp thư đến, kèm lời nhắc cho người đọc.",
            least=1,
            most=99,
        ),
        Field(
            "junk",
            Kind.NUMBER,
            "Từ bao nhiêu điểm thì là thư rác",
            help="50 là ngưỡng đã đo: nhiều hơn thì bỏ sót nhiều hơn, ít hơn thì nhầm nhiều hơn.",
            least=1,
            most=99,
        ),
        Field("unit", Kind.FLAG, "Dùng cả những gì đã học từ thư của đơn vị"),
        Field("agency", Kind.FLAG, "Dùng cả những gì đã học từ thư của cả cơ quan"),
    ),
    by_opinion=True,
)
