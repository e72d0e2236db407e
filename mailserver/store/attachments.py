"""Making the text inside attached documents findable: by the worker soon after delivery, or by a search
that comes sooner."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.mime.body import decode_body
from mailserver.mime.extract import extract_text
from mailserver.mime.structure import Part, Structure
from mailserver.store import raw
from mailserver.store.errors import StoreUnavailable
from mailserver.store.messages import info, read_octets
from mailserver.store.search import TEXT_LIMIT, SearchIndex
from mailserver.store.segments import is_document
from mailserver.store.store import Store
from mailserver.text import fold, storable

# Documents of one message that are read; a mail with more is no letter.
MOST_DOCUMENTS = 20
# Messages of one folder read for a search that waits.
MOST_AT_ONCE = 50


def documents(structure: Structure) -> list[Part]:
    """The parts of a message whose text can be extracted, at most MOST_DOCUMENTS."""
    found = [part for part in structure.walk() if is_document(part)]
    return found[:MOST_DOCUMENTS]


def index_attachments(store: Store, limit: int = 50) -> int:
    """Read the documents of up to `limit` messages and add their text to the index; how many were done.

    Blocks for as long as reading takes; the transactions in between are short. A message whose blobs
    cannot be read now stays for the next time.
    """
    done, after = 0, 0
    while done < limit:
        waiting = store.db.read(partial(_waiting, after=after, limit=limit))
        if not waiting:
            break
        for message_pk in waiting[: limit - done]:
            done += _index_one(store, message_pk)
        after = waiting[-1]
    return done


def index_folder(store: Store, folder_id: int, stop_at: float) -> None:
    """Read what is still unread in one folder, the newest first, for somebody who is searching it now.

    stop_at: on the clock of `time.monotonic`, when to begin with no further message. Blocks; what is
    left stays for `index_attachments`.
    """
    for message_pk in store.db.read(partial(_waiting_in, folder_id=folder_id)):
        if time.monotonic() >= stop_at:
            return
        _index_one(store, message_pk)


def _waiting_in(conn: Connection, folder_id: int) -> list[int]:
    query = (
        "SELECT t.message_pk FROM message_text t CROSS JOIN entry e"
        " WHERE NOT t.complete AND e.message_pk = t.message_pk AND e.folder_id = ?"
        " ORDER BY t.message_pk DESC LIMIT ?"
    )
    return list(dict.fromkeys(row[0] for row in raw.rows(conn, query, (folder_id, MOST_AT_ONCE))))


def has_waiting(conn: Connection, folder_id: int) -> bool:
    """Whether `index_folder` has anything to do."""
    return bool(_waiting_in(conn, folder_id))


def _waiting(conn: Connection, after: int, limit: int) -> list[int]:
    query = "SELECT message_pk FROM message_text WHERE NOT complete AND message_pk > ? ORDER BY message_pk LIMIT ?"
    return [row[0] for row in raw.rows(conn, query, (after, limit))]


def _index_one(store: Store, message_pk: int) -> bool:
    try:
        text = _text_of(store, message_pk)
    except StoreUnavailable:
        return False
    store.db.write(lambda tx: SearchIndex().add_text_tx(tx, message_pk, text), SYSTEM)
    return True


def _text_of(store: Store, message_pk: int) -> str:
    texts: list[str] = []
    length = 0
    for part in documents(store.db.read(lambda conn: info(conn, message_pk)).structure):
        start, end = part.body
        reading = partial(read_octets, blobs=store.blobs, message_pk=message_pk, start=start, end=end)
        octets = store.db.read(reading)
        text = extract_text(decode_body(octets, part.encoding), part.media_type, part.filename)
        texts.append(fold(storable(text[: TEXT_LIMIT - length])))
        length += len(texts[-1])
        if length >= TEXT_LIMIT:
            break
    return " ".join(texts)
