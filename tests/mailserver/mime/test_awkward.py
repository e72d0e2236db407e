"""A corpus of awkward mail is read without an exception, and what is said about it is sound."""

from __future__ import annotations

import pytest

from mailserver.mime.body import searchable_text
from mailserver.mime.scan import scan
from mailserver.mime.transfer import decode_body
from tests.mailserver.mime import soundness
from tests.support import awkward

COUNT = 1_000


def test_the_corpus_is_large_diverse_and_always_the_same() -> None:
    corpus = awkward.messages(COUNT)
    assert len({made.octets for made in corpus}) == COUNT
    names = " ".join(made.name for made in corpus)
    assert [name for name in awkward.classes() if name not in names and name not in awkward.LARGE] == []
    again = awkward.messages(600)
    assert [made.octets for made in again] == [made.octets for made in corpus[:600]]
    assert awkward.messages(50, seed=1) != again[:50]


@pytest.mark.parametrize("tenth", range(10))
def test_awkward_mail_is_read(tenth: int) -> None:
    for made in awkward.messages(COUNT)[tenth::10]:
        read(made)


@pytest.mark.parametrize("name", awkward.LARGE)
def test_large_awkward_mail_is_read(name: str) -> None:
    (made,) = [made for made in awkward.large() if made.name == name]
    read(made)


def read(made: awkward.Awkward) -> None:
    try:
        scanned = scan(made.octets)
        soundness.check(made.octets, scanned)
        found = searchable_text(made.octets, scanned)
        soundness.check_storable([*soundness.texts_of(scanned), found.head, found.body, found.preview])
        for part in scanned.structure.walk():
            decode_body(made.octets[slice(*part.body)], part.encoding)
    except Exception as fault:
        raise AssertionError(made.name) from fault
