"""Spam as rspamd sees it.

See `rspamd.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, OnHit, Stage, Verdict, annotate, defer, junk, reject
from mailserver.scanning.found import Advice, Opinion, Unanswered, Why

NAME = "rspamd"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
# Our own people's mail is not scored.
STAGES = frozenset({Stage.DATA})
# Names of tests that are told.
MOST_TOLD = 5


@unique
class Outcome(Enum):
    """What becomes of a message."""

    ANNOTATE = "annotate"
    JUNK = "junk"
    REJECT = "reject"


@unique
class WhenSilent(Enum):
    """What follows if rspamd says nothing: the mail waits with its sender, or passes with a note."""

    DEFER = "defer"
    PASS = "pass"


_OUTCOMES: dict[Outcome, OnHit] = {Outcome.ANNOTATE: annotate, Outcome.JUNK: junk, Outcome.REJECT: reject}


@dataclass(frozen=True, slots=True)
class Settings:
    """marked, refused: what becomes of mail that rspamd would mark, or refuse. delay: whether mail is put off when
    rspamd asks for it. silent: for mail that rspamd did not look at."""

    marked: Outcome = Outcome.JUNK
    refused: Outcome = Outcome.JUNK
    delay: bool = True
    silent: WhenSilent = WhenSilent.PASS


def check(settings: Settings, case: Case) -> Verdict:
    """Do with mail from outside what rspamd advises, as far as the settings go.

    case.scans: None where no scanner is configured. Returns accept, or with Cause.SPAM and the facts `score` and
    `tests` a note, junk, reject or defer; with Cause.NOT_SCANNED and the fact `why` defer or a note. Never raises;
    blocks while rspamd works.
    """
    answer = case.scans.spam if case.scans is not None else None
    if answer is None:
        return ACCEPT
    if isinstance(answer, Unanswered):
        waits = settings.silent is WhenSilent.DEFER and answer.why is not Why.TOO_LARGE
        return (defer if waits else annotate)(NAME, ARTICLE, Cause.NOT_SCANNED, why=answer.why.value)
    outcome = _outcome(settings, answer.advice)
    return ACCEPT if outcome is None else outcome(NAME, ARTICLE, Cause.SPAM, **_facts(answer))


def _outcome(settings: Settings, advice: Advice) -> OnHit | None:
    match advice:
        case Advice.NONE:
            return None
        case Advice.MARK:
            return _OUTCOMES[settings.marked]
        case Advice.REJECT:
            return _OUTCOMES[settings.refused]
    return defer if settings.delay else annotate


def _facts(answer: Opinion) -> dict[str, int | str]:
    return {"score": f"{answer.score:.1f}", "tests": " ".join(answer.symbols[:MOST_TOLD])}


_CHOICES = (
    (Outcome.ANNOTATE.value, "chỉ ghi lại"),
    (Outcome.JUNK.value, "đưa vào thư rác"),
    (Outcome.REJECT.value, "từ chối"),
)

RULE = Rule(
    NAME,
    "Thư rác theo rspamd",
    "Thư từ ngoài mà rspamd cho là thư rác: đưa vào thư rác, từ chối, hoặc hẹn gửi lại.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("marked", Kind.CHOICE, "Thư rspamd nghi là thư rác", choices=_CHOICES),
        Field("refused", Kind.CHOICE, "Thư rspamd muốn từ chối", choices=_CHOICES),
        Field("delay", Kind.FLAG, "Hẹn gửi lại thư mà rspamd muốn hoãn"),
        Field(
            "silent",
            Kind.CHOICE,
            "Khi rspamd không trả lời",
            choices=(
                (WhenSilent.DEFER.value, "hẹn gửi lại sau"),
                (WhenSilent.PASS.value, "cho qua và ghi lại"),
            ),
        ),
    ),
)
