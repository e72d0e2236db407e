"""Accepting a message for mailboxes of ours: one stored copy, one transaction, then 250.

    door → Incoming → frame (trace fields in front) → scan → policy → prepare (blobs durable) → commit

Until the commit nothing is visible; a failure at any step leaves at most blobs that nobody names,
which the store's collector removes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery import circulation, heading, marks, scanning, success, trace, verdicts
from mailserver.delivery.budget import Budget
from mailserver.delivery.circulation import ListCopy
from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.errors import MailLoop, PolicyRefused, PolicyWarned, PostingRefused, SeveralAuthors
from mailserver.delivery.keeping import Envelope, Keeper, Kept, Notice, divide
from mailserver.delivery.mailboxes import Inbox, Inboxes, Junk, distinct, in_junk_tx, put_tx
from mailserver.delivery.opinions import opinions_of
from mailserver.delivery.outside import NoWayOut, Outside, Parcel
from mailserver.delivery.redirecting import Arriving, NothingGoesOn, Onward, Redirecting
from mailserver.delivery.trace import Received
from mailserver.directory import mailing_lists
from mailserver.directory.records import OFFICE_ZONE, office_day
from mailserver.directory.resolve import Mailbox
from mailserver.mime.contents import Contents, may_block
from mailserver.mime.scan import Scanned, scan
from mailserver.opinions import Assessor, Opinion
from mailserver.passing import PassedOn, Passing, nothing_passed_on
from mailserver.policy import ACCEPT, Action, Case, Policy, Stage, Verdict, accept_all
from mailserver.scanning.scanners import NO_SCANNERS, Scanners, Scans
from mailserver.senderauth import header
from mailserver.senderauth.results import NOTHING_KNOWN, Results
from mailserver.sending import NobodyCounts, Pace, Sending
from mailserver.store import ingest, sealing
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

    def _judged(
        self, incoming: Incoming, boxes: Sequence[Inbox]
    ) -> tuple[datetime, bytes, bytes, Scanned, list[tuple[Case, Verdict]]]:
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
        concerned = _concerned(incoming, boxes)
        case = _case(incoming, scanned, len(front), contents, scans, opinions, concerned[0])
        answers = self._answers(case, concerned)
        if refusals := [one for one in answers if one[1].stops and not (one[1].keeps and self.keeper)]:
            case, verdict = _strictest(refusals)
            raise PolicyRefused(verdict, case)
        _warn(incoming, answers)
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

    def _commit_tx(self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox]) -> list[Notice]:
        """Inside, outside and what is kept back in one transaction: all of it is accepted, or nothing."""
        if incoming.pace is not None:
            self.sending.count_tx(tx, ready.answers[0][0])  # the writer's own agency is asked first
        message_pk = None if ready.prepared is None else ingest.store_message_tx(tx, ready.prepared)
        notices: list[Notice] = []
        going = incoming.going
        if message_pk is not None and any(said.keeps for _case, said in ready.answers):
            boxes, going, notices = self._keep_tx(tx, incoming, ready, boxes, message_pk)
            if not (boxes or going) and any(one.action is Action.QUARANTINE for one in notices):
                sealing.seal_tx(tx, message_pk)
        if ready.copies:
            boxes, going, held = self._circulate_tx(tx, incoming, ready, boxes, going)
            notices += held
        if message_pk is not None:
            self._arrive_tx(tx, message_pk, ready, boxes)
        verdicts.record_all_tx(tx, ready.answers)
        if ready.report is not None:
            success.send_tx(tx, incoming.sender, ready.report, self.outside, incoming.trace.id)
        if going and message_pk is not None:
            envelope = incoming.sender, going, incoming.trace.id
            facts = ready.scanned.message_id or "", ready.scanned.size, incoming.wishes
            self.outside.queue_tx(tx, Parcel(message_pk, *envelope, *facts, agency_id=incoming.returned_to))
        return notices

    def _arrive_tx(self, tx: Tx, message_pk: int, ready: Ready, boxes: Sequence[Inbox]) -> None:
        """Put a stored message into mailboxes, and have it remembered what was thought of it."""
        commit_tx(tx, message_pk, ready, boxes)
        if ready.onward:
            self.redirects.send_tx(tx, message_pk, ready.onward, {box.owner_id for box in boxes})
        if self.assessor is not None and any(case.opinions for case, _said in ready.answers):
            held = {box.owner_id for box in boxes}
            self.assessor.note_tx(tx, message_pk, ready.scanned, ready.answers, held)

    def _circulate_tx(
        self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox], going: tuple[str, ...]
    ) -> tuple[Sequence[Inbox], tuple[str, ...], list[Notice]]:
        """Send the copies of lists to those of their members that are among these; who is left, and what waits."""
        notices = []
        for copy, prepared in ready.copies:
            mine = [box for box in boxes if box.owner_id in copy.members]
            outside = tuple(one for one in copy.outside if one in going)
            boxes = [box for box in boxes if box.owner_id not in copy.members]
            going = tuple(one for one in going if one not in outside)
            if not (mine or outside):
                continue
            message_pk = ingest.store_message_tx(tx, prepared)
            scanned, queue_id = prepared.scanned, incoming.trace.id
            facts = queue_id, scanned.message_id or "", scanned.size
            if copy.held:
                assert self.keeper is not None  # else it was refused
                waits_for = mailing_lists.moderator(tx.conn, copy.terms.list_id, office_day(tx.now))
                case, verdict = ready.answers[0][0], circulation.moderation(copy, waits_for)
                case = replace(case, agency_id=copy.terms.agency_id)
                whose = tuple(Mailbox(box.owner_id, box.detail) for box in mine)
                number = self.keeper.keep_tx(tx, Kept(message_pk, case, verdict, (copy.name,), whose, outside, *facts))
                about = verdict.action, verdict.cause, verdict.rule, verdict.article, verdict.waits_for
                notices.append(Notice(number, *about, (copy.name,)))
                continue
            self._arrive_tx(tx, message_pk, ready, mine)
            if outside:
                self.outside.queue_tx(tx, Parcel(message_pk, copy.terms.owner, outside, *facts))
        return boxes, going, notices

    def _keep_tx(
        self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox], message_pk: int
    ) -> tuple[Sequence[Inbox], tuple[str, ...], list[Notice]]:
        """Hand over what is kept back; who gets the message at once, here and outside."""
        assert self.keeper is not None
        mailboxes = tuple(distinct(incoming.mailboxes))
        envelope = Envelope(
            incoming.sender,
            tuple(dict.fromkeys([*incoming.addresses, *incoming.going])),
            mailboxes,
            tuple(boxes),
            incoming.going,
            incoming.actor,
            incoming.stage,
            incoming.wishes,
        )
        left, shares = divide(tx.conn, envelope, [one for one in ready.answers if one[1].keeps])
        notices, scanned = [], ready.scanned
        for share in shares:
            said, whole = share.verdict, (share.case, share.verdict, share.addresses, share.mailboxes, share.outside)
            facts = incoming.trace.id, scanned.message_id or "", scanned.size, incoming.wishes
            lists = circulation.portions(incoming.lists, share.mailboxes, share.outside, incoming.data)
            number = self.keeper.keep_tx(tx, Kept(message_pk, *whole, *facts, lists))
            about = said.action, said.cause, said.rule, said.article, said.waits_for
            notices.append(Notice(number, *about, share.addresses))
        return left.boxes, left.outside, notices

    def judge(self, case: Case, agencies: Iterable[int | None]) -> tuple[Case, Verdict]:
        """Ask the policy for each agency (at least one): the strictest refusal, else the first note."""
        return _strictest(self._answers(case, agencies))

    def _answers(self, case: Case, agencies: Iterable[int | None]) -> list[tuple[Case, Verdict]]:
        cases = [case if one == case.agency_id else replace(case, agency_id=one) for one in agencies]
        return [(one, self.policy(one)) for one in cases]


def _strictest(answers: Sequence[tuple[Case, Verdict]]) -> tuple[Case, Verdict]:
    if refusals := [answer for answer in answers if answer[1].stops]:
        return min(refusals, key=lambda answer: int(answer[1].facts.get("limit", 0)))
    return next((answer for answer in answers if answer[1] is not ACCEPT), answers[0])


def _concerned(incoming: Incoming, boxes: Sequence[Inbox]) -> list[int | None]:
    """Whose rules apply: those of all who get the message or pass it on, and the writer's own at submission."""
    own = [incoming.actor.agency_id] if incoming.stage is Stage.SUBMISSION else []
    lists = (copy.terms.agency_id for copy in incoming.lists)  # one may have members elsewhere only
    back = [] if incoming.returned_to is None else [incoming.returned_to]
    return list(dict.fromkeys([*own, *(box.agency_id for box in boxes), *lists, *back])) or [None]


def _case(
    incoming: Incoming,
    scanned: Scanned,
    trace_size: int,
    contents: Contents,
    scans: Scans | None,
    opinions: tuple[Opinion, ...],
    agency_id: int | None,
) -> Case:
    """What the sender sent is judged, not what this server wrote in front of it."""
    return Case(
        stage=incoming.stage,
        actor=incoming.actor,
        agency_id=agency_id,
        sender=incoming.sender,
        recipients=incoming.addresses,
        size=scanned.size - trace_size,
        decoded_size=scanned.decoded_size - trace_size,
        scanned=scanned,
        authenticity=incoming.authenticity,
        outside=incoming.going,
        contents=contents,
        passes_on=incoming.passes_on,
        scans=scans,
        opinions=opinions,
        pace=incoming.pace,
    )


def _warn(incoming: Incoming, answers: Sequence[tuple[Case, Verdict]]) -> None:
    """Raises PolicyWarned where the writer can be asked and has not yet seen a warning."""
    if incoming.confirmed is None:
        return
    said = [(case, one) for case, verdict in answers for one in (verdict, *verdict.notes)]
    unseen = {one.rule: (one, case) for case, one in said if one.warns and one.rule not in incoming.confirmed}
    if unseen:
        raise PolicyWarned([PolicyRefused(one, case) for one, case in unseen.values()])


def check_heading(data: bytes) -> None:
    """Raises MailLoop, SeveralAuthors."""
    found = heading.glance(data)
    if found.hops > heading.MAX_HOPS:
        raise MailLoop
    if found.authors > 1:
        raise SeveralAuthors


def commit_tx(tx: Tx, message_pk: int, ready: Ready, boxes: Sequence[Inbox]) -> None:
    """Put the stored message into every box. Raises MoveRefused, FolderMissing."""
    if boxes:
        put_tx(tx, message_pk, in_junk_tx(tx, boxes, ready.junk) if ready.junk else boxes, ready.accepted_at)
