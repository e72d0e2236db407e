"""The extension point for policies: what a door asks, and what a policy answers.

A door describes what is about to happen as a `Case`; a `Policy` answers with a `Verdict`. The policy
knows no reply code and no wording; the door turns the verdict's cause into its own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, unique
from types import MappingProxyType
from typing import TYPE_CHECKING

from mailserver.actor import SYSTEM, Actor

if TYPE_CHECKING:
    from mailserver.mime.contents import Contents
    from mailserver.mime.scan import Scanned
    from mailserver.opinions import Opinion
    from mailserver.passing import PassedOn
    from mailserver.scanning.scanners import Scans
    from mailserver.senderauth.results import Results
    from mailserver.sending import Pace


@unique
class Stage(Enum):
    """The moment at which a policy is asked.

    APPEND has no contents: what people put into their own folders was asked about when it came or was sent, or is
    older than the rules; refusing it would keep an office from bringing its mail along. Only its size is looked at.
    """

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    SUBMISSION = "submission"
    APPEND = "append"
    DELIVERY = "delivery"


@unique
class Action(Enum):
    """What follows from a verdict."""

    ACCEPT = "accept"
    REJECT = "reject"
    HOLD = "hold"
    QUARANTINE = "quarantine"
    REDIRECT = "redirect"
    ANNOTATE = "annotate"
    JUNK = "junk"  # taken, but put where its reader expects what nobody vouches for
    DEFER = "defer"  # not now: whoever sends it shall try again later


@unique
class Cause(Enum):
    """Why, in neutral words that each door translates for its reader."""

    NONE = "none"
    TOO_LARGE = "too-large"
    NOT_AUTHENTIC = "not-authentic"
    FORBIDDEN_CLASS = "forbidden-class"
    NEEDS_CONSENT = "needs-consent"
    DANGEROUS_FILE = "dangerous-file"
    VIRUS = "virus"
    SPAM = "spam"
    NOT_SCANNED = "not-scanned"
    TOO_FAST = "too-fast"
    TOO_MANY = "too-many"
    UNUSUAL_SENDING = "unusual-sending"


@dataclass(frozen=True, slots=True)
class Article:
    """A place in a regulation, written as `1201/QĐ-SYT, Điều 5 khoản 6`."""

    document: str
    dieu: int | None = None
    khoan: int | None = None

    def __str__(self) -> str:
        text = self.document
        if self.dieu is not None:
            text += f", Điều {self.dieu}"
        if self.khoan is not None:
            text += f" khoản {self.khoan}"
        return text


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy is asked about.

    size: octets on the wire with CRLF line ends (RFC 1870 §5); at MAIL and RCPT the client's estimate,
    None if it gave none. decoded_size: octets with transfer encodings undone, None before DATA.
    agency_id: whose rules apply, None before any recipient or actor is known. A message that concerns
    several agencies is one case for each. authenticity: what is known about the sender of mail from
    outside; None for what is not looked at (our own people, this machine, trusted networks). outside: those
    of the recipients who are not ours (submission only). contents: what the message says and holds, read when
    it is asked for and once for all rules and agencies; None before there is a message. passes_on: what of others'
    mail a submission passes on to outside. scans: what other programs say of it, asked when a rule wants to know
    and once; None where nobody is asked. opinions: how far mail from outside looks unwanted to each mailbox.
    pace: what is known of the person's sending; None: nothing.
    """

    stage: Stage
    actor: Actor = SYSTEM
    agency_id: int | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()
    size: int | None = None
    decoded_size: int | None = None
    scanned: Scanned | None = None
    authenticity: Results | None = None
    outside: tuple[str, ...] = ()
    contents: Contents | None = None
    passes_on: tuple[PassedOn, ...] = ()
    scans: Scans | None = None
    opinions: tuple[Opinion, ...] = ()
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's answer: what to do, which rule says so, on what ground.

    facts: what the sentence for the reader needs ("limit": octets, "size": octets, "agency": its name).
    For HOLD and QUARANTINE: for_recipients, the addresses for whom the message is kept back, None for all that
    the agency has a say in, while the others get it at once; waits_for, the address of who has to agree, "" for
    the agency's administrators; keep_for, how long it may wait, None: as the keeper has it.
    For JUNK: for_mailboxes, the principals whose copies go there, None for all of the agency.
    marks: header fields (name, value; ASCII) that tell the reader of it, in mail that goes on.
    would: what the rule would have done in full force, where the agency only tries it or lets it warn. warns:
    whether the writer is to be asked before the message goes. notes: what other rules said of the same message.
    """

    action: Action = Action.ACCEPT
    rule: str = ""
    article: Article | None = None
    cause: Cause = Cause.NONE
    facts: Mapping[str, int | str] = field(default_factory=lambda: MappingProxyType({}))
    for_recipients: tuple[str, ...] | None = None
    waits_for: str = ""
    keep_for: timedelta | None = None
    for_mailboxes: frozenset[int] | None = None
    marks: tuple[tuple[str, str], ...] = ()
    would: Action | None = None
    warns: bool = False
    notes: tuple[Verdict, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether the message may not simply go on."""
        return self.action not in (Action.ACCEPT, Action.ANNOTATE, Action.JUNK)

    @property
    def keeps(self) -> bool:
        """Whether the message is taken, but waits until somebody decides."""
        return self.action in (Action.HOLD, Action.QUARANTINE)


ACCEPT = Verdict()
Policy = Callable[[Case], Verdict]


def accept_all(case: Case) -> Verdict:
    """The policy of a server that has none."""
    return ACCEPT
