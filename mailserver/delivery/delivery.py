"""Accepting a message for mailboxes of ours: one stored copy, one transaction, then 250.

    door → Incoming → frame (trace fields in front) → scan → policy → prepare (blobs durable) → commit

Until the commit nothing is visible; a failure at any step leaves at most blobs that nobody names,
which the store's collector removes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailserver.assessor import Assessor
from mailserver.delivery import circulation, marks, scanning, success, trace, verdicts
from mailserver.delivery.budget import Budget
from mailserver.delivery.committing import Commit
from mailserver.delivery.errors import PolicyRefused, PolicyWarned, PostingRefused
from mailserver.delivery.incoming import Incoming, Ready
from mailserver.delivery.judging import Answers, answers_of, case_of, check_heading, concerned, strictest, warn
from mailserver.delivery.keeping import Keeper, Notice
from mailserver.delivery.mailboxes import Inbox, Inboxes, Junk
from mailserver.delivery.opinions import opinions_of
from mailserver.delivery.outside import NoWayOut, Outside
from mailserver.delivery.redirecting import Arriving, NothingGoesOn, Onward, Redirecting
from mailserver.directory.records import OFFICE_ZONE
from mailserver.directory.resolve import Mailbox
from mailserver.mime.contents import Contents, may_block
from mailserver.mime.scan import Scanned, scan
from mailserver.passing import Passing, nothing_passed_on
from mailserver.policy import Case, Policy, Stage, Verdict, accept_all
from mailserver.scanning.scanners import NO_SCANNERS, Scanners
from mailserver.senderauth import header
from mailserver.senderauth.results import NOTHING_KNOWN
from mailserver.sending_counter import NobodyCounts, Sending
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


class Delivery:
    """The one way into mailboxes for messages that come through a door.

    clock: aware UTC. policy: asked at incoming.stage, with the exact decoded size, once for each agency
    that the message concerns; the strictest answer holds for the whole message.
    outside: the way to recipients elsewhere (submission only). keeper: takes what a policy holds or quarantines;
    None: such mail is refused. passing: looks what a letter passes on (submission only). copies: whether in this agency
    who is replaced gets a copy of what is sent in their name (`onbehalf`). scanners: other programs that rules may
    ask about a message. assessor: tells wanted mail from unwanted, asked about mail from outside.
    sending: counts what people send. redirects: send on what comes into mailboxes.
    """

    def __init__(
        self,
        store: Store,
        hostname: str,
        clock: Callable[[], datetime],
        policy: Policy = accept_all,
        outside: Outside | None = None,
        keeper: Keeper | None = None,
        passing: Passing = nothing_passed_on,
        copies: Callable[[Connection, int], bool] = lambda _conn, _agency_id: False,
        scanners: Scanners = NO_SCANNERS,
        assessor: Assessor | None = None,
        sending: Sending | None = None,
        redirects: Redirecting | None = None,
    ) -> None:
        self.store = store
        self.hostname = hostname
        self.clock = clock
        self.policy = policy
        self.outside: Outside = outside or NoWayOut()
        self.keeper = keeper
        self.passing = passing
        self.copies = copies
        self.scanners = scanners
        self._threads = scanning.threads(scanners)
        self.assessor = assessor
        self.sending: Sending = sending or NobodyCounts()
        self.redirects: Redirecting = redirects or NothingGoesOn()
        self._inboxes = Inboxes()
        self._budget = Budget(IN_FLIGHT)

    def room_for(self, size: int) -> AbstractAsyncContextManager[object]:
        """Hold this from before a message is read into memory until it is delivered.

        size: octets. Bounds what large messages can take together; small ones never wait.
        """
        return self._budget.hold(size) if size >= INLINE else nullcontext()

    async def deliver(self, incoming: Incoming) -> list[Notice]:
        """Deliver; durable on return, visible in every mailbox at once. What a policy keeps back, mostly nothing.

        Raises MailLoop, SeveralAuthors, PostingRefused, ListTooLarge, PolicyRefused, MoveRefused (a folder behaviour
        said no), StoreFull, StoreUnavailable. After any of them no mailbox has the message.
        """
        boxes = await self.inboxes(incoming.mailboxes)
        try:
            ready = await self._prepared(incoming, boxes)
        except PolicyRefused as refused:
            await self.store.db.awrite(refused.record_tx, incoming.actor)
            raise
        try:
            return await self.store.db.awrite(lambda tx: self._commit_tx(tx, incoming, ready, boxes), incoming.actor)
        except PolicyRefused as refused:
            await self.store.db.awrite(refused.record_tx, incoming.actor)
            raise
        except FolderMissing:
            self._inboxes.forget()
            raise

    def deliver_sync(
        self,
        incoming: Incoming,
        also: Callable[[Tx], None] | None = None,
        first: Callable[[Tx], None] | None = None,
    ) -> list[Notice]:
        """As `deliver`, for callers in a thread of their own; `first`, then `also` run in the same transaction, before
        anything is delivered and after it."""
        boxes = self.store.db.read(lambda conn: self._inboxes.find(conn, incoming.mailboxes))
        try:
            ready = self.prepare(incoming, boxes)
        except PolicyRefused as refused:
            self.store.db.write(refused.record_tx, incoming.actor)
            raise

        def work(tx: Tx) -> list[Notice]:
            if first is not None:
                first(tx)
            kept = self._commit_tx(tx, incoming, ready, boxes)
            if also is not None:
                also(tx)
            return kept

        try:
            return self.store.db.write(work, incoming.actor)
        except PolicyRefused as refused:
            self.store.db.write(refused.record_tx, incoming.actor)
            raise

    async def inboxes(self, mailboxes: Sequence[Mailbox], likely: Iterable[Mailbox] = ()) -> list[Inbox]:
        """Where mail for these goes; if the database must be asked, it is about `likely` ones as well.

        Raises FolderMissing, StoreUnavailable.
        """
        known = self._inboxes.known(mailboxes)
        if known is not None:
            return known
        found = await self.store.db.aread(lambda conn: self._inboxes.find(conn, [*mailboxes, *likely]))
        return found[: len(set(mailboxes))]  # each once, in the order in which they were asked for

    async def _prepared(self, incoming: Incoming, boxes: Sequence[Inbox]) -> Ready:
        if len(incoming.data) < INLINE and not self._waits(incoming, boxes):
            return self.prepare(incoming, boxes)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.prepare, incoming, boxes)

    def _waits(self, incoming: Incoming, boxes: Sequence[Inbox]) -> bool:
        """Whether preparing it may wait for another process, or for the database."""
        if self.scanners.any or may_block(incoming.data) or self._asked(incoming, boxes) is not None:
            return True
        return self.redirects.concerns({box.agency_id for box in boxes})

    def warnings(self, incoming: Incoming) -> Sequence[PolicyRefused]:
        """What rules warn of, where the writer has not confirmed it; nothing is stored. Raises as `deliver`."""
        boxes = self.store.db.read(lambda conn: self._inboxes.find(conn, incoming.mailboxes))
        try:
            self._judged(incoming, boxes)
        except PolicyWarned as warned:
            return warned.refusals
        except PolicyRefused as refused:
            self.store.db.write(refused.record_tx, incoming.actor)
            raise
        return ()

    def prepare(self, incoming: Incoming, boxes: Sequence[Inbox]) -> Ready:
        """All the work of a delivery that needs no transaction. Raises as `deliver`."""
        now, front, framed, scanned, answers = self._judged(incoming, boxes)
        contents = answers[0][0].contents
        readings = contents.readings if contents else None
        if len(answers) == 1 and answers[0][1].marks:  # what one agency found is not for another's people
            marked = marks.put_in(front, answers[0][1].marks)
            front, scanned = marked, scanned.behind(len(marked) - len(front))
            framed = front + incoming.data
        blobs = self.store.blobs
        keeps = any(said.keeps for _one, said in answers)
        by_list = {one for copy in incoming.lists for one in copy.members}
        itself = keeps or incoming.outside or any(box.owner_id not in by_list for box in boxes)
        prepared = ingest.prepare(framed, blobs, scanned, readings) if itself or not incoming.lists else None
        copies = [(one, circulation.prepare(front, incoming.data, scanned, one.terms, blobs)) for one in incoming.lists]
        junk = verdicts.junk(answers)
        onward = self._onward(incoming, boxes, answers, junk)
        if len(framed) >= INLINE:  # the contents are not needed any more, and large
            answers = [(replace(one, contents=None, scans=None), said) for one, said in answers]
        report = None
        if not (keeps or any(one.held for one in incoming.lists)):  # what is kept has not arrived
            report = self._report(incoming, framed, scanned, now)
        return Ready(prepared, copies, scanned, int(now.timestamp()), answers, junk, report, onward)

    def _onward(
        self, incoming: Incoming, boxes: Sequence[Inbox], answers: Sequence[tuple[Case, Verdict]], junk: Junk
    ) -> Sequence[Onward]:
        """What goes on by redirects."""
        if not self.redirects.concerns({box.agency_id for box in boxes}):
            return ()
        found = incoming.authenticity
        whence = incoming.data, incoming.sender, incoming.from_outside, found is not None and found.aligned
        return self.redirects.look(Arriving(*whence, boxes, answers, junk, incoming.trace.id, incoming.wishes))

    def _judged(self, incoming: Incoming, boxes: Sequence[Inbox]) -> tuple[datetime, bytes, bytes, Scanned, Answers]:
        """When, the trace fields, the message with them, what it is, and what the policy says.

        Raises PolicyRefused, PolicyWarned.
        """
        check_heading(incoming.data)
        circulation.require_new(incoming.data, incoming.lists)
        if self.keeper is None and (waiting := [one.name for one in incoming.lists if one.held]):
            raise PostingRefused(waiting)
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
        circulation.require_small(incoming.lists, scanned.decoded_size - len(front))
        contents = Contents(framed, scanned)
        asked, found = self._asked(incoming, boxes), incoming.authenticity or NOTHING_KNOWN
        opinions = opinions_of(asked, self.store.db, contents, found, boxes) if asked else ()
        scans = scanning.scans(self.scanners, framed, incoming)
        agencies = concerned(incoming, boxes)
        case = case_of(incoming, scanned, len(front), contents, scans, opinions, agencies[0])
        answers = answers_of(self.policy, case, agencies)
        if refusals := [one for one in answers if one[1].stops and not (one[1].keeps and self.keeper)]:
            case, verdict = strictest(refusals)
            raise PolicyRefused(verdict, case)
        warn(incoming, answers)
        return now, front, framed, scanned, answers

    def _asked(self, incoming: Incoming, boxes: Sequence[Inbox]) -> Assessor | None:
        """Who is asked how far the message looks unwanted; only about mail from outside."""
        if self.assessor is None or incoming.stage is not Stage.DATA or not incoming.from_outside:
            return None
        return self.assessor if self.assessor.asks({box.agency_id for box in boxes}) else None

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

    def judge(self, case: Case, agencies: Iterable[int | None]) -> tuple[Case, Verdict]:
        """Ask the policy for each agency (at least one): the strictest refusal, else the first note."""
        return strictest(answers_of(self.policy, case, agencies))

    def _commit_tx(self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox]) -> list[Notice]:
        commit = Commit(self.keeper, self.outside, self.redirects, self.assessor, self.sending)
        return commit.commit_tx(tx, incoming, ready, boxes)
