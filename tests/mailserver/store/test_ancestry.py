"""Whom a message answers, as it is kept."""

from __future__ import annotations

import pytest

from mailserver.mime.scan import scan
from mailserver.store import messages
from mailserver.store.ancestry import MOST, NONE, ancestry, number_of, numbers_of
from mailserver.store.store import Store
from tests.support.mail import Box


@pytest.mark.parametrize(
    ("own", "references", "in_reply_to", "names"),
    [
        ("a@x", (), (), ["a@x"]),
        ("c@x", ("a@x", "b@x"), ("z@x",), ["c@x", "a@x", "b@x"]),
        ("c@x", (), ("b@x", "a@x"), ["c@x", "b@x"]),
    ],
)
def test_references_count_before_in_reply_to(
    own: str, references: tuple[str, ...], in_reply_to: tuple[str, ...], names: list[str]
) -> None:
    assert list(numbers_of(ancestry(own, references, in_reply_to))) == list(map(number_of, names))


def test_a_message_without_identifier_has_no_number() -> None:
    assert list(numbers_of(ancestry(None, ("a@x",), ()))) == [NONE, number_of("a@x")]
    assert list(numbers_of(None)) == [NONE]


def test_of_very_many_references_the_oldest_and_the_newest_are_kept() -> None:
    many = [f"{index}@x" for index in range(1000)]
    kept = list(numbers_of(ancestry("own@x", many, ())))
    assert kept == [number_of(name) for name in ("own@x", "0@x", *many[1 - MOST :])]


def test_it_is_kept_with_the_message(store: Store) -> None:
    box = Box.make(store)
    data = b'Message-ID: <2@x>\r\nReferences: <1@x>\r\nTo: "B" <b@x>, c@x\r\n\r\n'
    box.put(data)
    pk = box.rows()[0].message_pk
    loaded = store.db.read(lambda conn: messages.load_many(conn, [pk], ["ancestry", "recipient"]))
    assert list(numbers_of(loaded[pk][0])) == [number_of("2@x"), number_of("1@x")]
    assert loaded[pk][1] == scan(data).to[0].display
