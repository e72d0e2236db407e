"""What the pages do to shared mail: rights, moves and acts together, several messages at once.

All take the ids of messages, raise FolderMissing or Forbidden for who may not handle the mailbox, MoveRefused with
the sentence for the person, and change nothing then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.directory.alphabet import by_given_name
from mailserver.directory.grants import grants_on
from mailserver.directory.offices import officers_of
from mailserver.directory.records import Kind, Principal, Status
from mailserver.directory.rights import Right
from mailserver.directory.schema import person
from mailserver.store import access, folders
from mailserver.store.errors import FolderMissing
from mailserver.store.flags import Flag
from mailserver.store.removal import expunge_tx
from mailserver.store.rows import of_uids
from mailserver.store.transfers import move_tx
from mailserver.store.tx import Tx
from mailserver.teams import acts, items
from mailserver.teams.folders import ENDED, WORKING, folder_of, inbox_of, prepare_tx, require_shared, uid_in
from mailserver.teams.items import Came, Item

_HANDLING = frozenset((Right.HANDLE, Right.MANAGE))


@dataclass(frozen=True, slots=True)
class Lying:
    """A message of a shared mailbox, how it stands, and where."""

    item: Item
    place: Came


def take_by_tx(tx: Tx, owner_id: int, message_pks: Sequence[int]) -> None:
    """Nhận: out of the inbox, to the actor."""
    for lying in _opened(tx, owner_id, message_pks):
        acts.take_tx(tx, lying.item, lying.place)
        _put_tx(tx, lying, WORKING)


def give_tx(tx: Tx, owner_id: int, message_pks: Sequence[int], target_id: int) -> Principal:
    """Giao: to a person of the unit, or to the agency's mailbox, where the registry registers it; the mail comes
    into that mailbox too. Returns to whom."""
    target = _receiver(tx, owner_id, target_id)
    for lying in _opened(tx, owner_id, message_pks, [target_id]):
        acts.pass_tx(tx, lying.item, target_id, lying.place)
        _put_tx(tx, lying, WORKING)
        if uid_in(tx.conn, inbox_of(tx.conn, target_id), lying.item.message_pk) is None:
            deliver_tx(tx, lying.item.message_pk, [target_id])
    return target


def take_back_tx(tx: Tx, owner_id: int, message_pks: Sequence[int]) -> None:
    """Undo a giving: nobody has it any more; what the person has not read yet is gone from their inbox."""
    holders = {items.get(tx.conn, owner_id, one).handler_id for one in message_pks}
    for lying in _opened(tx, owner_id, message_pks, [one for one in holders if one is not None]):
        given_to = lying.item.handler_id
        acts.release_tx(tx, lying.item)
        _put_tx(tx, lying, None)
        if given_to is not None and given_to != tx.actor.principal_id:
            _remove_unread_tx(tx, given_to, lying.item.message_pk)


def release_by_tx(tx: Tx, owner_id: int, message_pks: Sequence[int]) -> None:
    """Trả lại: to the inbox, for anybody."""
    for lying in _opened(tx, owner_id, message_pks):
        acts.release_tx(tx, lying.item)
        _put_tx(tx, lying, None)


def finish_by_tx(tx: Tx, owner_id: int, message_pks: Sequence[int], note: str) -> None:
    """Xong. note: what was done, needed where no reply was sent."""
    for lying in _opened(tx, owner_id, message_pks):
        (row,) = of_uids(tx.conn, lying.place.folder_id, [lying.place.uid])
        acts.finish_tx(tx, lying.item, answered=bool(row.flags & Flag.ANSWERED), note=note, came=lying.place)
        _put_tx(tx, lying, ENDED)


def reopen_tx(tx: Tx, owner_id: int, message_pks: Sequence[int]) -> None:
    """Mở lại what was done: the actor has it now."""
    for lying in _opened(tx, owner_id, message_pks):
        acts.take_tx(tx, lying.item)
        _put_tx(tx, lying, WORKING)


def registered_tx(tx: Tx, message_pk: int) -> None:
    """A message has become a document: it is settled in every mailbox that had to deal with it."""
    for item in items.of_message(tx.conn, message_pk):
        acts.register_tx(tx, item)
        lying = _find(tx, item.owner_id, message_pk)
        if lying is not None and folder_of(tx.conn, item.owner_id, ENDED) is not None:
            _put_tx(tx, lying, ENDED)


def give_up_all_tx(tx: Tx, owner_id: int, person_id: int) -> int:
    """What a person has in hand goes back to the inbox, for whose turn has ended; the system does it. How many."""
    held = items.held_by(tx.conn, owner_id, person_id)
    for item in held:
        put_back_tx(tx, item)
    return len(held)


def put_back_tx(tx: Tx, item: Item) -> None:
    """One message, wherever it lies now, to the inbox for anybody; for the system, or who leads."""
    acts.release_tx(tx, item)
    lying = _find(tx, item.owner_id, item.message_pk)
    if lying is not None:
        _put_tx(tx, lying, None)


def receivers(conn: Connection, owner_id: int, now: datetime) -> list[Principal]:
    """Whom mail of this mailbox may be given to, by name: the people of the unit, who else handles its mail, and
    last the agency's mailbox, where the registry is."""
    owner = principals.get(conn, owner_id)
    people = [one for one in principals.people(conn, owner.agency_id) if one.status is Status.ACTIVE]
    own = set(conn.execute(select(person.c.principal_id).where(person.c.unit_id == owner_id)).scalars())
    granted = {grant.grantee_id for grant in grants_on(conn, owner_id, now) if grant.rights & _HANDLING}
    inside = own | granted | set(officers_of(conn, owner_id, now))
    office = principals.agency_mailbox(conn, owner.agency_id)
    found = sorted((one for one in people if one.id in inside), key=lambda one: by_given_name(one.name))
    return found if owner.kind is Kind.AGENCY else [*found, office]


def _receiver(tx: Tx, owner_id: int, target_id: int) -> Principal:
    """Raises MoveRefused for somebody outside: that would need the consent of who wrote it (DOMAIN 2.7)."""
    found = next((one for one in receivers(tx.conn, owner_id, tx.now) if one.id == target_id), None)
    if found is None:
        acts.refuse(tx, "outside", who=acts.name_of(tx, target_id or None))
    return found


def _opened(tx: Tx, owner_id: int, message_pks: Sequence[int], others: Sequence[int] = ()) -> list[Lying]:
    """The messages, their folders locked, in order with the inboxes of `others`. Raises FolderMissing, Forbidden,
    MoveRefused (one is gone)."""
    require_shared(tx.conn, owner_id)
    rights = access.work_rights(tx.conn, tx.actor, owner_id, tx.now)
    for right in "lite":
        access.check(rights, right, str(owner_id))
    prepare_tx(tx, owner_id)
    folders.lock_tx(tx, {*_places(tx, owner_id), *(inbox_of(tx.conn, one) for one in others)})
    found = []
    for message_pk in sorted(set(message_pks)):
        lying = _find(tx, owner_id, message_pk)
        if lying is None:
            acts.refuse(tx, "gone")
        found.append(lying)
    return found


def _find(tx: Tx, owner_id: int, message_pk: int) -> Lying | None:
    """Where a message lies: where it is being worked on, else done, else still in the inbox."""
    for folder_id in _places(tx, owner_id):
        uid = uid_in(tx.conn, folder_id, message_pk)
        if uid is not None:
            return Lying(items.get(tx.conn, owner_id, message_pk), Came(folder_id, uid))
    return None


def _places(tx: Tx, owner_id: int) -> list[int]:
    working, ended = folder_of(tx.conn, owner_id, WORKING), folder_of(tx.conn, owner_id, ENDED)
    return [one for one in (working, ended, inbox_of(tx.conn, owner_id)) if one is not None]


def _put_tx(tx: Tx, lying: Lying, behaviour: str | None) -> None:
    """Move it to where its state belongs; None: the inbox."""
    owner_id = lying.item.owner_id
    target = inbox_of(tx.conn, owner_id) if behaviour is None else folder_of(tx.conn, owner_id, behaviour)
    if target is None:
        raise FolderMissing(behaviour)
    if target != lying.place.folder_id:
        move_tx(tx, lying.place.folder_id, [lying.place.uid], target, guarded=False)


def _remove_unread_tx(tx: Tx, owner_id: int, message_pk: int) -> None:
    inbox = inbox_of(tx.conn, owner_id)
    uid = uid_in(tx.conn, inbox, message_pk)
    rows = [] if uid is None else of_uids(tx.conn, inbox, [uid])
    if rows and not rows[0].flags & Flag.SEEN:
        expunge_tx(tx, inbox, [rows[0].uid])
