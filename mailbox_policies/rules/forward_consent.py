"""Work mail that is passed on to outside without its sender's consent.

See `forward_consent.md` beside this file; what counts as passing on is found in `mailbox_policies/forwarding/`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from mailbox_policies.fields import Field, Kind
from mailbox_policies.forwarding.border import Border
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, hold

NAME = "forward-consent"
ARTICLE = Article("123/QĐ-SCT", dieu=9)
STAGES = frozenset({Stage.SUBMISSION})

# What a leader has to decide in when an original sender has not answered (DOMAIN §2.7, F4).
FOR_LEADERS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Settings:
    """border: beyond which is outside. days: how long a sender may think about it."""

    border: Border = Border.AGENCY
    days: int = 7


def check(settings: Settings, case: Case) -> Verdict:
    """Find a letter that passes on other people's work mail.

    case.passes_on: what of others' mail it passes on, and to whom. The forwarder's own agency decides. Returns
    accept, or hold for the new readers with Cause.NEEDS_CONSENT and the facts `authors` (addresses, ", " between)
    and `days`. Never raises.
    """
    if not case.passes_on or case.agency_id != case.actor.agency_id:
        return ACCEPT
    authors = tuple(dict.fromkeys(author for one in case.passes_on for author in one.authors))
    readers = tuple(dict.fromkeys(reader for one in case.passes_on for reader in one.readers))
    found = hold(NAME, ARTICLE, Cause.NEEDS_CONSENT, authors=", ".join(authors), days=settings.days)
    waits = timedelta(days=settings.days) + FOR_LEADERS
    return replace(found, for_recipients=readers, waits_for=authors[0] if authors else "", keep_for=waits)


RULE = Rule(
    NAME,
    "Chuyển tiếp ra ngoài",
    "Thư có nội dung thư công việc của người khác chỉ được gửi ra ngoài khi người gửi gốc đồng ý.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field(
            "border",
            Kind.CHOICE,
            "Thế nào là ra ngoài",
            choices=((Border.AGENCY.value, "ra ngoài cơ quan"), (Border.UNIT.value, "ra ngoài đơn vị")),
        ),
        Field("days", Kind.NUMBER, "Số ngày chờ người gửi gốc trả lời", least=1, most=365),
    ),
    mode=Mode.OFF,
)
