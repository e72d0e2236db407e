"""Mail from outside that is not by the author it names, where the author's domain asks that it be refused, or that
names none.

See `sender_authentication.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, annotate, junk, reject
from mailserver.senderauth.results import Disposition, Dmarc, Outcome

NAME = "sender-authentication"
# Who sends answers for what is sent; so a name in From must be its owner's.
ARTICLE = Article("04/2017/QĐ-UBND", dieu=21, khoan=5)
STAGES = frozenset({Stage.DATA})


@unique
class Mode(Enum):
    """How far the wishes of other domains are followed: not at all, noted, at most Junk, all the way."""

    OFF = "off"
    ANNOTATE = "annotate"
    JUNK = "junk"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Settings:
    """mode: the most that follows from a domain's wish."""

    mode: Mode = Mode.REJECT


def check(settings: Settings, case: Case) -> Verdict:
    """Find a message that fails DMARC, and do what its author's domain asks for, as far as the mode goes.

    case.authenticity: None for mail that is not looked at. A temporary error of DNS is no failure.
    Returns accept, or annotate, junk or reject with Cause.NOT_AUTHENTIC and the facts `domain` (of the
    author, "" for none) and `asked` (quarantine or reject; by this server where no domain can ask). Never raises.
    """
    if settings.mode is Mode.OFF or case.authenticity is None:
        return ACCEPT
    found = case.authenticity.dmarc
    asked = found.policy if found.outcome is Outcome.FAIL else _of_nobody(case, found)
    if asked is Disposition.NONE:
        return ACCEPT
    outcome = annotate
    if settings.mode is not Mode.ANNOTATE:
        refuse = settings.mode is Mode.REJECT and asked is Disposition.REJECT
        outcome = reject if refuse else junk
    return outcome(NAME, ARTICLE, Cause.NOT_AUTHENTIC, domain=found.domain, asked=asked.value)


def _of_nobody(case: Case, found: Dmarc) -> Disposition:
    """What is to become of a message whose author has no domain that could ask for anything (RFC 7489 §6.6.1).

    Without any author it is no message by RFC 5322 §3.6. Reports of old servers lack one too, and nobody would hear
    that they were refused.
    """
    if found.outcome is not Outcome.PERMERROR or found.domain or case.scanned is None:
        return Disposition.NONE
    named = any(author.local for author in case.scanned.from_)
    return Disposition.QUARANTINE if named or not case.sender else Disposition.REJECT


RULE = Rule(
    NAME,
    "Thư mạo danh",
    "Thư từ ngoài không đúng là của người ghi ở dòng Từ, mà tên miền ấy yêu cầu từ chối (DMARC),"
    " hoặc không ghi người viết.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field(
            "mode",
            Kind.CHOICE,
            "Làm theo yêu cầu của tên miền tới mức nào",
            choices=(
                (Mode.OFF.value, "không xét"),
                (Mode.ANNOTATE.value, "chỉ ghi lại"),
                (Mode.JUNK.value, "nhiều nhất là đưa vào thư rác"),
                (Mode.REJECT.value, "từ chối nếu tên miền yêu cầu"),
            ),
        ),
    ),
)
