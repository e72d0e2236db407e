"""The part of redirects in a delivery: what of it goes on, under which sender, and what stays here only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, insert

from mailserver.delivery import marks
from mailserver.delivery.envelope import NO_WISHES, Notify, Wish, Wishes
from mailserver.delivery.outside import Outside, Parcel
from mailserver.delivery.redirecting import Arriving, Onward
from mailserver.directory import agencies
from mailserver.directory.principals import addresses_of
from mailserver.directory.records import office_day
from mailserver.mime.scan import Scanned
from mailserver.policy import Case, Verdict
from mailserver.redirects import guards, records
from mailserver.redirects.guards import Why
from mailserver.redirects.records import Redirect
from mailserver.redirects.schema import redirect_note
from mailserver.srs import scheme
from mailserver.srs.senders import rewritten_tx
from mailserver.store import raw
from mailserver.store.database import Database, Tx
from mailserver.store.fronting import with_header_tx
from mailserver.store.messages import info

_STANDS = "SELECT 1 FROM mail_redirect WHERE id = ? AND state = 'standing'"
_SENT_BEFORE = "SELECT 1 FROM outbound_message WHERE message_id = ? AND redirect_id = ? LIMIT 1"


class Rules(Protocol):
    """What agencies say of letters that would leave by themselves."""

    def on(self, agency_id: int) -> bool:
        """Whether mail may be redirected at all; from memory."""
        ...

    def obstacle(self, conn: Connection, owner_id: int, case: Case, targets: Sequence[str]) -> Why | None:
        """Why a letter of this mailbox may not go to these addresses; None: it may. Blocks."""
        ...


class Redirects:
    """The product's `Redirecting`."""

    def __init__(self, db: Database, outside: Outside, rules: Rules, clock: Callable[[], datetime]) -> None:
        self._db, self._outside, self._rules, self._clock = db, outside, rules, clock

    def concerns(self, agencies: Collection[int]) -> bool:
        return any(self._rules.on(one) for one in agencies)

    def look(self, arriving: Arriving) -> Sequence[Onward]:
        """As `Redirecting.look`."""
        owners = {box.owner_id for box in arriving.boxes if self._rules.on(box.agency_id)}
        return self._db.read(lambda conn: self._look(conn, arriving, owners)) if owners else ()

    def _look(self, conn: Connection, arriving: Arriving, owners: Collection[int]) -> Sequence[Onward]:
        found = records.working(conn, owners, office_day(self._clock()))
        if not found:
            return ()
        ours = agencies.domains(conn)
        return [self._onward(conn, arriving, one, ours) for one in found]

    def _onward(self, conn: Connection, arriving: Arriving, one: Redirect, ours: Sequence[str]) -> Onward:
        case, verdict = _answer(arriving, one.agency_id)
        scanned = case.scanned
        assert scanned is not None  # there is a message
        # A domain may have become ours since it was set: what lives there has this server's mail without a redirect.
        targets = tuple(target for target in one.targets if target.rpartition("@")[2] not in ours)
        why = self._obstacle(conn, arriving, one, ours, case, verdict) if targets else Why.LOOP
        facts = arriving.queue_id, scanned.message_id or "", _wishes(arriving.wishes)
        whose = one.id, one.owner_id, one.agency_id, one.address.rpartition("@")[2], guards.mark(one.address)
        told = why.value if why else "", _author(scanned), scanned.subject
        return Onward(*whose, targets, arriving.sender, *facts, *told)

    def _obstacle(
        self, conn: Connection, arriving: Arriving, one: Redirect, ours: Sequence[str], case: Case, verdict: Verdict
    ) -> Why | None:
        """The cheap ones first; an agency's rules may have to read files."""
        assert case.scanned is not None
        authors = [author.addr for author in case.scanned.from_]
        if scheme.is_rewritten(arriving.sender) and arriving.sender.rpartition("@")[2].lower() in ours:
            return Why.LOOP
        if guards.came_back(arriving.data, addresses_of(conn, one.owner_id)):
            return Why.LOOP
        if arriving.outsider and guards.pretends(authors, arriving.sender, ours, proven=arriving.proven):
            return Why.PRETENCE
        if found := guards.found_by(verdict, one.owner_id):
            return found
        junk = arriving.junk.get(one.agency_id, frozenset())
        if junk is None or one.owner_id in junk:
            return Why.JUNK
        return self._rules.obstacle(conn, one.owner_id, case, one.targets)

    def send_tx(self, tx: Tx, message_pk: int, onward: Sequence[Onward], owners: Collection[int]) -> None:
        """As `Redirecting.send_tx`: what was ended since the look does not go, nor what went before."""
        for one in onward:
            if one.owner_id not in owners or raw.row(tx.conn, _STANDS, (one.redirect_id,)) is None:
                continue
            if one.why:
                _note_tx(tx, one)
            elif not (one.message_id and raw.row(tx.conn, _SENT_BEFORE, (one.message_id[:255], one.redirect_id))):
                self._queue_tx(tx, message_pk, one)

    def _queue_tx(self, tx: Tx, message_pk: int, one: Onward) -> None:
        sender = rewritten_tx(tx, one.sender, one.agency_id, one.domain)
        # A message of its own, for the mark tells of this mailbox; the large parts are shared.
        copy_pk = with_header_tx(tx, message_pk, lambda header: marks.put_in(header, [("Delivered-To", one.mark)]))
        wish = one.wishes.of.get("")
        wishes = Wishes(one.wishes.ret, one.wishes.envid, dict.fromkeys(one.targets, wish)) if wish else NO_WISHES
        facts = one.queue_id, one.message_id, info(tx.conn, copy_pk).size
        parcel = Parcel(copy_pk, sender, one.targets, *facts, wishes, one.redirect_id, one.agency_id)
        self._outside.queue_tx(tx, parcel)


def _answer(arriving: Arriving, agency_id: int) -> tuple[Case, Verdict]:
    return next((one for one in arriving.answers if one[0].agency_id == agency_id), arriving.answers[0])


def _author(scanned: Scanned) -> str:
    return scanned.from_[0].addr if scanned.from_ else ""


def _wishes(asked: Wishes) -> Wishes:
    """What the sender wants to be told, for all targets alike under "": failures, or nothing (RFC 3461 §5.2.2).

    Of its arrival here the sender hears from here, so of no other.
    """
    if not asked.of:
        return NO_WISHES
    wanted = any(one.wants(Notify.FAILURE) for one in asked.of.values())
    heard = frozenset({Notify.FAILURE, Notify.DELAY}) if wanted else frozenset({Notify.NEVER})
    return Wishes(asked.ret, asked.envid, {"": Wish(heard)})


def _note_tx(tx: Tx, one: Onward) -> None:
    told = {"why": one.why, "author": one.author[:320], "subject": one.subject[:200]}
    tx.conn.execute(insert(redirect_note).values(redirect_id=one.redirect_id, at=tx.now, **told))
