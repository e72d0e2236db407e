"""What the rules on sending need to know, and the count that stays: the product's `mailserver.sending.Sending`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailbox_policies.chain import SettingsOf
from mailbox_policies.modes import Mode, weigh
from mailbox_policies.rule import Rule
from mailbox_policies.rules import bulk_mail, sending_rate, unusual_sending
from mailbox_policies.sending import acquaintance
from mailbox_policies.verdict import Action, Case
from mailserver.actor import Actor
from mailserver.delivery.errors import PolicyRefused
from mailserver.directory import grants, mailing_lists, principals
from mailserver.directory.records import Kind
from mailserver.sending import Pace, Sent
from mailserver.store import raw
from mailserver.store.database import Tx

# "sending.unusual" is told once in so many seconds for one person.
TELL_AGAIN_S = 3600
_RULES: tuple[Rule[Any], ...] = (sending_rate.RULE, unusual_sending.RULE, bulk_mail.RULE)

# Makes the row, or waits for whoever holds it; either way it is this transaction's until it ends.
_LOCK = (
    "INSERT INTO sender_state (person_id, told_at) VALUES (?, 0)"
    " ON CONFLICT (person_id) DO UPDATE SET told_at = sender_state.told_at RETURNING told_at"
)


class Counting:
    """Looks up and counts; costs a query where a rule is on, and nothing where all are off."""

    def __init__(self, settings_of: SettingsOf, clock: Callable[[], datetime]) -> None:
        self._settings_of = settings_of
        self._clock = clock

    def look(self, conn: Connection, actor: Actor, recipients: Sequence[str], outside: Sequence[str]) -> Pace | None:
        settings = self._settings_of(actor.agency_id)
        chosen = [settings.choice(rule) for rule in _RULES]
        if actor.principal_id is None or all(one.mode is Mode.OFF for one in chosen):
            return None
        now = int(self._clock().timestamp())
        fresh = acquaintance.strangers(conn, actor.principal_id, outside)
        exempting = any(one.settings.exempt for one in chosen if one.mode is not Mode.OFF)
        faces = self._faces(conn, actor.principal_id) if exempting else frozenset()
        many = len(recipients) > settings.get(bulk_mail.RULE).most and actor.agency_id is not None
        lists = mailing_lists.postable(conn, actor, self._clock()) if many else ()
        return Pace(now, _sent(conn, actor.principal_id, now), fresh, faces, lists)

    def count_tx(self, tx: Tx, case: Case) -> None:
        pace, person_id = case.pace, case.actor.principal_id
        if pace is None or person_id is None:
            return
        ((told_at,),) = raw.rows(tx.conn, _LOCK, (person_id,))
        sent = _sent(tx.conn, person_id, pace.now)
        if sent != pace.sent:
            pace = replace(pace, sent=sent, fresh=acquaintance.unwritten(tx.conn, person_id, pace.fresh))
            case = replace(case, pace=pace)
            self._require_room(case)
        self._tell_tx(tx, case, told_at)
        counts = person_id, pace.now, len(case.recipients), len(pace.fresh)
        raw.run(tx.conn, "INSERT INTO sent_letter (person_id, at, recipients, fresh) VALUES (?, ?, ?, ?)", counts)
        old = person_id, pace.now - sending_rate.DAY_S
        raw.run(tx.conn, "DELETE FROM sent_letter WHERE person_id = ? AND at <= ?", old)
        acquaintance.meet_tx(tx, person_id, case.outside)

    def _require_room(self, case: Case) -> None:
        """Ask once more, now that nobody else counts. Raises PolicyRefused."""
        rule, choice = sending_rate.RULE, self._settings_of(case.agency_id).choice(sending_rate.RULE)
        verdict = weigh(choice.mode, rule.check(choice.settings, case))
        if verdict.stops:
            raise PolicyRefused(verdict, case)

    def _tell_tx(self, tx: Tx, case: Case, told_at: int) -> None:
        """Note for the administrators that somebody else may be sending (`telling`)."""
        rule, choice = unusual_sending.RULE, self._settings_of(case.agency_id).choice(unusual_sending.RULE)
        pace, person_id = case.pace, case.actor.principal_id
        if choice.mode is Mode.OFF or pace is None or pace.now < told_at + TELL_AGAIN_S:
            return
        verdict = rule.check(choice.settings, case)
        if verdict.action is not Action.ACCEPT:
            raw.run(tx.conn, "UPDATE sender_state SET told_at = ? WHERE person_id = ?", (pace.now, person_id))
            held = choice.mode is Mode.ENFORCE
            count, minutes, remote = verdict.facts["count"], verdict.facts["minutes"], case.actor.remote
            tx.emit("sending.unusual", owner_id=person_id, count=count, minutes=minutes, held=held, remote=remote)

    def _faces(self, conn: Connection, person_id: int) -> frozenset[str]:
        reach = grants.reach_of(conn, person_id, self._clock())
        found = principals.get_many(conn, {one for one in reach.faces if one > 0})
        return frozenset(one.address.casefold() for one in found.values() if one.kind is not Kind.AGENCY)


def _sent(conn: Connection, person_id: int, now: int) -> tuple[Sent, ...]:
    query = "SELECT at, recipients, fresh FROM sent_letter WHERE person_id = ? AND at > ? ORDER BY at, id"
    return tuple(Sent(*row) for row in raw.rows(conn, query, (person_id, now - sending_rate.DAY_S)))
