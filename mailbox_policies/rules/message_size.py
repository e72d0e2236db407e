"""Messages larger than the agency allows, attachments included.

People see the size of the files they attach; on the wire base64 makes them 37 % larger. The limit
therefore counts the message with its attachments decoded, unless the setting says "wire".
See `message_size.md` beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, unique
from math import inf

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, OnHit, Stage, Verdict, reject

NAME = "message-size"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
STAGES = frozenset({Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.SUBMISSION, Stage.APPEND})

# 57 octets become a line of 76 characters and CRLF (RFC 2045 §6.8): 78/57, rounded up; beside it
# room for the header and for text parts.
BASE64_PERCENT = 137
HEADER_ROOM = 64 * 1024


@unique
class Counts(Enum):
    """What the limit is compared with."""

    DECODED = "decoded"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Settings:
    """limit: octets, 0 = none. counts: what is counted. on_hit: what follows, normally reject.

    whose: name of the agency whose limit it is, for the reader; may be empty.
    """

    limit: int = 10_485_760
    counts: Counts = Counts.DECODED
    on_hit: OnHit = reject
    whose: str = ""


def announced_size(settings: Settings) -> int:
    """The octets on the wire that a message within the limit can need (RFC 1870 §4); 0: no limit.

    A door announces this in EHLO and stops storing there; what is larger cannot be within the limit.
    """
    if settings.limit == 0 or settings.counts is Counts.WIRE:
        return settings.limit
    size = settings.limit * BASE64_PERCENT // 100 + HEADER_ROOM
    return -(-size // 1024) * 1024


def most_generous(of_all: Iterable[Settings]) -> Settings:
    """Those that let the largest message pass. Raises ValueError if there are none."""
    return max(of_all, key=lambda one: announced_size(one) or inf)


def check(settings: Settings, case: Case) -> Verdict:
    """Find a message larger than the agency allows, attachments included.

    case.size: octets with CRLF line ends, at MAIL and RCPT the client's estimate; case.decoded_size: exact,
    known after DATA. Returns accept, or on_hit with Cause.TOO_LARGE and the facts `limit`, `size` and,
    if the settings say whose they are, `agency`. Never raises.
    """
    if case.decoded_size is None:
        size, most = case.size or 0, announced_size(settings)
    else:
        wire = settings.counts is Counts.WIRE and case.size is not None
        size, most = (case.size or 0) if wire else case.decoded_size, settings.limit
    if settings.limit == 0 or size <= most:
        return ACCEPT
    whose = {"agency": settings.whose} if settings.whose else {}
    return settings.on_hit(NAME, ARTICLE, Cause.TOO_LARGE, limit=settings.limit, size=size, **whose)


RULE = Rule(
    NAME,
    "Cỡ thư",
    "Thư kèm tệp lớn hơn mức của cơ quan bị từ chối, trước khi gửi lên nếu máy gửi báo trước cỡ thư.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("limit", Kind.OCTETS, "Cỡ lớn nhất", "Cả tệp đính kèm. 0: không giới hạn."),
        Field(
            "counts",
            Kind.CHOICE,
            "Cách đo",
            choices=((Counts.DECODED.value, "như thấy trong thư mục"), (Counts.WIRE.value, "như trên đường truyền")),
        ),
    ),
)
