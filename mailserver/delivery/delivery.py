"""Accepting a message for mailboxes of ours: one stored copy, one transaction, then 250.

    door → Incoming → frame (trace fields in front) → scan → policy → prepare (blobs durable) → commit

Until the commit nothing is visible; a failure at any step leaves at most blobs that nobody names,
which the store's collector removes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from mailserver.actor import Actor
from mailserver.delivery import heading, success, trace, verdicts
from mailserver.delivery.budget import Budget
from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.errors import MailLoop, PolicyRefused, SeveralAuthors
from mailserver.delivery.mailboxes import Inbox, Inboxes, in_junk_tx, put_tx
from mailserver.delivery.outside import NoWayOut, Outside, Parcel
from mailserver.delivery.trace import Received
from mailserver.directory.records import OFFICE_ZONE
from mailserver.directory.resolve import Mailbox
from mailserver.mime.scan import Scanned, scan
from mailserver.policy import ACCEPT, Action, Case, Policy, Stage, Verdict, accept_all
from mailserver.senderauth import header
from mailserver.senderauth.results import Results
from mailserver.store import ingest
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing
from mailserver.store.segments import BLOB_FROM
from mailserver.store.store import Store

# Smaller messages have no part that becomes a blob, so nothing to sync, and are scanned in less time
# than handing them to a thread takes.
INLINE = BLOB_FROM
# Octets of larger messages that are in memory at once in one process. Each needs up to five times its
# size: read, framed, decoded, compressed.
IN_FLIGHT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a door took it in.

    data: octets with CRLF line ends. sender: of the envelope, "" for the null path.
    addresses: recipients as given, for the trace and for policies; mailboxes: whose they are,
    groups expanded. outside: the recipients of other domains (submission only). wishes: what the sender wants
    to be told. authenticity: what is known about the sender, None if nobody looked.
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


@dataclass(frozen=True, slots=True)
class Ready:
    """A message whose blobs are durable; only the commit is missing.

    accepted_at: seconds since 1970. case, verdict: what the policy was asked, and its answer.
    junk_for: the agencies whose people find it in Junk.
    report: for the sender, if it asked to be told.
    """

    prepared: ingest.Prepared
    accepted_at: int
    case: Case
    verdict: Verdict
    junk_for: frozenset[int | None] = frozenset()
    report: ingest.Prepared | None = None


class Delivery:
    """The one way into mailboxes for messages that come through a door.

    clock: aware UTC. policy: asked at incoming.stage, with the exact decoded size, once for each agency
    that the message concerns; the strictest answer holds for the whole message.
    outside: the way to recipients elsewhere (submission only).
    """

    def __init__(
        self,
        store: Store,
        hostname: str,
        clock: Callable[[], datetime],
        policy: Policy = accept_all,
        outside: Outside | None = None,
    ) -> None:
        self.store = store
        self.hostname = hostname
        self.clock = clock
        self.policy = policy
        self.outside: Outside = outside or NoWayOut()
        self._inboxes = Inboxes()
        self._budget = Budget(IN_FLIGHT)

    def room_for(self, size: int) -> AbstractAsyncContextManager[object]:
        """Hold this from before a message is read into memory until it is delivered.

        size: octets. Bounds what large messages can take together; small ones never wait.
        """
        return self._budget.hold(size) if size >= INLINE else nullcontext()

    async def deliver(self, incoming: Incoming) -> None:
        """Deliver; durable on return, visible in every mailbox at once.

        Raises MailLoop, SeveralAuthors, PolicyRefused, MoveRefused (a folder behaviour said no),
        StoreFull, StoreUnavailable. After any of them no mailbox has the message.
        """
        boxes = await self.inboxes(incoming.mailboxes)
        inline = len(incoming.data) < INLINE
        try:
            ready = self.prepare(incoming, boxes) if inline else await asyncio.to_thread(self.prepare, incoming, boxes)
        except PolicyRefused as refused:
            await self.store.db.awrite(refused.record_tx, incoming.actor)
            raise
        try:
            await self.store.db.awrite(lambda tx: self._commit_tx(tx, incoming, ready, boxes), incoming.actor)
        except FolderMissing:
            self._inboxes.forget()
            raise

    def deliver_sync(self, incoming: Incoming, also: Callable[[Tx], None] | None = None) -> None:
        """As `deliver`, for callers in a thread of their own; `also` runs in the same transaction."""
        boxes = self.store.db.read(lambda conn: self._inboxes.find(conn, incoming.mailboxes))
        try:
            ready = self.prepare(incoming, boxes)
        except PolicyRefused as refused:
            self.store.db.write(refused.record_tx, incoming.actor)
            raise

        def work(tx: Tx) -> None:
            self._commit_tx(tx, incoming, ready, boxes)
            if also is not None:
                also(tx)

        self.store.db.write(work, incoming.actor)

    async def inboxes(self, mailboxes: Sequence[Mailbox], likely: Iterable[Mailbox] = ()) -> list[Inbox]:
        """Where mail for these goes; if the database must be asked, it is about `likely` ones as well.

        Raises FolderMissing, StoreUnavailable.
        """
        known = self._inboxes.known(mailboxes)
        if known is not None:
            return known
        found = await self.store.db.aread(lambda conn: self._inboxes.find(conn, [*mailboxes, *likely]))
        return found[: len(set(mailboxes))]  # each once, in the order in which they were asked for

    def prepare(self, incoming: Incoming, boxes: Sequence[Inbox]) -> Ready:
        """All the work of a delivery that needs no transaction. Raises as `deliver`."""
        check_heading(incoming.data)
        now = self.clock()
        front = trace.fields(
            incoming.trace,
            sender=incoming.sender,
            hostname=self.hostname,
            recipient=incoming.addresses[0] if len(incoming.addresses) == 1 else "",
            now=now.astimezone(OFFICE_ZONE),
            results=header.field(incoming.authenticity, self.hostname) if incoming.authenticity else b"",
        )
        framed = front + incoming.data
        scanned = scan(framed)
        answers = self._answers(_case(incoming, scanned, len(front)), _concerned(incoming, boxes))
        case, verdict = _strictest(answers)
        if verdict.stops:
            raise PolicyRefused(verdict, case)
        prepared = ingest.prepare(framed, self.store.blobs, scanned)
        junk_for = frozenset(one.agency_id for one, said in answers if said.action is Action.JUNK)
        report = self._report(incoming, framed, scanned, now)
        return Ready(prepared, int(now.timestamp()), case, verdict, junk_for, report)

    def _report(self, incoming: Incoming, framed: bytes, scanned: Scanned, now: datetime) -> ingest.Prepared | None:
        """That the message is in the mailboxes here, where the sender asked for it (NOTIFY=SUCCESS)."""
        here = [one for one in incoming.addresses if one not in incoming.outside]
        told = success.wanting(incoming.sender, here, incoming.wishes)
        if not told:
            return None
        return success.prepare(
            incoming.sender,
            told,
            incoming.wishes,
            hostname=self.hostname,
            framed=framed,
            scanned=scanned,
            now=now,
            blobs=self.store.blobs,
        )

    def _commit_tx(self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox]) -> None:
        """Inside and outside in one transaction: all of it is accepted, or nothing."""
        message_pk = commit_tx(tx, ready, boxes)
        if ready.report is not None:
            success.send_tx(tx, incoming.sender, ready.report, self.outside, incoming.trace.id)
        if incoming.outside:
            scanned = ready.prepared.scanned
            envelope = incoming.sender, incoming.outside, incoming.trace.id
            self.outside.queue_tx(
                tx, Parcel(message_pk, *envelope, scanned.message_id or "", scanned.size, incoming.wishes)
            )

    def judge(self, case: Case, agencies: Iterable[int | None]) -> tuple[Case, Verdict]:
        """Ask the policy for each agency (at least one): the strictest refusal, else the first note."""
        return _strictest(self._answers(case, agencies))

    def _answers(self, case: Case, agencies: Iterable[int | None]) -> list[tuple[Case, Verdict]]:
        cases = [replace(case, agency_id=agency_id) for agency_id in agencies]
        return [(one, self.policy(one)) for one in cases]


def _strictest(answers: Sequence[tuple[Case, Verdict]]) -> tuple[Case, Verdict]:
    if refusals := [answer for answer in answers if answer[1].stops]:
        return min(refusals, key=lambda answer: int(answer[1].facts.get("limit", 0)))
    return next((answer for answer in answers if answer[1] is not ACCEPT), answers[0])


def _concerned(incoming: Incoming, boxes: Sequence[Inbox]) -> list[int | None]:
    """Whose rules apply: those of all who get the message, and the writer's own at submission."""
    own = [incoming.actor.agency_id] if incoming.stage is Stage.SUBMISSION else []
    return list(dict.fromkeys([*own, *(box.agency_id for box in boxes)])) or [None]


def _case(incoming: Incoming, scanned: Scanned, trace_size: int) -> Case:
    """What the sender sent is judged, not what this server wrote in front of it."""
    return Case(
        stage=incoming.stage,
        actor=incoming.actor,
        sender=incoming.sender,
        recipients=incoming.addresses,
        size=scanned.size - trace_size,
        decoded_size=scanned.decoded_size - trace_size,
        scanned=scanned,
        authenticity=incoming.authenticity,
    )


def check_heading(data: bytes) -> None:
    """Raises MailLoop, SeveralAuthors."""
    found = heading.glance(data)
    if found.hops > heading.MAX_HOPS:
        raise MailLoop
    if found.authors > 1:
        raise SeveralAuthors


def commit_tx(tx: Tx, ready: Ready, boxes: Sequence[Inbox]) -> int:
    """Store the message once and put it into every box; its number. Raises MoveRefused, FolderMissing."""
    message_pk = ingest.store_message_tx(tx, ready.prepared)
    if boxes:
        put_tx(tx, message_pk, in_junk_tx(tx, boxes, ready.junk_for) if ready.junk_for else boxes, ready.accepted_at)
    if ready.verdict is not ACCEPT:
        verdicts.record_tx(tx, ready.case, ready.verdict)
    return message_pk
