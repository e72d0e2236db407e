"""Who sees which mailbox, under which name, with which rights."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from mailserver.actor import SYSTEM, Actor
from mailserver.directory.grants import grant_tx, revoke_tx
from mailserver.directory.posts import create_unit_tx
from mailserver.store import access, folders, namespaces, openings, raw
from mailserver.store.errors import FolderMissing, Forbidden
from mailserver.store.folders import Folder
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.office import Office, found_office

ALL = frozenset("lrswipkxtea")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


def actor(office: Office, name: str) -> Actor:
    return Actor(office.ids[name], office.agency_id, "imap")


def grant(office: Office, owner: str, grantee: str, *rights: str, until: datetime | None = None) -> int:
    ids = office.ids[owner], office.ids[grantee]
    return office.store.db.write(lambda tx: grant_tx(tx, *ids, rights, LONG_AGO, until), SYSTEM)


def inbox(office: Office, name: str) -> Folder:
    return office.store.db.read(lambda conn: folders.get(conn, office.ids[name], "INBOX"))


def names(office: Office, name: str) -> list[str]:
    found = office.store.db.read(lambda conn: namespaces.visible(conn, actor(office, name)))
    return [one.name for one in found]


def require(office: Office, name: str, owner: str, right: str) -> None:
    folder = inbox(office, owner)
    office.store.db.read(lambda conn: access.require(conn, actor(office, name), folder, right))


def test_the_own_mailbox_comes_first_with_all_rights(office: Office) -> None:
    found = office.store.db.read(lambda conn: access.mailboxes_for(conn, actor(office, "binh")))
    assert [(one.owner_id, one.address, one.rights) for one in found] == [(office.ids["binh"], "binh@sct.test", ALL)]


def test_a_head_manages_post_and_unit_without_any_grant(office: Office) -> None:
    found = office.store.db.read(lambda conn: access.mailboxes_for(conn, actor(office, "an")))
    assert found[0].owner_id == office.ids["an"]
    assert {one.owner_id: one.rights for one in found[1:]} == {
        office.ids["cvp"]: ALL,
        office.ids["vanphong"]: ALL,
    }
    assert all(one.send == {"on_behalf"} for one in found[1:])
    assert {"Shared", "Shared/Văn phòng", "Shared/Văn phòng/INBOX", "Shared/Chánh Văn phòng/Sent"} <= set(
        names(office, "an")
    )


def test_a_grant_makes_the_mailbox_appear_and_its_end_makes_it_vanish(office: Office) -> None:
    before = names(office, "chi")
    grant_id = grant(office, "binh", "chi", "read")
    assert {"Other Users", "Other Users/binh", "Other Users/binh/INBOX"} <= set(names(office, "chi"))
    require(office, "chi", "binh", "r")
    office.store.db.write(lambda tx: revoke_tx(tx, grant_id), SYSTEM)
    assert names(office, "chi") == before
    with pytest.raises(FolderMissing):
        require(office, "chi", "binh", "r")


def test_a_grant_that_has_ended_gives_nothing(office: Office) -> None:
    grant(office, "binh", "chi", "manage", until=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(FolderMissing):
        require(office, "chi", "binh", "l")


@pytest.mark.parametrize(
    ("granted", "allowed", "refused"),
    [("read", "lrs", "witepkxa"), ("handle", "lrswitpke", "xa"), ("manage", "lrswipkxte", "a")],
)
def test_each_right_carries_its_letters(office: Office, granted: str, allowed: str, refused: str) -> None:
    grant(office, "binh", "chi", granted)
    for letter in allowed:
        require(office, "chi", "binh", letter)
    for letter in refused:
        with pytest.raises(Forbidden) as refusal:
            require(office, "chi", "binh", letter)
        assert refusal.value.right == letter


def test_leave_to_send_shows_no_mailbox(office: Office) -> None:
    grant(office, "binh", "chi", "send_on_behalf")
    assert "Other Users/binh" not in names(office, "chi")
    with pytest.raises(FolderMissing):
        require(office, "chi", "binh", "r")


def test_a_stranger_cannot_tell_a_mailbox_from_none(office: Office) -> None:
    with pytest.raises(FolderMissing):
        require(office, "chi", "binh", "r")
    me = actor(office, "chi")
    for name in ("Other Users/binh/INBOX", "Other Users/nobody/INBOX", "Shared/Văn phòng/INBOX", "Shared", "Shared/"):
        with pytest.raises(FolderMissing):
            office.store.db.read(partial(namespaces.resolve, actor=me, name=name))


def test_the_system_may_do_everything_and_lists_nothing(office: Office) -> None:
    folder = inbox(office, "binh")
    office.store.db.read(lambda conn: access.require(conn, SYSTEM, folder, "a"))
    assert office.store.db.read(lambda conn: namespaces.visible(conn, SYSTEM)) == []
    with pytest.raises(FolderMissing):
        office.store.db.read(lambda conn: namespaces.place(conn, SYSTEM, "INBOX"))


def test_every_visible_name_resolves_to_its_folder_and_back(office: Office) -> None:
    grant(office, "binh", "an", "read")
    me = actor(office, "an")

    def check(conn: Connection) -> int:
        listed = namespaces.visible(conn, me)
        for name, folder, rights in listed:
            if folder is not None:
                assert namespaces.resolve(conn, me, name) == (folder, rights)
                assert namespaces.name_for(conn, me, folder) == name
        return len(listed)

    assert office.store.db.read(check) == 6 + 2 + 3 + 18


def test_inbox_of_others_is_found_in_any_case(office: Office) -> None:
    found = office.store.db.read(lambda conn: namespaces.resolve(conn, actor(office, "an"), "Shared/Văn phòng/inbox"))
    assert found.folder == inbox(office, "vanphong")


def test_a_place_for_a_folder_that_is_not_there_yet(office: Office) -> None:
    place = office.store.db.read(lambda conn: namespaces.place(conn, actor(office, "an"), "Shared/Văn phòng/Mới/2026"))
    assert place == (office.ids["vanphong"], "Mới/2026", None, frozenset(), ALL)


def test_mailboxes_of_the_same_name_show_their_address(office: Office) -> None:
    def work(tx: Tx) -> None:
        for local in ("vp2", "vp3"):
            unit = create_unit_tx(tx, office.agency_id, local.upper(), "Văn phòng", local)
            grant_tx(tx, unit, office.ids["an"], ["read"], LONG_AGO)

    office.store.db.write(work, SYSTEM)
    found = [name for name in names(office, "an") if name.endswith("/INBOX") and "Văn phòng (" in name]
    assert found == [f"Shared/Văn phòng ({local}@sct.test)/INBOX" for local in ("vanphong", "vp2", "vp3")]


def test_a_slash_in_a_name_makes_no_second_level(office: Office) -> None:
    def work(tx: Tx) -> None:
        unit = create_unit_tx(tx, office.agency_id, "TCKH", "Phòng TC/KH", "tckh")
        grant_tx(tx, unit, office.ids["chi"], ["read"], LONG_AGO)

    office.store.db.write(work, SYSTEM)
    assert "Shared/Phòng TC∕KH/INBOX" in names(office, "chi")


def test_reading_somebody_elses_mail_leaves_a_record_and_reading_ones_own_none(office: Office) -> None:
    def opened() -> list[tuple[object, ...]]:
        query = "SELECT actor_id, owner_id, action FROM audit WHERE action = 'mailbox.opened'"
        return [tuple(row) for row in office.store.db.read(lambda conn: raw.rows(conn, query))]

    theirs, own = inbox(office, "vanphong"), inbox(office, "an")
    office.store.db.write(lambda tx: openings.note_tx(tx, own), actor(office, "an"))
    office.store.db.write(lambda tx: openings.note_tx(tx, theirs), SYSTEM)
    assert opened() == []
    office.store.db.write(lambda tx: openings.note_tx(tx, theirs), actor(office, "an"))
    assert opened() == [(office.ids["an"], office.ids["vanphong"], "mailbox.opened")]
