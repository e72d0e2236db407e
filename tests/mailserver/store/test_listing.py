"""Lines of a list as a search gives them."""

from __future__ import annotations

import pytest

from mailserver.store import listing
from mailserver.store.store import Store
from tests.support.mail import Box, letter


@pytest.mark.parametrize(
    ("words", "uids"),
    [
        ("", [4, 3, 2, 1]),
        ("ma so", [4, 3, 2, 1]),
        ("mã số", [3, 1, 4, 2]),
        ("MÃ SỐ", [3, 1, 4, 2]),
        ("má số", [2, 4, 3, 1]),
        ("mạ số", [4, 3, 2, 1]),
    ],
)
def test_lines_with_the_very_diacritics_come_first_and_then_the_newest(
    store: Store, words: str, uids: list[int]
) -> None:
    box = Box.make(store)
    for number, subject in enumerate(("Mã số", "Má số", "x", "Ma so"), 1):
        box.put(letter(subject, "Mã số thuế" if subject == "x" else "…", number))
    folder_id, pks = box.folder().id, [row.message_pk for row in box.rows()]
    lines = store.db.read(lambda conn: listing.lines_of(conn, folder_id, pks, words))
    assert [line.uid for line in lines] == uids
    assert store.db.read(lambda conn: listing.lines_of(conn, folder_id, pks, words, 1))[0].uid == uids[0]
