"""Trying a rule on the mail that has come in, and making the index anew."""

from __future__ import annotations

from deploy import replay
from deploy.reindexing import reindex
from mailbox_policies.rules.message_size import Counts, Settings
from mailbox_policies.rules.sender_authentication import Mode
from mailbox_policies.rules.sender_authentication import Settings as SenderSettings
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.policy import Action
from mailserver.senderauth.header import field
from mailserver.senderauth.results import Disposition, Dmarc, Outcome, Results, Spf
from mailserver.store import folders, messages, raw
from mailserver.store.ancestry import number_of, numbers_of
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.schema import message_text
from mailserver.store.search import SearchIndex
from mailserver.store.store import Store


def quiet(_done: int, _total: int) -> None:
    """No progress bar."""


def deliver(store: Store, subject: str, octets: int, front: bytes = b"") -> int:
    """Put a message of about that many octets into the agency's mailbox; the folder's id."""
    body = b"x" * 70 + b"\r\n"
    header = f"From: a@b.example\r\nSubject: {subject}\r\nMessage-ID: <cu@a.example>\r\n\r\n"
    data = header.encode() + body * (octets // len(body))
    prepared = prepare(front + data, store.blobs)

    def work(tx: object) -> int:
        conn = tx.conn  # type: ignore[attr-defined]
        if principals.agency_of_domain(conn, "sxd.test") is None:
            principals.create_agency_tx(tx, "SXD", "Sở Xây dựng", "sxd.test", "qn")  # type: ignore[arg-type]
        owner = principals.by_address(conn, "sxd@sxd.test")
        assert owner is not None
        deliver_tx(tx, store_message_tx(tx, prepared), [owner.id])  # type: ignore[arg-type]
        return folders.get(conn, owner.id, "INBOX").id

    return store.db.write(work, SYSTEM)


def test_what_a_smaller_limit_would_have_refused_is_listed_with_its_owner(store: Store) -> None:
    deliver(store, "nho", 500)
    deliver(store, "lon", 50_000)
    report = replay.message_size(store, Settings(limit=10_000), 30, quiet)
    assert report.seen == 2
    assert [(hit.subject, hit.owners) for hit in report.hits] == [("lon", ("Sở Xây dựng",))]
    assert report.hits[0].size > 49_000
    assert replay.message_size(store, Settings(limit=0), 30, quiet).hits == ()
    assert replay.message_size(store, Settings(limit=100_000, counts=Counts.WIRE), 30, quiet).hits == ()


def test_what_another_mode_would_have_done_with_senders_is_listed(store: Store) -> None:
    forged = Results(Spf(Outcome.FAIL, "evil.test"), (), Dmarc(Outcome.FAIL, "gov.test", Disposition.REJECT))
    deliver(store, "gia", 500, field(forged, "mail.sxd.test"))
    deliver(store, "that", 500)
    deliver(store, "cheo", 500, b"Received: by mail.sxd.test; now\r\n" + field(forged, "mail.sxd.test"))
    report = replay.sender_authentication(store, SenderSettings(Mode.REJECT), 30, quiet)
    assert report.seen == 3
    assert [(hit.subject, hit.action) for hit in report.hits] == [("gia", Action.REJECT)]
    assert replay.sender_authentication(store, SenderSettings(Mode.OFF), 30, quiet).hits == ()


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
    assert reindex(store, quiet) == 1
    assert found() == 1
    kept = store.db.read(lambda conn: messages.load_many(conn, [pk.message_pk], ["ancestry"]))
    assert list(numbers_of(kept[pk.message_pk][0])) == [number_of("cu@a.example")]
    without = "SELECT count(*) FROM message WHERE listed_fields IS NULL"
    assert store.db.read(lambda conn: raw.row(conn, without)) == (0,)
    assert reindex(store, quiet) == 1
    assert found() == 1
