"""From the grant to the folder list: one grant opens a mailbox everywhere, its end closes it everywhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from mailserver.actor import Actor
from mailserver.directory import grants, principals
from mailserver.directory.identities import allowed_senders
from mailserver.directory.records import office_day
from mailserver.directory.schema import mailbox_grant
from mailserver.store import access, folders, namespaces
from mailserver.store.errors import FolderMissing, Forbidden
from tests.mailserver.directory.conftest import Office

QLXD = "Shared/P. Quản lý xây dựng"


@pytest.fixture
def minh(office: Office) -> int:
    return office.person("minhnv", office.vp, name="Nguyễn Văn Minh")


def acting(office: Office, person: int) -> Actor:
    return Actor(person, office.agency, "imap")


def listed(office: Office, person: int) -> set[str]:
    """The names of others' folders that a person's mail client would show."""
    found = office.read(lambda conn: namespaces.visible(conn, acting(office, person)))
    return {one.name for one in found if one.name.startswith(("Shared/", "Other Users/"))}


def may(office: Office, person: int, owner: int, right: str) -> bool:
    inbox = office.read(lambda conn: folders.get(conn, owner, "INBOX"))
    try:
        office.read(lambda conn: access.require(conn, acting(office, person), inbox, right))
    except (Forbidden, FolderMissing):
        return False
    return True


def grant(office: Office, owner: int, person: int, *rights: str) -> int:
    return office.write(lambda tx: grants.grant_tx(tx, owner, person, rights, office.now - timedelta(hours=1)))


def test_a_grant_makes_the_mailbox_visible_and_its_end_hides_it(office: Office, minh: int) -> None:
    assert listed(office, minh) == set()
    made = grant(office, office.qlxd, minh, "handle")
    assert f"{QLXD}/INBOX" in listed(office, minh)
    found = office.read(lambda conn: namespaces.resolve(conn, acting(office, minh), f"{QLXD}/INBOX"))
    assert found.folder.owner_id == office.qlxd
    assert any(one.principal_id == office.qlxd for one in office.read(lambda c: allowed_senders(c, minh, office.now)))
    office.write(lambda tx: grants.revoke_tx(tx, made))
    assert listed(office, minh) == set()
    with pytest.raises(FolderMissing):
        office.read(lambda conn: namespaces.resolve(conn, acting(office, minh), f"{QLXD}/INBOX"))
    assert not any(one.on_behalf for one in office.read(lambda c: allowed_senders(c, minh, office.now)))


def test_the_last_day_of_a_grant_hides_the_mailbox_without_anybodys_doing(office: Office, minh: int) -> None:
    made = grant(office, office.qlxd, minh, "read")
    assert f"{QLXD}/INBOX" in listed(office, minh)
    over = update(mailbox_grant).where(mailbox_grant.c.id == made).values(ends_at=office.now - timedelta(seconds=1))
    office.write(lambda tx: tx.conn.execute(over))
    assert listed(office, minh) == set()


@pytest.mark.parametrize(
    ("word", "letters", "refused"),
    [("read", "lrs", "witeakxp"), ("handle", "lrswite", "ax"), ("manage", "lrswitekxp", "a")],
)
def test_each_right_opens_as_much_as_it_says(office: Office, minh: int, word: str, letters: str, refused: str) -> None:
    an = office.person("anl")
    grant(office, an, minh, word)
    assert "Other Users/anl/INBOX" in listed(office, minh)
    assert [letter for letter in letters if not may(office, minh, an, letter)] == []
    assert [letter for letter in refused if may(office, minh, an, letter)] == []


def test_leave_to_send_shows_no_mail(office: Office, minh: int) -> None:
    an = office.person("anl")
    grant(office, an, minh, "send_on_behalf")
    assert listed(office, minh) == set()
    assert not may(office, minh, an, "r")


def test_a_post_changes_hands_with_its_mail(office: Office, minh: int) -> None:
    successor = office.person("anl")
    post = office.post("giamdoc", office.vp, "director", minh)
    assert "Shared/GIAMDOC/INBOX" in listed(office, minh)
    today = office_day(office.now)
    office.write(lambda tx: principals.appoint_tx(tx, post, successor, today))
    assert "Shared/GIAMDOC/INBOX" not in listed(office, minh)
    assert "Shared/GIAMDOC/INBOX" in listed(office, successor)


def test_head_registry_and_members_see_what_their_office_gives(office: Office, minh: int) -> None:
    clerk, member = office.person("anhhtk", office.vp, "registry"), office.person("daodth", office.qlxd)
    office.post("tpqlxd", office.qlxd, "unit_head", minh)
    assert {f"{QLXD}/INBOX", "Shared/TPQLXD/INBOX"} <= listed(office, minh)
    assert "Shared/Sở Xây dựng tỉnh Hưng Bình/INBOX" in listed(office, clerk)
    assert listed(office, member) == set()


def test_a_locked_head_sees_nothing_any_more(office: Office, minh: int) -> None:
    post = office.post("tpqlxd", office.qlxd, "unit_head")
    office.write(lambda tx: principals.appoint_tx(tx, post, minh, date(2020, 1, 1)))
    assert may(office, minh, office.qlxd, "r")
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert not may(office, minh, office.qlxd, "r")
