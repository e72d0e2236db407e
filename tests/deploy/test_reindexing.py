"""Making the index anew."""

from __future__ import annotations

from pathlib import Path

from deploy.reindexing import reindex
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.store import folders, messages, raw
from mailserver.store.ancestry import number_of, numbers_of
from mailserver.store.errors import StoreUnavailable
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.schema import message_text
from mailserver.store.search import SearchIndex
from mailserver.store.store import Store


def quiet(_done: int, _total: int) -> None:
    """No progress bar."""


def unexpected(message_pk: int, fault: StoreUnavailable) -> None:
    raise AssertionError(message_pk) from fault


def deliver(store: Store, subject: str, octets: int) -> int:
    """Put a message of about that many octets into the agency's mailbox; the folder's id."""
    body = b"x" * 70 + b"\r\n"
    header = f"From: a@b.example\r\nSubject: {subject}\r\nMessage-ID: <cu@a.example>\r\n\r\n"
    data = header.encode() + body * (octets // len(body))
    prepared = prepare(data, store.blobs)

    def work(tx: object) -> int:
        conn = tx.conn  # type: ignore[attr-defined]
        if principals.agency_of_domain(conn, "sxd.test") is None:
            principals.create_agency_tx(tx, "SXD", "Sở Xây dựng", "sxd.test", "qn")  # type: ignore[arg-type]
        owner = principals.by_address(conn, "sxd@sxd.test")
        assert owner is not None
        deliver_tx(tx, store_message_tx(tx, prepared), [owner.id])  # type: ignore[arg-type]
        return folders.get(conn, owner.id, "INBOX").id

    return store.db.write(work, SYSTEM)


def test_the_index_is_made_anew_from_the_stored_messages(store: Store) -> None:
    folder_id = deliver(store, "cong van hoa toc", 500)
    index = SearchIndex()

    def found() -> int:
        return len(store.db.read(lambda conn: index.match(conn, folder_id, "công văn hỏa tốc", "text")))

    assert found() == 1
    pk = store.db.read(lambda conn: conn.execute(message_text.select()).first())
    assert pk is not None
    store.db.write(lambda tx: index.remove_tx(tx, pk.message_pk), SYSTEM)
    assert found() == 0
    store.db.write(lambda tx: raw.run(tx.conn, "UPDATE message SET ancestry = NULL, listed_fields = NULL"), SYSTEM)
    assert reindex(store, quiet, unexpected) == 1
    assert found() == 1
    kept = store.db.read(lambda conn: messages.load_many(conn, [pk.message_pk], ["ancestry"]))
    assert list(numbers_of(kept[pk.message_pk][0])) == [number_of("cu@a.example")]
    without = "SELECT count(*) FROM message WHERE listed_fields IS NULL"
    assert store.db.read(lambda conn: raw.row(conn, without)) == (0,)
    assert reindex(store, quiet, unexpected) == 1
    assert found() == 1


def test_a_message_that_cannot_be_read_keeps_no_other_from_being_indexed(store: Store, tmp_path: Path) -> None:
    deliver(store, "cong van mat", 2_000_000)
    folder_id = deliver(store, "cong van con", 500)
    for path in tmp_path.rglob("blobs/*/*"):
        if path.is_file():
            path.unlink()
    lost: list[int] = []
    assert reindex(store, quiet, lambda message_pk, _: lost.append(message_pk)) == 2
    assert len(lost) == 1
    index = SearchIndex()
    assert len(store.db.read(lambda conn: index.match(conn, folder_id, "công văn", "text"))) == 2
