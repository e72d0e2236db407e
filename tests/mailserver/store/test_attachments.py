"""Text inside attached documents is found after the worker has been by."""

import io
import time
from functools import partial

import docx
import pytest

from mailserver.actor import SYSTEM
from mailserver.store import fsck, raw
from mailserver.store.attachments import has_waiting, index_attachments, index_folder
from mailserver.store.search import SearchIndex
from mailserver.store.store import Store
from tests.support.mail import Box, letter, with_file

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def document(text: str) -> bytes:
    made = docx.Document()
    made.add_paragraph(text)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def found(box: Box, query: str) -> list[int]:
    folder_id = box.folder().id
    pks = box.store.db.read(lambda conn: SearchIndex().match(conn, folder_id, query, "text"))
    return [row.uid for row in box.rows() if row.message_pk in pks]


def test_an_attached_document_is_found_by_what_it_says(box: Box) -> None:
    box.put(letter())
    box.put(with_file(document("Quyết định về việc nâng bậc lương"), name="qd.docx", media=DOCX))
    assert found(box, "nang bac luong") == []
    assert index_attachments(box.store) == 1
    assert found(box, "nang bac luong") == [2]
    assert found(box, "xem file") == [2]
    assert index_attachments(box.store) == 0
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_a_document_that_cannot_be_read_is_tried_once(box: Box) -> None:
    box.put(with_file(b"%PDF-1.7 garbage", name="hỏng.pdf", media="application/pdf"))
    assert index_attachments(box.store) == 1
    assert index_attachments(box.store) == 0
    assert found(box, "xem file") == [1]


def test_a_message_whose_blob_is_away_waits_and_holds_up_no_other(box: Box) -> None:
    content = document("một " * 9_000) + b"\0" * 30_000
    box.put(with_file(content, name="a.docx", media=DOCX))
    box.put(with_file(document("hai"), name="b.docx", media=DOCX))
    digests = box.store.db.read(lambda conn: raw.rows(conn, "SELECT digest FROM blob ORDER BY size DESC"))
    box.store.blobs.delete(digests[0][0])
    assert index_attachments(box.store) == 1
    assert found(box, "hai") == [2]
    box.store.blobs.put(content)
    assert index_attachments(box.store) == 1


def test_only_as_many_as_asked_for_are_read(box: Box) -> None:
    for number in range(3):
        box.put(with_file(document(f"bản {number}"), name="a.docx", media=DOCX))
    assert [index_attachments(box.store, 2) for _ in range(3)] == [2, 1, 0]


def test_a_search_need_not_wait_for_the_worker(box: Box) -> None:
    folder_id, other_id = box.folder().id, box.folder("Archive").id
    box.put(with_file(document("cũ"), name="a.docx", media=DOCX))
    box.put(with_file(document("nơi khác"), name="a.docx", media=DOCX), name="Archive")
    box.put(with_file(document("mới"), name="a.docx", media=DOCX))
    waiting = [box.store.db.read(partial(has_waiting, folder_id=folder_id)) for folder_id in (folder_id, other_id)]
    assert waiting == [True, True]
    index_folder(box.store, folder_id, time.monotonic())
    assert found(box, "moi") == []
    index_folder(box.store, folder_id, time.monotonic() + 60)
    assert (found(box, "moi"), found(box, "cu")) == ([2], [1])
    assert not box.store.db.read(partial(has_waiting, folder_id=folder_id))
    assert index_attachments(box.store) == 1


def test_a_message_gone_meanwhile_is_no_trouble(box: Box) -> None:
    box.put(with_file(document("x"), name="a.docx", media=DOCX))
    pk = box.rows()[0].message_pk
    box.store.db.write(lambda tx: SearchIndex().remove_tx(tx, pk), SYSTEM)
    assert index_attachments(box.store) == 0
    box.store.db.write(lambda tx: SearchIndex().add_text_tx(tx, pk, "x"), SYSTEM)
    assert found(box, "x") == []
