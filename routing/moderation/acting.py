"""Reporting a post, and what is done about it: case, folder, mail and audit in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, insert, select, update

from mailserver.boards import hiding, listing, posts
from mailserver.directory import principals
from mailserver.store import audit, folders, messages, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn
from routing.moderation import cases, letters, states
from routing.moderation.cases import Case
from routing.moderation.schema import board_case, board_case_act
from routing.moderation.states import Act, State
from routing.standing import standing_of

# How long a deleted post can still be put back.
KEPT = timedelta(days=30)
# Characters.
MOST_REASON, MOST_SUBJECT = 1000, 200
# Cases that one transaction of the worker lets go.
BATCH = 100


def report_tx(tx: Tx, blobs: BlobStore, folder_id: int, uid: int, reason: str) -> Case:
    """Say that a post which the actor reads does not fit its folder. Who has said so already changes nothing.

    Raises FolderMissing, DocumentMissing (no such post), Incomplete (reason).
    """
    _require_reason(reason)
    folder = listing.get(tx.conn, tx.actor, folder_id, tx.now).folder
    found = raw.row(tx.conn, "SELECT message_pk FROM entry WHERE folder_id = ? AND uid = ?", (folder_id, uid))
    if found is None or tx.actor.principal_id is None:
        raise DocumentMissing()
    message_pk = int(found[0])
    author = posts.authors(tx.conn, folder_id, (message_pk,)).get(message_pk)
    subject = messages.info(tx.conn, message_pk).subject[:MOST_SUBJECT]
    agency_id = principals.get(tx.conn, folder.owner_id).agency_id
    row = agency_id, folder_id, message_pk, author, subject, State.STAYS.value, tx.now_ms, False
    raw.run(
        tx.conn,
        "INSERT INTO board_case (agency_id, folder_id, message_pk, author_id, subject, state, since, forgotten)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (folder_id, message_pk) DO NOTHING",
        row,
    )
    case = cases.of_post(tx.conn, folder_id, message_pk)
    if case.state is State.REPORTED and cases.reported_by(tx.conn, case.id, tx.actor.principal_id, case.since):
        return case
    return _advance_tx(tx, blobs, case, Act.REPORT, State.REPORTED, reason)


def act_tx(tx: Tx, blobs: BlobStore, case_id: int, act: Act, reason: str) -> Case:
    """Do what the table lets the actor do.

    Raises DocumentMissing (not theirs to know of), NotYourTurn, NoSuchMove (somebody acted first, or the post is
    gone), Incomplete (reason).
    """
    who = standing_of(tx.conn, tx.actor, tx.now)
    case = cases.by_id(tx.conn, case_id, lock=True)
    if not states.sees_all(who, case.agency_id):
        raise DocumentMissing()
    if case.forgotten or act not in (row.act for row in states.ROWS if row.state is case.state):
        raise NoSuchMove("post-decided")
    following = states.acts_of(who, case.agency_id, case.state).get(act)
    if following is None:
        raise NotYourTurn("post-not-yours")
    if act in states.NEEDS_REASON:
        _require_reason(reason)
    if not _moved_tx(tx, case, following):
        raise NoSuchMove("post-decided")
    return _advance_tx(tx, blobs, case, act, following, reason)


def forget_due_tx(tx: Tx) -> int:
    """Let go of deleted posts that nobody has put back in time and no order keeps; how many."""
    due = cases.deleted_before(tx.conn, tx.now - KEPT, BATCH)
    for one in due:
        hiding.forget_tx(tx, one.message_pk)
        tx.conn.execute(update(board_case).where(board_case.c.id == one.id).values(forgotten=True))
        audit.record_tx(tx, "board.post_gone", case=one.id, messages=[one.message_pk])
    return len(due)


def _moved_tx(tx: Tx, case: Case, following: State) -> bool:
    """Take the post out of its folder or put it back, if the state says so; False if it is gone."""
    was, will = case.state in states.UNSEEN, following in states.UNSEEN
    if was == will:
        return True
    try:
        folder = folders.by_id(tx.conn, case.folder_id)
    except FolderMissing:
        return False
    change = hiding.hide_tx if will else hiding.show_tx
    return change(tx, folder, case.message_pk)


def _advance_tx(tx: Tx, blobs: BlobStore, case: Case, act: Act, following: State, reason: str) -> Case:
    count = select(func.count()).select_from(board_case_act).where(board_case_act.c.case_id == case.id)
    number = tx.conn.execute(count).scalar_one() + 1
    step = {"act": act.value, "actor_id": tx.actor.principal_id, "at": tx.now, "reason": reason}
    tx.conn.execute(insert(board_case_act).values(case_id=case.id, number=number, **step))
    since = case.since if following is case.state else tx.now
    changed = {"state": following.value, "since": since}
    tx.conn.execute(update(board_case).where(board_case.c.id == case.id).values(**changed))
    owner_id = folders.by_id(tx.conn, case.folder_id).owner_id
    action = f"board.post_{act.value}"
    audit.record_tx(tx, action, owner_id=owner_id, case=case.id, messages=[case.message_pk], reason=reason)
    after = replace(case, state=following, since=since)
    letters.tell_tx(tx, blobs, after, act, reason)
    return after


def _require_reason(reason: str) -> None:
    if not reason or len(reason) > MOST_REASON:
        raise Incomplete("reason", "incomplete-post-reason", limit=MOST_REASON)
