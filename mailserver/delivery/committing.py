"""The transaction of a delivery: mailboxes, lists, the way out, what is kept back, and the records of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailserver.assessor import Assessor
from mailserver.delivery import circulation, success, verdicts
from mailserver.delivery.incoming import Incoming, Ready
from mailserver.delivery.keeping import Envelope, Keeper, Kept, Notice, divide
from mailserver.delivery.mailboxes import Inbox, distinct, in_junk_tx, put_tx
from mailserver.delivery.outside import Outside, Parcel
from mailserver.delivery.redirecting import Redirecting
from mailserver.directory import mailing_lists
from mailserver.directory.records import office_day
from mailserver.directory.resolve import Mailbox
from mailserver.policy import Action
from mailserver.sending_counter import Sending
from mailserver.store import ingest, sealing
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Commit:
    """Where a message can go; fields as those of `Delivery`."""

    keeper: Keeper | None
    outside: Outside
    redirects: Redirecting
    assessor: Assessor | None
    sending: Sending

    def commit_tx(self, tx: Tx, incoming: Incoming, ready: Ready, boxes: Sequence[Inbox]) -> list[Notice]:
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
        if boxes:
            put_tx(tx, message_pk, in_junk_tx(tx, boxes, ready.junk) if ready.junk else boxes, ready.accepted_at)
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
