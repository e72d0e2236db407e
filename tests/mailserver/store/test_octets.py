"""Octets are sacred: what came in is what goes out."""

import os
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailserver.actor import SYSTEM
from mailserver.mime import listed
from mailserver.mime.body import decode_body
from mailserver.mime.header import header_end
from mailserver.store import raw
from mailserver.store.errors import StoreUnavailable
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.messages import attachment_digest, info, load_many, read_octets
from mailserver.store.octets import read_many
from mailserver.store.store import Store
from tests.support.mail import letter, with_file, wrapped

LARGE = st.binary(min_size=300, max_size=400).map(lambda piece: piece * 60)
FILES = st.builds(wrapped, LARGE, st.sampled_from([76, 72, 64, 60]))
PIECES = st.one_of(
    st.binary(max_size=60),
    LARGE,
    FILES,
    st.sampled_from(
        [
            b"--edge\r\n",
            b"--edge--\r\n",
            b"--edge",
            b"\r\n",
            b"\r\n\r\n",
            b"\n",
            b"Content-Transfer-Encoding: base64\r\n\r\n",
            b"Content-Type: message/rfc822\r\n\r\n",
            b"Content-Type: text/plain\r\n\r\n",
            b'Content-Type: multipart/mixed; boundary="edge"\r\n\r\n',
        ]
    ),
)
MAIL_LIKE = st.lists(PIECES, max_size=12).map(
    lambda pieces: b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="edge"\r\n\r\n' + b"".join(pieces)
)
SAME_STORE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def keep(store: Store, data: bytes) -> int:
    prepared = prepare(data, store.blobs)
    return store.db.write(lambda tx: store_message_tx(tx, prepared), SYSTEM)


def octets(store: Store, message_pk: int, start: int = 0, end: int | None = None) -> bytes:
    return store.db.read(lambda conn: read_octets(conn, store.blobs, message_pk, start, end))


@SAME_STORE
@given(data=st.one_of(st.binary(max_size=300), MAIL_LIKE), ends=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@example(data=b"", ends=(0, 1))
@example(data=b"\r\n", ends=(0, 1))
@example(data=b"no header at all" * 20_000, ends=(0.1, 0.2))
def test_any_octets_come_back_whole_and_in_ranges(store: Store, data: bytes, ends: tuple[float, float]) -> None:
    message_pk = keep(store, data)
    assert octets(store, message_pk) == data
    start, end = sorted(int(len(data) * share) for share in ends)
    assert octets(store, message_pk, start, end) == data[start:end]
    assert octets(store, message_pk, start) == data[start:]
    assert octets(store, message_pk, 0, len(data) + 100) == data


def segments(store: Store, message_pk: int) -> list[tuple[str, bytes | None, int]]:
    query = "SELECT codec, blob_digest, size FROM message_segment WHERE message_pk = ? ORDER BY position"
    return store.db.read(lambda conn: raw.rows(conn, query, (message_pk,)))


def test_a_large_attachment_is_kept_decoded_between_inline_text(store: Store) -> None:
    content = os.urandom(50_000)
    message_pk = keep(store, with_file(content))
    codecs = [codec for codec, _, _ in segments(store, message_pk)]
    assert codecs == ["raw", "base64-76", "raw"]
    digest = segments(store, message_pk)[1][1]
    assert digest is not None
    assert store.blobs.get(digest) == content


def test_the_same_file_wrapped_otherwise_is_the_same_blob(store: Store) -> None:
    content = os.urandom(50_000)
    mails = [with_file(content, width=width) for width in (76, 72, 64, 996)]
    binary = b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content
    pks = [keep(store, data) for data in (*mails, binary)]
    found = {digest for pk in pks for _, digest, _ in segments(store, pk) if digest}
    assert len(found) == 1
    refs = store.db.read(lambda conn: raw.rows(conn, "SELECT refs FROM blob"))
    assert [tuple(row) for row in refs] == [(5,)]
    assert [octets(store, pk) for pk in pks] == [*mails, binary]


def test_the_blob_of_an_attachment_is_found_by_its_part(store: Store) -> None:
    content = os.urandom(30_000)
    message_pk = keep(store, with_file(content))
    structure = store.db.read(lambda conn: info(conn, message_pk)).structure
    text, file = structure.root.children
    digest = store.db.read(lambda conn: attachment_digest(conn, message_pk, file))
    assert digest is not None
    assert store.blobs.get(digest) == content
    assert store.db.read(lambda conn: attachment_digest(conn, message_pk, text)) is None


def test_an_attachment_whose_encoding_cannot_be_redone_has_no_digest(store: Store) -> None:
    content = os.urandom(30_000)
    broken = with_file(content).replace(wrapped(content)[76:90], wrapped(content)[76:90] + b" ")
    message_pk = keep(store, broken)
    file = store.db.read(lambda conn: info(conn, message_pk)).structure.root.children[1]
    assert octets(store, message_pk) == broken
    assert store.db.read(lambda conn: attachment_digest(conn, message_pk, file)) is None


@pytest.mark.parametrize("tail", [b" \r\n", b"\r\n\r\n", b""])
def test_a_digest_names_just_what_decoding_the_part_gives(store: Store, tail: bytes) -> None:
    content = os.urandom(30_001)
    data = with_file(content).replace(b"\r\n--edge--", b"\r\n" + tail + b"--edge--")
    message_pk = keep(store, data)
    file = store.db.read(lambda conn: info(conn, message_pk)).structure.root.children[1]
    digest = store.db.read(lambda conn: attachment_digest(conn, message_pk, file))
    assert octets(store, message_pk) == data
    assert digest is not None
    assert store.blobs.get(digest) == decode_body(octets(store, message_pk, *file.body), "base64")


def test_a_footer_put_behind_an_attachment_leaves_it_without_a_digest(store: Store) -> None:
    data = with_file(os.urandom(30_001)).replace(b"\r\n--edge--", b"\r\n-- \r\nfooter\r\n--edge--")
    message_pk = keep(store, data)
    file = store.db.read(lambda conn: info(conn, message_pk)).structure.root.children[1]
    assert octets(store, message_pk) == data
    assert store.db.read(lambda conn: attachment_digest(conn, message_pk, file)) is None


def test_reading_the_header_touches_no_blob(store: Store) -> None:
    data = with_file(os.urandom(30_000))
    message_pk = keep(store, data)
    digest = segments(store, message_pk)[1][1]
    assert digest is not None
    store.blobs.delete(digest)
    header = store.db.read(lambda conn: info(conn, message_pk)).header
    assert header == data[: len(header)]
    assert header.endswith(b"\r\n\r\n")
    assert octets(store, message_pk, 0, len(header) + 20) == data[: len(header) + 20]
    with pytest.raises(StoreUnavailable):
        octets(store, message_pk)


def test_columns_are_loaded_for_many_messages_at_once(store: Store) -> None:
    pks = [keep(store, letter(f"thư {number}", number=number)) for number in range(5)]
    found = store.db.read(lambda conn: load_many(conn, [pks[0], pks[4], 999], ("subject", "header")))
    assert set(found) == {pks[0], pks[4]}
    assert found[pks[4]][0] == "thư 4"
    assert found[pks[4]][1] == letter("thư 4", number=4).split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    dense = store.db.read(lambda conn: load_many(conn, pks, ("size",)))
    assert set(dense) == set(pks)
    assert store.db.read(lambda conn: load_many(conn, [], ("size",))) == {}
    assert store.db.read(lambda conn: load_many(conn, pks[:1], ())) == {pks[0]: ()}
    with pytest.raises(ValueError, match="no such column"):
        store.db.read(lambda conn: load_many(conn, pks, ("size; DROP TABLE message",)))


def test_listed_fields_are_there_for_every_message_kept_with_it_or_not(store: Store) -> None:
    many = b"To: " + b",\r\n ".join(b"u%d@a.example" % number for number in range(400)) + b"\r\n\r\n"
    letters = [letter("một"), letter("hai"), many, b""]
    pks = [keep(store, data) for data in letters]
    store.db.write(lambda tx: raw.run(tx.conn, "UPDATE message SET listed_fields = NULL WHERE id = ?", pks[:1]), SYSTEM)
    kept = "SELECT count(*) FROM message WHERE listed_fields IS NOT NULL"
    assert store.db.read(lambda conn: raw.row(conn, kept)) == (2,)  # not the older one, nor the large one
    found = store.db.read(lambda conn: load_many(conn, pks, ("size", "listed_fields", "id")))
    assert found == {
        pk: (len(data), listed.pack(data[: header_end(data, 0, len(data))]), pk)
        for pk, data in zip(pks, letters, strict=True)
    }


def test_what_no_database_stores_does_not_stop_a_message(store: Store) -> None:
    data = (
        b"From: \x00\xed\xa0\x80 <a@b>\r\nSubject: a\x00b \xed\xb0\x80 =?utf-8?q?=ED=A0=80=00?=\r\n"
        b"Message-ID: <\x00>\r\n"
        b"Content-Type: text/plain; charset=utf-16; name*=utf-8''%ED%A0%80%00.txt\r\n"
        b'Content-Disposition: attachment; filename="=?utf-7?q?+2AA-?="\r\n\r\n\x00\xd8\x00\x00\r\n'
    )
    assert octets(store, keep(store, data)) == data


def test_a_thread_is_known_by_the_message_it_began_with(store: Store) -> None:
    first = letter(number=1)
    answer = b"Message-ID: <2@x>\r\nReferences: <1@so.example.vn>\r\nIn-Reply-To: <9@x>\r\n\r\n"
    other = letter(number=3)
    pks = [keep(store, data) for data in (first, answer, other)]
    ids = [store.db.read(partial(info, message_pk=pk)).thread_id for pk in pks]
    assert ids[0] == ids[1] != ids[2]
    assert all(0 <= one < 2**63 for one in ids)


def test_many_are_read_at_once_those_without_an_octet_too(store: Store) -> None:
    kept = {keep(store, data): data for data in (letter(), b"", with_file(os.urandom(30_000)), b"x")}
    missing = max(kept) + 1
    assert store.db.read(lambda conn: read_many(conn, store.blobs, [*kept, missing])) == kept
