"""What a mailbox holds, may hold, and what is asked of it."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import entries, folders, quota, raw
from mailserver.store.errors import OverQuota
from mailserver.store.ingest import prepare
from mailserver.store.quota import Amount, Quota
from mailserver.store.store import Store
from tests.support.mail import letter
from tests.support.office import Office, found_office


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


def put(office: Office, name: str, folder: str) -> int:
    """A mail in somebody's folder; its size."""
    prepared = prepare(letter(), office.store.blobs)
    found = office.store.db.read(lambda conn: folders.get(conn, office.ids[name], folder))
    office.store.db.write(lambda tx: entries.append_tx(tx, found.id, prepared, 0, "", 0), SYSTEM)
    return len(letter())


def limit(office: Office, owner_id: int, **limits: int | None) -> None:
    office.store.db.write(lambda tx: quota.limit_tx(tx, owner_id, **limits), SYSTEM)


def of(office: Office, name: str) -> Quota:
    return office.store.db.read(lambda conn: quota.of(conn, office.ids[name]))


def test_what_is_used_is_the_sum_of_all_folders(office: Office) -> None:
    size = put(office, "binh", "INBOX") + put(office, "binh", "Trash")
    put(office, "chi", "INBOX")
    binh = office.ids["binh"]
    used = office.store.db.read(lambda conn: quota.used_by(conn, [binh]))
    assert used == {binh: Amount(size, 2)}
    limit(office, binh, octets=5000, messages=2)
    assert of(office, "binh") == Quota(Amount(size, 2), Amount(5000, 2))


def test_own_limits_come_before_those_of_the_agency(office: Office) -> None:
    agency = office.store.db.read(lambda conn: raw.row(conn, "SELECT id FROM principal WHERE kind = 'agency'"))
    assert agency is not None
    assert of(office, "binh").limit == (0, 0)
    limit(office, agency[0], members_octets=100, members_messages=7)
    assert of(office, "binh").limit == (100, 7)
    limit(office, office.ids["binh"], octets=0, messages=9)
    assert (of(office, "binh").limit, of(office, "chi").limit) == ((0, 9), (100, 7))
    limit(office, office.ids["binh"], octets=None)
    assert of(office, "binh").limit == (100, 9)


@pytest.mark.parametrize(
    ("limits", "more", "room"),
    [
        ((0, 0), (10**12, 10**6), True),
        ((100, 0), (100, 1), True),
        ((100, 0), (101, 1), False),
        ((0, 1), (10**12, 1), True),
        ((0, 1), (0, 2), False),
    ],
)
def test_room_is_there_up_to_the_limit(limits: tuple[int, int], more: tuple[int, int], room: bool) -> None:
    assert Quota(Amount(0, 0), Amount(*limits)).has_room(Amount(*more)) is room


def test_room_for_entries_is_asked_by_their_sizes(office: Office) -> None:
    size = put(office, "binh", "INBOX")
    put(office, "binh", "INBOX")
    inbox = office.store.db.read(lambda conn: folders.get(conn, office.ids["binh"], "INBOX"))
    chi = office.ids["chi"]
    limit(office, chi, octets=size)
    office.store.db.read(lambda conn: quota.require_room_for_entries(conn, chi, inbox.id, [1]))
    office.store.db.read(lambda conn: quota.require_room_for_entries(conn, chi, inbox.id, []))
    with pytest.raises(OverQuota):
        office.store.db.read(lambda conn: quota.require_room_for_entries(conn, chi, inbox.id, [1, 2]))
    assert office.store.db.read(lambda conn: quota.full_among(conn, {chi, inbox.owner_id}, size + 1)) == {chi}
