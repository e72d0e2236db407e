"""Messages that nobody may open: their words are in no index and no preview, and their files are not read.

A quarantined message waits so. Its octets are whole; what is derived from them is made when it is released.
"""

from __future__ import annotations

from mailserver.mime.body import searchable_text
from mailserver.mime.scan import scan
from mailserver.store import raw
from mailserver.store.blobs import BlobStore
from mailserver.store.ingest import PREVIEW_LENGTH
from mailserver.store.messages import read_octets
from mailserver.store.search import SearchIndex, words
from mailserver.store.segments import is_document
from mailserver.store.tx import Tx
from mailserver.text import storable

_PREVIEW = "UPDATE message SET preview = ? WHERE id = ?"


def seal_tx(tx: Tx, message_pk: int) -> None:
    """Take a message's words out of index and preview; the worker leaves its files alone."""
    _index_tx(tx, message_pk, "", "", "", complete=True)


def open_tx(tx: Tx, blobs: BlobStore, message_pk: int) -> None:
    """Make a sealed message findable like any other. Raises StoreUnavailable."""
    octets = read_octets(tx.conn, blobs, message_pk)
    scanned = scan(octets)
    text = searchable_text(octets, scanned)
    complete = not any(map(is_document, scanned.structure.walk()))
    _index_tx(tx, message_pk, words(text.head), words(text.body), text.preview, complete=complete)


def _index_tx(tx: Tx, message_pk: int, head: str, body: str, preview: str, *, complete: bool) -> None:
    index = SearchIndex()
    index.remove_tx(tx, message_pk)
    index.index_tx(tx, message_pk, head, body, complete=complete)
    raw.run(tx.conn, _PREVIEW, (storable(preview)[:PREVIEW_LENGTH], message_pk))
