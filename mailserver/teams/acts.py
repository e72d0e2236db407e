"""What can be done to a message of a shared mailbox, inside the transaction that moves it.

Each function asks the table (`states`), checks who it is, writes the row and the audit, and emits "team.changed"
(owner_id: whose mailbox; message, state, handler). It moves nothing: `service` and `behaviours` do. All raise
MoveRefused with the sentence for the person; then nothing has changed.
"""

from __future__ import annotations

from typing import Any, NoReturn

from mailserver.directory import principals
from mailserver.directory.offices import replaced_by
from mailserver.store import access, audit
from mailserver.store.errors import MoveRefused
from mailserver.store.tx import Tx
from mailserver.teams import items
from mailserver.teams.items import Came, Item
from mailserver.teams.states import NEW, REGISTERED, Act, By, Move, move_for
from mailserver.teams.words import moment, words

MOST_NOTE = 2_000


def take_tx(tx: Tx, item: Item, came: Came | None = None) -> None:
    """Make it the actor's to deal with; of two who take it at once one wins, the other is told who.

    Taking what one has already is no change. What was done is opened again.
    """
    who = tx.actor.principal_id
    if item.open and item.handler_id == who:
        return
    if item.open:
        refuse_taken(tx, item)
    move = _allowed(tx, item, Act.REOPEN if item.ended else Act.TAKE)
    _do_tx(tx, item, move, who, came=came)


def pass_tx(tx: Tx, item: Item, target_id: int, came: Came | None = None) -> None:
    """Make it somebody else's. Whether that person may have it is asked before."""
    _do_tx(tx, item, _allowed(tx, item, Act.PASS), target_id, came=came)


def release_tx(tx: Tx, item: Item) -> None:
    """Make it nobody's again."""
    _do_tx(tx, item, _allowed(tx, item, Act.RELEASE), None)


def finish_tx(tx: Tx, item: Item, *, answered: bool, note: str = "", came: Came | None = None) -> None:
    """Close it: with a reply sent, or a note of what was done."""
    move = _allowed(tx, item, Act.FINISH)
    note = note.strip()[:MOST_NOTE] or item.note
    if not answered and not note:
        refuse(tx, "needs-answer")
    _do_tx(tx, item, move, item.handler_id or tx.actor.principal_id, note, came)


def register_tx(tx: Tx, item: Item) -> None:
    """It has become a document; whoever registers it has seen to the rights."""
    move = move_for(item.state, Act.REGISTER)
    if move is not None:
        _do_tx(tx, item, move, item.handler_id, item.note)


def leads(tx: Tx, owner_id: int) -> bool:
    """Whether the actor manages the mailbox, by office or by a grant."""
    return "x" in access.work_rights(tx.conn, tx.actor, owner_id, tx.now)


def refuse_taken(tx: Tx, item: Item) -> NoReturn:
    """Say who has it, or who has finished it."""
    if item.state is REGISTERED:
        refuse(tx, "registered")
    at = moment(item.changed_at) if item.changed_at else ""
    refuse(tx, "ended" if item.ended else "taken", who=name_of(tx, item.handler_id), at=at)


def refuse(tx: Tx, key: str, **values: str) -> NoReturn:
    raise MoveRefused(words(key, tx.actor.locale, **values))


def name_of(tx: Tx, principal_id: int | None) -> str:
    if principal_id is None:
        return words("nobody", tx.actor.locale)
    return principals.get(tx.conn, principal_id).name


def _allowed(tx: Tx, item: Item, act: Act) -> Move:
    move = move_for(item.state, act)
    if move is None:
        refuse_taken(tx, item)
    if move.by is By.HANDLER and item.handler_id not in (None, tx.actor.principal_id) and not leads(tx, item.owner_id):
        refuse(tx, "not-yours", who=name_of(tx, item.handler_id))
    return move


def _do_tx(tx: Tx, item: Item, move: Move, handler_id: int | None, note: str = "", came: Came | None = None) -> None:
    # Where it lay first is where others look for it.
    if not items.write_tx(tx, item, move.new, handler_id, note, came if item.state is NEW else None):
        refuse_taken(tx, items.get(tx.conn, item.owner_id, item.message_pk))
    told: dict[str, Any] = {"message": item.message_pk, "state": move.new.value, "handler": handler_id}
    tx.emit("team.changed", owner_id=item.owner_id, **told)
    who = tx.actor.principal_id
    replaced = None if who is None else replaced_by(tx.conn, who, item.owner_id, tx.now)
    was = item.state.value
    audit.record_tx(tx, f"team.{move.act.value}", owner_id=item.owner_id, on_behalf_of_id=replaced, was=was, **told)
