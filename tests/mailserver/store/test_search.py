"""Full text: Vietnamese without diacritics, phrases, beginnings of words, parts of addresses."""

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import entries, fsck, raw
from mailserver.store.search import SearchIndex, words
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.mail import Box, letter


@pytest.fixture
def box(store: Store) -> Box:
    box = Box.make(store)
    box.put(letter("Công văn đi số 123/SXD-VP", "Kính gửi: Phòng Tài chính – Kế hoạch.", 1))
    box.put(letter("Báo cáo tuần", "Đề nghị gửi trước 17h00 thứ Sáu; liên hệ le.thi-hoa+vb@tcvn.gov.vn", 2))
    return box


def found(box: Box, query: str, where: str = "text", name: str = "INBOX") -> list[int]:
    folder_id = box.folder(name).id
    pks = box.store.db.read(lambda conn: SearchIndex().match(conn, folder_id, query, where))
    return [row.uid for row in box.rows(name) if row.message_pk in pks]


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("Công văn đi", [1]),
        ("cong van di", [1]),
        ("CÔNG VĂN", [1]),
        ("cong va", [1]),
        ("van cong", []),
        ("ong van", []),
        ("123/SXD", [1]),
        ("tài chính - kế hoạch", [1]),
        ("tai chinh ke", [1]),
        ("chinh ke hoach", [1]),
        ("le.thi-hoa+vb@tcvn.gov.vn", [2]),
        ("thi hoa", [2]),
        ("tcvn", [2]),
        ("an.nguyen@so", [1, 2]),
        ("Nguyễn Văn An", [1, 2]),
        ("17h00", [2]),
        ("", [1, 2]),
        ("  ", [1, 2]),
        ("!?", []),
        ('công" OR "báo', []),
        ("bao*", [2]),
        ("NOT x", []),
        ("'", []),
        ("%", []),
        ("x" * 5000, []),
    ],
)
def test_words_are_found_however_they_are_written(box: Box, query: str, uids: list[int]) -> None:
    assert found(box, query) == uids
    assert found_in_range(box, query) == uids


def found_in_range(box: Box, query: str, where: str = "text") -> list[int]:
    rows = box.rows()
    span = rows[0].message_pk, rows[-1].message_pk
    pks = box.store.db.read(lambda conn: SearchIndex().match_in_range(conn, span, query, where))
    return [row.uid for row in rows if row.message_pk in pks]


def test_a_range_ends_where_it_is_said_to(box: Box) -> None:
    first, second = (row.message_pk for row in box.rows())

    def asked(low: int, high: int) -> set[int]:
        return box.store.db.read(lambda conn: SearchIndex().match_in_range(conn, (low, high), "an.nguyen@so", "text"))

    assert (asked(first, second), asked(first, first), asked(second, second + 9), asked(second + 1, second + 9)) == (
        {first, second}, {first}, {second}, set(),
    )  # fmt: skip


def found_within(box: Box, query: str, where: str = "text") -> list[int]:
    rows = box.rows()
    pks = {row.message_pk for row in rows}
    pks = box.store.db.read(lambda conn: SearchIndex().within(conn, pks, query, where))
    return [row.uid for row in rows if row.message_pk in pks]


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("Công văn đi", [1]),
        ("ong va", [1]),
        ("HÍNH - KẾ HOẠ", [1]),
        ("cvn.gov", [2]),
        ("van cong", []),
        ("", [1, 2]),
        ("  ", [1, 2]),
        ("!?", []),
        ("%", []),
        ("x" * 5000, []),
    ],
)
def test_where_the_text_is_read_parts_of_words_are_found_too(box: Box, query: str, uids: list[int]) -> None:
    assert found_within(box, query) == uids
    assert set(found(box, query)) <= set(uids)


def test_text_that_is_read_can_be_asked_for_apart(box: Box) -> None:
    assert found_within(box, "ông vă", "head") == [1]
    assert found_within(box, "ông vă", "body") == []
    assert found_within(box, "ế hoạ", "body") == [1]
    assert box.store.db.read(lambda conn: SearchIndex().within(conn, set(), "công", "text")) == set()


def test_head_and_body_can_be_asked_apart(box: Box) -> None:
    assert found(box, "công văn", "head") == [1]
    assert found(box, "công văn", "body") == []
    assert found(box, "kế hoạch", "body") == [1]
    assert found(box, "kế hoạch", "head") == []
    assert found(box, "van.thu", "head") == [1, 2]


def test_a_phrase_does_not_reach_from_head_into_body(box: Box) -> None:
    assert found(box, "123 SXD VP Kính gửi") == []


def test_only_the_folder_asked_for_is_searched(box: Box) -> None:
    inbox, archive = box.folder().id, box.folder("Archive").id
    box.store.db.write(lambda tx: entries.move_tx(tx, inbox, [1], archive), SYSTEM)
    assert found(box, "cong van") == []
    assert found(box, "cong van", name="Archive") == [1]


def test_a_phrase_is_found_far_into_a_long_text(box: Box) -> None:
    """Beyond position 16,383, where PostgreSQL's tsvector stops counting."""
    box.put(letter("dài", "chữ " * 20_000 + "kết thúc tại đây", 3))
    assert found(box, "ket thuc tai day") == [3]
    assert found(box, "thuc ket") == []


def test_words_beyond_all_measure_are_cut_alike_in_text_and_query(box: Box) -> None:
    box.put(letter("mã", "a" * 3000, 3))
    assert found(box, "a" * 3000) == [3]


def test_text_added_later_is_found_and_the_rest_still_is(box: Box) -> None:
    pk = box.rows()[0].message_pk
    box.store.db.write(lambda tx: _mark_incomplete(tx, pk), SYSTEM)
    box.store.db.write(lambda tx: SearchIndex().add_text_tx(tx, pk, "phu luc dinh kem"), SYSTEM)
    assert found(box, "phụ lục") == [1]
    assert found(box, "công văn") == [1]
    assert found(box, "tài chính") == [1]
    assert fsck.check(box.store.db, box.store.blobs) == []


def _mark_incomplete(tx: Tx, message_pk: int) -> None:
    raw.run(tx.conn, "UPDATE message_text SET complete = false WHERE message_pk = ?", (message_pk,))


def test_a_message_indexed_and_removed_in_one_transaction_leaves_nothing(box: Box) -> None:
    def work(tx: Tx) -> None:
        index = SearchIndex()
        index.remove_tx(tx, 1)
        index.index_tx(tx, 1, "moi", "")
        index.remove_tx(tx, 1)
        index.index_tx(tx, 1, "moi hon", "")

    box.store.db.write(work, SYSTEM)
    assert found(box, "moi hon") == [1]
    assert found(box, "cong van") == []
    assert fsck.check(box.store.db, box.store.blobs) == []


@pytest.mark.parametrize(
    ("folded", "kept"),
    [
        ("a.b-c_d+e@f", "a b c d e f"),
        ("  x  ", "x"),
        ("", ""),
        ("日本 語", "日本 語"),
        ("y" * 70 + " z", "y" * 64 + " z"),
        ("«ơ»", "ơ"),
    ],
)
def test_words_are_letters_and_digits(folded: str, kept: str) -> None:
    assert words(folded) == kept
