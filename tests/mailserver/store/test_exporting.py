"""A mailbox as a file: every message, quoted reversibly, made piece by piece."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import exporting, folders
from mailserver.store.store import Store
from tests.support.mail import Box, letter


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def test_lines_that_look_like_a_beginning_are_quoted_and_can_be_given_back(box: Box) -> None:
    texts = ["From đây\r\n>From kia\r\nFromage", "không xuống dòng cuối"]
    written = [letter(text=text, number=number) for number, text in enumerate(texts)]
    written[1] = written[1].rstrip(b"\r\n")
    for octets in written:
        box.put(octets)
    whole = b"".join(exporting.as_mbox(box.store.db, box.store.blobs, box.owner_id))
    parts = re.split(rb"^From MAILER-DAEMON Mon Jan  5 00:00:00 2026\r\n", whole, flags=re.MULTILINE)
    assert parts[0] == b""
    given_back = [re.sub(rb"^>(>*From )", rb"\1", part, flags=re.MULTILINE) for part in parts[1:]]
    field = b"X-Folder: INBOX\r\n"
    assert [part[len(field) :].rstrip(b"\r\n") for part in given_back] == [one.rstrip(b"\r\n") for one in written]


def test_a_message_at_a_time_is_in_memory(box: Box) -> None:
    for number in range(5):
        box.put(letter(number=number, text="x" * 50_000))
    pieces = list(exporting.as_zip(box.store.db, box.store.blobs, box.owner_id))
    assert len(pieces) == 6
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert len(archive.namelist()) == 5
        assert archive.testzip() is None


def test_more_than_a_page_and_names_that_no_file_has(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    box.store.db.write(lambda tx: folders.create_tx(tx, 1, "A: <b>/..c"), SYSTEM)
    for number in range(5):
        box.put(letter(f"../{number}\\?", number=number), "A: <b>/..c")
    octets = b"".join(exporting.as_zip(box.store.db, box.store.blobs, box.owner_id))
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.namelist()[0] == "A_ _b_/c/000001 _0__.eml"
        assert len(archive.namelist()) == 5


def test_an_empty_mailbox_is_an_empty_file(box: Box) -> None:
    assert list(exporting.as_mbox(box.store.db, box.store.blobs, box.owner_id)) == []
    octets = b"".join(exporting.as_zip(box.store.db, box.store.blobs, box.owner_id))
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.namelist() == []
