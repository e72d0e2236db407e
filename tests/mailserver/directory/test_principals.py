from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mailserver.directory import principals
from mailserver.directory.errors import (
    AddressInvalid,
    AddressTaken,
    AgencyCodeTaken,
    DirectoryError,
    DomainTaken,
    MembershipCycle,
    NoSuchAgency,
    NoSuchPrincipal,
    NotAllowed,
    StaffCodeTaken,
    TenureOverlap,
)
from mailserver.directory.principals import Kind, PersonData, Status
from mailserver.store import audit, folders
from mailserver.store.database import Tx
from mailserver.store.schema import event
from tests.mailserver.directory.conftest import DOMAIN, Office

DAY = date(2026, 11, 2)


def refused(office: Office, error: type[DirectoryError], work: Callable[[Tx], object]) -> None:
    with pytest.raises(error):
        office.write(work)


def test_an_agency_has_its_domain_and_its_official_mailbox(office: Office) -> None:
    agency = office.read(lambda conn: principals.agency_by_id(conn, office.agency))
    mailbox = office.read(lambda conn: principals.agency_mailbox(conn, office.agency))
    assert (agency.code, agency.domain, agency.principal_id) == ("SXD", DOMAIN, mailbox.id)
    assert (mailbox.kind, mailbox.address, mailbox.status) == (Kind.AGENCY, f"sxd@{DOMAIN}", Status.ACTIVE)


def test_the_code_of_an_agency_may_have_vietnamese_letters(office: Office) -> None:
    made = office.write(lambda tx: principals.create_agency_tx(tx, "SGDĐT", "Sở GD&ĐT", "sgddt.example", "tn"))
    assert office.read(lambda conn: principals.agency_mailbox(conn, made)).address == "sgddt@sgddt.example"


def test_a_second_agency_may_not_take_the_code_or_the_domain(office: Office) -> None:
    refused(office, AgencyCodeTaken, lambda tx: principals.create_agency_tx(tx, "SXD", "x", "x.example", "qn"))
    refused(office, DomainTaken, lambda tx: principals.create_agency_tx(tx, "SYT", "x", DOMAIN.upper(), "qn"))
    assert len(office.read(principals.agencies)) == 1


def test_an_agency_is_reorganised_and_still_gets_mail_under_its_old_address(office: Office) -> None:
    values = {"code": "SXDGT", "name": "Sở Xây dựng và Giao thông", "profile": "gl"}
    office.write(lambda tx: principals.reorganise_tx(tx, office.agency, **values))
    agency = office.read(lambda conn: principals.agency_by_id(conn, office.agency))
    assert (agency.code, agency.name, agency.profile) == ("SXDGT", "Sở Xây dựng và Giao thông", "gl")
    mailbox = office.read(lambda conn: principals.agency_mailbox(conn, office.agency))
    assert (mailbox.name, mailbox.address) == (agency.name, f"sxdgt@{DOMAIN}")
    assert office.read(lambda conn: principals.by_address(conn, f"sxd@{DOMAIN}")) == mailbox
    office.write(lambda tx: principals.create_agency_tx(tx, "SYT", "x", "syt.example", "qn"))
    refused(office, AgencyCodeTaken, lambda tx: principals.reorganise_tx(tx, office.agency, **values | {"code": "SYT"}))


def test_everybody_gets_an_address_standard_folders_and_an_event(office: Office) -> None:
    minh = office.person("minhnv", office.vp, name="Nguyễn Văn Minh")
    found = office.read(lambda conn: principals.get(conn, minh))
    assert (found.name, found.address, found.local_part) == ("Nguyễn Văn Minh", f"minhnv@{DOMAIN}", "minhnv")
    for owner in (minh, office.vp, office.mailbox):
        names = {folder.name for folder in office.read(lambda conn, owner=owner: folders.list_of(conn, owner))}
        assert {"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"} <= names
    kinds = office.read(lambda conn: conn.execute(select(event.c.kind).where(event.c.owner_id == minh)).scalars().all())
    assert "principal.created" in kinds
    assert office.read(audit.verify) is None


def test_the_naming_rule_names_whoever_comes_without_an_account_name(office: Office) -> None:
    def make(tx: Tx) -> list[int]:
        names = (("Nguyễn", "Văn", "Khải"), ("Ngô", "Vĩnh", "Khải"))
        return [principals.create_person_tx(tx, office.agency, PersonData(*name)) for name in names]

    made = office.write(make)
    assert [office.read(lambda conn, one=one: principals.get(conn, one)).local_part for one in made] == [
        "khainv",
        "vinhkhain",
    ]


def test_an_address_is_never_given_to_somebody_else(office: Office) -> None:
    minh = office.person("minhnv")
    office.write(lambda tx: principals.leave_tx(tx, minh, "nghỉ hưu"))
    for spelled in ("minhnv", "MinhNV"):
        data = PersonData("Nguyễn", "Vũ", "Minh", spelled)
        refused(office, AddressTaken, lambda tx, data=data: principals.create_person_tx(tx, office.agency, data))
    bad = PersonData("Nguyễn", "Vũ", "Minh", "minh nv")
    refused(office, AddressInvalid, lambda tx: principals.create_person_tx(tx, office.agency, bad))


def test_one_person_has_one_account(office: Office) -> None:
    data = PersonData("Lê", "", "Ân", staff_code="CB-007")
    office.write(lambda tx: principals.create_person_tx(tx, office.agency, data))
    refused(office, StaffCodeTaken, lambda tx: principals.create_person_tx(tx, office.agency, data))


def test_people_and_units_of_an_agency_are_listed(office: Office) -> None:
    an, binh = office.person("an", office.vp, name="Lê Ân"), office.person("binh", office.vp, name="Lê Bình")
    office.write(lambda tx: principals.leave_tx(tx, an))
    assert [one.id for one in office.read(lambda conn: principals.people(conn, office.agency))] == [binh]
    assert [unit.code for unit in office.read(lambda conn: principals.units(conn, office.agency))] == ["VP", "QLXD"]
    assert office.read(lambda conn: principals.unit_of(conn, binh)) == office.vp


def test_a_unit_of_another_kind_is_refused(office: Office) -> None:
    minh = office.person("minhnv")
    data = PersonData("Lê", "", "Ân", "an", unit_id=minh)
    refused(office, NoSuchPrincipal, lambda tx: principals.create_person_tx(tx, office.agency, data))
    refused(
        office, NoSuchPrincipal, lambda tx: principals.create_post_tx(tx, office.agency, minh, "x", "registry", "x")
    )


def test_an_address_finds_its_principal_in_any_spelling(office: Office) -> None:
    minh = office.person("minhnv")
    found = office.read(lambda conn: principals.by_address(conn, f"MinhNV@{DOMAIN.upper()}"))
    assert found is not None
    assert found.id == minh
    assert office.read(lambda conn: principals.by_address(conn, f"nobody@{DOMAIN}")) is None


def test_a_post_passes_to_the_successor(office: Office) -> None:
    old, new = office.person("truong"), office.person("diem")
    post = office.post("giamdoc", office.vp, "director")
    office.write(lambda tx: principals.appoint_tx(tx, post, old, date(2020, 1, 1)))
    office.write(lambda tx: principals.appoint_tx(tx, post, new, DAY))
    holders = [
        office.read(lambda conn, day=day: principals.holder(conn, post, day))
        for day in (date(2019, 12, 31), DAY - timedelta(days=1), DAY)
    ]
    assert holders == [None, old, new]
    assert [one.role for one in office.read(lambda conn: principals.posts_of(conn, new, DAY))] == ["director"]
    assert office.read(lambda conn: principals.posts_of(conn, old, DAY)) == []


def test_a_post_has_one_holder_a_day(office: Office) -> None:
    one, other = office.person("one"), office.person("other")
    post = office.post("giamdoc", office.vp, "director", one)
    for start, end in ((date(2019, 6, 1), date(2020, 1, 1)), (date(2019, 6, 1), None), (DAY, DAY - timedelta(days=1))):
        refused(office, TenureOverlap, lambda tx, s=start, e=end: principals.appoint_tx(tx, post, other, s, e))
    assert office.read(lambda conn: principals.holder(conn, post, DAY)) == one


def test_a_tenure_can_be_ended(office: Office) -> None:
    one = office.person("one")
    post = office.post("giamdoc", office.vp, "director")
    tenure = office.write(lambda tx: principals.appoint_tx(tx, post, one, date(2020, 1, 1)))
    office.write(lambda tx: principals.end_tenure_tx(tx, tenure, DAY))
    assert office.read(lambda conn: principals.holder(conn, post, DAY)) == one
    assert office.read(lambda conn: principals.holder(conn, post, DAY + timedelta(days=1))) is None


def test_the_head_of_a_unit_holds_its_leading_post_or_role(office: Office) -> None:
    chief, deputy, head = (
        office.person("chief"),
        office.person("deputy"),
        office.person("head", office.qlxd, "unit_head"),
    )
    office.post("pcvp", office.vp, "deputy_chief_of_office", deputy)
    assert office.read(lambda conn: principals.head_of(conn, office.vp, DAY)) is None
    office.post("cvp", office.vp, "chief_of_office", chief)
    assert office.read(lambda conn: principals.head_of(conn, office.vp, DAY)) == chief
    assert office.read(lambda conn: principals.head_of(conn, office.qlxd, DAY)) == head


def test_groups_know_their_members_and_no_cycles(office: Office) -> None:
    minh = office.person("minhnv")
    inner = office.write(lambda tx: principals.create_group_tx(tx, office.agency, "Chi ủy", "chiuy"))
    outer = office.write(lambda tx: principals.create_group_tx(tx, office.agency, "Đoàn thể", "doanthe"))
    for group, member in ((inner, minh), (inner, minh), (outer, inner)):
        office.write(lambda tx, group=group, member=member: principals.add_member_tx(tx, group, member))
    assert [one.id for one in office.read(lambda conn: principals.members(conn, inner))] == [minh]
    refused(office, MembershipCycle, lambda tx: principals.add_member_tx(tx, inner, outer))
    refused(office, MembershipCycle, lambda tx: principals.add_member_tx(tx, inner, inner))
    office.write(lambda tx: principals.remove_member_tx(tx, inner, minh))
    assert office.read(lambda conn: principals.members(conn, inner)) == []


def test_a_service_has_its_behaviour_on_the_inbox(office: Office) -> None:
    made = office.write(lambda tx: principals.create_service_tx(tx, office.agency, "Văn bản", "vb", "routing.reply"))
    assert office.read(lambda conn: principals.get(conn, made)).service == "routing.reply"
    assert office.read(lambda conn: folders.get(conn, made, "INBOX")).behaviour == "routing.reply"


def test_a_second_domain_has_all_addresses_too(office: Office) -> None:
    minh = office.person("minhnv")
    office.write(lambda tx: principals.add_domain_tx(tx, office.agency, "hungbinh.example"))
    an = office.person("an")
    for person, local in ((minh, "minhnv"), (an, "an")):
        found = office.read(lambda conn, local=local: principals.by_address(conn, f"{local}@hungbinh.example"))
        assert found is not None
        assert (found.id, found.address) == (person, f"{local}@{DOMAIN}")
    assert office.read(lambda conn: principals.domains(conn, office.agency)) == [DOMAIN, "hungbinh.example"]


def test_a_renamed_agency_keeps_its_old_addresses_as_aliases(office: Office) -> None:
    minh = office.person("minhnv")
    office.write(lambda tx: principals.add_domain_tx(tx, office.agency, "moi.example", is_primary=True))
    assert office.read(lambda conn: principals.get(conn, minh)).address == "minhnv@moi.example"
    assert office.read(lambda conn: principals.addresses_of(conn, minh)) == ["minhnv@moi.example", f"minhnv@{DOMAIN}"]
    assert office.read(lambda conn: principals.primary_domain(conn, office.agency)) == "moi.example"


def test_aliases_come_and_go_and_stay_with_their_owner(office: Office) -> None:
    minh, an = office.person("minhnv"), office.person("an")
    alias = f"tuphap@{DOMAIN}"
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"TuPhap@{DOMAIN}"))
    refused(office, AddressTaken, lambda tx: principals.add_alias_tx(tx, an, alias))
    refused(office, NoSuchAgency, lambda tx: principals.add_alias_tx(tx, an, "an@elsewhere.example"))
    refused(office, NotAllowed, lambda tx: principals.retire_alias_tx(tx, minh, f"minhnv@{DOMAIN}"))
    office.write(lambda tx: principals.retire_alias_tx(tx, minh, alias))
    assert office.read(lambda conn: principals.by_address(conn, alias)) is None
    refused(office, AddressTaken, lambda tx: principals.add_alias_tx(tx, an, alias))
    office.write(lambda tx: principals.add_alias_tx(tx, minh, alias))
    assert office.read(lambda conn: principals.addresses_of(conn, minh)) == [f"minhnv@{DOMAIN}", alias]


def test_a_new_name_leaves_the_old_address_as_an_alias(office: Office) -> None:
    minh = office.person("minhnv")
    office.write(lambda tx: principals.readdress_tx(tx, minh, "vanminhn"))
    assert office.read(lambda conn: principals.addresses_of(conn, minh)) == [f"vanminhn@{DOMAIN}", f"minhnv@{DOMAIN}"]


def test_of_many_who_want_an_address_at_once_one_gets_it(office: Office) -> None:
    def wish(number: int) -> bool:
        data = PersonData("Lê", "", f"Ân {number}", "anl")
        try:
            office.write(lambda tx: principals.create_person_tx(tx, office.agency, data))
        except AddressTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(wish, range(8))) == 1


def test_a_room_that_fails_leaves_nothing(office: Office) -> None:
    def work(tx: Tx) -> None:
        principals.create_person_tx(tx, office.agency, PersonData("Lê", "", "Ân", "an"))
        principals.create_person_tx(tx, office.agency, PersonData("Lê", "", "Anh", "an"))

    refused(office, AddressTaken, work)
    assert office.read(lambda conn: principals.by_address(conn, f"an@{DOMAIN}")) is None


def test_unknown_principals_and_agencies(office: Office) -> None:
    with pytest.raises(NoSuchPrincipal):
        office.read(lambda conn: principals.get(conn, 999_999))
    with pytest.raises(NoSuchAgency):
        office.read(lambda conn: principals.agency_by_id(conn, 999_999))
    assert office.read(lambda conn: principals.agency_of_domain(conn, "gmail.com")) is None
    assert office.read(lambda conn: principals.agency_of_domain(conn, "not a domain")) is None
    assert office.read(lambda conn: principals.get_many(conn, {office.vp, 999_999})).keys() == {office.vp}
