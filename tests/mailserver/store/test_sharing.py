"""Single folders shared with people, units, groups and everybody: who gets what, and what is left of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.directory.agencies import create_agency_tx
from mailserver.directory.grants import grant_tx
from mailserver.directory.people import create_person_tx, lock_person_tx
from mailserver.directory.records import PersonData
from mailserver.store import access, acl, folder_changes, folders, namespaces, raw, sharing
from mailserver.store.errors import FolderMissing, GranteeMissing, RightsFixed, TooManyShares
from mailserver.store.folders import Folder
from mailserver.store.letters import ALL, Letters
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.office import DOMAIN, Office, found_office

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LR = frozenset("lr")


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


def actor(office: Office, name: str) -> Actor:
    return Actor(office.ids[name], office.agency_id, "imap")


def folder(office: Office, owner: str, name: str = "Archive") -> Folder:
    return office.store.db.read(lambda conn: folders.get(conn, office.ids[owner], name))


def share(office: Office, owner: str, identifier: str, letters: str, how: str = "", name: str = "Archive") -> None:
    shared = folder(office, owner, name)
    office.store.db.write(
        lambda tx: sharing.share_tx(tx, shared, identifier, frozenset(letters), how), actor(office, owner)
    )


def rights(office: Office, name: str, owner: str, of: str = "Archive") -> Letters:
    found = folder(office, owner, of)
    return office.store.db.read(lambda conn: access.rights_on(conn, actor(office, name), found))


def names(office: Office, name: str) -> list[str]:
    found = office.store.db.read(lambda conn: namespaces.visible(conn, actor(office, name)))
    return [one.name for one in found if one.name.startswith(("Other Users", "Shared"))]


@pytest.mark.parametrize("identifier", [f"chi@{DOMAIN}", f"CHI@{DOMAIN.upper()}", "chi", f"tatca@{DOMAIN}", "anyone"])
def test_one_folder_is_shared_and_no_other(office: Office, identifier: str) -> None:
    share(office, "binh", identifier, "lr")
    assert names(office, "chi") == ["Other Users", "Other Users/binh", "Other Users/binh/Archive"]
    assert rights(office, "chi", "binh") == LR
    assert rights(office, "chi", "binh", "INBOX") == frozenset()
    shared = folder(office, "binh")
    office.store.db.write(lambda tx: sharing.unshare_tx(tx, shared, identifier), actor(office, "binh"))
    assert names(office, "chi") == []
    assert rights(office, "chi", "binh") == frozenset()


def test_rights_from_several_sides_add_up(office: Office) -> None:
    share(office, "binh", "chi", "lr")
    share(office, "binh", "tatca", "ls")
    share(office, "binh", "anyone", "i")
    ids = office.ids["binh"], office.ids["chi"]
    office.store.db.write(lambda tx: grant_tx(tx, *ids, ["send_on_behalf"], LONG_AGO), SYSTEM)
    assert rights(office, "chi", "binh") == frozenset("lrsip")
    assert rights(office, "an", "binh") == frozenset("lsi")


def test_who_may_not_sign_in_has_nothing_and_other_agencies_are_not_everybody(office: Office) -> None:
    share(office, "binh", "anyone", "lr")

    def work(tx: Tx) -> int:
        lock_person_tx(tx, office.ids["chi"])
        other = create_agency_tx(tx, "SXD", "Sở Xây dựng", "sxd.test", "sxd")
        return create_person_tx(tx, other, PersonData("Lê", "", "Dung", local_part="dung"))

    office.ids["dung"] = office.store.db.write(work, SYSTEM)
    assert rights(office, "chi", "binh") == rights(office, "dung", "binh") == frozenset()
    with pytest.raises(GranteeMissing):
        share(office, "binh", "dung@sxd.test", "lr")


def test_the_head_of_a_unit_shares_its_folders_with_everybody_even_the_agency_its_own(office: Office) -> None:
    share(office, "vanphong", "anyone", "lr")
    assert names(office, "chi") == ["Shared", "Shared/Văn phòng", "Shared/Văn phòng/Archive"]
    assert rights(office, "an", "vanphong") == ALL
    office.ids["sct"] = office.store.db.read(
        lambda conn: raw.row(conn, "SELECT id FROM principal WHERE kind = 'agency'")
    )[0]  # type: ignore[index]
    share(office, "sct", "anyone", "l")
    assert "Shared/Sở Công Thương/Archive" in names(office, "chi")


def shares(office: Office, owner: str) -> list[tuple[str, str]]:
    found = folder(office, owner)
    listed = office.store.db.read(lambda conn: sharing.shares_of(conn, found, datetime.now(UTC)))
    return [(who, "".join(letter for letter in "lrswipkxtea" if letter in letters)) for who, letters in listed]


def test_the_list_shows_what_comes_with_the_whole_mailbox_too(office: Office) -> None:
    ids = office.ids["vanphong"], office.ids["chi"]
    office.store.db.write(lambda tx: grant_tx(tx, *ids, ["read"], LONG_AGO), SYSTEM)
    share(office, "vanphong", "binh", "l")
    assert shares(office, "vanphong") == [
        (f"vanphong@{DOMAIN}", "lrswipkxtea"),
        (f"an@{DOMAIN}", "lrswipkxtea"),
        (f"binh@{DOMAIN}", "l"),
        (f"chi@{DOMAIN}", "lrs"),
    ]


@pytest.mark.parametrize(("letters", "how"), [("lr", ""), ("", ""), ("s", "-")])
def test_what_comes_with_a_grant_is_not_taken_away_on_one_folder(office: Office, letters: str, how: str) -> None:
    ids = office.ids["binh"], office.ids["chi"]
    office.store.db.write(lambda tx: grant_tx(tx, *ids, ["read"], LONG_AGO), SYSTEM)
    with pytest.raises(RightsFixed):
        share(office, "binh", "chi", letters, how)
    shared = folder(office, "binh")
    with pytest.raises(RightsFixed):
        office.store.db.write(lambda tx: sharing.unshare_tx(tx, shared, "chi"), SYSTEM)
    share(office, "binh", "chi", "w", "+")
    assert rights(office, "chi", "binh") == frozenset("lrsw")


def test_a_folder_is_shared_with_so_many_at_most(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_SHARES", 1)
    share(office, "binh", "chi", "lr")
    share(office, "binh", "chi", "lrs")
    with pytest.raises(TooManyShares):
        share(office, "binh", "an", "lr")


def test_the_list_goes_with_the_folder(office: Office) -> None:
    office.store.db.write(lambda tx: folders.create_tx(tx, office.ids["binh"], "Chung"), SYSTEM)
    share(office, "binh", "chi", "lr", name="Chung")
    shared = folder(office, "binh", "Chung")
    office.store.db.write(lambda tx: folder_changes.delete_tx(tx, office.ids["binh"], "Chung"), SYSTEM)
    assert office.store.db.read(lambda conn: acl.list_of(conn, shared.id)) == {}
    assert names(office, "chi") == []


def test_levels_above_a_shared_folder_only_lead_to_it(office: Office) -> None:
    office.store.db.write(lambda tx: folders.create_tx(tx, office.ids["binh"], "a/b/c"), SYSTEM)
    share(office, "binh", "chi", "lr", name="a/b/c")
    found = office.store.db.read(lambda conn: namespaces.visible(conn, actor(office, "chi")))
    tail = [(one.name, one.folder is not None) for one in found if one.name.startswith("Other Users/binh/")]
    assert tail == [("Other Users/binh/a", False), ("Other Users/binh/a/b", False), ("Other Users/binh/a/b/c", True)]
    above, below = folder(office, "binh", "a"), folder(office, "binh", "a/b/c")
    assert office.store.db.read(lambda conn: namespaces.name_for(conn, actor(office, "chi"), below)) == tail[-1][0]
    with pytest.raises(FolderMissing):
        office.store.db.read(lambda conn: namespaces.name_for(conn, actor(office, "chi"), above))


def test_every_change_leaves_an_audit_entry_and_no_change_none(office: Office) -> None:
    for _ in range(2):
        share(office, "binh", "chi", "lr")
    shared = folder(office, "binh")
    for _ in range(2):
        office.store.db.write(lambda tx: sharing.unshare_tx(tx, shared, "chi"), actor(office, "binh"))
    query = "SELECT action, actor_id, owner_id, detail FROM audit WHERE action LIKE 'folder.%' ORDER BY id"
    found = office.store.db.read(lambda conn: raw.rows(conn, query))
    told = [(action, who, owner, raw.from_json(detail)["rights"]) for action, who, owner, detail in found]
    binh = office.ids["binh"]
    assert told == [("folder.shared", binh, binh, "lr"), ("folder.unshared", binh, binh, "")], json.dumps(told)
