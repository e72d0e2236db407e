"""Into which folders a message goes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import Inboxes, deliver_tx, in_junk_tx
from mailserver.directory.resolve import Mailbox
from mailserver.store import folders, ingest
from mailserver.store.errors import FolderMissing
from mailserver.store.schema import folder
from tests.support.office import Office


def test_each_mailbox_gets_one_copy_however_often_it_is_named(office: Office) -> None:
    inboxes = Inboxes()
    boxes = [Mailbox(office.ids[name]) for name in ("an", "binh", "an")]
    assert inboxes.known(boxes) is None
    found = office.store.db.read(lambda conn: inboxes.find(conn, boxes))
    assert len(found) == len({box.folder_id for box in found}) == 2
    assert inboxes.known(boxes) == found
    inboxes.forget()
    assert inboxes.known(boxes) is None


def test_details_of_one_mailbox_are_kept_apart(office: Office) -> None:
    boxes = [Mailbox(office.ids["an"], "a"), Mailbox(office.ids["an"], "b"), Mailbox(office.ids["an"], "a")]
    found = office.store.db.read(lambda conn: Inboxes().find(conn, boxes))
    assert [box.detail for box in found] == ["a", "b"]


def test_a_principal_without_inbox_is_a_fault(office: Office) -> None:
    with pytest.raises(FolderMissing):
        office.store.db.read(lambda conn: Inboxes().find(conn, [Mailbox(999_999)]))


def test_other_rooms_deliver_within_their_own_transaction(office: Office) -> None:
    prepared = ingest.prepare(b"Subject: step\r\n\r\n", office.store.blobs)
    names = ("an", "vanphong")

    def work(tx):  # type: ignore[no-untyped-def]
        return deliver_tx(tx, ingest.store_message_tx(tx, prepared), [office.ids[name] for name in names])

    assert [one.uid for one in office.store.db.write(work, SYSTEM)] == [1, 1]
    assert office.mail("an") == office.mail("vanphong") == [b"Subject: step\r\n\r\n"]

    def fails(tx):  # type: ignore[no-untyped-def]
        work(tx)
        raise RuntimeError("the caller's own reason")

    with pytest.raises(RuntimeError):
        office.store.db.write(fails, SYSTEM)
    assert len(office.mail("an")) == 1


@pytest.mark.parametrize(
    ("name", "special_use"), [("Junk", "\\Junk"), ("Thư rác", "\\Junk"), ("Junk", None), ("X", None)]
)
def test_junk_goes_to_the_folder_for_it_which_is_made_where_there_is_none(
    office: Office, name: str, special_use: str | None
) -> None:
    owner = office.ids["an"]
    own = (folder.c.owner_id == owner) & (folder.c.name == "Junk")
    office.store.db.write(
        lambda tx: tx.conn.execute(update(folder).where(own).values(name=name, special_use=special_use)), SYSTEM
    )
    boxes = office.store.db.read(lambda conn: Inboxes().find(conn, [Mailbox(owner, "d"), Mailbox(office.ids["binh"])]))
    nobody = {-1: None, office.agency_id: frozenset({-1})}
    assert office.store.db.write(lambda tx: in_junk_tx(tx, boxes, nobody), SYSTEM) == boxes
    found = office.store.db.write(lambda tx: in_junk_tx(tx, boxes, {office.agency_id: frozenset({owner})}), SYSTEM)
    expected = "Junk" if name == "X" else name
    assert found[0].folder_id == office.store.db.read(lambda conn: folders.get(conn, owner, expected)).id
    assert found[0].detail == "d"
    assert found[1] == boxes[1]
    everybody = office.store.db.write(lambda tx: in_junk_tx(tx, boxes, {office.agency_id: None}), SYSTEM)
    assert everybody[0] == found[0]
    assert everybody[1].folder_id != boxes[1].folder_id
