"""Secret documents, complaints, and letters to a person alone, which a regulation keeps out of the system.

See `forbidden_classes.md` beside this file; what is looked for, and where, stands in `mailbox_policies/forbidden/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

from mailbox_policies.fields import Field
from mailbox_policies.fields import Kind as FieldKind
from mailbox_policies.forbidden.detector import detect, worth_a_look
from mailbox_policies.forbidden.finding import Document, Finding, Kind, Letter
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, OnHit, Stage, Verdict, hold, quarantine, reject
from mailserver.mime.contents import Contents, File
from mailserver.mime.extract import extract_page

NAME = "forbidden-classes"
STAGES = frozenset({Stage.DATA, Stage.SUBMISSION})


@unique
class Class(Enum):
    """What an agency's profile may keep out (`forbidden` in its file); the values are names of `Settings`' fields."""

    SECRET = "secret"
    COMPLAINT = "complaint"
    PETITION_SETTLEMENT = "petition_settlement"
    ADDRESSED_BY_NAME = "addressed_by_name"


ARTICLES = {
    Class.SECRET: Article("1201/QĐ-SYT", dieu=3, khoan=5),
    Class.COMPLAINT: Article("04/2017/QĐ-UBND", dieu=4, khoan=2),
    Class.PETITION_SETTLEMENT: Article("04/2017/QĐ-UBND", dieu=4, khoan=3),
    Class.ADDRESSED_BY_NAME: Article("04/2017/QĐ-UBND", dieu=4, khoan=4),
}
_OF_KIND = {
    Kind.COMPLAINT: Class.COMPLAINT,
    Kind.SETTLEMENT: Class.PETITION_SETTLEMENT,
    Kind.PERSONAL: Class.ADDRESSED_BY_NAME,
}
# Outgoing: whoever writes can mend it. Incoming: nobody opens it but who is charged with it.
_OUTGOING = {Class.PETITION_SETTLEMENT: hold}
_INCOMING = {Class.COMPLAINT: hold, Class.PETITION_SETTLEMENT: hold}


@dataclass(frozen=True, slots=True)
class Settings:
    """Which classes the agency keeps out."""

    secret: bool = True
    complaint: bool = False
    petition_settlement: bool = False
    addressed_by_name: bool = False

    @property
    def classes(self) -> frozenset[Class]:
        return _classes(self)


@lru_cache(maxsize=256)
def _classes(settings: Settings) -> frozenset[Class]:
    return frozenset(one for one in Class if getattr(settings, one.value))


def check(settings: Settings, case: Case) -> Verdict:
    """Find a letter that is, or carries, something of a class that the agency keeps out.

    case.contents: None before there is a message. Returns accept or, for the gravest thing found, with
    Cause.FORBIDDEN_CLASS: reject for what our people send (hold for the settlement of a complaint), quarantine for
    what comes in (hold for complaints and their settlement). Facts: `kind`, `place`, `file`, and for outgoing
    mail `excerpt`, the words by which it was recognised. Never raises; blocks while files are read.
    """
    classes = settings.classes
    if case.contents is None or not classes:
        return ACCEPT
    for found in detect(letter_of(case.contents)):
        one = class_of(found.kind)
        if one in classes:
            return _verdict(case.stage, one, found)
    return ACCEPT


def class_of(kind: Kind) -> Class:
    return _OF_KIND.get(kind, Class.SECRET)


def letter_of(contents: Contents) -> Letter:
    """What is looked at of a message; of a file its first page, if its text gives reason to."""
    return Letter(contents.subject, contents.text, tuple([_document(file) for file in contents.files]))


def _document(file: File) -> Document:
    text = file.text()
    if not worth_a_look(text):
        return Document(file.name)
    return Document(file.name, text, extract_page(file.octets, file.media_type, file.name or None))


def _verdict(stage: Stage, one: Class, found: Finding) -> Verdict:
    facts: dict[str, int | str] = {"kind": found.kind.value, "place": found.place.value, "file": found.file}
    outcome: OnHit
    if stage is Stage.SUBMISSION:
        outcome, facts["excerpt"] = _OUTGOING.get(one, reject), found.excerpt
    else:
        outcome = _INCOMING.get(one, quarantine)
    return outcome(NAME, ARTICLES[one], Cause.FORBIDDEN_CLASS, **facts)


RULE = Rule(
    NAME,
    "Văn bản không đưa lên hệ thống",
    "Văn bản mật, và tùy quy chế đơn thư, thư gửi đích danh: không gửi đi được, thư đến bị cách ly hoặc giữ lại.",
    ARTICLES[Class.SECRET],
    STAGES,
    Settings(),
    check,
    fields=(
        Field("secret", FieldKind.FLAG, "Văn bản MẬT, TỐI MẬT, TUYỆT MẬT"),
        Field("complaint", FieldKind.FLAG, "Đơn thư khiếu nại, tố cáo"),
        Field("petition_settlement", FieldKind.FLAG, "Văn bản giải quyết đơn thư", "Giữ lại cho tới khi được đồng ý."),
        Field("addressed_by_name", FieldKind.FLAG, "Thư gửi đích danh"),
    ),
)
