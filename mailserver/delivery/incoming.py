"""A message on its way into mailboxes: as a door took it in, and as it is when only the commit is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailserver.actor import Actor
from mailserver.delivery.circulation import ListCopy
from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.mailboxes import Junk
from mailserver.delivery.redirecting import Onward
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import Mailbox
from mailserver.mime.scan import Scanned
from mailserver.passing import PassedOn
from mailserver.policy import Case, Stage, Verdict
from mailserver.senderauth.results import Results
from mailserver.sending import Pace
from mailserver.store import ingest


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a door took it in.

    data: octets with CRLF line ends. sender: of the envelope, "" for the null path.
    addresses: recipients as given, for the trace and for policies; mailboxes: whose they are,
    groups expanded. outside: the recipients of other domains (submission only). wishes: what the sender wants
    to be told. authenticity: what is known about the sender, None if nobody looked. passes_on, pace: see `Case`.
    confirmed: see `Letter`. lists: what goes by lists; their members' mailboxes are among `mailboxes`.
    collected: from outside, but fetched from a mailbox there: nobody could look at the sender. returned_to: the agency
    under whose sender a letter had left that now comes back, for whom it is outside; None: nothing comes back.
    """

    data: bytes
    sender: str
    addresses: tuple[str, ...]
    mailboxes: Sequence[Mailbox]
    actor: Actor
    trace: Received
    stage: Stage = Stage.DATA
    outside: tuple[str, ...] = ()
    wishes: Wishes = NO_WISHES
    authenticity: Results | None = None
    confirmed: frozenset[str] | None = None
    passes_on: tuple[PassedOn, ...] = ()
    pace: Pace | None = None
    lists: tuple[ListCopy, ...] = ()
    collected: bool = False
    returned_to: int | None = None

    @property
    def from_outside(self) -> bool:
        return self.authenticity is not None or self.collected

    @property
    def going(self) -> tuple[str, ...]:
        """All addresses elsewhere that get it."""
        return self.outside + tuple(one for copy in self.lists for one in copy.outside)


@dataclass(frozen=True, slots=True)
class Ready:
    """A message whose blobs are durable; only the commit is missing.

    prepared: the letter itself, None if all get it by lists and nothing is kept; copies: of each list; scanned: the
    letter. accepted_at: seconds since 1970. answers: what the policy was asked for each agency, and what it said.
    junk: who finds it in Junk. report: for the sender, if it asked to be told. onward: what goes on by redirects.
    """

    prepared: ingest.Prepared | None
    copies: Sequence[tuple[ListCopy, ingest.Prepared]]
    scanned: Scanned
    accepted_at: int
    answers: Sequence[tuple[Case, Verdict]] = ()
    junk: Junk = field(default_factory=dict)
    report: ingest.Prepared | None = None
    onward: Sequence[Onward] = ()
