"""Viruses that ClamAV finds, and mail that it could not look at.

See `virus.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import (
    ACCEPT,
    Article,
    Case,
    Cause,
    Stage,
    Verdict,
    annotate,
    defer,
    quarantine,
    reject,
)
from mailserver.scanning.found import Unanswered, VirusAnswer, Why

NAME = "virus"
ARTICLE = Article("123/QĐ-SCT", dieu=5)
STAGES = frozenset({Stage.DATA, Stage.SUBMISSION})
# Characters of a signature's name that are told.
MOST_NAME = 100


@unique
class WhenSilent(Enum):
    """What follows if the scanner says nothing: the mail waits with its sender, or passes with a note."""

    DEFER = "defer"
    PASS = "pass"


@dataclass(frozen=True, slots=True)
class Settings:
    """silent: for mail that was not looked at. What is larger than the scanner takes passes with a note in any case:
    it would not be looked at tomorrow either."""

    silent: WhenSilent = WhenSilent.DEFER


def check(settings: Settings, case: Case) -> Verdict:
    """Find a message in which ClamAV finds a virus.

    case.scans: None where no scanner is configured. Returns accept, or with Cause.VIRUS and the fact `virus` (the
    signature's name) quarantine for what comes in and reject for what our people send; with Cause.NOT_SCANNED and
    the fact `why` defer or a note. Never raises; blocks while the scanner works.
    """
    return verdict(settings, case.scans.viruses, case.stage) if case.scans is not None else ACCEPT


def verdict(settings: Settings, answer: VirusAnswer | None, stage: Stage) -> Verdict:
    """What follows from an answer about a message, or a file that somebody of ours uploads (as at submission)."""
    if isinstance(answer, Unanswered):
        waits = settings.silent is WhenSilent.DEFER and answer.why is not Why.TOO_LARGE
        return (defer if waits else annotate)(NAME, ARTICLE, Cause.NOT_SCANNED, why=answer.why.value)
    if answer is None or not answer.name:
        return ACCEPT
    outcome = reject if stage is Stage.SUBMISSION else quarantine
    return outcome(NAME, ARTICLE, Cause.VIRUS, virus=answer.name[:MOST_NAME])


RULE = Rule(
    NAME,
    "Vi-rút",
    "Thư và tệp tải lên mà ClamAV thấy có vi-rút: thư đến bị cách ly, thư gửi đi và tệp tải lên bị từ chối.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field(
            "silent",
            Kind.CHOICE,
            "Khi ClamAV không trả lời",
            help="Thư lớn hơn mức ClamAV nhận thì luôn cho qua và ghi lại.",
            choices=(
                (WhenSilent.DEFER.value, "hẹn gửi lại sau"),
                (WhenSilent.PASS.value, "cho qua, ghi lại và báo quản trị"),
            ),
        ),
    ),
)
