"""Folders: making, renaming, deleting, listing (RFC 3501 §6.3)."""

from functools import partial

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import folder_changes, folders, subscriptions
from mailserver.store.errors import FolderExists, FolderInUse, FolderMissing, FolderNameInvalid
from mailserver.store.folders import Folder
from mailserver.store.store import Store
from tests.support.mail import Box


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def create(box: Box, name: str, **options: object) -> Folder:
    return box.store.db.write(lambda tx: folders.create_tx(tx, box.owner_id, name, **options), SYSTEM)  # type: ignore[arg-type]


def delete(box: Box, name: str) -> None:
    box.store.db.write(lambda tx: folder_changes.delete_tx(tx, box.owner_id, name), SYSTEM)


def rename(box: Box, old: str, new: str) -> None:
    box.store.db.write(lambda tx: folder_changes.rename_tx(tx, box.owner_id, old, new), SYSTEM)


def names(box: Box) -> list[str]:
    return [folder.name for folder in box.store.db.read(lambda conn: folders.list_of(conn, box.owner_id))]


def test_a_mailbox_begins_with_the_standard_folders(box: Box) -> None:
    assert names(box) == ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]
    assert box.folder("Sent").special_use == "\\Sent"
    box.store.db.write(lambda tx: folders.create_standard_tx(tx, 1), SYSTEM)
    assert len(names(box)) == 6


def test_inbox_is_found_in_any_case_and_other_names_only_in_theirs(box: Box) -> None:
    assert box.folder("inBox").name == "INBOX"
    assert create(box, "inbox/Riêng").name == "INBOX/Riêng"
    with pytest.raises(FolderMissing):
        box.folder("sent")


def test_a_name_is_one_folder_however_it_is_composed(box: Box) -> None:
    create(box, "Va\u0306n ba\u0309n")
    assert box.folder("Văn bản").name == "Văn bản"
    with pytest.raises(FolderExists):
        create(box, "Văn bản/")


def test_creating_makes_the_levels_above(box: Box) -> None:
    create(box, "Năm/2026/Quý 1")
    assert {"Năm", "Năm/2026", "Năm/2026/Quý 1"} <= set(names(box))
    with pytest.raises(FolderMissing):
        create(box, "Khác/2026", parents=False)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "/a",
        "a//b",
        "a\r\nb",
        "a\x00",
        "\x7f",
        "a/ /b",
        "/".join("abcdefghijklmnopqrstu"),
        "ă" * 501,
        "Shared",
        "Shared/x",
        "Other Users/y",
        "\ud800",
    ],
)
def test_a_bad_name_is_refused(box: Box, name: str) -> None:
    with pytest.raises(FolderNameInvalid):
        create(box, name)


def test_the_longest_name_can_be_kept(box: Box) -> None:
    name = "ẵ" * 333
    assert create(box, name).name == name


def test_a_name_that_comes_again_has_a_greater_uidvalidity(box: Box) -> None:
    seen = []
    for _ in range(5):
        seen.append(create(box, "Tạm").uidvalidity)
        delete(box, "Tạm")
    assert seen == sorted(set(seen))
    assert seen[0] > 0


def test_renaming_takes_the_folders_below_along(box: Box) -> None:
    create(box, "A/b/c")
    before = box.folder("A/b")
    rename(box, "A/b", "X/y")
    assert {"A", "X", "X/y", "X/y/c"} <= set(names(box))
    assert "A/b" not in names(box)
    assert box.folder("X/y").id == before.id
    assert box.folder("X/y").uidvalidity == before.uidvalidity


def test_renaming_inbox_moves_its_messages_and_leaves_it_empty(box: Box) -> None:
    box.put()
    box.put()
    uidnext = box.folder().uidnext
    rename(box, "INBOX", "Cũ")
    assert len(box.rows("Cũ")) == 2
    assert box.rows() == []
    assert box.folder().uidnext == uidnext


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("Không có", "X", FolderMissing),
        ("Sent", "Trash", FolderExists),
        ("Sent", "Sent/dưới", FolderInUse),
        ("Sent", "", FolderNameInvalid),
        ("Riêng", "X", FolderInUse),
        ("Cha", "X", FolderInUse),
    ],
)
def test_a_rename_that_cannot_be_changes_nothing(box: Box, old: str, new: str, error: type[Exception]) -> None:
    create(box, "Riêng", behaviour="some.behaviour")
    create(box, "Cha/Riêng", behaviour="some.behaviour")
    before = names(box)
    with pytest.raises(error):
        rename(box, old, new)
    assert names(box) == before


def test_a_rename_too_deep_for_the_folders_below_changes_nothing(box: Box) -> None:
    create(box, "/".join("abcdefghij"))
    before = names(box)
    with pytest.raises(FolderNameInvalid):
        rename(box, "a", "/".join("ABCDEFGHIJKLM"))
    assert names(box) == before


def test_deleting_takes_the_entries_along(box: Box) -> None:
    create(box, "Tạm")
    box.put(name="Tạm")
    delete(box, "Tạm")
    with pytest.raises(FolderMissing):
        box.folder("Tạm")


@pytest.mark.parametrize("name", ["INBOX", "Riêng", "Cha"])
def test_what_must_stay_cannot_be_deleted(box: Box, name: str) -> None:
    create(box, "Riêng", behaviour="some.behaviour")
    create(box, "Cha/con")
    with pytest.raises(FolderInUse):
        delete(box, name)
    assert box.folder(name)


def test_recent_is_claimed_once(box: Box) -> None:
    box.put()
    box.put()

    folder_id = box.folder().id
    claims = [box.store.db.write(lambda tx: folders.claim_recent_tx(tx, folder_id), SYSTEM) for _ in range(2)]
    assert claims == [1, 3]
    box.put()
    assert box.store.db.write(lambda tx: folders.claim_recent_tx(tx, folder_id), SYSTEM) == 3


def test_subscriptions_are_names_and_need_no_folder(box: Box) -> None:
    write, read = box.store.db.write, box.store.db.read
    for name in ("inbox", "Shared/Văn phòng/INBOX", "inbox"):
        write(partial(subscriptions.subscribe_tx, principal_id=2, name=name), SYSTEM)
    assert read(lambda conn: subscriptions.chosen(conn, 2).names) == {"INBOX", "Shared/Văn phòng/INBOX"}
    write(lambda tx: subscriptions.unsubscribe_tx(tx, 2, "INBOX"), SYSTEM)
    assert read(lambda conn: subscriptions.chosen(conn, 2).names) == {"Shared/Văn phòng/INBOX"}
    assert read(lambda conn: subscriptions.chosen(conn, 3).names) == set()


def test_what_others_share_is_shown_until_somebody_unsubscribes(box: Box) -> None:
    write, read = box.store.db.write, box.store.db.read
    name = "Shared/Văn phòng/INBOX"

    def shows(own: bool = False) -> bool:
        return read(lambda conn: subscriptions.chosen(conn, 2).shows(name, own))

    assert (shows(), shows(own=True)) == (True, False)
    write(lambda tx: subscriptions.unsubscribe_tx(tx, 2, name), SYSTEM)
    assert not shows()
    write(lambda tx: subscriptions.subscribe_tx(tx, 2, name), SYSTEM)
    assert (shows(), shows(own=True)) == (True, True)
    write(lambda tx: subscriptions.unsubscribe_tx(tx, 2, name), SYSTEM)
    write(lambda tx: subscriptions.forget_tx(tx, 2, name), SYSTEM)
    assert (shows(), shows(own=True)) == (True, False)
    write(lambda tx: subscriptions.unsubscribe_tx(tx, 2, "Own"), SYSTEM)
    assert read(lambda conn: subscriptions.chosen(conn, 2)) == subscriptions.Chosen()
    with pytest.raises(FolderNameInvalid):
        write(lambda tx: subscriptions.subscribe_tx(tx, 2, "x" * 1000), SYSTEM)


def test_an_owner_is_subscribed_to_what_is_made_or_renamed(box: Box) -> None:
    create(box, "Năm/2026")
    rename(box, "Năm", "Kỳ")
    found = box.store.db.read(lambda conn: subscriptions.chosen(conn, 1).names)
    assert {"INBOX", "Sent", "Kỳ", "Kỳ/2026"} <= found


def test_a_folder_is_found_by_its_special_use(box: Box) -> None:
    rename(box, "Sent", "Đã gửi")
    found = box.store.db.read(lambda conn: folders.by_special_use(conn, 1, "\\Sent"))
    assert found is not None
    assert found.name == "Đã gửi"
    assert box.store.db.read(lambda conn: folders.by_special_use(conn, 1, "\\All")) is None


def test_the_id_of_a_deleted_folder_does_not_come_again(box: Box) -> None:
    """A session may still have the old folder open."""
    first = create(box, "Tạm").id
    delete(box, "Tạm")
    assert create(box, "Khác").id > first
