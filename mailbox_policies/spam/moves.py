"""What a reader says by moving mail: into Junk it is unwanted, out of it again it is wanted.

    from → into          means
    anywhere → Junk      spam
    Junk → elsewhere     ham
    Junk → Trash         nothing: it is only cleared away
    Trash → elsewhere    nothing

A folder below Junk is Junk, one below Trash is Trash. A copy says what a move says: programs without MOVE copy and
delete (RFC 6851 §1). Keywords say the same (`keywords`); they are read here too, so that the last word counts.
"""

from __future__ import annotations

from enum import Enum, unique

from sqlalchemy import Connection

from mailbox_policies.spam import keywords, lessons
from mailserver.delivery.logreader import LogReader
from mailserver.store import folders
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing
from mailserver.store.events import Event
from mailserver.store.folder_names import SEPARATOR
from mailserver.store.folders import Folder
from mailserver.store.store import Store


@unique
class Place(Enum):
    JUNK = "Junk"
    TRASH = "Trash"
    ELSEWHERE = ""


def meaning(source: Place, target: Place) -> str | None:
    """`lessons.SPAM`, `lessons.HAM`, or None for nothing."""
    if target is Place.JUNK:
        return None if source is Place.JUNK else lessons.SPAM
    return lessons.HAM if source is Place.JUNK and target is Place.ELSEWHERE else None


def place_of(conn: Connection, folder: Folder) -> Place:
    """What kind of folder it is, by itself or by one above it."""
    for place in (Place.JUNK, Place.TRASH):
        marked = folders.by_special_use(conn, folder.owner_id, f"\\{place.value}")
        top = marked.name if marked is not None else place.value
        if folder.name == top or folder.name.startswith(top + SEPARATOR):
            return place
    return Place.ELSEWHERE


def job() -> LogReader:
    """For the worker: notes what was said, in the transaction that moves its place in the log."""
    return LogReader("spam-moves", ("message.copied", "keywords.added"), note_tx)


def note_tx(tx: Tx, _store: Store, event: Event) -> None:
    """What goes from one mailbox to another says something to the one whose Junk it is. What the program itself moves,
    a hand-over for one, says nothing."""
    folder = None if event.actor_id is None else _folder(tx, event.folder_id)
    if folder is None:
        return
    if event.kind == "keywords.added":
        keywords.note_tx(tx, folder, event, in_junk=place_of(tx.conn, folder) is Place.JUNK)
    else:
        _moved_tx(tx, folder, event)


def _moved_tx(tx: Tx, target: Folder, event: Event) -> None:
    source, messages = _folder(tx, event.data["source_id"]), event.data.get("messages")
    if not messages:  # events of a time before have none
        return
    left = Place.ELSEWHERE if source is None else place_of(tx.conn, source)
    said = meaning(left, place_of(tx.conn, target))
    owner = target if said == lessons.SPAM else source
    if said is None or owner is None:
        return
    lessons.wish_tx(tx, owner.owner_id, messages, said, event.actor_id)
    keywords.follow_tx(tx, target.id, event.data["uids"], said)


def _folder(tx: Tx, folder_id: int | None) -> Folder | None:
    try:
        return None if folder_id is None else folders.by_id(tx.conn, folder_id)
    except FolderMissing:
        return None
