from __future__ import annotations

from datetime import timedelta

from mailserver.directory import grants, principals
from mailserver.directory.identities import Identity, allowed_senders, identity_for
from tests.mailserver.directory.conftest import DOMAIN, Office


def senders(office: Office, person: int) -> list[Identity]:
    return office.read(lambda conn: allowed_senders(conn, person, office.now))


def test_everybody_writes_as_themselves_under_all_own_addresses(office: Office) -> None:
    minh = office.person("minhnv", name="Nguyễn Văn Minh")
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"a@{DOMAIN}"))
    assert senders(office, minh) == [
        Identity(f"minhnv@{DOMAIN}", "Nguyễn Văn Minh", minh, False),
        Identity(f"a@{DOMAIN}", "Nguyễn Văn Minh", minh, False),
    ]


def test_offices_and_leave_to_send_give_identities_on_behalf(office: Office) -> None:
    head, an, binh = office.person("head"), office.person("an"), office.person("binh")
    post = office.post("tp", office.qlxd, "unit_head", head)
    for owner, word in ((an, "send_on_behalf"), (binh, "handle")):
        office.write(
            lambda tx, owner=owner, word=word: grants.grant_tx(tx, owner, head, [word], office.now - timedelta(days=1))
        )
    found = senders(office, head)
    assert not found[0].on_behalf
    assert {one.principal_id for one in found if one.on_behalf} == {post, office.qlxd, an}


def test_an_identity_is_found_by_any_address_with_its_detail(office: Office) -> None:
    minh = office.person("minhnv")
    for key in (f"MinhNV@{DOMAIN}", f"minhnv+so12@{DOMAIN}"):
        found = office.read(lambda conn, key=key: identity_for(conn, minh, key, office.now))
        assert found is not None
        assert found.principal_id == minh
    assert office.read(lambda conn: identity_for(conn, minh, f"vp@{DOMAIN}", office.now)) is None


def test_former_addresses_and_locked_people_write_as_nobody(office: Office) -> None:
    minh = office.person("minhnv")
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"cu@{DOMAIN}"))
    office.write(lambda tx: principals.retire_alias_tx(tx, minh, f"cu@{DOMAIN}"))
    assert [one.address for one in senders(office, minh)] == [f"minhnv@{DOMAIN}"]
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert senders(office, minh) == []


def test_a_deputy_still_writes_for_somebody_locked_but_not_for_who_left(office: Office) -> None:
    deputy, an = office.person("deputy"), office.person("anl")
    office.write(lambda tx: grants.grant_tx(tx, an, deputy, ["send_on_behalf"], office.now - timedelta(days=1)))
    office.write(lambda tx: principals.lock_person_tx(tx, an))
    assert [one.address for one in senders(office, deputy)] == [f"deputy@{DOMAIN}", f"anl@{DOMAIN}"]
    office.write(lambda tx: principals.leave_tx(tx, an))
    assert [one.address for one in senders(office, deputy)] == [f"deputy@{DOMAIN}"]
