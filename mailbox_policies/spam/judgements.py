"""What was found of a message when it came, kept for those who may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

from sqlalchemy import Connection, select

from mailbox_policies.spam.schema import spam_judgement, spam_lesson
from mailserver.opinions import Opinion, Reason
from mailserver.store.tx import Tx


@unique
class Outcome(Enum):
    """JUNK: it was put there. SUSPECT: it looked unwanted, but was left in the INBOX."""

    JUNK = "junk"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Judgement:
    """points: 0 to 100; most: from how many it counted as unwanted."""

    outcome: Outcome
    points: int
    most: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What readers have said of a message by moving it: the last word. actor_id: None for the system."""

    spam: bool
    actor_id: int | None


def keep_tx(tx: Tx, message_pk: int, found: Sequence[tuple[Opinion, Outcome]], most: int) -> None:
    """One for each mailbox."""
    values = [
        {
            "message_pk": message_pk,
            "owner_id": opinion.mailbox,
            "outcome": outcome.value,
            "points": opinion.points,
            "most": most,
            "reasons": [[one.code, one.detail, round(one.weight, 3)] for one in opinion.reasons],
            "at": tx.now,
        }
        for opinion, outcome in found
    ]
    if values:
        tx.conn.execute(spam_judgement.insert(), values)


def of(conn: Connection, message_pk: int, owner_id: int) -> Judgement | None:
    """What was found of a message in a mailbox; None if nothing was, or it looked wanted."""
    query = select(spam_judgement).where(
        spam_judgement.c.message_pk == message_pk, spam_judgement.c.owner_id == owner_id
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    reasons = tuple(Reason(str(code), str(detail), float(weight)) for code, detail, weight in row.reasons)
    return Judgement(Outcome(row.outcome), row.points, row.most, reasons)


def said_of(conn: Connection, message_pk: int, owner_id: int) -> Told | None:
    """What a reader of the mailbox has said of a message."""
    lesson = spam_lesson.c
    query = select(lesson.wish, lesson.actor_id).where(lesson.message_pk == message_pk, lesson.owner_id == owner_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Told(row.wish == "spam", row.actor_id)
