"""The folders under Văn bản đến: a move is an act, or is refused with a sentence that says why."""

from __future__ import annotations

from typing import NoReturn

from mailserver.store.behaviours import How, Passing
from mailserver.store.database import Tx
from mailserver.store.errors import MoveRefused
from routing import setup, steps
from routing.errors import RoutingError
from routing.incoming.acts import finishing
from routing.incoming.loading import load
from routing.incoming.performing import Wanted, decide
from routing.incoming.recording import record_tx
from routing.sentences import sentence
from routing.types import StepRole, StepState


class Pending:
    """Chờ xử lý. Out to Kết thúc of the same mailbox finishes the document; nothing else leaves."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.how is not How.DELIVER and not _stays(passing):
            _refuse(tx, "pending-foreign")

    def leaving(self, tx: Tx, passing: Passing) -> None:
        if _stays(passing):
            return
        for row in _open_tasks(tx, passing):
            if passing.how is How.EXPUNGE:
                _refuse(tx, "pending-expunge")
            if not _ends_here(passing):
                _refuse(tx, "pending-elsewhere")
            finish_tx(tx, row, put_away=False)


class Finished:
    """Kết thúc. A copy from Chờ xử lý finishes too: clients without MOVE copy, then expunge."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.how is How.DELIVER or passing.target is None:
            return
        for message_pk in passing.message_pks:
            row = steps.of_message(tx.conn, message_pk, passing.target.owner_id)
            if row is None or row.role != StepRole.MAIN.value:
                _refuse(tx, "pending-foreign")
            if row.state == StepState.PENDING.value:
                finish_tx(tx, row, put_away=not _from_pending(passing))

    def leaving(self, tx: Tx, passing: Passing) -> None:
        """What is settled may be filed anywhere; the document keeps its own."""


class Copies:
    """Để biết. Whatever leaves has been read."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        """Anything may be put here."""

    def leaving(self, tx: Tx, passing: Passing) -> None:
        assert passing.source is not None
        for message_pk in passing.message_pks:
            row = steps.of_message(tx.conn, message_pk, passing.source.owner_id)
            if row is not None:
                steps.mark_read_tx(tx, row)


class Registered:
    """Đã vào sổ: the originals of registered documents."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        if not _stays(passing):
            _refuse(tx, "pending-foreign")

    def leaving(self, tx: Tx, passing: Passing) -> None:
        if not _stays(passing):
            _refuse(tx, "registered-stays")


def finish_tx(tx: Tx, row: steps.StepRow, *, put_away: bool) -> None:
    """Finish the document of a step as the transaction's actor. Raises MoveRefused: nothing is changed then."""
    try:
        loaded = load(tx.conn, row.document_id, tx.actor, tx.now, lock=True)
        act, advanced = decide(tx.conn, loaded, Wanted(row.document_id, row.id, finishing("")), tx.now)
    except RoutingError as refusal:
        raise MoveRefused(refusal.sentence(tx.actor.locale)) from refusal
    record_tx(tx, loaded, act, advanced, (), put_away=put_away)


def _open_tasks(tx: Tx, passing: Passing) -> list[steps.StepRow]:
    """The pending main steps among the messages that leave."""
    assert passing.source is not None
    rows = (steps.of_message(tx.conn, pk, passing.source.owner_id) for pk in passing.message_pks)
    return [row for row in rows if row is not None and row.state == StepState.PENDING.value]


def _ends_here(passing: Passing) -> bool:
    source, target = passing.source, passing.target
    if source is None or target is None:
        return False
    return target.behaviour == setup.FINISHED and target.owner_id == source.owner_id


def _from_pending(passing: Passing) -> bool:
    return passing.source is not None and passing.source.behaviour == setup.PENDING


def _stays(passing: Passing) -> bool:
    """A message moved onto its own folder goes nowhere."""
    return passing.how is How.MOVE and passing.source == passing.target


def _refuse(tx: Tx, key: str) -> NoReturn:
    raise MoveRefused(sentence(key, tx.actor.locale))
